using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Watches over nodes: says of one that was not heard of for too long that nobody knows how it is, and of its pods that they are not ready; taints nodes as their conditions mean.
/// </summary>
/// <remarks>
/// A node is given up at the second look in a row that finds it overdue: where a clock jumps, in tests above all, its kubelet gets to renew its lease first. Taints that drive pods away come at once and not one node in ten seconds;
/// they do not come where all nodes are lost, nor in a small zone of which most are.
/// </remarks>
internal sealed class NodeLifecycleReconciler(ClusterControllersOptions options, IEventRecorder recorder) : IReconciler<V1Node>
{
    public const string LeaseNamespace = "kube-node-lease";
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);
    private static readonly ResourceDefinition Pods = ResourceDefinition.For<V1Pod>();
    private static readonly string[] Lost = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];
    private static readonly (string Stable, string Beta)[] Labels = [("kubernetes.io/os", "beta.kubernetes.io/os"), ("kubernetes.io/arch", "beta.kubernetes.io/arch")];
    private readonly ConcurrentDictionary<string, NodeHealth> _health = new(StringComparer.Ordinal);
    private readonly NodeCensus _census = new();

    /// <summary>Which nodes are ready may change what all others are tainted with.</summary>
    public IEnumerable<NamespacedName> Others(CacheChange change) =>
        (change.Now is { } now ? _census.Note(now.As<V1Node>()) : _census.Forget(change.Key.Name)) ? _census.Names.Select(static n => new NamespacedName("", n)) : [];

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Node> context, CancellationToken cancellation)
    {
        var name = context.Key.Name;
        if (context.Object is not { Metadata.DeletionTimestamp: null } node)
        {
            if (_health.TryRemove(name, out _))
            {
                context.Events.Normal("RemovingNode", $"Node {name} event: Removing Node {name} from Controller");
            }
            return ReconcileResult.Done;
        }
        var now = options.Time.GetUtcNow().UtcDateTime;
        var before = _health.GetValueOrDefault(name);
        if (before is null)
        {
            context.Events.Normal("RegisteredNode", $"Node {name} event: Registered Node {name} in Controller");
        }
        var health = _health[name] = NodeHealth.Of(before, node, context.Get<V1Lease>(new NamespacedName(LeaseNamespace, name)), now);
        try
        {
            if (health.IsOverdue && before?.IsOverdue is true && GiveUp(node, now, out var wasReady))
            {
                node = await context.Client.Resource<V1Node>().UpdateStatusAsync(node, cancellation: cancellation).ConfigureAwait(false);
                if (wasReady)
                {
                    context.Events.Normal("NodeNotReady", $"Node {name} status is now: NodeNotReady");
                    await TellPodsAsync(context, name, now, cancellation).ConfigureAwait(false);
                }
            }
            await KeepAsync(context, node, now, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException overtaken) when (overtaken.IsConflict || overtaken.IsNotFound)
        {
            // What overtook it brings another run.
        }
        return ReconcileResult.RequeueAfter(LookAgain);
    }

    /// <summary>Says of all that a kubelet tells that nobody knows it; answers whether that is news.</summary>
    private static bool GiveUp(V1Node node, DateTime now, out bool wasReady)
    {
        wasReady = NodeTaints.ReadyOf(node) == "True";
        if (NodeTaints.ReadyOf(node) == "Unknown")
        {
            return false;
        }
        var conditions = (node.Status ??= new()).Conditions ??= [];
        foreach (var type in Lost)
        {
            if (NodeTaints.ConditionOf(node, type) is not { } condition)
            {
                conditions.Add(new V1NodeCondition
                {
                    Type = type, Status = "Unknown", Reason = "NodeStatusNeverUpdated", Message = "Kubelet never posted node status.", LastHeartbeatTime = node.Metadata.CreationTimestamp, LastTransitionTime = now,
                });
            }
            else if (condition.Status != "Unknown")
            {
                (condition.Status, condition.Reason, condition.Message, condition.LastTransitionTime) = ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", now);
            }
        }
        return true;
    }

    private async Task TellPodsAsync(ReconcileContext context, string node, DateTime now, CancellationToken cancellation)
    {
        var there = await context.Client.Resource<V1Pod>().ListAsync(new ListOptions { FieldSelector = $"spec.nodeName={node}" }, cancellation).ConfigureAwait(false);
        foreach (var pod in there.Items)
        {
            if (pod.Status?.Conditions?.FirstOrDefault(static c => c is { Type: "Ready", Status: not "False" }) is not { } ready)
            {
                continue;
            }
            (ready.Status, ready.LastTransitionTime) = ("False", now);
            try
            {
                var told = await context.Client.Resource<V1Pod>(pod.Metadata.NamespaceProperty).UpdateStatusAsync(pod, cancellation: cancellation).ConfigureAwait(false);
                recorder.For(KubeObject.From(told), Pods, told.Key(), "node-controller").Warning("NodeNotReady", "Node is not ready");
            }
            catch (KubernetesException gone) when (gone.IsNotFound || gone.IsConflict)
            {
                // Somebody knows better.
            }
        }
    }

    private async Task KeepAsync(ReconcileContext<V1Node> context, V1Node node, DateTime now, CancellationToken cancellation)
    {
        // As it is by now, whatever the cache shows.
        var zone = _census.ZoneOf(node);
        var changed = false;
        if (NodeTaints.Wanted(node, zone.IsCalm, zone.IsLost, now) is { } taints)
        {
            (node.Spec ??= new()).Taints = taints;
            changed = true;
        }
        foreach (var (stable, beta) in Labels)
        {
            if (node.GetLabel(stable) is { } value && node.GetLabel(beta) != value)
            {
                node.SetLabel(beta, value);
                changed = true;
            }
        }
        if (changed)
        {
            await context.Client.Resource<V1Node>().UpdateAsync(node, cancellation: cancellation).ConfigureAwait(false);
        }
    }
}
