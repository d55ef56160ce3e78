using k8s.Models;

namespace ActorKube.Kubelet;

/// <summary>The scheduler's part: which pods wait for a node, and which node that is.</summary>
internal static class PodPlacement
{
    /// <summary>Whether a pod waits for a node, and nothing holds it back.</summary>
    public static bool WaitsForNode(V1Pod pod) => string.IsNullOrEmpty(pod.Spec.NodeName) && pod.Spec.SchedulingGates is not { Count: > 0 };

    /// <summary>Whether a pod that has a node is the simulator's: one that somebody bound to another node is somebody else's, unless it can be nowhere else, as a daemon set's.</summary>
    public static bool IsOurs(V1Pod pod, string ownNode) => pod.Spec.NodeName == ownNode || pod.Spec.NodeName == NodeOf(pod);

    /// <summary>The one node that a pod's affinity names, as a daemon set's pods name theirs; null where it leaves the choice.</summary>
    public static string? NodeOf(V1Pod pod)
    {
        string? node = null;
        foreach (var term in pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [])
        {
            var named = term.MatchFields?.FirstOrDefault(f => f is { Key: "metadata.name", OperatorProperty: "In" });
            if (named?.Values is not { Count: 1 } values || (node is not null && node != values[0]))
            {
                return null;
            }
            node = values[0];
        }
        return node;
    }
}
