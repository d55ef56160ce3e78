using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps one pod of a daemon set on each node that is fit for it, and replaces old ones as many at a time as may be missing.</summary>
internal sealed class DaemonSetReconciler(WorkloadControllersOptions options) : IReconciler<V1DaemonSet>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1DaemonSet> context, CancellationToken cancellation)
    {
        var set = context.Object!;
        var now = options.Time.GetUtcNow().UtcDateTime;
        var revision = HashOf(await Revisions.PresentAsync(context, set, set.Spec.Template, set.Spec.RevisionHistoryLimit, cancellation, HashOf).ConfigureAwait(false));
        var nodes = context.Cache<V1Node>().List();
        var byNode = context.Owned<V1Pod>().ToLookup(p => NodeFit.NodeOf(p) ?? "", StringComparer.Ordinal);
        var (create, delete, failed) = Step(set, nodes, byNode);
        delete.AddRange(Replace(set, nodes, byNode, revision, now));
        foreach (var pod in failed)
        {
            context.Events.Warning("FailedDaemonPod", $"Found failed daemon pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} on node {NodeFit.NodeOf(pod)}, will try to kill it");
        }
        await PodControl.DeleteAsync(context, delete.Concat(failed).DistinctBy(p => p.Metadata.Uid), cancellation).ConfigureAwait(false);
        await PodControl.CreateAsync(context, create.Select(node => Pod(set, node, revision)), cancellation).ConfigureAwait(false);
        await StatusAsync(context, set, nodes, byNode, revision, now, cancellation).ConfigureAwait(false);
        return ReplicaPods.LookAgain(byNode.SelectMany(g => g), set.Spec.MinReadySeconds ?? 0, now);
    }

    private static string HashOf(string revision) => revision[(revision.LastIndexOf('-') + 1)..];

    private static (List<string> Create, List<V1Pod> Delete, List<V1Pod> Failed) Step(V1DaemonSet set, IReadOnlyList<V1Node> nodes, ILookup<string, V1Pod> byNode)
    {
        var (create, delete, failed) = (new List<string>(), new List<V1Pod>(), new List<V1Pod>());
        foreach (var node in nodes)
        {
            var (should, stays) = NodeFit.Of(set.Spec.Template.Spec, node);
            var pods = byNode[node.Metadata.Name].ToList();
            var active = pods.Where(p => p.IsActive()).OrderBy(p => p.Metadata.CreationTimestamp).ToList();
            if (!stays)
            {
                delete.AddRange(active);
                continue;
            }
            // An ended daemon is removed before it is replaced.
            failed.AddRange(pods.Where(p => p.Status?.Phase is "Failed" or "Succeeded" && p.Metadata.DeletionTimestamp is null));
            if (pods.Count == 0 && should)
            {
                create.Add(node.Metadata.Name);
            }
            delete.AddRange(active.Skip(1));
        }
        // Nodes that are gone take their daemons with them.
        var there = nodes.Select(n => n.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        delete.AddRange(byNode.Where(g => !there.Contains(g.Key)).SelectMany(g => g).Where(p => p.Metadata.DeletionTimestamp is null));
        return (create, delete, failed);
    }

    /// <summary>Old pods that can go now. Those that serve nobody cost nothing.</summary>
    private static IEnumerable<V1Pod> Replace(V1DaemonSet set, IReadOnlyList<V1Node> nodes, ILookup<string, V1Pod> byNode, string revision, DateTime now)
    {
        if (set.Spec.UpdateStrategy?.Type == "OnDelete")
        {
            return [];
        }
        var wanted = nodes.Where(n => NodeFit.Of(set.Spec.Template.Spec, n).ShouldRun).Select(n => n.Metadata.Name).ToList();
        var rolling = set.Spec.UpdateStrategy?.RollingUpdate;
        var most = (rolling?.MaxUnavailable ?? 1).ScaledValue(wanted.Count, roundUp: true);
        // No surge: what may be too many is taken as what may be missing.
        most = Math.Max(1, most == 0 ? (rolling?.MaxSurge ?? 1).ScaledValue(wanted.Count, roundUp: true) : most);
        var present = wanted.Select(n => byNode[n].FirstOrDefault(p => p.IsActive())).ToList();
        var missing = present.Count(p => p is null || !p.IsAvailable(set.Spec.MinReadySeconds ?? 0, now));
        var old = present.OfType<V1Pod>().Where(p => !IsOf(p, revision)).ToList();
        var broken = old.Where(p => !p.IsAvailable(set.Spec.MinReadySeconds ?? 0, now)).ToList();
        return broken.Concat(old.Except(broken).Take(Math.Max(0, most - missing)));
    }

    private static bool IsOf(V1Pod pod, string revision) => pod.Metadata.Labels?.TryGetValue(Revisions.Label, out var has) == true && has == revision;

    private static V1Pod Pod(V1DaemonSet set, string node, string revision)
    {
        var pod = set.Spec.Template.MakePod(set);
        var labels = pod.Metadata.Labels ??= new Dictionary<string, string>();
        labels[Revisions.Label] = revision;
        labels["pod-template-generation"] = set.Metadata.Annotations?.TryGetValue("deprecated.daemonset.template.generation", out var generation) == true ? generation : "1";
        NodeFit.Pin(pod, node);
        return pod;
    }

    private static async Task StatusAsync(ReconcileContext<V1DaemonSet> context, V1DaemonSet set, IReadOnlyList<V1Node> nodes, ILookup<string, V1Pod> byNode, string revision, DateTime now, CancellationToken cancellation)
    {
        var fit = nodes.Select(n => (NodeFit.Of(set.Spec.Template.Spec, n).ShouldRun, Pods: byNode[n.Metadata.Name].ToList())).ToList();
        var wanted = fit.Where(n => n.ShouldRun).ToList();
        var first = wanted.Where(n => n.Pods.Count > 0).Select(n => n.Pods.OrderByDescending(p => p.IsActive()).ThenBy(p => p.Metadata.CreationTimestamp).First()).ToList();
        var available = first.Count(p => p.IsAvailable(set.Spec.MinReadySeconds ?? 0, now));
        var status = new V1DaemonSetStatus
        {
            DesiredNumberScheduled = wanted.Count,
            CurrentNumberScheduled = first.Count,
            NumberMisscheduled = fit.Count(n => !n.ShouldRun && n.Pods.Count > 0),
            NumberReady = first.Count(p => p.IsReady()),
            NumberAvailable = JobPlan.Some(available),
            NumberUnavailable = JobPlan.Some(wanted.Count - available),
            UpdatedNumberScheduled = JobPlan.Some(first.Count(p => IsOf(p, revision))),
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
