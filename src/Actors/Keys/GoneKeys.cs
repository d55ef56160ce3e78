using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>Keys that vanished lately while this process did not own them: should it come to own them soon, they are to be looked at, and no cache tells of them any more.</summary>
/// <param name="memory">How long a key is remembered.</param>
/// <param name="most">How many keys are remembered at most; the oldest go first.</param>
sealed class GoneKeys(TimeSpan memory, int most)
{
    readonly Dictionary<NamespacedName, DateTimeOffset> _keys = [];
    readonly Queue<(NamespacedName Key, DateTimeOffset At)> _order = [];

    /// <summary>How many are remembered.</summary>
    public int Count => _keys.Count;

    /// <summary>A key vanished.</summary>
    public void Remember(NamespacedName key, DateTimeOffset now)
    {
        _keys[key] = now;
        _order.Enqueue((key, now));
        while (_order.Count > most || now - _order.Peek().At > memory)
            Forget(_order.Dequeue());
    }

    /// <summary>Forgets and returns those of the remembered keys that are wanted.</summary>
    public IReadOnlyList<NamespacedName> Take(DateTimeOffset now, Func<NamespacedName, bool> wanted)
    {
        while (_order.TryPeek(out var oldest) && now - oldest.At > memory)
            Forget(_order.Dequeue());
        var taken = _keys.Keys.Where(wanted).ToArray();
        foreach (var key in taken)
            _keys.Remove(key);
        return taken;
    }

    // A key that vanished again has a younger place further back.
    void Forget((NamespacedName Key, DateTimeOffset At) place)
    {
        if (_keys.TryGetValue(place.Key, out var at) && at == place.At)
            _keys.Remove(place.Key);
    }
}
