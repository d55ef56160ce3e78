using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>A batch of changes to a cache's content: what becomes the next snapshot, and what it takes to go back to the last one.</summary>
/// <remarks>Written by one thread; others may ask for what was <see cref="Before"/> it at any time.</remarks>
sealed class CacheWriting(CacheSnapshot from, long number, int events)
{
    /// <summary>From how many events on what they change in the indexes is written as one edit.</summary>
    const int EditedTogether = 4;

    /// <summary>What was replaced in place, oldest first. Grown by a new array, so that who reads the old one reads on.</summary>
    Replaced[] _replaced = [];
    int _count;

    /// <summary>One more than that of the batch before.</summary>
    public long Number { get; } = number;

    /// <summary>The right to change in place what this batch has made.</summary>
    public PersistentSet<NamespacedName, HeldObject>.Edit Edit { get; } = new() { Number = number };

    public PersistentSet<NamespacedName, HeldObject> Objects { get; set; } = from.Objects;

    public CacheIndexState[] Indexes { get; set; } = from.Indexes;

    public string ResourceVersion { get; set; } = from.ResourceVersion;

    public bool HasSynced { get; set; } = from.HasSynced;

    public long Bytes { get; set; } = from.Bytes;

    /// <summary>The right to change indexes in place. What events change in common is copied once for all of them; a few have little in common, and an edit would cost them more.</summary>
    public IndexEdits? IndexEdits { get; set; } = events >= EditedTogether ? new IndexEdits() : null;

    /// <summary>Whether objects may be replaced where they lie, so that who looks up a key may see them before the batch is published. A whole new list is shown at once.</summary>
    public bool ReplacesInPlace { get; set; } = true;

    /// <summary>Notes that what lies in a slot is about to be replaced.</summary>
    public void Note(in PersistentSet<NamespacedName, HeldObject>.Slot slot)
    {
        if (_count == _replaced.Length)
        {
            var longer = new Replaced[Math.Max(events, (_count * 2) + 1)];
            _replaced.AsSpan().CopyTo(longer);
            Volatile.Write(ref _replaced, longer);
        }
        _replaced[_count] = new Replaced(slot, slot.Item);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The content as it was before this batch, whatever the batch does meanwhile.</summary>
    public CacheSnapshot Before(CacheSnapshot live)
    {
        var count = Volatile.Read(ref _count);
        if (count == 0)
            return live;
        var objects = live.Objects;
        var own = new PersistentSet<NamespacedName, HeldObject>.Edit();
        // The first that was replaced under a key is the one from before: it is set last.
        var replaced = Volatile.Read(ref _replaced);
        for (var i = count - 1; i >= 0; i--)
            objects = objects.Set(replaced[i].Item, own);
        return new CacheSnapshot(objects, live.Indexes, live.ResourceVersion, live.HasSynced, live.Bytes, live.Number);
    }

    /// <summary>Puts back what was replaced in place, for a batch that is not published.</summary>
    public void Undo()
    {
        for (var i = _count - 1; i >= 0; i--)
            _replaced[i].Slot.Replace(_replaced[i].Item);
    }

    /// <summary>What has been written.</summary>
    public CacheSnapshot ToSnapshot() => new(Objects, Indexes, ResourceVersion, HasSynced, Bytes, Number);

    readonly record struct Replaced(PersistentSet<NamespacedName, HeldObject>.Slot Slot, HeldObject Item);
}

/// <summary>Rights to change indexes in place.</summary>
sealed class IndexEdits
{
    public readonly PersistentSet<NamespacedName, IndexedKey>.Edit Keys = new();
    public readonly PersistentSet<string, IndexBucket>.Edit Buckets = new();
}
