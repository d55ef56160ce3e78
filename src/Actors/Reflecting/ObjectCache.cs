using System.Diagnostics.CodeAnalysis;
using ActorKube.Models;
using Akka.Actor;
using k8s;
using k8s.Models;

namespace ActorKube.Actors;

/// <summary>
/// A shared, always current copy of a set of objects. Reading takes no lock and asks nobody; each read sees one consistent state. An actor that wants to hear of
/// changes sends <see cref="Subscribe"/> to <see cref="Actor"/> and answers each <see cref="Changed"/> with <see cref="Taken"/> when it is ready for more.
/// </summary>
/// <remarks>Thread-safe. The cache lives as long as somebody who asked for it does.</remarks>
public sealed class ObjectCache
{
    readonly CacheStore _store;
    readonly Task _synced;

    internal ObjectCache(CacheSpec spec, CacheStore store, IActorRef actor, Task synced)
    {
        Spec = spec;
        Actor = actor;
        _store = store;
        _synced = synced;
    }

    /// <summary>Which objects these are.</summary>
    public CacheSpec Spec { get; }

    /// <summary>The actor that writes the cache and tells subscribers.</summary>
    public IActorRef Actor { get; }

    /// <summary>The content now, as one immutable state: take it once where several reads must agree.</summary>
    public CacheSnapshot Snapshot => _store.Current;

    /// <summary>The content now, of which single objects may be newer than its version: for who looks up a key.</summary>
    internal CacheSnapshot Live => _store.Live;

    /// <summary>Whether the set has been read at least once.</summary>
    public bool HasSynced => Live.HasSynced;

    /// <summary>How many objects there are.</summary>
    public int Count => Live.Count;

    /// <summary>Looks an object up by its key, without waiting and without decoding it.</summary>
    /// <param name="key">Namespace and name; the namespace is empty for objects that are in none.</param>
    /// <param name="found">The object as it was received.</param>
    /// <returns>Whether it is there.</returns>
    public bool TryGet(NamespacedName key, [NotNullWhen(true)] out KubeObject? found) => Live.TryGet(key, out found);

    /// <inheritdoc cref="CacheSnapshot.List(string?, LabelSelector?, FieldSelector?)"/>
    public IReadOnlyList<KubeObject> List(string? @namespace = null, LabelSelector? labels = null, FieldSelector? fields = null) =>
        @namespace is null ? Snapshot.List(@namespace, labels, fields)
            : _store.Read(static (now, what) => now.List(what.Namespace, what.Labels, what.Fields), (Namespace: @namespace, Labels: labels, Fields: fields));

    /// <inheritdoc cref="CacheSnapshot.ByIndex"/>
    public IReadOnlyList<KubeObject> ByIndex(string index, string value) => _store.Read(static (now, what) => now.ByIndex(what.Index, what.Value), (Index: index, Value: value));

    /// <summary>Ends when the set has been read once. It waits for as long as the server cannot be reached or refuses, so give it a limit.</summary>
    /// <param name="cancellation">Gives up waiting; the cache goes on.</param>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public Task WaitForSyncAsync(CancellationToken cancellation = default) => _synced.WaitAsync(cancellation);

    // ---- what to say to the actor, and what it says ----

    /// <summary>Asks to be told of all objects, then of all changes.</summary>
    /// <param name="Subscriber">Who is told; when it dies, the subscription does.</param>
    /// <param name="Resync">How often all objects are told again although nothing changed; null for never, and never more often than each second.</param>
    public sealed record Subscribe(IActorRef Subscriber, TimeSpan? Resync = null);

    /// <summary>Ends a subscription; nothing is told after <see cref="Unsubscribed"/>. Any number of times.</summary>
    public sealed record Unsubscribe(IActorRef Subscriber);

    /// <summary>Answers <see cref="Unsubscribe"/>.</summary>
    public sealed record Unsubscribed(CacheSpec Spec);

