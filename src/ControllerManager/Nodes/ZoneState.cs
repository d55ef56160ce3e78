using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>How many nodes are lost at once, in a node's zone and in all: where it is too many, the fault is rather between them and the controllers.</summary>
internal static class ZoneState
{
    private const double Unhealthy = 0.55;
    private const int Large = 50;

    /// <summary>Whether pods may be driven from nodes of a node's zone, and whether all nodes of the cluster are lost.</summary>
    public static (bool Calm, bool Lost) Of(V1Node node, IEnumerable<V1Node> all)
    {
        var counted = all.Where(static n => n.Metadata.Labels?.ContainsKey("node.kubernetes.io/exclude-disruption") is not true).ToList();
        var zone = counted.Where(n => Zone(n) == Zone(node)).ToList();
        var unready = zone.Count(static n => NodeTaints.ReadyOf(n) != "True");
        var partial = unready < zone.Count && unready > 2 && (double)unready / zone.Count >= Unhealthy;
        return (!partial || zone.Count > Large, counted.Count > 0 && counted.All(static n => NodeTaints.ReadyOf(n) != "True"));
    }

    private static (string?, string?) Zone(V1Node node) => (node.GetLabel("topology.kubernetes.io/region"), node.GetLabel("topology.kubernetes.io/zone"));
}
