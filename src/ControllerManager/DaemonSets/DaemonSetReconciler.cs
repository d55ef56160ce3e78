using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps one pod of a daemon set on each node that is fit for it, and replaces old ones as its strategy says.</summary>
internal sealed class DaemonSetReconciler(ClusterControllersOptions options, Strays strays) : IReconciler<V1DaemonSet>, ILetsGo<V1DaemonSet>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1DaemonSet> context, CancellationToken cancellation)
    {
        var set = context.Object!;
        var now = options.Time.GetUtcNow().UtcDateTime;
        var pods = await Claims.ClaimAsync<V1Pod>(context, set, LabelSelector.From(set.Spec.Selector), strays, cancellation, static p => p.IsActive()).ConfigureAwait(false);
        var revision = HashOf(await Revisions.PresentAsync(context, set, set.Spec.Template, set.Spec.RevisionHistoryLimit, cancellation, HashOf).ConfigureAwait(false));
        var byNode = pods.ToLookup(p => NodeFit.NodeOf(p) ?? "", StringComparer.Ordinal);
        List<DaemonNode> nodes = [.. context.Cache<V1Node>().List().OrderBy(n => n.Metadata.Name, StringComparer.Ordinal).Select(n => Of(set, n, byNode))];
        var rollout = new DaemonRollout(set, nodes, revision, now).Place().Replace();
        // Nodes that are gone take their daemons with them.
        var there = nodes.Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        rollout.Delete.AddRange(byNode.Where(g => !there.Contains(g.Key)).SelectMany(g => g).Where(p => p.Metadata.DeletionTimestamp is null));
        foreach (var pod in rollout.Ended)
        {
            Tell(context, pod);
        }
        await PodControl.DeleteAsync(context, rollout.Delete.Concat(rollout.Ended).DistinctBy(p => p.Metadata.Uid), cancellation).ConfigureAwait(false);
        await PodControl.CreateAsync(context, rollout.Create.Select(node => Pod(set, node, revision)), cancellation).ConfigureAwait(false);
        await StatusAsync(context, set, nodes, revision, now, cancellation).ConfigureAwait(false);
        return ReplicaPods.LookAgain(pods, set.Spec.MinReadySeconds ?? 0, now);
    }

    public Task LetGoAsync(ReconcileContext<V1DaemonSet> context, CancellationToken cancellation)
    {
        strays.Forget(context.Key);
        return Task.CompletedTask;
    }

    private static DaemonNode Of(V1DaemonSet set, V1Node node, ILookup<string, V1Pod> byNode)
    {
        var (should, stays) = NodeFit.Of(set.Spec.Template.Spec, node);
        return new DaemonNode(node, should, stays, [.. byNode[node.Metadata.Name].OrderBy(p => p.Metadata.CreationTimestamp).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal)]);
    }

    private static void Tell(ReconcileContext context, V1Pod pod)
    {
        var name = $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} on node {NodeFit.NodeOf(pod)}";
        if (pod.Status?.Phase == "Failed")
        {
            context.Events.Warning("FailedDaemonPod", $"Found failed daemon pod {name}, will try to kill it");
        }
        else
        {
            context.Events.Normal("SucceededDaemonPod", $"Found succeeded daemon pod {name}, will try to delete it");
        }
    }

    private static string HashOf(string revision) => revision[(revision.LastIndexOf('-') + 1)..];

    private static V1Pod Pod(V1DaemonSet set, string node, string revision)
    {
        var pod = set.Spec.Template.MakePod(set);
        var labels = pod.Metadata.Labels ??= new Dictionary<string, string>();
        labels[Revisions.Label] = revision;
        labels["pod-template-generation"] = set.Metadata.Annotations?.TryGetValue("deprecated.daemonset.template.generation", out var generation) == true ? generation : "1";
        NodeFit.Pin(pod, node);
        return pod;
    }

    private static async Task StatusAsync(ReconcileContext<V1DaemonSet> context, V1DaemonSet set, IReadOnlyList<DaemonNode> nodes, string revision, DateTime now, CancellationToken cancellation)
    {
        var wanted = nodes.Where(n => n.ShouldRun).ToList();
        // The oldest pod of each node speaks for it.
        var first = wanted.Where(n => n.Pods.Count > 0).Select(n => n.Pods.OrderByDescending(p => p.IsActive()).First()).ToList();
        var available = first.Count(p => p.IsAvailable(set.Spec.MinReadySeconds ?? 0, now));
        var status = new V1DaemonSetStatus
        {
            DesiredNumberScheduled = wanted.Count,
            CurrentNumberScheduled = first.Count,
            NumberMisscheduled = nodes.Count(n => !n.ShouldRun && n.Pods.Count > 0),
            NumberReady = first.Count(p => p.IsReady()),
            NumberAvailable = JobPlan.Some(available),
            NumberUnavailable = JobPlan.Some(wanted.Count - available),
            UpdatedNumberScheduled = JobPlan.Some(first.Count(p => DaemonRollout.IsOf(p, revision))),
            ObservedGeneration = set.Metadata.Generation,
            CollisionCount = set.Status?.CollisionCount,
            Conditions = set.Status?.Conditions,
        };
        if (!status.SemanticallyEquals(set.Status))
        {
            set.Status = status;
            await context.Client.Resource<V1DaemonSet>(context.Key.Namespace).UpdateStatusAsync(set, cancellation: cancellation).ConfigureAwait(false);
        }
    }
}
