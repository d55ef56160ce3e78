using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>A node and the pods of one daemon set on it, the oldest first.</summary>
internal sealed record DaemonNode(V1Node Node, bool ShouldRun, bool MayStay, IReadOnlyList<V1Pod> Pods)
{
    public string Name => Node.Metadata.Name;
}

/// <summary>What a daemon set needs next: nodes that get a pod, and pods that go. Pure.</summary>
/// <param name="set">The set.</param>
/// <param name="nodes">The nodes.</param>
/// <param name="revision">The label's value of pods that are made from the present template.</param>
/// <param name="now">The time.</param>
internal sealed class DaemonRollout(V1DaemonSet set, IReadOnlyList<DaemonNode> nodes, string revision, DateTime now)
{
    private readonly bool _surges = set.Spec.UpdateStrategy is not { Type: "OnDelete" } && Surge(set, nodes) > 0;

    /// <summary>Names of nodes that need a pod.</summary>
    public List<string> Create { get; } = [];

    public List<V1Pod> Delete { get; } = [];

    /// <summary>Pods that have ended: they are removed before they are replaced.</summary>
    public List<V1Pod> Ended { get; } = [];

    public static bool IsOf(V1Pod pod, string revision) => pod.Metadata.Labels?.TryGetValue(Revisions.Label, out var has) == true && has == revision;

    /// <summary>Gives each node the pod that it shall have, and takes those away that it shall not have.</summary>
    public DaemonRollout Place()
    {
        foreach (var node in nodes)
        {
            if (node is { ShouldRun: true, Pods.Count: 0 })
            {
                Create.Add(node.Name);
            }
            else if (!node.MayStay)
            {
                Delete.AddRange(node.Pods.Where(p => p.Metadata.DeletionTimestamp is null));
            }
            else
            {
                Ended.AddRange(node.Pods.Where(p => p.Metadata.DeletionTimestamp is null && p.Status?.Phase is "Failed" or "Succeeded"));
                Thin([.. node.Pods.Where(p => p.IsActive())]);
            }
        }
        return this;
    }

    /// <summary>One pod a node; while a set surges, an old one beside a new one, as long as it serves.</summary>
    private void Thin(List<V1Pod> running)
    {
        if (!_surges)
        {
            Delete.AddRange(running.Skip(1));
            return;
        }
        var fresh = running.Where(p => IsOf(p, revision)).ToList();
        var old = running.Where(p => !IsOf(p, revision)).ToList();
        Delete.AddRange(fresh.Skip(1).Concat(old.Skip(1)));
        if (fresh.Count > 0 && old.Count > 0 && !IsAvailable(old[0]))
        {
            Delete.Add(old[0]);
        }
    }

    /// <summary>Goes on with a rollout: as many old pods go, or as many new ones come beside them, as may at once.</summary>
    public DaemonRollout Replace()
    {
        if (set.Spec.UpdateStrategy?.Type == "OnDelete")
        {
            return this;
        }
        var (free, counted, busy) = (new List<(string Node, V1Pod Old)>(), new List<(string Node, V1Pod Old)>(), 0);
        foreach (var node in nodes.Where(n => n.ShouldRun || n.Pods.Count > 0))
        {
            var there = node.Pods.Where(p => p.Metadata.DeletionTimestamp is null).ToList();
            var fresh = there.Where(p => IsOf(p, revision)).ToList();
            var old = there.Where(p => !IsOf(p, revision)).ToList();
            if (fresh.Count > 1 || old.Count > 1)
            {
                busy++;
            }
            else if (old.Count == 0)
            {
                busy += !_surges && (fresh.Count == 0 || !IsAvailable(fresh[0])) ? 1 : 0;
            }
            else if (fresh.Count == 0)
            {
                // Replacing what serves nobody costs nothing.
                (IsAvailable(old[0]) ? counted : free).Add((node.Name, old[0]));
            }
            else if (!_surges || !IsAvailable(fresh[0]))
            {
                busy++;
            }
            else
            {
                Delete.Add(old[0]);
            }
        }
        var most = _surges ? Surge(set, nodes) : Unavailable(set, nodes);
        var next = free.Concat(counted.Take(Math.Max(0, most - busy))).ToList();
        if (_surges)
        {
            Create.AddRange(next.Select(n => n.Node));
        }
        else
        {
            Delete.AddRange(next.Select(n => n.Old));
        }
        return this;
    }

    private bool IsAvailable(V1Pod pod) => pod.IsAvailable(set.Spec.MinReadySeconds ?? 0, now);

    private static int Surge(V1DaemonSet set, IReadOnlyList<DaemonNode> nodes) => (set.Spec.UpdateStrategy?.RollingUpdate?.MaxSurge ?? 0).ScaledValue(nodes.Count(n => n.ShouldRun), roundUp: true);

    /// <summary>How many may be missing; one at least where nothing surges: a rollout must be able to move.</summary>
    private static int Unavailable(V1DaemonSet set, IReadOnlyList<DaemonNode> nodes) =>
        Math.Max(1, (set.Spec.UpdateStrategy?.RollingUpdate?.MaxUnavailable ?? 1).ScaledValue(nodes.Count(n => n.ShouldRun), roundUp: true));
}
