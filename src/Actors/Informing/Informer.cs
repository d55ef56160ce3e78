using ActorKube.Models;
using Akka.Actor;
using k8s;
using k8s.Models;

namespace ActorKube.Actors;

/// <summary>A shared cache with handlers: the way of client-go's informers. Made by <see cref="Kubernetes.InformerAsync(CacheSpec, IReadOnlyList{CacheIndex})"/>.</summary>
/// <remarks>Thread-safe. Informers of equal specs share one reflector and one cache; disposing the last user of a cache stops it.</remarks>
public class Informer : IAsyncDisposable
{
    static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    readonly IActorRef _actor;
    readonly Lock _lock = new();
    Task? _disposing;

    internal Informer(ObjectCache cache, IActorRef actor)
    {
        Cache = cache;
        _actor = actor;
    }

    /// <summary>The objects, to be read at any time.</summary>
    public ObjectCache Cache { get; }

    /// <summary>Whether the set has been read at least once.</summary>
    public bool HasSynced => Cache.HasSynced;

    /// <summary>Ends when the set has been read once; a handler has heard of all of it when its registration says so.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellation = default) => Cache.WaitForSyncAsync(cancellation);

    /// <summary>Adds a handler, at any time: it is told of all objects there are, then of what happens to them.</summary>
    /// <param name="handler">Called with one change at a time.</param>
    /// <param name="resync">How often it is reminded of every object although nothing changed; null for never.</param>
    public HandlerRegistration AddHandler(Action<CacheChange> handler, TimeSpan? resync = null)
    {
        var registration = new HandlerRegistration(_actor);
        _actor.Tell(new InformerActor.AddHandler(Cache, handler, resync, registration));
        return registration;
    }

    /// <inheritdoc cref="AddHandler(Action{CacheChange}, TimeSpan?)"/>
    public HandlerRegistration AddHandler<T>(InformerHandler<T> handler, TimeSpan? resync = null)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        AddHandler(handler.Handle, resync);

    /// <summary>Removes all handlers and lets go of the cache. No handler is called after this ends.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        lock (_lock)
            return new ValueTask(_disposing ??= _actor.GracefulStop(AskTimeout));
    }
}

/// <summary>An informer of one class. See <see cref="Informer"/>.</summary>
/// <typeparam name="T">What objects are decoded as.</typeparam>
public sealed class Informer<T> : Informer
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    internal Informer(ObjectCache cache, IActorRef actor) : base(cache, actor) => Lister = new ObjectCache<T>(cache);

    /// <summary>The objects, each reader's his own.</summary>
    public ObjectCache<T> Lister { get; }

    /// <inheritdoc cref="Informer.AddHandler(Action{CacheChange}, TimeSpan?)"/>
    public HandlerRegistration AddHandler(InformerHandler<T> handler, TimeSpan? resync = null) => AddHandler(handler.Handle, resync);
}

/// <summary>A handler that was added to an informer.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class HandlerRegistration : IAsyncDisposable
{
    static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    readonly IActorRef _informer;
    readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _lock = new();
    Task? _removing;

    internal HandlerRegistration(IActorRef informer) => _informer = informer;

    /// <summary>Whether the handler has been told of all objects that were there.</summary>
    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>Ends when the handler has been told of all objects that were there.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellation = default) => _synced.Task.WaitAsync(cancellation);

    /// <summary>Removes the handler, any number of times. It is not called after this ends; a call under way is waited for.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
            return new ValueTask(_removing ??= _informer.Ask<InformerActor.HandlerGone>(new InformerActor.RemoveHandler(this), AskTimeout));
    }

    internal void Synced() => _synced.TrySetResult();
}
