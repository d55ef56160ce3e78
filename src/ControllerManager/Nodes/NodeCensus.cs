using System.Collections.Concurrent;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Which nodes are ready, by zone: kept as they change, so that a look at one of thousands decodes none of the others. Thread-safe.</summary>
internal sealed class NodeCensus
{
    private readonly ConcurrentDictionary<string, Standing> _nodes = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => _nodes.Select(static n => n.Key);

    /// <summary>Notes how a node is; answers whether it is ready where it was not, or the other way round.</summary>
    public bool Note(V1Node node)
    {
        var now = Standing.Of(node);
        var changed = now.Ready != (_nodes.TryGetValue(node.Metadata.Name, out var before) && before.Ready);
        _nodes[node.Metadata.Name] = now;
        return changed;
    }

    /// <summary>Forgets a node; answers whether it was ready.</summary>
    public bool Forget(string name) => _nodes.TryRemove(name, out var gone) && gone.Ready;

    /// <summary>How many are lost in a node's zone and in all, the node itself as it is given.</summary>
    public ZoneState ZoneOf(V1Node node)
    {
        var own = Standing.Of(node);
        var (zone, unready, all, lost) = (0, 0, 0, 0);
        Count(own);
        foreach (var (name, other) in _nodes)
        {
            if (name != node.Metadata.Name)
            {
                Count(other);
            }
        }
        return new ZoneState(zone, unready, all, lost);

        void Count(Standing one)
        {
            if (one.Excluded)
            {
                return;
            }
            var missing = one.Ready ? 0 : 1;
            (all, lost) = (all + 1, lost + missing);
            if (one.Zone == own.Zone)
            {
                (zone, unready) = (zone + 1, unready + missing);
            }
        }
    }

    private readonly record struct Standing(bool Ready, bool Excluded, (string? Region, string? Zone) Zone)
    {
        public static Standing Of(V1Node node) => new(
            NodeTaints.ReadyOf(node) == "True",
            node.Metadata.Labels?.ContainsKey("node.kubernetes.io/exclude-disruption") is true,
            (node.GetLabel("topology.kubernetes.io/region"), node.GetLabel("topology.kubernetes.io/zone")));
    }
}
