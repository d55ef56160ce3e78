using Akka.Actor;

namespace ActorKube.Actors;

/// <summary>One subscriber of a cache: what it has not taken, and whether it is ready.</summary>
sealed class Subscription(CacheSpec spec, IActorRef subscriber, IActorRef cache, TimeSpan? resync)
{
    const int BatchKeys = 256;

    readonly PendingChanges _pending = new();
    int? _untilSynced;
    bool _ready = true;
    bool _syncedTold;

    /// <summary>How often the subscriber wants to be reminded of all objects; null for never.</summary>
    public TimeSpan? Resync => resync;

    /// <summary>How many keys wait to be taken.</summary>
    public int Pending => _pending.Count;

    /// <summary>Adds what changed; <see cref="Flush"/> sends it.</summary>
    public void Add(CacheChange change)
    {
        // Who is ready misses nothing because two changes of an object came together.
        if (_ready && _pending.Count > 0 && _pending.Has(change.Key))
            Flush();
        _pending.Add(change);
    }

    /// <summary>The set is complete: what is pending now is the rest of the initial objects.</summary>
    public void MarkSynced() => _untilSynced ??= _pending.Count;

    /// <summary>The subscriber took what it was sent.</summary>
    public void Took()
    {
        _ready = true;
        Flush();
    }

    /// <summary>Sends what is pending if the subscriber is ready for it.</summary>
    public void Flush()
    {
        if (!_ready)
            return;
        // Initial objects are the oldest, so they are all taken once as many keys were.
        if (_untilSynced <= 0 && !_syncedTold)
        {
            _syncedTold = true;
            subscriber.Tell(new ObjectCache.Synced(spec), cache);
        }
        if (_pending.Count == 0)
            return;
        var keys = Math.Min(BatchKeys, _pending.Count);
        _untilSynced -= keys;
        if (_pending.Count == keys)
            _untilSynced = _untilSynced is null ? null : 0;
        _ready = false;
        subscriber.Tell(new ObjectCache.Changed(spec, _pending.Take(keys)), cache);
    }
}
