using System.Diagnostics;
using ActorKube.Models;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>One controller: hears from caches what changed, knows which keys that concerns, and tells the reconciler of each.</summary>
/// <remarks>Nothing is reconciled before all its caches have told all their objects. A key has an actor only while it runs, or has times or failures to be remembered.</remarks>
sealed partial class ControllerActor : UntypedActor, IWithTimers
{
    static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(1);

    readonly ControllerSpec _spec;
    readonly ControllerServices _services;
    readonly RunFactory _runs;
    readonly ControllerHealth _health;
    readonly ILogger _logger;
    readonly ILookup<CacheSpec, WatchSpec> _watches;
    readonly Dictionary<CacheSpec, ObjectCache> _caches = [];
    readonly HashSet<CacheSpec> _unsynced;
    readonly Dictionary<NamespacedName, ReconcilerRef> _children = [];
    readonly Dictionary<NamespacedName, KeyNews> _held;
    readonly IReadOnlyCollection<NamespacedName> _known;
    ReconcilerShared? _shared;
    IActorRef? _drainedFor;
    bool _started;

    public ControllerActor(ControllerSpec spec, ControllerServices services, RunFactory runs)
    {
        _spec = spec;
        _services = services;
        _runs = runs;
        _health = services.Health.Controller(spec.Name);
        _logger = runs.Logger;
        _gate = new KeyGate(spec.Name, spec.Options.MaxConcurrentReconciles, spec.Options.Ageing, spec.Options.AgedShare);
        _watches = spec.Watches.ToLookup(static w => w.Cache);
        _unsynced = [.. _watches.Select(static w => w.Key)];
        (_held, _known) = runs.Ledger.Take();
        _slices = runs.Ledger.Slices;
    }

    /// <summary>Takes no more news, lets what is begun and queued finish, and stops; after the bound, what still runs is told to leave. Answered with <see cref="Drained"/>.</summary>
    public sealed record Drain(TimeSpan Bound);

    /// <summary>The controller is empty, or out of time with so many keys left.</summary>
    public sealed record Drained(string Controller, int Left);

    /// <summary>News of a key that comes from elsewhere than the caches.</summary>
    public sealed record Tell(NamespacedName Key, KeyNews News);

    /// <summary>Forgets a key's failures.</summary>
    public sealed record Forget(NamespacedName Key);

    /// <summary>Asks how often in a row a key has failed. Answered with <see cref="Requeues"/>.</summary>
    public sealed record CountRequeues(NamespacedName Key);

    /// <summary>Answers <see cref="CountRequeues"/>.</summary>
    public sealed record Requeues(int Count);

    sealed record KeyGone(NamespacedName Key);

    sealed record DrainOverdue;

    sealed record LeaveOverdue;

