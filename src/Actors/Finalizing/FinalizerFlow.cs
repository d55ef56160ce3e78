using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.Actors;

/// <summary>A finalizer of a controller: its name in objects, and what to do before an object may go.</summary>
sealed record FinalizerSpec(string Name, ReconcileHandler CleanUp);

/// <summary>
/// Wraps a reconciler so that no cleanup is lost. While an object lives, its finalizers are on the server before the reconciler is called, so before anything
/// is made that would need cleaning up; once it is asked to go, the reconciler is not called any more, each cleanup runs until it is done, and only then is its
/// finalizer removed. A crash anywhere between two steps repeats a step and skips none.
/// </summary>
/// <remarks>
/// Writes carry the uid and resourceVersion of the object that was decided on: where somebody else changed the object, the write is refused with a conflict, and the
/// key is tried again with a newer state. So no other's finalizer is ever lost, and none is put on another object that took over the name.
/// </remarks>
static class FinalizerFlow
{
    /// <exception cref="ArgumentException">A finalizer's name has no domain.</exception>
    public static ReconcileHandler Wrap(IReadOnlyList<FinalizerSpec> finalizers, ResourceDefinition resource, ReconcileHandler reconcile)
    {
        if (finalizers.Count == 0)
            return reconcile;
        foreach (var finalizer in finalizers)
        {
            var slash = finalizer.Name.IndexOf('/');
            if (slash <= 0 || slash == finalizer.Name.Length - 1 || finalizer.Name.IndexOf('/', slash + 1) >= 0 || finalizer.Name.Any(char.IsWhiteSpace))
                throw new ArgumentException($"A finalizer is named 'domain/name', such as 'example.com/bucket'; '{finalizer.Name}' is not, and the server would refuse it.");
        }
        return (run, cancellation) => RunAsync(finalizers, resource, reconcile, run, cancellation);
    }

    static async Task<ReconcileResult> RunAsync(
        IReadOnlyList<FinalizerSpec> finalizers, ResourceDefinition resource, ReconcileHandler reconcile, ReconcileRun run, CancellationToken cancellation)
    {
        if (run.Object is not { } item)
            return await reconcile(run, cancellation).ConfigureAwait(false);
        var present = item.Finalizers;
        if (!item.IsDeleting)
        {
            var missing = finalizers.Select(static f => f.Name).Except(present).ToArray();
            if (missing.Length > 0)
                run = run with { Object = await WriteAsync(run, resource, item, [.. present, .. missing], cancellation).ConfigureAwait(false) };
            return await reconcile(run, cancellation).ConfigureAwait(false);
        }
        foreach (var finalizer in finalizers)
        {
            if (!item.Finalizers.Contains(finalizer.Name))
                continue;
            var result = await finalizer.CleanUp(run, cancellation).ConfigureAwait(false);
            if (result.After is not null || result.TerminalReason is not null)
                return result;
            try
            {
                item = await WriteAsync(run, resource, item, [.. item.Finalizers.Where(f => f != finalizer.Name)], cancellation).ConfigureAwait(false);
                // With its last finalizer the object goes, and servers answer with the version that it had: what the next run waits to see is that it is gone.
                // What was given time to end, as pods are, may stay a while even so.
                if (item.Finalizers.Count == 0 && item.ToUnstructured().GetInt64("metadata", "deletionGracePeriodSeconds") is null or 0)
                    run.Writes.Add(new ObjectWrite(resource, run.Key, "", item.Uid));
            }
            catch (KubernetesException gone) when (gone.IsNotFound)
            {
                return ReconcileResult.Done;
            }
            run = run with { Object = item };
        }
        return ReconcileResult.Done;
    }

    static Task<KubeObject> WriteAsync(ReconcileRun run, ResourceDefinition resource, KubeObject item, IEnumerable<string> finalizers, CancellationToken cancellation)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = item.Uid,
                ["resourceVersion"] = item.ResourceVersion,
                ["finalizers"] = new JsonArray([.. finalizers.Select(static f => (JsonNode)f)]),
            },
        };
        return run.Client.Resource(resource, resource.Namespaced ? item.Namespace : null).PatchAsync(item.Name, Patch.Merge(patch), cancellation: cancellation);
    }
}
