using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Which pods are bound to which node, as far as a controller has been told. Thread-safe.</summary>
internal sealed class PodsOfNodes
{
    private readonly ConcurrentDictionary<NamespacedName, string> _nodes = new();
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<NamespacedName, bool>> _pods = new(StringComparer.Ordinal);

    /// <summary>Notes where a pod is; answers whether it is anywhere, or was.</summary>
    public bool Note(CacheChange change)
    {
        var node = change.Now?.As<V1Pod>().Spec?.NodeName;
        if (_nodes.TryGetValue(change.Key, out var before) && before != node)
        {
            _nodes.TryRemove(change.Key, out _);
            if (_pods.TryGetValue(before, out var there))
            {
                there.TryRemove(change.Key, out _);
            }
        }
        if (!string.IsNullOrEmpty(node))
        {
            _nodes[change.Key] = node;
            _pods.GetOrAdd(node, static _ => new())[change.Key] = true;
        }
        return before is not null || !string.IsNullOrEmpty(node);
    }

    public IEnumerable<NamespacedName> Of(string node) => _pods.TryGetValue(node, out var there) ? there.Keys : [];
}
