using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Takes pods away whose end nobody else will see to: of nodes that are gone, of nodes that are out of service, of no node when they are to go; and the oldest of those that have ended, where they are too many.
/// </summary>
internal sealed class PodGarbageReconciler(ClusterControllersOptions options) : IReconciler<V1Pod>
{
    /// <summary>A node that is missing may only not be told of yet, or come back.</summary>
    private static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);

    private readonly ConcurrentDictionary<string, DateTime> _missing = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<NamespacedName, (string Uid, bool Evicted, DateTime Created)> _ended = new();

    public PodsOfNodes Pods { get; } = new();

    /// <summary>Notes where a pod is and whether it has ended; answers whether there may be something to do.</summary>
    public bool Note(CacheChange change)
    {
        var somewhere = Pods.Note(change);
        if (change.Now?.As<V1Pod>() is { Status.Phase: "Succeeded" or "Failed" } pod)
        {
            _ended[change.Key] = (pod.Metadata.Uid, pod.Status is { Phase: "Failed", Reason: "Evicted" }, pod.Metadata.CreationTimestamp ?? DateTime.MinValue);
        }
        else
        {
            _ended.TryRemove(change.Key, out _);
        }
        return somewhere || change.Now is { IsDeleting: true } || _ended.Count > options.EndedPods;
    }

    /// <summary>The pods of a node that has come, gone, or changed.</summary>
    public IEnumerable<NamespacedName> Of(CacheChange node)
    {
        if (node.Now is not null)
        {
            _missing.TryRemove(node.Key.Name, out _);
        }
        return node is CacheChange.Deleted || IsOutOfService(node.Now!.As<V1Node>()) ? Pods.Of(node.Key.Name) : [];
    }

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Pod> context, CancellationToken cancellation)
    {
        await TakeOldestAsync(context, cancellation).ConfigureAwait(false);
        if (context.Object is not { } pod)
        {
            return ReconcileResult.Done;
        }
        if (pod.Spec?.NodeName is not { Length: > 0 } name)
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                await EndAsync(context, pod, orphaned: false, cancellation).ConfigureAwait(false);
            }
            return ReconcileResult.Done;
        }
        if (context.Get<V1Node>(new NamespacedName("", name)) is { } node)
        {
            if (pod.Metadata.DeletionTimestamp is not null && IsOutOfService(node))
            {
                await EndAsync(context, pod, orphaned: false, cancellation).ConfigureAwait(false);
            }
            return ReconcileResult.Done;
        }
        var now = options.Time.GetUtcNow().UtcDateTime;
        if (_missing.GetOrAdd(name, now) + Quarantine - now is var left && left > TimeSpan.Zero)
        {
            return ReconcileResult.RequeueAfter(left);
        }
        if (!await IsThereAsync(context, name, cancellation).ConfigureAwait(false))
        {
            await EndAsync(context, pod, orphaned: true, cancellation).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    private static bool IsOutOfService(V1Node node) => NodeTaints.ReadyOf(node) != "True" && NodeTaints.Of(node).Any(static t => t.Key == NodeTaints.OutOfService);

    private static async Task<bool> IsThereAsync(ReconcileContext context, string node, CancellationToken cancellation)
    {
        try
        {
            await context.Client.Resource<V1Node>().GetAsync(node, cancellation: cancellation).ConfigureAwait(false);
            return true;
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>Those that were evicted go first, then the oldest.</summary>
    private async Task TakeOldestAsync(ReconcileContext context, CancellationToken cancellation)
    {
        if (options.EndedPods <= 0 || _ended.Count <= options.EndedPods)
        {
            return;
        }
        var ended = _ended.ToList();
        foreach (var (key, (uid, _, _)) in ended.OrderByDescending(static e => e.Value.Evicted).ThenBy(static e => e.Value.Created).ThenBy(static e => e.Key.Name, StringComparer.Ordinal).Take(ended.Count - options.EndedPods))
        {
            _ended.TryRemove(key, out _);
            await DeleteAsync(context, key, uid, cancellation).ConfigureAwait(false);
        }
    }

    private async Task EndAsync(ReconcileContext context, V1Pod pod, bool orphaned, CancellationToken cancellation)
    {
        try
        {
            if (pod.Status?.Phase is not ("Succeeded" or "Failed"))
            {
                // Its controller must know that it ended, and no kubelet will say so.
                await PodEnds.TellAsync(context.Client.Resource<V1Pod>(context.Key.Namespace), pod, orphaned ? "DeletionByPodGC" : null, "PodGC: node no longer exists", failed: true, options.Time.GetUtcNow().UtcDateTime, cancellation)
                    .ConfigureAwait(false);
            }
            await DeleteAsync(context, context.Key, pod.Metadata.Uid, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException gone) when (gone.IsNotFound || gone.IsConflict)
        {
            // Gone, or another one of that name.
        }
    }

    private static async Task DeleteAsync(ReconcileContext context, NamespacedName key, string uid, CancellationToken cancellation)
    {
        try
        {
            await context.Client.Resource<V1Pod>(key.Namespace).DeleteAsync(key.Name, new DeleteOptions { GracePeriodSeconds = 0, Uid = uid }, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException gone) when (gone.IsNotFound || gone.IsConflict)
        {
            // Gone, or another one of that name.
        }
    }
}
