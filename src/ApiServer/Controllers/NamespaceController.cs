using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Empties a namespace that is being deleted, then lets it go; and gives every namespace its default service account and root CA.
/// </summary>
internal sealed class NamespaceController(ObjectService objects, Lazy<string> authority, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    /// <summary>The config map in which each namespace finds whom to trust.</summary>
    public const string RootCa = "kube-root-ca.crt";

    private static readonly WriteContext Writer = WriteContext.Internal("kube-controller-manager");

    public Task RunAsync() => FollowAsync(objects.Cluster.Store(new GroupResource("", "namespaces")), OnNamespace);

    private void OnNamespace(StoreEvent change)
    {
        if (change.Type == StoreEventType.Deleted || change.Object is not { } found)
        {
            return;
        }
        if (found.Terminating)
        {
            Empty(found.Name);
        }
        else if (change.Type == StoreEventType.Added)
        {
            Furnish(found.Name, managed: true);
        }
    }

    /// <summary>Furnishes the namespaces that there are, before anybody is answered: what a cluster begins with is never seen to come.</summary>
    /// <remarks>It is made without managers, whose machinery nobody needs before the first write.</remarks>
    public void FurnishAll()
    {
        foreach (var space in Row("", "namespaces").Store.Current.Enumerate(null).Where(n => !n.Terminating))
        {
            Furnish(space.Name, managed: false);
        }
    }

    private void Furnish(string name, bool managed)
    {
        Make(Row("", "serviceaccounts"), name, "default", managed, () => new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } });
        Make(Row("", "configmaps"), name, RootCa, managed, () => new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = RootCa,
                ["annotations"] = new JsonObject { ["kubernetes.io/description"] = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters." },
            },
            ["data"] = new JsonObject { ["ca.crt"] = authority.Value },
        });
    }

    private void Make(ApiResource row, string space, string name, bool managed, Func<JsonObject> tree)
    {
        if (row.Store.Current.Get(space, name) is null)
        {
            Guarded(space, s => objects.CreateOwn(row, s, tree(), Writer, managed));
        }
    }

    private void Empty(string name)
    {
        var left = false;
        foreach (var row in objects.Table.Current.Rows.Where(r => r.Namespaced && r.Has("delete") && r.Has("list")).DistinctBy(r => r.Store))
        {
            foreach (var item in row.Store.Current.Enumerate(name).ToList())
            {
                if (!item.Terminating)
                {
                    Guarded(item, i => objects.Delete(row, name, i.Name, DeleteOptions.None with { PropagationPolicy = "Background" }, Writer));
                }
            }
            left |= row.Store.Current.Enumerate(name).Any();
        }
        if (left)
        {
            Again(() => Empty(name));
            return;
        }
        var namespaces = Row("", "namespaces");
        if (namespaces.Store.Current.Get("", name) is { Terminating: true })
        {
            objects.Rewrite(namespaces, "", name, static tree =>
            {
                if (tree.At("spec", "finalizers") is JsonArray finalizers)
                {
                    foreach (var own in finalizers.Where(f => f.AsText() == "kubernetes").ToList())
                    {
                        finalizers.Remove(own);
                    }
                    if (finalizers.Count == 0)
                    {
                        tree.Need("spec").Remove("finalizers");
                    }
                }
            });
        }
    }

    private ApiResource Row(string group, string plural) => objects.Table.Current.Find(group, "v1", plural)!;
}
