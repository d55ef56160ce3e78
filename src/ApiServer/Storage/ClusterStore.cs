using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// All stores of one server under one global, increasing resourceVersion. One writer at a time: a commit checks what it was computed
/// from, takes the next resourceVersion, and publishes; everything before that (decoding, defaulting, validation) runs outside.
/// </summary>
internal sealed class ClusterStore(int horizon)
{
    /// <summary>Where counting starts. Lower resourceVersions count as compacted, as in a cluster that has lived for a while.</summary>
    public const long FirstRevision = 100;

    private readonly ConcurrentDictionary<GroupResource, ResourceStore> _stores = new();
    private long _revision = FirstRevision;
    private TaskCompletionSource? _advanced;

    /// <summary>Held for a commit only; never while decoding, validating or writing to a socket.</summary>
    internal Lock CommitLock { get; } = new();

    /// <summary>The newest resourceVersion all of whose events are visible.</summary>
    public long Revision => Volatile.Read(ref _revision);

    public IEnumerable<ResourceStore> Stores => _stores.Values;

    /// <summary>The stores with the resources that they hold.</summary>
    public IEnumerable<KeyValuePair<GroupResource, ResourceStore>> StoresByResource => _stores;

    /// <summary>The store of a resource, made when first asked for.</summary>
    public ResourceStore Store(GroupResource resource, Func<JsonObject, IReadOnlyDictionary<string, string>>? fieldsOf = null)
    {
        if (_stores.TryGetValue(resource, out var existing))
        {
            return existing;
        }
        return _stores.GetOrAdd(resource, static (_, state) => state.Self.NewStore(state.FieldsOf), (Self: this, FieldsOf: fieldsOf));
    }

    private ResourceStore NewStore(Func<JsonObject, IReadOnlyDictionary<string, string>>? fieldsOf)
    {
        lock (CommitLock)
        {
            // A store made late knows nothing of the time before: its history starts where counting starts, since nothing has happened in it.
            return new ResourceStore(this, FirstRevision, horizon, fieldsOf ?? (static _ => StoredObject.EmptyFields));
        }
    }

    /// <summary>
    /// Gives an empty store what it begins with. The objects have their resourceVersions from now on, but are made when somebody first looks into the store: a server that
    /// nobody asks for them does without.
    /// </summary>
    /// <param name="store">Where they go.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="make">Makes them, whole but for their resourceVersions, in order; called once at most, by whoever looks first. Must write nothing itself.</param>
    public void Begin(ResourceStore store, int count, Func<IReadOnlyList<JsonObject>> make)
    {
        lock (CommitLock)
        {
            store.BeginUnderLock(_revision + 1, count, make);
            Volatile.Write(ref _revision, _revision + count);
        }
    }

    /// <summary>Adds an object; null when the name is taken.</summary>
    public StoredObject? TryCreate(ResourceStore store, JsonObject tree)
    {
        StoredObject stored;
        var meta = tree.Metadata();
        lock (CommitLock)
        {
            if (store.Current.Get(meta.Text("namespace") ?? "", meta.Text("name") ?? "") is not null)
            {
                return null;
            }
            stored = Commit(store, StoreEventType.Added, tree, null);
        }
        store.Announce();
        return stored;
    }

    /// <summary>Replaces <paramref name="expected"/>; null when that is no longer the present state.</summary>
    public StoredObject? TryUpdate(ResourceStore store, StoredObject expected, JsonObject tree)
    {
        StoredObject stored;
        lock (CommitLock)
        {
            if (!ReferenceEquals(store.Current.Get(expected.Namespace, expected.Name), expected))
            {
                return null;
            }
            stored = Commit(store, StoreEventType.Modified, tree, expected);
        }
        store.Announce();
        return stored;
    }

    /// <summary>
    /// Removes <paramref name="expected"/>; <paramref name="last"/> is what its watchers see last. Null when it is no longer the present state.
    /// </summary>
    public StoredObject? TryDelete(ResourceStore store, StoredObject expected, JsonObject last)
    {
        StoredObject stored;
        lock (CommitLock)
        {
            if (!ReferenceEquals(store.Current.Get(expected.Namespace, expected.Name), expected))
            {
                return null;
            }
            stored = Commit(store, StoreEventType.Deleted, last, expected);
        }
        store.Announce();
        return stored;
    }

    /// <summary>Completes when the global resourceVersion has reached <paramref name="version"/>.</summary>
    public async Task ReachedAsync(long version, CancellationToken cancellation)
    {
        while (version > Revision)
        {
            var advanced = _advanced ?? Interlocked.CompareExchange(ref _advanced, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null) ?? _advanced;
            if (version > Revision && advanced is not null)
            {
                await advanced.Task.WaitAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    private StoredObject Commit(ResourceStore store, StoreEventType type, JsonObject tree, StoredObject? previous)
    {
        var revision = _revision + 1;
        var stored = store.CommitUnderLock(type, tree, revision, previous);
        Volatile.Write(ref _revision, revision);
        Interlocked.Exchange(ref _advanced, null)?.TrySetResult();
        return stored;
    }
}
