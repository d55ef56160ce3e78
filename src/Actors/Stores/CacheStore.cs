using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;

namespace ActorKube.Actors;

/// <summary>The one writer of a cache's content: applies what a reflector tells, publishes the result whole, and says what differs.</summary>
/// <remarks>One thread writes; any thread reads <see cref="Current"/>, which changes once for events that came together: objects, indexes and version at once.</remarks>
sealed class CacheStore
{
    /// <summary>From how many events on they are written as one edit.</summary>
    const int EditedTogether = 4;

    volatile CacheSnapshot _current = CacheSnapshot.Empty;

    public CacheStore(IEnumerable<CacheIndex> indexes)
    {
        foreach (var index in indexes)
            AddIndex(index);
    }

    /// <summary>The content now.</summary>
    public CacheSnapshot Current => _current;

    /// <summary>What went wrong in an index function, which is a program's fault: the object is then not found by that index.</summary>
    public event Action<CacheIndex, KubeObject, Exception>? IndexFailed;

    /// <summary>Adds an index, filled from what is there; nothing where an index of that name is there.</summary>
    public void AddIndex(CacheIndex index)
    {
        var now = _current;
        if (now.Indexes.Any(i => i.Index.Name == index.Name))
            return;
        var edit = new Edits();
        var state = new CacheIndexState(index, PersistentSet<string, IndexBucket>.Empty);
        foreach (var held in now.Objects)
            state = Reindex(state, null, held.Object, edit);
        _current = new CacheSnapshot(now.Objects, [.. now.Indexes, state], now.ResourceVersion, now.HasSynced, now.Bytes);
    }

    /// <summary>Applies one event and publishes the result; what differs after it is added to <paramref name="changes"/>.</summary>
    public void Apply(ReflectorEvent told, List<CacheChange> changes)
    {
        var writing = Begin(events: 1);
        Apply(writing, told, changes);
        Publish(writing);
    }

    /// <summary>Begins to write what follows from some events that came together. Nobody sees it before it is published.</summary>
    public Writing Begin(int events)
    {
        var writing = new Writing(_current);
        // What events change in common is copied once for all of them; a single one has nothing in common with another, and an edit would cost it more.
        if (events >= EditedTogether)
            writing.Edits = new Edits();
        return writing;
    }

    /// <summary>Applies an event to what is being written; what differs after it is added to <paramref name="changes"/>.</summary>
    public void Apply(Writing writing, ReflectorEvent told, List<CacheChange> changes)
    {
        switch (told)
        {
            case ReflectorEvent.Replaced replaced:
                Replace(writing, replaced, changes);
                writing.HasSynced = true;
                break;
            case ReflectorEvent.Changed { Type: WatchEventType.Deleted } deleted:
                Remove(writing, deleted.Object, finalStateUnknown: false, changes);
                break;
            case ReflectorEvent.Changed changed:
                Put(writing, changed.Object, initial: false, changes);
                break;
            case ReflectorEvent.Bookmarked:
                break;
            default:
                return;
        }
        writing.ResourceVersion = told.ResourceVersion ?? writing.ResourceVersion;
    }

    /// <summary>Shows readers what was written, all at once. The writing is used up.</summary>
    public void Publish(Writing writing) =>
        _current = new CacheSnapshot(writing.Objects, writing.Indexes, writing.ResourceVersion, writing.HasSynced, writing.Bytes);

    void Replace(Writing writing, ReflectorEvent.Replaced replaced, List<CacheChange> changes)
    {
        // What is there is looked through while it is replaced, so it must not be edited in place: this is an edit of its own.
        writing.Edits = new Edits();
        var before = writing.Objects;
        var present = before.Count == 0 ? null : new HashSet<NamespacedName>(replaced.Objects.Count);
        foreach (var item in replaced.Objects)
        {
            present?.Add(item.Key);
            Put(writing, item, initial: !writing.HasSynced, changes);
        }
        if (present is null)
            return;
        foreach (var held in before)
        {
            if (!present.Contains(held.Key))
                Remove(writing, held.Object, finalStateUnknown: true, changes);
        }
    }

