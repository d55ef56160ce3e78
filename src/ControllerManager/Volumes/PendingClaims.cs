using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>The claims that wait for a volume, for those whose coming may end it. Thread-safe.</summary>
internal sealed class PendingClaims
{
    private readonly ConcurrentDictionary<NamespacedName, bool> _waiting = new();

    public void Note(NamespacedName claim) => _waiting[claim] = true;

    public void Forget(NamespacedName claim) => _waiting.TryRemove(claim, out _);

    /// <summary>The claims that a volume may concern: the one that it names; all that wait, where it is free.</summary>
    public IEnumerable<NamespacedName> Of(V1PersistentVolume volume) =>
        volume.Spec.ClaimRef is { } to ? [new NamespacedName(to.NamespaceProperty, to.Name)] : _waiting.Keys;

    /// <summary>The waiting claims that a pod names.</summary>
    public IEnumerable<NamespacedName> OfPod(CacheChange change) => _waiting.IsEmpty || change.Now is not { } pod ? []
        : (pod.As<V1Pod>().Spec?.Volumes ?? []).Select(v => v.PersistentVolumeClaim?.ClaimName).OfType<string>().Select(name => new NamespacedName(pod.Namespace, name)).Where(_waiting.ContainsKey);

    public IEnumerable<NamespacedName> All => _waiting.Keys;
}