    /// <summary>Told to a subscriber: what changed since it was told last, at most one change a key (two where an object was replaced under its name).</summary>
    /// <param name="Spec">The cache.</param>
    /// <param name="Changes">What changed, oldest first.</param>
    public sealed record Changed(CacheSpec Spec, IReadOnlyList<CacheChange> Changes);

    /// <summary>Told to a subscriber once, after it took all objects that were there.</summary>
    public sealed record Synced(CacheSpec Spec);

    /// <summary>A subscriber's answer to <see cref="Changed"/>: ready for more. Until then, changes gather, one entry a key.</summary>
    public sealed record Taken
    {
        /// <summary>The answer.</summary>
        public static readonly Taken Instance = new();
    }

    /// <summary>Asks to be told when the cache shows a write, or cannot tell.</summary>
    internal sealed record WhenSeen(object Token, ObjectWrite Write);

    /// <summary>Answers <see cref="WhenSeen"/>.</summary>
    /// <remarks>Whoever stopped waiting does not miss it.</remarks>
    internal sealed record Seen(object Token) : Akka.Event.IDeadLetterSuppression;

    /// <summary>Adds an index.</summary>
    internal sealed record AddIndex(CacheIndex Index);
}

/// <summary>A cache as one class sees it: every reader gets objects of its own. Caches of several namespaces read as one.</summary>
/// <typeparam name="T">What objects are decoded as.</typeparam>
public sealed class ObjectCache<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    readonly IReadOnlyList<ObjectCache> _caches;

    /// <param name="cache">The cache.</param>
    public ObjectCache(ObjectCache cache) => _caches = [cache];

    /// <param name="caches">Caches of the same kind, no two of them with the same objects.</param>
    public ObjectCache(IReadOnlyList<ObjectCache> caches) => _caches = caches;

    /// <summary>The same caches, objects as received.</summary>
    public IReadOnlyList<ObjectCache> Raw => _caches;

    /// <summary>Whether the set has been read at least once.</summary>
    public bool HasSynced => _caches.All(static c => c.HasSynced);

    /// <summary>How many objects there are.</summary>
    public int Count => _caches.Sum(static c => c.Count);

    /// <summary>An object, decoded for this caller alone: what is changed in it changes nothing else.</summary>
    /// <param name="key">Namespace and name; the namespace is empty for objects that are in none.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="KubeFormatException">What was received is no object of the class; says where.</exception>
    public T? Get(NamespacedName key)
    {
        foreach (var cache in _caches)
        {
            if (cache.TryGet(key, out var found))
                return found.As<T>();
        }
        return null;
    }

    /// <inheritdoc cref="Get(NamespacedName)"/>
    /// <param name="name">Its name.</param>
    /// <param name="namespace">Its namespace; empty for objects that are in none.</param>
    public T? Get(string name, string @namespace = "") => Get(new NamespacedName(@namespace, name));

    /// <inheritdoc cref="CacheSnapshot.List(string?, LabelSelector?, FieldSelector?)"/>
    public IReadOnlyList<T> List(string? @namespace = null, LabelSelector? labels = null, FieldSelector? fields = null) => Decode(c => c.List(@namespace, labels, fields));

    /// <inheritdoc cref="CacheSnapshot.ByIndex"/>
    public IReadOnlyList<T> ByIndex(string index, string value) => Decode(c => c.ByIndex(index, value));

    /// <inheritdoc cref="ObjectCache.WaitForSyncAsync"/>
    public Task WaitForSyncAsync(CancellationToken cancellation = default) => Task.WhenAll(_caches.Select(c => c.WaitForSyncAsync(cancellation)));

    List<T> Decode(Func<ObjectCache, IReadOnlyList<KubeObject>> read)
    {
        var decoded = new List<T>();
        foreach (var cache in _caches)
        {
            foreach (var item in read(cache))
                decoded.Add(item.As<T>());
        }
        return decoded;
    }
}
