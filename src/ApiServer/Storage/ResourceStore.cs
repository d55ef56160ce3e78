using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// The objects of one resource (a group and a plural, whatever the version): the present as an immutable snapshot, the recent past as
/// a bounded chain of events. Written under the cluster's commit lock only; read without any lock.
/// </summary>
internal sealed class ResourceStore
{
    private readonly ClusterStore _cluster;
    private readonly int _horizon;
    private readonly Dictionary<long, WatchCursor> _cursors = [];
    private readonly Func<JsonObject, IReadOnlyDictionary<string, string>> _fieldsOf;
    private StoreEvent _head;
    private StoreEvent _tail;
    private TaskCompletionSource? _news;
    private long _nextCursor;
    private readonly Lock _making = new();
    private (long First, int Count) _beginning;
    private Func<IReadOnlyList<JsonObject>>? _make;

    internal ResourceStore(ClusterStore cluster, long revision, int horizon, Func<JsonObject, IReadOnlyDictionary<string, string>> fieldsOf)
    {
        _cluster = cluster;
        _horizon = horizon;
        _fieldsOf = fieldsOf;
        _head = _tail = new StoreEvent(0, revision, StoreEventType.Added, null, null, StoreSnapshot.Empty);
    }

    /// <summary>The newest event; its <see cref="StoreEvent.After"/> is the present.</summary>
    public StoreEvent Tail
    {
        get
        {
            MakeBeginning();
            return Volatile.Read(ref _tail);
        }
    }

    public StoreSnapshot Current => Tail.After;

    /// <summary>The oldest resourceVersion whose state, and what followed it, is still known.</summary>
    public long OldestRevision => Volatile.Read(ref _head).Revision;

    /// <summary>Objects and the resourceVersion at which they stood so: a list's resourceVersion, from which a watch misses nothing.</summary>
    public (StoreSnapshot Snapshot, long Revision) Read()
    {
        // The global version is published after the store's own state: what is read second contains at least what the first promises.
        var global = _cluster.Revision;
        var tail = Tail;
        return (tail.After, Math.Max(global, tail.Revision));
    }

    /// <summary>The last event at or before <paramref name="revision"/>; null when that lies before the history's horizon.</summary>
    public StoreEvent? EventAt(long revision)
    {
        var tail = Tail;
        if (revision >= tail.Revision)
        {
            return tail;
        }
        var at = Volatile.Read(ref _head);
        if (revision < at.Revision)
        {
            return null;
        }
        while (at.Next is { } next && next.Revision <= revision)
        {
            at = next;
        }
        return at;
    }

    /// <summary>Completes when <paramref name="last"/> is no longer the newest event.</summary>
    public Task NewsAfter(StoreEvent last)
    {
        while (true)
        {
            var news = Volatile.Read(ref _news);
            if (news is null)
            {
                var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                news = Interlocked.CompareExchange(ref _news, fresh, null) ?? fresh;
            }
            // Looked at after the signal is in place: a commit in between either shows here or completes the signal.
            if (last.Next is not null)
            {
                return Task.CompletedTask;
            }
            if (ReferenceEquals(news, Volatile.Read(ref _news)) || news.Task.IsCompleted)
            {
                return news.Task;
            }
        }
    }

    /// <summary>Registers a watcher, which is cut when it falls behind the horizon.</summary>
    public WatchCursor Follow(StoreEvent from, Action onCut)
    {
        lock (_cursors)
        {
            var cursor = new WatchCursor(this, _nextCursor++, from, onCut);
            _cursors.Add(cursor.Id, cursor);
            return cursor;
        }
    }

    internal void Unfollow(WatchCursor cursor)
    {
        lock (_cursors)
        {
            _cursors.Remove(cursor.Id);
        }
    }

    /// <summary>How many watchers follow this store.</summary>
    public int Watchers
    {
        get
        {
            lock (_cursors)
            {
                return _cursors.Count;
            }
        }
    }

