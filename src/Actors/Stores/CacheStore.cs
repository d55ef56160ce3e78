using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;

namespace ActorKube.Actors;

/// <summary>The one writer of a cache's content: applies what a reflector tells, publishes the result whole, and says what differs.</summary>
/// <remarks>One thread writes. Any thread reads: <see cref="Current"/> changes once for events that came together, objects, indexes and version at once.</remarks>
sealed class CacheStore
{
    /// <summary>From how many events on, among how many objects, what they replace is looked at before.</summary>
    const int TouchedTogether = 4;
    const int TouchedAmong = 10_000;

    readonly CacheContent _content = new();

    public CacheStore(IEnumerable<CacheIndex> indexes)
    {
        foreach (var index in indexes)
            AddIndex(index);
    }

    /// <summary>The content now, as one state that never changes. Whatever is replaced after that is copied first: who needs only a key or a figure looks at <see cref="Live"/>.</summary>
    public CacheSnapshot Current => _content.Keep();

    /// <summary>The content now, for the writer's own thread, and for others who look up one key or a figure: its objects are replaced while it is held.</summary>
    public CacheSnapshot Live => _content.Live;

    /// <inheritdoc cref="CacheContent.Read"/>
    public TResult Read<TWhat, TResult>(Func<CacheSnapshot, TWhat, TResult> read, TWhat what) => _content.Read(read, what);

    /// <summary>What went wrong in an index function, which is a program's fault: the object is then not found by that index.</summary>
    public event Action<CacheIndex, KubeObject, Exception>? IndexFailed;

    /// <summary>Adds an index, filled from what is there; nothing where an index of that name is there.</summary>
    public void AddIndex(CacheIndex index)
    {
        var now = _content.Live;
        if (now.Indexes.Any(i => i.Index.Name == index.Name))
            return;
        var edit = new IndexEdits();
        var state = new CacheIndexState(index, PersistentSet<string, IndexBucket>.Empty);
        foreach (var held in now.Objects)
            state = Reindex(state, null, held.Object, edit);
        _content.Publish(new CacheSnapshot(now.Objects, [.. now.Indexes, state], now.ResourceVersion, now.HasSynced, now.Bytes, now.Number));
    }

    /// <summary>Applies one event and publishes the result; what differs after it is added to <paramref name="changes"/>.</summary>
    public void Apply(ReflectorEvent told, List<CacheChange> changes)
    {
        var writing = Begin(events: 1);
        Apply(writing, told, changes);
        Publish(writing);
    }

    /// <summary>Begins to write what follows from some events that came together. What was begun before and not published is undone.</summary>
    public CacheWriting Begin(int events) => _content.Begin(events);

    /// <summary>Undoes what was begun and not published.</summary>
    public void Abandon() => _content.Abandon();

    /// <summary>
    /// Looks at what events are about to replace. Among many objects each of them is far away in memory, and is fetched while the others are when they are asked for in a row;
    /// what is written for one event, before the next is looked at, is too much for that.
    /// </summary>
    /// <returns>A sum of what was looked at, so that nobody saves himself the trouble.</returns>
    public int Touch(ReadOnlySpan<ReflectorEvent> told)
    {
        var objects = _content.Live.Objects;
        if (told.Length < TouchedTogether || objects.Count < TouchedAmong)
            return 0;
        var sum = 0;
        foreach (var item in told)
        {
            if (item is ReflectorEvent.Changed changed && objects.Find(changed.Object.Key) is { IsThere: true } slot && slot.Item.Object.ResourceVersionUtf8 is [var first, ..])
                sum += first;
        }
        return sum;
    }

    /// <summary>Applies an event to what is being written; what differs after it is added to <paramref name="changes"/>.</summary>
    public void Apply(CacheWriting writing, ReflectorEvent told, List<CacheChange> changes)
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
    public void Publish(CacheWriting writing) => _content.Publish(writing.ToSnapshot());

    void Replace(CacheWriting writing, ReflectorEvent.Replaced replaced, List<CacheChange> changes)
    {
        writing.ReplacesInPlace = false;
        writing.IndexEdits = new IndexEdits();
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

    void Put(CacheWriting writing, KubeObject item, bool initial, List<CacheChange> changes)
    {
        var slot = writing.Objects.Find(item.Key);
        var known = slot.IsThere ? slot.Item.Object : null;
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
        if (!slot.IsThere || !_content.TryReplace(writing, slot, new HeldObject(item)))
            writing.Objects = writing.Objects.Set(new HeldObject(item), writing.Edit);
        writing.Bytes += item.HeldBytes - (known?.HeldBytes ?? 0);
        Reindex(writing, known, item);
    }

    void Remove(CacheWriting writing, KubeObject last, bool finalStateUnknown, List<CacheChange> changes)
    {
        if (!writing.Objects.TryGet(last.Key, out var held))
            return;
        var known = held.Object;
        writing.Objects = writing.Objects.Remove(last.Key, writing.Edit);
        writing.Bytes -= known.HeldBytes;
        Reindex(writing, known, null);
        changes.Add(new CacheChange.Deleted(last, finalStateUnknown));
    }

    void Reindex(CacheWriting writing, KubeObject? old, KubeObject? item)
    {
        CacheIndexState[]? copy = null;
        // The first index is by namespace, which is part of the key: a modification cannot change it.
        for (var i = old is not null && item is not null ? 1 : 0; i < writing.Indexes.Length; i++)
        {
            var state = Reindex(writing.Indexes[i], old, item, writing.IndexEdits);
            if (ReferenceEquals(state, writing.Indexes[i]))
                continue;
            copy ??= (CacheIndexState[])writing.Indexes.Clone();
            copy[i] = state;
        }
        writing.Indexes = copy ?? writing.Indexes;
    }

    CacheIndexState Reindex(CacheIndexState state, KubeObject? old, KubeObject? item, IndexEdits? edits)
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
}
