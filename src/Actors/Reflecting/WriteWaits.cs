using ActorKube.Models;
using Akka.Actor;

namespace ActorKube.Actors;

/// <summary>Who waits for a cache to show which write. An event costs what it answers, however many wait.</summary>
sealed class WriteWaits
{
    readonly PriorityQueue<(ObjectCache.WhenSeen Asked, IActorRef Asker), ulong> _byVersion = new();
    readonly Dictionary<NamespacedName, List<(ObjectCache.WhenSeen Asked, IActorRef Asker)>> _byAbsence = [];

    /// <summary>How many wait.</summary>
    public int Count => _byVersion.Count + _byAbsence.Values.Sum(static w => w.Count);

    /// <summary>Answers at once where the cache shows the write, and remembers who asked where it does not.</summary>
    public void Add(ObjectCache.WhenSeen asked, IActorRef asker, CacheSnapshot now)
    {
        if (asked.Write.IsSeenBy(now))
        {
            asker.Tell(new ObjectCache.Seen(asked.Token));
        }
        else if (asked.Write.Version is { } version)
        {
            _byVersion.Enqueue((asked, asker), version);
        }
        else
        {
            if (!_byAbsence.TryGetValue(asked.Write.Key, out var waiting))
                _byAbsence.Add(asked.Write.Key, waiting = []);
            waiting.Add((asked, asker));
        }
    }

    /// <summary>Answers those whose write a cache shows since these changes.</summary>
    public void Tell(CacheSnapshot now, IReadOnlyList<CacheChange> changes)
    {
        while (_byVersion.TryPeek(out var first, out _) && first.Asked.Write.IsSeenBy(now))
        {
            _byVersion.Dequeue();
            first.Asker.Tell(new ObjectCache.Seen(first.Asked.Token));
        }
        if (_byAbsence.Count == 0)
            return;
        foreach (var change in changes)
        {
            if (!_byAbsence.TryGetValue(change.Key, out var waiting))
                continue;
            foreach (var (asked, asker) in waiting.Where(w => w.Asked.Write.IsSeenBy(now)))
                asker.Tell(new ObjectCache.Seen(asked.Token));
            if (waiting.RemoveAll(w => w.Asked.Write.IsSeenBy(now)) > 0 && waiting.Count == 0)
                _byAbsence.Remove(change.Key);
        }
    }
}
