namespace ActorKube.ApiServer;

internal enum StoreEventType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>
/// One committed change. Events of a store form a chain from the oldest kept to the newest; whoever holds one can walk on
/// without a lock, and the collector frees what nobody can reach any more.
/// </summary>
internal sealed class StoreEvent
{
    private StoreEvent? _next;

    public StoreEvent(long sequence, long revision, StoreEventType type, StoredObject? value, StoredObject? previous, StoreSnapshot after)
    {
        Sequence = sequence;
        Revision = revision;
        Type = type;
        Object = value;
        Previous = previous;
        After = after;
    }

    /// <summary>Position in the store's history: one more than the event before.</summary>
    public long Sequence { get; }

    /// <summary>The global resourceVersion that this change was given.</summary>
    public long Revision { get; }

    public StoreEventType Type { get; }

    /// <summary>The object after the change; for a deletion its last state with the deletion's resourceVersion. Null in the chain's anchor only.</summary>
    public StoredObject? Object { get; }

    /// <summary>The object before the change; null when it was added.</summary>
    public StoredObject? Previous { get; }

    /// <summary>All objects as they stood after this change.</summary>
    public StoreSnapshot After { get; }

    /// <summary>The following event; null while this is the newest.</summary>
    public StoreEvent? Next
    {
        get => Volatile.Read(ref _next);
        set => Volatile.Write(ref _next, value);
    }
}
