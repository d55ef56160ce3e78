using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>What one run wrote, the last write of each object. Thread-safe: a reconcile may write from several tasks.</summary>
sealed class WriteLog
{
    static readonly AsyncLocal<WriteLog?> Flow = new();

    readonly Lock _lock = new();
    readonly Dictionary<(GroupVersionResource, NamespacedName), ObjectWrite> _writes = [];

    /// <summary>The log of the run that the caller's code belongs to; null outside of runs.</summary>
    public static WriteLog? Current => Flow.Value;

    /// <summary>Makes this the log of the caller's async flow and of all that it starts.</summary>
    public void Enter() => Flow.Value = this;

    public void Add(ObjectWrite write)
    {
        lock (_lock)
            _writes[(write.Resource.Resource, write.Key)] = write;
    }

    public IReadOnlyList<ObjectWrite> Taken()
    {
        lock (_lock)
            return _writes.Count == 0 ? [] : [.. _writes.Values];
    }
}
