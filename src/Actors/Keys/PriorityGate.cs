namespace ActorKube.Actors;

/// <summary>Decides who may run: at most so many at once, the most urgent first, first come first served among equals, and nobody waits for ever.</summary>
/// <remarks>
/// Who has waited longer than <paramref name="age"/> gets every <paramref name="agedShare"/>th turn whatever its urgency. So urgent work is never slowed by
/// more than that share, however long the queue behind it is, and the least urgent is sure to move. Not thread-safe: one actor owns it.
/// </remarks>
/// <param name="capacity">How many may run at once.</param>
/// <param name="age">After how long of waiting a place counts as aged.</param>
/// <param name="agedShare">One turn in so many goes to the aged, if there are any.</param>
sealed class PriorityGate<TKey>(int capacity, TimeSpan age, int agedShare)
    where TKey : notnull
{
    // The usual urgencies come and go all the time: their levels stay when they are empty. Those of somebody's own might be without end.
    const int KeptLevels = 8;

    readonly Dictionary<TKey, LinkedListNode<Place>> _places = [];
    readonly SortedList<int, LinkedList<Place>> _levels = new(Comparer<int>.Create(static (a, b) => b.CompareTo(a)));
    int _running;
    int _sinceAged;

    /// <summary>How many wait.</summary>
    public int Waiting => _places.Count;

    /// <summary>Who waits.</summary>
    public IReadOnlyCollection<TKey> Keys => _places.Keys;

    /// <summary>How urgent somebody is who waits; null for one who does not.</summary>
    public int? WaitsAt(TKey key) => _places.TryGetValue(key, out var node) ? node.Value.Priority : null;

    /// <summary>How many wait of one urgency.</summary>
    public int WaitingAt(int priority) => _levels.TryGetValue(priority, out var level) ? level.Count : 0;

    /// <summary>How many urgencies have a queue, those kept empty too.</summary>
    public int Levels => _levels.Count;

    /// <summary>How many run.</summary>
    public int Running => _running;

    /// <summary>Joins the queue; one who waits already rises, see <see cref="Raise"/>.</summary>
    public void Ask(TKey key, int priority, DateTimeOffset now)
    {
        if (_places.ContainsKey(key))
            Raise(key, priority);
        else
            Join(key, priority, now);
    }

    /// <summary>Who waits keeps the better of both urgencies, at that level's tail where it rises; who does not wait (any more) is none of this.</summary>
    public void Raise(TKey key, int priority)
    {
        if (!_places.TryGetValue(key, out var node) || priority <= node.Value.Priority)
            return;
        Leave(node);
        Join(key, priority, node.Value.Since);
    }

    /// <summary>Leaves the queue.</summary>
    public void Withdraw(TKey key)
    {
        if (_places.TryGetValue(key, out var node))
            Leave(node);
    }

    /// <summary>A turn is over.</summary>
    public void Release() => _running--;

    /// <summary>Lets the next one run; false where all turns are taken or nobody waits.</summary>
    public bool TryGrant(DateTimeOffset now, out TKey key, out TimeSpan waited)
    {
        key = default!;
        waited = default;
        if (_running >= capacity || First() is not { } next)
            return false;
        if (++_sinceAged >= agedShare && Oldest(now) is { } aged)
        {
            next = aged;
            _sinceAged = 0;
        }
        Leave(next);
        _running++;
        key = next.Value.Key;
        waited = now - next.Value.Since;
        return true;
    }

    LinkedListNode<Place>? First()
    {
        for (var i = 0; i < _levels.Count; i++)
        {
            if (_levels.GetValueAtIndex(i).First is { } first)
                return first;
        }
        return null;
    }

    // Levels are few, and each is nearly in order of age: looking at the heads is enough.
    LinkedListNode<Place>? Oldest(DateTimeOffset now)
    {
        LinkedListNode<Place>? oldest = null;
        for (var i = 0; i < _levels.Count; i++)
        {
            if (_levels.GetValueAtIndex(i).First is { } head && now - head.Value.Since > age && (oldest is null || head.Value.Since < oldest.Value.Since))
                oldest = head;
        }
        return oldest;
    }

    void Join(TKey key, int priority, DateTimeOffset since)
    {
        if (!_levels.TryGetValue(priority, out var level))
            _levels.Add(priority, level = new LinkedList<Place>());
        _places[key] = level.AddLast(new Place(key, priority, since));
    }

    void Leave(LinkedListNode<Place> node)
    {
        var level = node.List!;
        level.Remove(node);
        if (level.Count == 0 && _levels.Count > KeptLevels)
            _levels.Remove(node.Value.Priority);
        _places.Remove(node.Value.Key);
    }

    readonly record struct Place(TKey Key, int Priority, DateTimeOffset Since);
}