    void Put(Writing writing, KubeObject item, bool initial, List<CacheChange> changes)
    {
        var known = writing.Objects.TryGet(item.Key, out var held) ? held.Object : null;
        if (known is not null)
        {
            // Told again: the instance we hold stays, and nobody is bothered.
            if (item.IsSameStateAs(known))
                return;
            item.ShareName(known);
            if (item.IsSameObjectAs(known))
            {
                changes.Add(new CacheChange.Modified(known, item));
            }
            else
            {
                changes.Add(new CacheChange.Deleted(known, FinalStateUnknown: true));
                changes.Add(new CacheChange.Added(item, initial));
            }
        }
        else
        {
            changes.Add(new CacheChange.Added(item, initial));
        }
        writing.Objects = writing.Objects.Set(new HeldObject(item), writing.Edits?.Objects);
        writing.Bytes += item.HeldBytes - (known?.HeldBytes ?? 0);
        Reindex(writing, known, item);
    }

    void Remove(Writing writing, KubeObject last, bool finalStateUnknown, List<CacheChange> changes)
    {
        if (!writing.Objects.TryGet(last.Key, out var held))
            return;
        var known = held.Object;
        writing.Objects = writing.Objects.Remove(last.Key, writing.Edits?.Objects);
        writing.Bytes -= known.HeldBytes;
        Reindex(writing, known, null);
        changes.Add(new CacheChange.Deleted(last, finalStateUnknown));
    }

    void Reindex(Writing writing, KubeObject? old, KubeObject? item)
    {
        CacheIndexState[]? copy = null;
        // The first index is by namespace, which is part of the key: a modification cannot change it.
        for (var i = old is not null && item is not null ? 1 : 0; i < writing.Indexes.Length; i++)
        {
            var state = Reindex(writing.Indexes[i], old, item, writing.Edits);
            if (ReferenceEquals(state, writing.Indexes[i]))
                continue;
            copy ??= (CacheIndexState[])writing.Indexes.Clone();
            copy[i] = state;
        }
        writing.Indexes = copy ?? writing.Indexes;
    }

    CacheIndexState Reindex(CacheIndexState state, KubeObject? old, KubeObject? item, Edits? edits)
    {
        if (old is not null && item is not null && state.Index.IsUnchanged?.Invoke(old, item) == true)
            return state;
        var before = Values(state.Index, old);
        var after = Values(state.Index, item);
        if (before.Length == after.Length && before.AsSpan().SequenceEqual(after))
            return state;
        var key = (item ?? old!).Key;
        var buckets = state.Buckets;
        foreach (var value in before)
        {
            if (after.Contains(value) || !buckets.TryGet(value, out var bucket))
                continue;
            var keys = bucket.Keys.Remove(key, edits?.Keys);
            buckets = keys.Count == 0 ? buckets.Remove(value, edits?.Buckets) : buckets.Set(new IndexBucket(value, keys), edits?.Buckets);
        }
        foreach (var value in after)
        {
            var keys = buckets.TryGet(value, out var found) ? found.Keys : PersistentSet<NamespacedName, IndexedKey>.Empty;
            buckets = buckets.Set(new IndexBucket(value, keys.Set(new IndexedKey(key), edits?.Keys)), edits?.Buckets);
        }
        return state with { Buckets = buckets };
    }

    string[] Values(CacheIndex index, KubeObject? item)
    {
        if (item is null)
            return [];
        try
        {
            return [.. index.Values(item)];
        }
        catch (Exception error)
        {
            IndexFailed?.Invoke(index, item, error);
            return [];
        }
    }

    /// <summary>What becomes the next snapshot.</summary>
    public sealed class Writing(CacheSnapshot from)
    {
        public PersistentSet<NamespacedName, HeldObject> Objects = from.Objects;
        public CacheIndexState[] Indexes = from.Indexes;
        public string ResourceVersion = from.ResourceVersion;
        public bool HasSynced = from.HasSynced;
        public long Bytes = from.Bytes;
        public Edits? Edits;
    }

    /// <summary>Rights to change in place while many objects are put in at once.</summary>
    public sealed class Edits
    {
        public readonly PersistentSet<NamespacedName, HeldObject>.Edit Objects = new();
        public readonly PersistentSet<NamespacedName, IndexedKey>.Edit Keys = new();
        public readonly PersistentSet<string, IndexBucket>.Edit Buckets = new();
    }
}
