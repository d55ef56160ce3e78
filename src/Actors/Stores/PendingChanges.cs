using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>What a subscriber has not taken yet: at most one entry a key, oldest first, each saying how the subscriber's last known state became the newest.</summary>
/// <remarks>An object that came and went unseen leaves no entry. One that was replaced under its name (another uid) keeps both: the deletion, then the addition.</remarks>
sealed class PendingChanges
{
    readonly Dictionary<NamespacedName, LinkedListNode<Entry>> _entries = [];
    readonly LinkedList<Entry> _order = new();

    /// <summary>How many keys have something to take.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether a key has something to take.</summary>
    public bool Has(NamespacedName key) => _entries.ContainsKey(key);

    /// <summary>Adds what happened next to an object.</summary>
    public void Add(CacheChange change)
    {
        if (!_entries.TryGetValue(change.Key, out var node))
        {
            _entries.Add(change.Key, _order.AddLast(Entry.Of(change)));
            return;
        }
        var merged = node.Value.Then(change);
        // The newest event is the one that whoever takes this acts on.
        if (change.Trace is not null && (merged.Live ?? merged.Gone) is { } told)
            told.Trace = change.Trace;
        if (merged.IsNothing)
        {
            _order.Remove(node);
            _entries.Remove(change.Key);
        }
        else
        {
            node.Value = merged;
        }
    }

    /// <summary>Takes the changes of up to <paramref name="keys"/> keys.</summary>
    public IReadOnlyList<CacheChange> Take(int keys)
    {
        var taken = new List<CacheChange>(Math.Min(keys, _order.Count));
        while (keys-- > 0 && _order.First is { } first)
        {
            _order.RemoveFirst();
            if (first.Value.Gone is { } gone)
                taken.Add(gone);
            if (first.Value.Live is { } live)
                taken.Add(live);
            _entries.Remove((first.Value.Gone ?? first.Value.Live)!.Key);
        }
        return taken;
    }

    /// <summary>What happened to one key: the end of an object that the subscriber knows, then what is alive (Added or Modified); either may be missing.</summary>
    readonly record struct Entry(CacheChange.Deleted? Gone, CacheChange? Live)
    {
        public bool IsNothing => Gone is null && Live is null;

        public static Entry Of(CacheChange change) => change is CacheChange.Deleted deleted ? new Entry(deleted, null) : new Entry(null, change);

        public Entry Then(CacheChange next) => (Live, next) switch
        {
            (CacheChange.Added added, CacheChange.Modified modified) => this with { Live = added with { Object = modified.New, Key = modified.Key } },
            (CacheChange.Modified before, CacheChange.Modified { IsResync: false } modified) => this with { Live = before with { New = modified.New } },
            (CacheChange.Added, CacheChange.Deleted) => this with { Live = null },
            (CacheChange.Modified, CacheChange.Deleted deleted) => new Entry(deleted, null),
            (null, CacheChange.Added or CacheChange.Modified) => this with { Live = next },
            _ => this,
        };
    }
}
