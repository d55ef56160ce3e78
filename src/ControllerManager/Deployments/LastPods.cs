using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Deployments that may not go on before the last pod of their former templates has gone, by the sets that these pods are of. Thread-safe.</summary>
internal sealed class LastPods
{
    private static readonly ResourceDefinition Pods = ResourceDefinition.For<V1Pod>();
    private readonly ConcurrentDictionary<string, NamespacedName> _awaited = new(StringComparer.Ordinal);

    /// <summary>Whether pods of a deployment's former sets are there: also those that are on their way out, not those that have ended. The deployment is told when that changes.</summary>
    public bool Await(ReconcileContext deployment, IReadOnlyList<V1ReplicaSet> old)
    {
        // Noted before the pods are read: whatever goes later is told.
        foreach (var set in old)
        {
            _awaited[set.Metadata.Uid] = deployment.Key;
        }
        if (old.Any(set => deployment.Caches(Pods).SelectMany(c => c.ByIndex(CacheIndex.ByControllerUid.Name, set.Metadata.Uid)).Any(p => p.As<V1Pod>().Status?.Phase is not ("Succeeded" or "Failed"))))
        {
            return true;
        }
        Forget(deployment.Key);
        return false;
    }

    public void Forget(NamespacedName deployment)
    {
        foreach (var (set, _) in _awaited.Where(a => a.Value == deployment))
        {
            _awaited.TryRemove(set, out _);
        }
    }

    /// <summary>The deployments that wait for a pod.</summary>
    public IEnumerable<NamespacedName> Of(CacheChange change) =>
        _awaited.IsEmpty ? [] : change.Latest.OwnerReferences.Where(static o => o.Controller).Select(o => _awaited.GetValueOrDefault(o.Uid)).Where(static key => key.Name is { Length: > 0 });
}
