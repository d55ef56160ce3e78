using System.Collections.Concurrent;
using ActorKube.Models;
using ActorKube.Streams;

namespace ActorKube.Actors;

/// <summary>How the runtime fares, for health checks and metrics. Thread-safe; written by the actors, read by anybody.</summary>
public sealed class RuntimeHealth
{
    readonly ConcurrentDictionary<CacheSpec, CacheHealth> _caches = new();
    readonly ConcurrentDictionary<string, ControllerHealth> _controllers = new();

    /// <summary>The caches there are.</summary>
    public IReadOnlyCollection<CacheHealth> Caches => (IReadOnlyCollection<CacheHealth>)_caches.Values;

    /// <summary>The controllers there are.</summary>
    public IReadOnlyCollection<ControllerHealth> Controllers => (IReadOnlyCollection<ControllerHealth>)_controllers.Values;

    /// <summary>Notes that a reflector lives: it asked the server for something, or was told something.</summary>
    internal void SignOfLife(CacheSpec spec, DateTimeOffset at)
    {
        if (_caches.TryGetValue(spec, out var cache))
            cache.LastSign = at;
    }

    internal CacheHealth Cache(CacheSpec spec, CacheStore store) => _caches[spec] = new CacheHealth(spec, store, this);

    internal ControllerHealth Controller(string name) => _controllers.GetOrAdd(name, static n => new ControllerHealth(n));

    internal void Remove(CacheHealth gone) => _caches.TryRemove(KeyValuePair.Create(gone.Spec, gone));

    internal void RemoveController(string name) => _controllers.TryRemove(name, out _);
}

/// <summary>How one cache fares.</summary>
public sealed class CacheHealth
{
    readonly CacheStore _store;
    readonly RuntimeHealth _owner;
    volatile ReflectorTrouble? _trouble;
    volatile bool _synced;
    long _lastSign = DateTimeOffset.MaxValue.UtcTicks;
    long _triesAgainAt;

    internal CacheHealth(CacheSpec spec, CacheStore store, RuntimeHealth owner)
    {
        Spec = spec;
        _store = store;
        _owner = owner;
    }

    /// <summary>Which objects it holds.</summary>
    public CacheSpec Spec { get; }

    /// <summary>Whether it has been read once.</summary>
    public bool HasSynced => _synced || _store.Live.HasSynced;

    /// <summary>What is wrong with its reflector; null where nothing is.</summary>
    public ReflectorTrouble? Trouble => _trouble;

    /// <summary>How many objects it holds.</summary>
    public int Objects => _store.Live.Count;

    /// <summary>The version up to which it is current; empty where it has not been read yet.</summary>
    public string ResourceVersion => _store.Live.ResourceVersion;

    /// <summary>Their size in bytes.</summary>
    public long Bytes => _store.Live.Bytes;

    /// <summary>When its reflector was last seen to live; for ever while it has not begun.</summary>
    public DateTimeOffset LastSign
    {
        get => new(Volatile.Read(ref _lastSign), TimeSpan.Zero);
        internal set => Volatile.Write(ref _lastSign, value.UtcTicks);
    }

    internal void Progressed(bool synced)
    {
        _synced |= synced;
        _trouble = null;
    }

    internal void Troubled(ReflectorTrouble trouble, DateTimeOffset now)
    {
        Volatile.Write(ref _triesAgainAt, (now + trouble.RetryIn).UtcTicks);
        _trouble = trouble;
    }

    /// <summary>Whether its reflector does nothing until time has passed. After any other trouble it goes on at once.</summary>
    internal bool WaitsForTime(DateTimeOffset now) => _trouble is { } trouble && trouble.RetryIn > TimeSpan.Zero && now.UtcTicks < Volatile.Read(ref _triesAgainAt);

    internal void Stopped() => _owner.Remove(this);
}

/// <summary>How one controller fares.</summary>
public sealed class ControllerHealth
{
    readonly ConcurrentDictionary<NamespacedName, DateTimeOffset> _running = new();
    readonly ConcurrentDictionary<NamespacedName, DateTimeOffset> _stuck = new();
    volatile bool _started;
    volatile TaskCompletionSource _start = NewStart();
    volatile string? _waitsFor;

    internal ControllerHealth(string name) => Name = name;

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Whether its caches are synced and it reconciles.</summary>
    public bool IsStarted => _started;

    /// <summary>What it has waited for longer than <see cref="ControllerOptions.CacheSyncTimeout"/>, as a sentence; null where it does not.</summary>
    public string? WaitsFor => _waitsFor;

    /// <summary>Ends when the controller reconciles.</summary>
    /// <param name="cancellation">Gives up waiting; the controller is not concerned.</param>
    /// <exception cref="TimeoutException">Its caches did not sync within <see cref="ControllerOptions.CacheSyncTimeout"/>; the message names them. Where <see cref="ControllerOptions.KeepTryingToSync"/> says so, a later call may find it started.</exception>
    public Task WaitForStartAsync(CancellationToken cancellation = default) => _start.Task.WaitAsync(cancellation);

    /// <summary>The keys that are being reconciled, and since when.</summary>
    public IReadOnlyDictionary<NamespacedName, DateTimeOffset> Running => _running;

    /// <summary>The keys whose reconcile took too long and did not leave when it was asked to, and since when it runs. Others go on without it.</summary>
    public IReadOnlyDictionary<NamespacedName, DateTimeOffset> Stuck => _stuck;

    internal void Started(bool started)
    {
        _started = started;
        _waitsFor = null;
        if (_start.Task.IsCompleted)
            _start = NewStart();
        if (started)
            _start.TrySetResult();
    }

    internal void SyncTimedOut(string waitsFor)
    {
        _waitsFor = waitsFor;
        _start.TrySetException(new TimeoutException(waitsFor));
        _ = _start.Task.Exception;
    }

    static TaskCompletionSource NewStart() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Began(NamespacedName key, DateTimeOffset at) => _running[key] = at;

    internal void Ended(NamespacedName key)
    {
        _running.TryRemove(key, out _);
        _stuck.TryRemove(key, out _);
    }

    internal void GotStuck(NamespacedName key)
    {
        if (_running.TryGetValue(key, out var since))
            _stuck[key] = since;
    }
}
