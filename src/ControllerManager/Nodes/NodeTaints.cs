using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>The taints that a node's conditions mean.</summary>
internal static class NodeTaints
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string OutOfService = "node.kubernetes.io/out-of-service";
    public const string NoExecute = "NoExecute";
    private const string NoSchedule = "NoSchedule";
    private const string Unschedulable = "node.kubernetes.io/unschedulable";

    private static readonly (string Condition, string Status, string Taint)[] Meanings =
    [
        ("Ready", "False", NotReady), ("Ready", "Unknown", Unreachable), ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"), ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
        ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"), ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
    ];

    public static IList<V1Taint> Of(V1Node? node) => node?.Spec?.Taints ?? [];

    public static string? ReadyOf(V1Node node) => ConditionOf(node, "Ready")?.Status;

    public static V1NodeCondition? ConditionOf(V1Node node, string type) => node.Status?.Conditions?.FirstOrDefault(c => c.Type == type);

    /// <summary>A node's taints as they should be, in the order in which they are, new ones last; null where they are so.</summary>
    /// <param name="node">The node.</param>
    /// <param name="calm">Whether pods may be driven from nodes that come to be lost: not where too many are.</param>
    /// <param name="lost">Whether all nodes seem to be lost: then it is rather the controllers that are, and nobody is driven from anywhere.</param>
    /// <param name="now">The time.</param>
    public static List<V1Taint>? Wanted(V1Node node, bool calm, bool lost, DateTime now)
    {
        var had = Of(node);
        var drives = Driving(node, had, calm, lost);
        var wanted = Meanings.Where(m => ConditionOf(node, m.Condition)?.Status == m.Status).Select(static m => (Key: m.Taint, Effect: NoSchedule)).ToList();
        if (node.Spec?.Unschedulable is true)
        {
            wanted.Add((Unschedulable, NoSchedule));
        }
        if (drives is not null)
        {
            wanted.Add((drives, NoExecute));
        }
        var taints = had.Where(t => !IsOurs(t) || wanted.Contains((t.Key, t.Effect))).ToList();
        taints.AddRange(wanted.Where(w => !had.Any(t => (t.Key, t.Effect) == w)).Select(w => new V1Taint { Key = w.Key, Effect = w.Effect, TimeAdded = now }));
        return taints.Count == had.Count && taints.All(had.Contains) ? null : taints;
    }

    /// <summary>The taint that drives pods from the node. One that is there is exchanged at once when its reason changes.</summary>
    private static string? Driving(V1Node node, IList<V1Taint> had, bool calm, bool lost)
    {
        var reason = ReadyOf(node) switch { "False" => NotReady, "Unknown" => Unreachable, _ => null };
        return lost || reason is null || !(calm || had.Any(static t => t.Effect == NoExecute && t.Key is NotReady or Unreachable)) ? null : reason;
    }

    private static bool IsOurs(V1Taint taint) => taint.Effect == NoSchedule ? taint.Key == Unschedulable || Meanings.Any(m => m.Taint == taint.Key) : taint is { Effect: NoExecute, Key: NotReady or Unreachable };

    /// <summary>Whether a toleration puts up with a taint.</summary>
    public static bool Tolerates(V1Toleration toleration, V1Taint taint) =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (string.IsNullOrEmpty(toleration.Key) ? toleration.OperatorProperty == "Exists" : toleration.Key == taint.Key)
        && (toleration.OperatorProperty == "Exists" || (toleration.Value ?? "") == (taint.Value ?? ""));
}
