using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.Actors;

/// <summary>What one run wrote, the last write of each object. Thread-safe: a reconcile may write from several tasks.</summary>
sealed class WriteLog(RunFence fence)
{
    static readonly AsyncLocal<WriteLog?> Flow = new();

    readonly Lock _lock = new();
    Dictionary<(GroupVersionResource, NamespacedName), ObjectWrite>? _writes;

    /// <summary>The log of the run that the caller's code belongs to; null outside of runs.</summary>
    public static WriteLog? Current => Flow.Value;

    /// <summary>Takes a write of the runtime's client into the log of the run that made it, whichever way the run came by the client.</summary>
    public static void Observe(WrittenObject written) =>
        Current?.Add(new ObjectWrite(written.Resource, written.Key, written.ResourceVersion, written.Uid));

    /// <summary>Refuses a write of the runtime's client by a run that may write no more.</summary>
    /// <exception cref="OwnershipLostException">It may not.</exception>
    public static void CheckFence() => Current?.Fence.Check();

    /// <summary>Whether the run may still write.</summary>
    public RunFence Fence => fence;

    /// <summary>Makes this the log of the caller's async flow and of all that it starts.</summary>
    public void Enter() => Flow.Value = this;

    public void Add(ObjectWrite write)
    {
        lock (_lock)
            (_writes ??= [])[(write.Resource.Resource, write.Key)] = write;
    }

    public IReadOnlyList<ObjectWrite> Taken()
    {
        lock (_lock)
            return _writes is null ? [] : [.. _writes.Values];
    }
}
