using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Empties a namespace that is being deleted, then lets it go; and gives every namespace its default service account and root CA.
/// </summary>
internal sealed class NamespaceController(ObjectService objects, Lazy<string> authority, bool restores, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    /// <summary>The config map in which each namespace finds whom to trust.</summary>
    public const string RootCa = "kube-root-ca.crt";

    private static readonly WriteContext Writer = WriteContext.Internal("kube-controller-manager");

    public Task RunAsync() => Task.WhenAll(
        FollowAsync(objects.Cluster.Store(new GroupResource("", "namespaces")), OnNamespace),
        restores ? FollowAsync(objects.Cluster.Store(new GroupResource("", "serviceaccounts")), OnAccount) : Task.CompletedTask,
        restores ? FollowAsync(objects.Cluster.Store(new GroupResource("", "configmaps")), OnMap) : Task.CompletedTask);

    private bool IsThere(string @namespace) => Row("", "namespaces").Store.Current.Get("", @namespace) is { Terminating: false };

    private void OnAccount(StoreEvent change)
    {
        if (change is { Type: StoreEventType.Deleted, Object.Name: "default" } && IsThere(change.Object.Namespace))
        {
            Make(Row("", "serviceaccounts"), change.Object.Namespace, "default", managed: true, Account);
        }
    }

    /// <summary>Whom to trust is said as it is, whatever somebody has made of it.</summary>
    private void OnMap(StoreEvent change)
    {
        // Also where it is new to this controller: it may have been changed before anybody followed.
        if (change.Object is not { Name: RootCa } map || !IsThere(map.Namespace))
        {
            return;
        }
        if (change.Type == StoreEventType.Deleted)
        {
            Make(Row("", "configmaps"), map.Namespace, RootCa, managed: true, Map);
            return;
        }
        var row = Row("", "configmaps");
        objects.Rewrite(row, map.Namespace, RootCa, tree =>
        {
            var data = new JsonObject { ["ca.crt"] = authority.Value };
            if (!tree.Metadata().ContainsKey("deletionTimestamp") && !JsonNode.DeepEquals(tree["data"], data))
            {
                var before = tree.Copy();
                tree["data"] = data;
                objects.FieldManagement.Updated(row, tree, before, Writer, null);
            }
        });
    }

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
        Make(Row("", "serviceaccounts"), name, "default", managed, Account);
        Make(Row("", "configmaps"), name, RootCa, managed, Map);
    }

    private static JsonObject Account() => new() { ["metadata"] = new JsonObject { ["name"] = "default" } };

    private JsonObject Map()
    {
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = RootCa,
                ["annotations"] = new JsonObject { ["kubernetes.io/description"] = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters." },
            },
            ["data"] = new JsonObject { ["ca.crt"] = authority.Value },
        };
    }

    private void Make(ApiResource row, string space, string name, bool managed, Func<JsonObject> tree)
    {
        if (row.Store.Current.Get(space, name) is null)
        {
            Guarded(space, s => objects.CreateOwn(row, s, tree(), Writer, managed));
        }
    }

    private void Empty(string name, bool again = false)
    {
        var left = new List<(ApiResource Row, StoredObject Object)>();
        foreach (var row in objects.Table.Current.Rows.Where(r => r.Namespaced && r.Has("delete") && r.Has("list")).DistinctBy(r => r.Store))
        {
            foreach (var item in row.Store.Current.Enumerate(name).ToList())
            {
                if (!item.Terminating)
                {
                    Guarded(item, i => objects.Delete(row, name, i.Name, DeleteOptions.None with { PropagationPolicy = "Background" }, Writer));
                }
            }
            left.AddRange(row.Store.Current.Enumerate(name).Select(o => (row, o)));
        }
        if (left.Count > 0)
        {
            if (again)
            {
                Guarded(name, n => Explain(n, left));
            }
            Again(() => Empty(name, again: true));
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

    /// <summary>Says in the namespace's status what it waits for, once it has waited a while.</summary>
    private void Explain(string name, List<(ApiResource Row, StoredObject Object)> left)
    {
        var remaining = left.GroupBy(l => $"{l.Row.Plural}.{l.Row.Group}").OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} has {g.Count()} resource instances");
        var finalizers = left.SelectMany(l => l.Object.ToTree().Metadata().List("finalizers").Texts()).GroupBy(f => f, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{g.Key} in {g.Count()} resource instances").ToList();
        (string Type, bool Holds, string Reason, string Message)[] conditions =
        [
            ("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered"),
            ("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed"),
            ("NamespaceDeletionContentFailure", false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
            ("NamespaceContentRemaining", true, "SomeResourcesRemain", $"Some resources are remaining: {string.Join(", ", remaining)}"),
            finalizers.Count > 0
                ? ("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", $"Some content in the namespace has finalizers remaining: {string.Join(", ", finalizers)}")
                : ("NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
        ];
        objects.Rewrite(Row("", "namespaces"), "", name, tree =>
        {
            var before = (tree.At("status", "conditions") as JsonArray).Objects().ToList();
            var now = MetadataRules.Timestamp(objects.Time.GetUtcNow());
            tree.Need("status")["conditions"] = new JsonArray([.. conditions.Select(c =>
            {
                var status = c.Holds ? "True" : "False";
                var since = before.Find(b => b.Text("type") == c.Type && b.Text("status") == status)?.Text("lastTransitionTime") ?? now;
                return new JsonObject { ["type"] = c.Type, ["status"] = status, ["lastTransitionTime"] = since, ["reason"] = c.Reason, ["message"] = c.Message };
            })]);
        });
    }

    private ApiResource Row(string group, string plural) => objects.Table.Current.Find(group, "v1", plural)!;
}
