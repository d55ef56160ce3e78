using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Drives pods from nodes whose taints they do not tolerate, or no longer: each toleration says for how long.</summary>
internal sealed class TaintEvictionReconciler(ClusterControllersOptions options) : IReconciler<V1Pod>
{
    private const string Reason = "DeletionByTaintManager";
    private readonly ConcurrentDictionary<NamespacedName, (string Uid, DateTime Due)> _due = new();

    public PodsOfNodes Pods { get; } = new();

    /// <summary>The pods of a node whose taints have changed.</summary>
    public IEnumerable<NamespacedName> Of(CacheChange node) => Driving(node.Before).SequenceEqual(Driving(node.Now)) ? [] : Pods.Of(node.Key.Name);

    private static IEnumerable<(string, string?)> Driving(KubeObject? node) => Driving(node?.As<V1Node>()).Select(static t => (t.Key, (string?)t.Value));

    private static List<V1Taint> Driving(V1Node? node) => [.. NodeTaints.Of(node).Where(static t => t.Effect == NodeTaints.NoExecute)];

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Pod> context, CancellationToken cancellation)
    {
        if (context.Object is not { Metadata.DeletionTimestamp: null } pod)
        {
            _due.TryRemove(context.Key, out _);
            return ReconcileResult.Done;
        }
        var now = options.Time.GetUtcNow().UtcDateTime;
        var taints = pod.Spec?.NodeName is { Length: > 0 } name ? Driving(context.Get<V1Node>(new NamespacedName("", name))) : [];
        if (Stays(pod, taints) is not { } stays)
        {
            if (_due.TryRemove(context.Key, out _))
            {
                context.Events.Normal("TaintManagerEviction", $"Cancelling deletion of Pod {context.Key.Namespace}/{context.Key.Name}");
            }
            return ReconcileResult.Done;
        }
        // It goes when it was to go first, whatever else drives it by now.
        var (uid, due) = _due.GetValueOrDefault(context.Key);
        if (uid != pod.Metadata.Uid || now + stays < due)
        {
            due = now + stays;
        }
        if (due > now)
        {
            _due[context.Key] = (pod.Metadata.Uid, due);
            return ReconcileResult.RequeueAfter(due - now);
        }
        await EvictAsync(context, pod, now, cancellation).ConfigureAwait(false);
        _due.TryRemove(context.Key, out _);
        return ReconcileResult.Done;
    }

    private static async Task EvictAsync(ReconcileContext context, V1Pod pod, DateTime now, CancellationToken cancellation)
    {
        context.Events.Normal("TaintManagerEviction", $"Marking for deletion Pod {context.Key.Namespace}/{context.Key.Name}");
        var pods = context.Client.Resource<V1Pod>(context.Key.Namespace);
        try
        {
            if (!PodEnds.IsTold(pod, Reason))
            {
                await PodEnds.TellAsync(pods, pod, Reason, "Taint manager: deleting due to NoExecute taint", failed: false, now, cancellation).ConfigureAwait(false);
            }
            await pods.DeleteAsync(context.Key.Name, new DeleteOptions { Uid = pod.Metadata.Uid }, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException gone) when (gone.IsNotFound || gone.IsConflict)
        {
            // Gone, or another one of that name.
        }
    }

    /// <summary>How long a pod may stay; null for ever.</summary>
    private static TimeSpan? Stays(V1Pod pod, List<V1Taint> taints)
    {
        long? shortest = null;
        foreach (var taint in taints)
        {
            if ((pod.Spec?.Tolerations ?? []).FirstOrDefault(t => NodeTaints.Tolerates(t, taint)) is not { } tolerated)
            {
                return TimeSpan.Zero;
            }
            if (tolerated.TolerationSeconds is { } seconds)
            {
                shortest = Math.Min(Math.Max(seconds, 0), shortest ?? long.MaxValue);
            }
        }
        return shortest is { } least ? TimeSpan.FromSeconds(Math.Min(least, int.MaxValue)) : null;
    }
}
