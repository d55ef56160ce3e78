using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Kubelet;

/// <summary>The pods on the node. Thread-safe; a pod is there from when it was first seen until it is gone.</summary>
internal sealed class PodRegistry(TimeProvider time)
{
    private readonly ConcurrentDictionary<NamespacedName, SimulatedPod> _pods = new();
    private int _lastAddress;

    public int Count => _pods.Count;

    public IEnumerable<SimulatedPod> All => _pods.Values;

    public bool TryFind(NamespacedName key, string uid, [NotNullWhen(true)] out SimulatedPod? pod) => _pods.TryGetValue(key, out pod) && pod.Uid == uid;

    /// <summary>A pod, which has come to the node now if it was not there.</summary>
    public SimulatedPod Take(NamespacedName key, V1Pod pod)
    {
        if (TryFind(key, pod.Metadata.Uid, out var known))
        {
            return known;
        }
        Forget(key);
        return _pods[key] = new SimulatedPod(key, pod, time.GetUtcNow());
    }

    /// <summary>A pod is gone: its processes are killed, its logs end.</summary>
    public void Forget(NamespacedName key)
    {
        if (_pods.TryRemove(key, out var gone))
        {
            gone.Dispose();
        }
    }

    public string NextAddress()
    {
        var next = Interlocked.Increment(ref _lastAddress);
        return string.Create(CultureInfo.InvariantCulture, $"10.244.{next / 250 % 256}.{next % 250 + 2}");
    }
}
