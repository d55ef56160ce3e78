using System.Diagnostics;
using ActorKube.Models;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>One controller: hears from caches what changed, knows which keys that concerns, and marks the reconciler of each.</summary>
/// <remarks>Nothing is reconciled before all its caches have told all their objects. A key has an actor only while it has work.</remarks>
sealed class ControllerActor : UntypedActor, IWithTimers
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
    readonly Dictionary<NamespacedName, int> _held = [];
    readonly Dictionary<NamespacedName, Child> _children = [];
    ReconcilerShared? _shared;
    IActorRef? _drainedFor;

    public ControllerActor(ControllerSpec spec, ControllerServices services, RunFactory runs)
    {
        _spec = spec;
        _services = services;
        _runs = runs;
        _health = services.Health.Controller(spec.Name);
        _logger = runs.Logger;
        _watches = spec.Watches.ToLookup(static w => w.Cache);
        _unsynced = [.. _watches.Select(static w => w.Key)];
    }

    /// <summary>Takes no more news, lets what is begun and queued finish, and stops; after the bound, what still runs is told to leave. Answered with <see cref="Drained"/>.</summary>
    public sealed record Drain(TimeSpan Bound);

    /// <summary>The controller is empty, or out of time with so many keys left.</summary>
    public sealed record Drained(string Controller, int Left);

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
        Timers.StartPeriodicTimer(nameof(SyncOverdue), new SyncOverdue(), _spec.Options.CacheSyncTimeout);
    }

    protected override void PostStop()
    {
        _health.Started(false);
        if (_shared is not null)
            RuntimeMetrics.MaxConcurrent.Add(-_spec.Options.MaxConcurrentReconciles, _shared.Label);
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
            case ReconcilerActor.AtRest atRest:
                OnAtRest(atRest);
                break;
            case Terminated gone:
                OnGone(gone.ActorRef);
                break;
            case SyncOverdue:
                _logger.LogWarning("{Controller} has waited for its caches since {Seconds} s and reconciles nothing yet; missing: {Caches}", _spec.Name, _spec.Options.CacheSyncTimeout.TotalSeconds, string.Join(", ", _unsynced));
                break;
            case Drain drain:
                BeginDrain(drain);
                break;
            case DrainOverdue:
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
    }

    // ---- caches ----

    void OnAcquired(ObjectCache cache)
    {
        if (!_caches.TryAdd(cache.Spec, cache))
            return;
        if (_caches.Count == _watches.Count)
            _shared = Share();
        cache.Actor.Tell(new ObjectCache.Subscribe(Self, _spec.Options.Resync));
    }

    ReconcilerShared Share()
    {
        var gate = Context.ActorOf(GateActor.Props(_spec.Name, _spec.Options.MaxConcurrentReconciles, _spec.Options.Ageing, _spec.Options.AgedShare), "gate");
        RuntimeMetrics.Announce(_spec.Name);
        RuntimeMetrics.MaxConcurrent.Add(_spec.Options.MaxConcurrentReconciles, RuntimeMetrics.Controller(_spec.Name));
        return new ReconcilerShared(
            _spec,
            [.. _spec.Watches.Select(w => _caches[w.Cache]).Distinct()],
            gate,
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
                    Mark(key, priority, change.Trace);
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
        _health.Started(true);
        _logger.LogInformation("{Controller} starts: caches synced, {Keys} keys to look at, {Concurrency} at once", _spec.Name, _held.Count, _spec.Options.MaxConcurrentReconciles);
        foreach (var (key, priority) in _held)
            Mark(key, priority);
        _held.Clear();
    }

    // ---- keys ----

    void Mark(NamespacedName key, int priority, Activity? trace = null)
    {
        if (_drainedFor is not null)
            return;
        if (_unsynced.Count > 0)
        {
            _held[key] = _held.TryGetValue(key, out var before) ? Math.Max(before, priority) : priority;
            return;
        }
        if (!_children.TryGetValue(key, out var child))
            _children.Add(key, child = Spawn(key));
        child.Mark(priority, trace);
    }

    Child Spawn(NamespacedName key)
    {
        var actor = Context.ActorOf(ReconcilerActor.Props(key, _shared!), NameOf(key));
        Context.Watch(actor);
        return new Child(actor);
    }

    // Always with a slash, so that no object's name can be the gate's.
    static string NameOf(NamespacedName key) => Uri.EscapeDataString($"{key.Namespace}/{key.Name}");

    static NamespacedName KeyOf(string name)
    {
        var parts = Uri.UnescapeDataString(name).Split('/', 2);
        return new NamespacedName(parts[0], parts[1]);
    }

    void OnAtRest(ReconcilerActor.AtRest atRest)
    {
        if (!_children.TryGetValue(atRest.Key, out var child) || child.Stopping || child.Marks != atRest.Marks)
            return;
        child.Stopping = true;
        Context.Stop(child.Actor);
    }

    void OnGone(IActorRef actor)
    {
        var key = KeyOf(actor.Path.Name);
        if (!_children.Remove(key, out var child))
            return;
        if (child.MarkedSince is { } priority)
            Mark(key, priority, child.MarkedBy);
        if (_drainedFor is not null && _children.Count == 0)
            EndDrain();
    }

    // ---- the end ----

    void BeginDrain(Drain drain)
    {
        if (_drainedFor is not null)
            return;
        _drainedFor = Sender;
        _held.Clear();
        if (_children.Count == 0)
        {
            EndDrain();
            return;
        }
        Timers.StartSingleTimer(nameof(DrainOverdue), new DrainOverdue(), drain.Bound);
        foreach (var child in _children.Values)
            child.Actor.Tell(new ReconcilerActor.Drain());
    }

    void EndDrain()
    {
        if (_children.Count > 0)
            _logger.LogWarning("{Controller} stops with {Keys} keys unfinished: {Examples}", _spec.Name, _children.Count, string.Join(", ", _children.Keys.Take(5)));
        _drainedFor!.Tell(new Drained(_spec.Name, _children.Count));
        Context.Stop(Self);
    }

    /// <summary>One key's actor.</summary>
    sealed class Child(IActorRef actor)
    {
        public IActorRef Actor => actor;

        /// <summary>How many marks it was sent: it rests only where it has seen as many.</summary>
        public long Marks { get; private set; }

        /// <summary>It is on its way out; news waits for the next actor of the key.</summary>
        public bool Stopping { get; set; }

        public int? MarkedSince { get; private set; }

        public Activity? MarkedBy { get; private set; }

        public void Mark(int priority, Activity? trace)
        {
            if (Stopping)
            {
                MarkedSince = MarkedSince is { } before ? Math.Max(before, priority) : priority;
                MarkedBy = trace ?? MarkedBy;
                return;
            }
            Marks++;
            actor.Tell(new ReconcilerActor.Mark(priority, trace));
        }
    }
}

/// <summary>What controllers need of the runtime.</summary>
sealed record ControllerServices(IActorRef Reflectors, RuntimeHealth Health);
