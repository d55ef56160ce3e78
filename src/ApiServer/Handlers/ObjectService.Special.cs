using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Changes that pass by the ordinary rules of an update: finalizing a namespace, binding a pod.</summary>
internal sealed partial class ObjectService
{
    /// <summary>Creates an object of the server's own making, which needs no decoding.</summary>
    /// <param name="row">Its kind.</param>
    /// <param name="namespace">Where it stands; null for cluster-scoped ones.</param>
    /// <param name="tree">The object.</param>
    /// <param name="context">Who writes.</param>
    /// <param name="managed">Whether managedFields say so: what a server begins with does without, which spares its start the shapes of all kinds.</param>
    public StoredObject? CreateOwn(ApiResource row, string? @namespace, JsonObject tree, WriteContext context, bool managed = true)
    {
        tree["apiVersion"] = row.ApiVersion;
        tree["kind"] = row.Kind;
        if (@namespace is not null)
        {
            tree.Metadata()["namespace"] = @namespace;
        }
        row.Strategy.Default(tree);
        if (managed)
        {
            EnterManagers(row, tree, context);
        }
        PrepareNew(row, tree, context);
        var stored = cluster.TryCreate(row.Store, tree);
        if (stored is not null)
        {
            row.Strategy.Committed(StoreEventType.Added, stored);
        }
        return stored;
    }

    /// <summary>Changes an object that the server itself keeps, by a function of its present state, which may be called several times. Nobody is asked, so nobody is waited for.</summary>
    /// <param name="row">A built-in kind: nothing converts it.</param>
    /// <param name="name">The object's name; it is in no namespace.</param>
    /// <param name="change">Gets a fresh tree and answers the tree to be stored (the same one, or another).</param>
    /// <param name="context">On whose behalf.</param>
    /// <param name="subresource">Through which subresource; null for the object itself.</param>
    /// <param name="manage">Who keeps managedFields; null for an ordinary update.</param>
    /// <exception cref="ApiException">It is gone, or may not become that.</exception>
    public void ChangeOwn(ApiResource row, string name, Func<JsonObject, JsonObject> change, WriteContext context, string? subresource = null, FieldManagement.Update? manage = null)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var stored = row.Store.Current.Get("", name) ?? throw Errors.NotFound(row.GroupResource, name);
            var old = stored.ToTree();
            var tree = change(old.Copy());
            Prepare(row, tree, old, context, subresource, manage ?? fieldManagement.Updated);
            Settle(row, stored, tree, old, context, subresource);
            if (ManagedFieldsUpdater.ChangesOnlyTimes(old, tree) || Commit(row, stored, tree, IsGone(row, tree)) is not null)
            {
                return;
            }
        }
        throw Errors.Modified(row.GroupResource, name);
    }

    /// <summary>Sets a namespace's own finalizers; removes it when none is left and it is being deleted.</summary>
    public WriteResult Finalize(ApiResource row, string name, JsonArray finalizers, WriteContext? context = null) => Rewrite(row, "", name, tree =>
    {
        var before = tree.Copy();
        var spec = tree.Need("spec");
        if (finalizers.Count == 0)
        {
            spec.Remove("finalizers");
        }
        else
        {
            spec["finalizers"] = finalizers.DeepClone();
        }
        if (context is not null)
        {
            fieldManagement.Updated(row, tree, before, context, "finalize");
        }
    });

    /// <summary>Puts a pod onto a node, which is done once in its life.</summary>
    /// <param name="pods">The resource of pods.</param>
    /// <param name="namespace">The pod's namespace.</param>
    /// <param name="name">The pod's name.</param>
    /// <param name="binding">Names the node; may name the pod's uid and version.</param>
    /// <param name="dryRun">All is checked, and nothing changed.</param>
    public void Bind(ApiResource pods, string @namespace, string name, JsonObject binding, bool dryRun = false) => Rewrite(pods, @namespace, name, tree =>
    {
        var spec = tree.Need("spec");
        var meta = binding.Metadata();
        foreach (var (field, shown) in ((string, string)[])[("uid", "UID"), ("resourceVersion", "ResourceVersion")])
        {
            if (meta.Text(field) is { Length: > 0 } asked && asked != tree.Metadata().Text(field))
            {
                throw PreconditionFailed(pods, @namespace, name, shown, asked, tree.Metadata().Text(field));
            }
        }
        if (tree.Metadata().ContainsKey("deletionTimestamp"))
        {
            throw Errors.Conflict(new("", "pods/binding"), name, $"pod {name} is being deleted, cannot be assigned to a host");
        }
        if (spec.Text("nodeName") is { Length: > 0 } taken)
        {
            throw Errors.Conflict(new("", "pods/binding"), name, $"pod {name} is already assigned to node \"{taken}\"");
        }
        if (spec.List("schedulingGates") is { Count: > 0 })
        {
            throw Errors.Conflict(new("", "pods/binding"), name, $"pod {name} has non-empty .spec.schedulingGates");
        }
        spec["nodeName"] = binding.TextAt("target", "name");
        foreach (var (key, value) in meta.Child("annotations") ?? [])
        {
            tree.Metadata().Need("annotations")[key] = value?.DeepClone();
        }
        SetScheduled(tree);
    }, dryRun);

    private void SetScheduled(JsonObject pod)
    {
        var status = pod.Need("status");
        var conditions = status.List("conditions") ?? [];
        status["conditions"] = conditions.Parent is null ? conditions : conditions.DeepClone();
        conditions = status.List("conditions")!;
        foreach (var old in conditions.Objects().Where(c => c.Text("type") == "PodScheduled").ToList())
        {
            conditions.Remove(old);
        }
        conditions.Add(new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "True",
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = MetadataRules.Timestamp(time.GetUtcNow()),
        });
    }

    /// <summary>Changes the stored object in place, without the rules of its kind. For the server's own work.</summary>
    public WriteResult Rewrite(ApiResource row, string @namespace, string name, Action<JsonObject> change, bool dryRun = false)
    {
        for (var attempt = 0; ; attempt++)
        {
            var stored = row.Store.Current.Get(@namespace, name) ?? throw Errors.NotFound(row.GroupResource, name);
            var tree = stored.ToTree();
            change(tree);
            var gone = tree.Metadata().ContainsKey("deletionTimestamp") && IsReadyToGo(row, tree);
            if (dryRun)
            {
                return new WriteResult(tree, null);
            }
            if (!gone && JsonNode.DeepEquals(tree, stored.ToTree()))
            {
                return new WriteResult(View(row, stored), stored);
            }
            var committed = gone ? cluster.TryDelete(row.Store, stored, tree) : cluster.TryUpdate(row.Store, stored, tree);
            if (committed is not null)
            {
                row.Strategy.Committed(gone ? StoreEventType.Deleted : StoreEventType.Modified, committed);
                return new WriteResult(View(row, committed), committed, Removed: gone);
            }
            if (attempt >= Attempts)
            {
                throw Errors.Modified(row.GroupResource, name);
            }
        }
    }
}