    /// <summary>Forgets all history: every older resourceVersion is expired from now on. Open watches go on.</summary>
    public void Compact()
    {
        lock (_cluster.CommitLock)
        {
            MakeBeginning();
            var revision = Math.Max(_cluster.Revision, _tail.Revision);
            var anchor = new StoreEvent(_tail.Sequence + 1, revision, StoreEventType.Modified, null, null, _tail.After);
            Append(anchor);
            Volatile.Write(ref _head, anchor);
        }
    }

    /// <summary>Whether an object is one that the store began with and has not been changed since.</summary>
    public bool IsFromTheBeginning(StoredObject value) => value.ResourceVersion >= _beginning.First && value.ResourceVersion < _beginning.First + _beginning.Count;

    internal void BeginUnderLock(long first, int count, Func<IReadOnlyList<JsonObject>> make)
    {
        if (_tail.Sequence != 0)
        {
            throw new InvalidOperationException("The store holds objects already.");
        }
        _beginning = (first, count);
        Volatile.Write(ref _make, make);
    }

    /// <summary>Makes what the store begins with, where nobody has looked yet. Takes no lock of the cluster's: whoever commits holds that already.</summary>
    private void MakeBeginning()
    {
        if (Volatile.Read(ref _make) is null)
        {
            return;
        }
        lock (_making)
        {
            if (_make is not { } make)
            {
                return;
            }
            var (first, count) = _beginning;
            var trees = make();
            if (trees.Count != count)
            {
                throw new InvalidOperationException($"{trees.Count} objects were made where {count} were announced.");
            }
            for (var i = 0; i < count; i++)
            {
                AppendChange(StoreEventType.Added, trees[i], first + i, null);
            }
            while (_tail.Sequence - _head.Sequence > _horizon)
            {
                Volatile.Write(ref _head, _head.Next!);
            }
            Volatile.Write(ref _make, null);
        }
    }

    internal StoredObject CommitUnderLock(StoreEventType type, JsonObject tree, long revision, StoredObject? previous)
    {
        MakeBeginning();
        var stored = AppendChange(type, tree, revision, previous);
        Trim();
        return stored;
    }

    private StoredObject AppendChange(StoreEventType type, JsonObject tree, long revision, StoredObject? previous)
    {
        tree.Metadata()["resourceVersion"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var stored = StoredObject.From(tree, revision, _fieldsOf);
        var snapshot = type == StoreEventType.Deleted ? _tail.After.Without(stored.Namespace, stored.Name) : _tail.After.With(stored);
        Append(new StoreEvent(_tail.Sequence + 1, revision, type, stored, previous, snapshot));
        return stored;
    }

    private void Append(StoreEvent next)
    {
        var last = _tail;
        Volatile.Write(ref _tail, next);
        last.Next = next;
    }

    internal void Announce() => Interlocked.Exchange(ref _news, null)?.TrySetResult();

    private void Trim()
    {
        if (_tail.Sequence - _head.Sequence <= _horizon)
        {
            return;
        }
        Volatile.Write(ref _head, _head.Next!);
        // A blocked watcher would keep all that followed its position alive: those behind the horizon are cut, looked for now and then.
        if (_tail.Sequence % Math.Max(1, _horizon / 8) != 0)
        {
            return;
        }
        WatchCursor[] late;
        lock (_cursors)
        {
            late = [.. _cursors.Values.Where(c => c.Position.Sequence < _head.Sequence)];
        }
        foreach (var cursor in late)
        {
            cursor.Cut();
        }
    }
}

/// <summary>Where one watcher stands in a store's history.</summary>
internal sealed class WatchCursor(ResourceStore store, long id, StoreEvent from, Action onCut) : IDisposable
{
    private StoreEvent _position = from;

    public long Id => id;

    /// <summary>The last event that the watcher has taken.</summary>
    public StoreEvent Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }

    public ResourceStore Store => store;

    internal void Cut() => ThreadPool.UnsafeQueueUserWorkItem(static cut => cut(), onCut, preferLocal: false);

    public void Dispose() => store.Unfollow(this);
}