    sealed record SyncOverdue;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ControllerSpec spec, ControllerServices services, RunFactory runs) =>
        Akka.Actor.Props.Create(() => new ControllerActor(spec, services, runs));

    protected override void PreStart()
    {
        foreach (var watch in _watches)
            _services.Reflectors.Tell(new ReflectorsActor.Acquire(watch.Key, Self, [.. watch.SelectMany(static w => w.Indexes)]));
        if (_watches.Count > 0)
            Timers.StartPeriodicTimer(nameof(SyncOverdue), new SyncOverdue(), _spec.Options.CacheSyncTimeout);
        else
            BeginWork();
    }

    protected override void PostStop()
    {
        _health.Started(false);
        _gate.Close();
        if (_shared is not null)
            RuntimeMetrics.MaxConcurrent.Add(-_spec.Options.MaxConcurrentReconciles, _shared.Label);
        if (_drainedFor is null)
            LeaveToNext();
    }

    /// <summary>What was begun or asked for must not be lost with this actor: whoever comes after it begins with that.</summary>
    void LeaveToNext()
    {
        foreach (var (key, news) in _held)
            _runs.Ledger.Add(key, news);
        foreach (var (key, child) in _children)
            _runs.Ledger.Add(key, new KeyNews(ReconcilePriority.Background).And(child.Since ?? default));
        foreach (var key in _gate.Waiting)
            _runs.Ledger.Add(key, new KeyNews(_gate.WaitsAt(key)));
        _runs.Ledger.Knew(_started ? [.. ForCaches().SelectMany(static c => c.Snapshot.Objects).Select(static o => o.Key)] : _known);
    }

    // The reconciler's state is what keeps a key from running twice: no fault may lose it.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error =>
    {
        _logger.LogError(error, "{Controller}: a fault in the runtime's own code; it goes on with the next message", _spec.Name);
        return Directive.Resume;
    });

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ObjectCache cache:
                OnAcquired(cache);
                break;
            case ObjectCache.Changed changed:
                OnChanged(changed);
                Sender.Tell(ObjectCache.Taken.Instance);
                break;
            case ObjectCache.Synced synced:
                OnSynced(synced.Spec);
                break;
            case ReconcilerActor.Ask ask:
                _gate.Ask(ask.Key, ask.Priority, Now);
                break;
            case ReconcilerActor.Raise raise:
                _gate.Raise(raise.Key, raise.Priority);
                break;
            case ReconcilerActor.Withdraw withdraw:
                _gate.Withdraw(withdraw.Key);
                break;
            case ReconcilerActor.Release release:
                _gate.Release(release.Key);
                break;
            case ReconcilerActor.AtRest atRest:
                OnAtRest(atRest);
                break;
            case KeyGone gone:
                OnGone(gone.Key);
                break;
            case Tell tell:
                Tells(tell.Key, tell.News);
                break;
            case Forget forget:
                OnForget(forget.Key);
                break;
            case CountRequeues count:
                OnCountRequeues(count);
                break;
            case TakeSlice take:
                OnTakeSlice(take.Slice);
                break;
            case LookAtSlices:
                OnLookAtSlices();
                break;
            case LeaveSlice leave:
                OnLeaveSlice(leave);
                break;
            case SliceOverdue overdue:
                OnSliceOverdue(overdue.Slice);
                break;
            case SyncOverdue:
                OnSyncOverdue();
                break;
            case Drain drain:
                BeginDrain(drain);
                break;
            case DrainOverdue:
                _grantsNoMore = true;
                foreach (var child in _children.Values)
                    child.Actor.Tell(new ReconcilerActor.Cancel());
                Timers.StartSingleTimer(nameof(LeaveOverdue), new LeaveOverdue(), LeaveTime);
                break;
            case LeaveOverdue:
                EndDrain();
                break;
            default:
                Unhandled(message);
                break;
        }
        GrantTurns();
    }

    // ---- caches ----

    IEnumerable<ObjectCache> ForCaches() => _spec.Watches.Where(static w => w.IsFor).Select(w => _caches[w.Cache]);

    void OnAcquired(ObjectCache cache)
    {
        if (_caches.TryAdd(cache.Spec, cache))
            cache.Actor.Tell(new ObjectCache.Subscribe(Self, Resync()));
    }

    // Controllers of one process, and processes of one cluster, should not all remember everything at the same moment.
    TimeSpan? Resync() => _spec.Options.Resync is { } every ? every * (1 + (_spec.Options.ResyncJitter * ((Random.Shared.NextDouble() * 2) - 1))) : null;

    ReconcilerShared Share()
    {
        RuntimeMetrics.Announce(_spec.Name);
        RuntimeMetrics.MaxConcurrent.Add(_spec.Options.MaxConcurrentReconciles, RuntimeMetrics.Controller(_spec.Name));
        return new ReconcilerShared(
            _spec,
            [.. _spec.Watches.Select(w => _caches[w.Cache]).Distinct()],
            _runs,
            new TokenBucket(_spec.Options.Retry.OverallPerSecond, _spec.Options.Retry.Burst),
            new ReconcileMonitor(_spec, _logger, _runs.Observers),
            _health);
    }

    void OnChanged(ObjectCache.Changed changed)
    {
        foreach (var change in changed.Changes)
        {
            var priority = change is CacheChange.Added { Initial: true } or CacheChange.Modified { IsResync: true } ? ReconcilePriority.Background : ReconcilePriority.Change;
            foreach (var watch in _watches[changed.Spec])
            {
                foreach (var key in KeysOf(watch, change))
                {
                    if (IsOwned(key))
                        Mark(key, priority, change.Trace);
                    else
                        Miss(key, change);
                }
            }
        }
    }

    IEnumerable<NamespacedName> KeysOf(WatchSpec watch, CacheChange change)
    {
        try
        {
            return [.. watch.KeysOf(change)];
        }
        catch (Exception error)
        {
            _logger.LogError(error, "{Controller}: a predicate or mapper failed for {Object} of {Cache}; this change is not acted on", _spec.Name, change.Key, watch.Cache);
            return [];
        }
    }

    void OnSynced(CacheSpec spec)
    {
        if (!_unsynced.Remove(spec) || _unsynced.Count > 0)
            return;
        Timers.Cancel(nameof(SyncOverdue));
        BeginWork();
    }

    void BeginWork()
    {
        _shared = Share();
        _started = true;
        _health.Started(true);
        foreach (var key in _known)
        {
            if (!ForCaches().Any(c => c.TryGet(key, out _)))
                Hold(key, new KeyNews(ReconcilePriority.Background));
        }
        _logger.LogInformation("{Controller} starts: caches synced, {Keys} keys to look at, {Concurrency} at once", _spec.Name, _held.Count, _spec.Options.MaxConcurrentReconciles);
        foreach (var (key, news) in _held)
            Tells(key, news);
        _held.Clear();
        if (_toLookAt.Count > 0)
            Self.Tell(new LookAtSlices());
        GrantTurns();
    }

    void OnSyncOverdue()
    {
        var missing = string.Join(", ", _unsynced);
        var why = $"{_spec.Name} has waited for its caches for {_spec.Options.CacheSyncTimeout.TotalSeconds:0} s; missing: {missing}";
        _health.SyncTimedOut(why);
        if (!_spec.Options.KeepTryingToSync)
        {
            _logger.LogError("{Controller} could not start: its caches were not synced within {Seconds} s; missing: {Caches}", _spec.Name, _spec.Options.CacheSyncTimeout.TotalSeconds, missing);
            foreach (var observer in _runs.Observers)
                observer.StartFailed(_spec.Name, why);
            return;
        }
        _logger.LogWarning("{Controller} has waited for its caches since {Seconds} s and reconciles nothing yet; missing: {Caches}", _spec.Name, _spec.Options.CacheSyncTimeout.TotalSeconds, missing);
    }

    // ---- keys ----

    void OnForget(NamespacedName key)
    {
        if (_children.TryGetValue(key, out var child))
            child.Forget();
        else if (_held.TryGetValue(key, out var held))
            _held[key] = held with { Failures = 0 };
    }

    void OnCountRequeues(CountRequeues count)
    {
        if (_children.TryGetValue(count.Key, out var child) && !child.Stopping)
            child.Actor.Forward(count);
        else
            Sender.Tell(new Requeues(_held.TryGetValue(count.Key, out var held) ? held.Failures : child?.Since?.Failures ?? 0));
    }

    // ---- the end ----

    void BeginDrain(Drain drain)
    {
        if (_drainedFor is not null)
            return;
        _drainedFor = Sender;
        _held.Clear();
        Timers.StartSingleTimer(nameof(DrainOverdue), new DrainOverdue(), drain.Bound);
        foreach (var child in _children.Values)
            child.Actor.Tell(new ReconcilerActor.Drain());
        EndDrainWhenIdle();
    }

    void EndDrainWhenIdle()
    {
        if (_drainedFor is not null && !IsBusy)
            EndDrain();
    }

    void EndDrain()
    {
        var left = _gate.Waiting.Union(_children.Keys).ToArray();
        if (left.Length > 0)
            _logger.LogWarning("{Controller} stops with {Keys} keys unfinished: {Examples}", _spec.Name, left.Length, string.Join(", ", left.Take(5)));
        _drainedFor!.Tell(new Drained(_spec.Name, left.Length));
        Context.Stop(Self);
    }
}

/// <summary>What controllers need of the runtime.</summary>
sealed record ControllerServices(IActorRef Reflectors, RuntimeHealth Health);
