using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Deletion: at once, after a grace period, or when the last finalizer is gone.</summary>
internal sealed partial class ObjectService
{
    public async ValueTask<WriteResult> DeleteAsync(ApiResource row, string? @namespace, string name, DeleteOptions options, WriteContext context)
    {
        StoredObject? markedHere = null;
        for (var attempt = 0; ; attempt++)
        {
            if (row.Store.Current.Get(@namespace ?? "", name) is not { } stored || (markedHere is not null && stored.Uid != markedHere.Uid))
            {
                // What this request has marked as going may be taken away by another, such as a kubelet, before it comes to that itself: it is gone as was asked.
                return markedHere is null
                    ? throw Errors.NotFound(row.GroupResource, name)
                    : new WriteResult(await ViewAsync(row, markedHere, context).ConfigureAwait(false), markedHere, Removed: true);
            }
            CheckPreconditions(row, stored, options);
            if (options.PropagationPolicy is null && row.Strategy.UnsaidPropagationWarning is { } warning)
            {
                context.Warnings.Add(warning);
            }
            var tree = await ViewAsync(row, stored, context).ConfigureAwait(false);
            await AdmitDeletionAsync(row, stored, tree, options, context).ConfigureAwait(false);
            var (remove, changed) = MarkDeleted(row, tree, options);
            if (options.DryRun || context.DryRun)
            {
                return new WriteResult(tree, null, Removed: remove);
            }
            if (!remove && !changed)
            {
                return new WriteResult(tree, stored);
            }
            await ToStorageAsync(row, tree, context).ConfigureAwait(false);
            if (remove && changed && row.Strategy.GracePeriod(tree, options.GracePeriodSeconds) is not null)
            {
                // Who goes with grace is first marked as going, be there no grace left: watchers see both.
                if (cluster.TryUpdate(row.Store, stored, tree) is not { } marked)
                {
                    continue;
                }
                row.Strategy.Committed(StoreEventType.Modified, marked);
                (stored, tree, markedHere) = (marked, marked.ToTree(), marked);
            }
            var committed = remove ? cluster.TryDelete(row.Store, stored, tree) : cluster.TryUpdate(row.Store, stored, tree);
            if (committed is not null)
            {
                row.Strategy.Committed(remove ? StoreEventType.Deleted : StoreEventType.Modified, committed);
                return new WriteResult(await ViewAsync(row, committed, context).ConfigureAwait(false), committed, Removed: remove);
            }
            if (attempt >= Attempts)
            {
                throw Errors.Modified(row.GroupResource, name);
            }
        }
    }

    private static void CheckPreconditions(ApiResource row, StoredObject stored, DeleteOptions options)
    {
        var kind = row.Group.Length == 0 ? row.Kind : $"{row.Kind}.{row.Group}";
        if (options.Uid is { Length: > 0 } other && other != stored.Uid && (row.Strategy.MarksDeletionItself || IsNamespace(row)))
        {
            throw Errors.Conflict(row.GroupResource, stored.Name, $"Precondition failed: UID in precondition: {other}, UID in object meta: {stored.Uid}");
        }
        if (options.Uid is { Length: > 0 } uid && uid != stored.Uid)
        {
            if (IsNamespace(row))
            {
                throw Errors.Conflict(row.GroupResource, stored.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {stored.Uid}");
            }
            throw Errors.Of(409, "Conflict",
                $"Operation cannot be fulfilled on {kind} \"{stored.Name}\": the UID in the precondition ({uid}) does not match the UID in record ({stored.Uid}). The object might have been deleted and then recreated",
                Errors.Details(stored.Name, row.Group, row.Kind));
        }
        var version = stored.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        if (options.ResourceVersion is { Length: > 0 } asked && asked != version)
        {
            throw Errors.Of(409, "Conflict",
                $"Operation cannot be fulfilled on {kind} \"{stored.Name}\": the ResourceVersion in the precondition ({asked}) does not match the ResourceVersion in record ({version}). The object might have been modified",
                Errors.Details(stored.Name, row.Group, row.Kind));
        }
    }

    private (bool Remove, bool Changed) MarkDeleted(ApiResource row, JsonObject tree, DeleteOptions options)
    {
        var meta = tree.Metadata();
        if (row.Strategy.MarksDeletionItself && !meta.ContainsKey("deletionTimestamp"))
        {
            row.Strategy.MarkDeleted(tree, MetadataRules.Timestamp(time.GetUtcNow()));
            return (false, true);
        }
        var before = meta.Copy();
        // What an earlier deletion said stands until another says otherwise.
        var said = meta.List("finalizers").Texts().Any(f => f is "orphan" or "foregroundDeletion");
        SetPropagationFinalizers(meta, options.PropagationPolicy ?? (said ? null : row.Strategy.DefaultPropagation));
        var isNamespace = IsNamespace(row);
        var held = meta.List("finalizers") is { Count: > 0 } || (isNamespace && tree.At("spec", "finalizers") is JsonArray { Count: > 0 });
        var grace = row.Strategy.GracePeriod(tree, options.GracePeriodSeconds);
        if (!held && grace is null)
        {
            return (true, true);
        }
        if (!meta.ContainsKey("deletionTimestamp"))
        {
            meta["deletionTimestamp"] = MetadataRules.Timestamp(time.GetUtcNow().AddSeconds(grace ?? 0));
            if (meta["generation"].AsLong() is > 0 and var generation)
            {
                meta["generation"] = generation + 1;
            }
            if (isNamespace)
            {
                tree.Need("status")["phase"] = "Terminating";
            }
            else
            {
                meta["deletionGracePeriodSeconds"] = grace ?? 0;
            }
        }
        else if (grace is { } shorter && options.GracePeriodSeconds is not null && shorter < (meta["deletionGracePeriodSeconds"].AsLong() ?? 0))
        {
            meta["deletionTimestamp"] = MetadataRules.Timestamp(time.GetUtcNow().AddSeconds(shorter));
            meta["deletionGracePeriodSeconds"] = shorter;
        }
        return (IsReadyToGo(row, tree), !JsonNode.DeepEquals(before, meta));
    }

    /// <summary>Finalizers hold every object; besides, a namespace waits for its content and a pod for its grace period.</summary>
    private static bool IsReadyToGo(ApiResource row, JsonObject tree)
    {
        var meta = tree.Metadata();
        return meta.List("finalizers") is not { Count: > 0 }
            && (IsNamespace(row) ? tree.At("spec", "finalizers") is not JsonArray { Count: > 0 } : meta["deletionGracePeriodSeconds"].AsLong() is null or 0);
    }

    private static bool IsNamespace(ApiResource row) => row.Group.Length == 0 && row.Plural == "namespaces";

    private static void SetPropagationFinalizers(JsonObject meta, string? policy)
    {
        if (policy is null)
        {
            return;
        }
        var finalizers = meta.List("finalizers").Texts().Where(f => f is not ("orphan" or "foregroundDeletion")).ToList();
        switch (policy)
        {
            case "Orphan":
                finalizers.Add("orphan");
                break;
            case "Foreground":
                finalizers.Add("foregroundDeletion");
                break;
        }
        if (finalizers.Count == 0)
        {
            meta.Remove("finalizers");
        }
        else
        {
            meta["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)f)]);
        }
    }
}
