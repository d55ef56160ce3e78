using ActorKube.Models;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>Starts and stops controllers, all of them or only while this process leads. Their caches stay warm either way.</summary>
sealed class ControllersActor : UntypedActor
{
    readonly ControllerServices _services;
    readonly Func<ControllerSpec, RunFactory> _runs;
    readonly ILogger _logger;
    readonly Dictionary<string, Entry> _entries = [];
    readonly List<DrainRequest> _drains = [];
    bool _leads;
    bool _stopping;

    public ControllersActor(ControllerServices services, Func<ControllerSpec, RunFactory> runs, ILogger logger, bool leads)
    {
        _services = services;
        _runs = runs;
        _logger = logger;
        _leads = leads;
    }

    /// <summary>Adds a controller, which starts at once, or when this process leads. Answered with <see cref="Added"/>; where one of the name is being removed, once that is gone.</summary>
    public sealed record Add(ControllerSpec Spec);

    /// <summary>The controller is known; null, or why it is not.</summary>
    public sealed record Added(string? Refusal);

    /// <summary>Stops a controller as <see cref="DrainAll"/> does, and forgets it. Answered with <see cref="AllDrained"/>.</summary>
    public sealed record Remove(string Name, TimeSpan Bound);

    /// <summary>This process leads now: what needs leadership starts.</summary>
    public sealed record Lead;

    /// <summary>This process leads no more: what needs leadership stops at once.</summary>
    public sealed record Follow;

    /// <summary>Lets what is begun finish, within a bound, and stops all. Answered with <see cref="AllDrained"/>.</summary>
    public sealed record DrainAll(TimeSpan Bound);

    /// <summary>All controllers asked about have stopped.</summary>
    /// <param name="StillRunning">Some reconcile has not left although it was told to; it can write no more through the runtime's client.</param>
    public sealed record AllDrained(bool StillRunning = false);

    /// <summary>Passes a message on to a controller; of one that is not there, news of keys is kept until it is.</summary>
    public sealed record To(string Name, object Message);

    public static Props Props(ControllerServices services, Func<ControllerSpec, RunFactory> runs, ILogger logger, bool leads) =>
        Akka.Actor.Props.Create(() => new ControllersActor(services, runs, logger, leads));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error =>
    {
        _logger.LogError(error, "A controller failed and starts again");
        return Directive.Restart;
    });

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Add add:
                OnAdd(add, Sender);
                break;
            case Remove remove:
                OnRemove(remove);
                break;
            case Lead when !_leads:
                _leads = true;
                foreach (var entry in _entries.Values.Where(MayRun))
                    Start(entry);
                break;
            case Follow when _leads:
                _leads = false;
                foreach (var entry in _entries.Values.Where(static e => e.Spec.Options.NeedsLeaderElection && e.Actor is not null))
                    Context.Stop(entry.Actor);
                break;
            case To to:
                OnTo(to);
                break;
            case Lead or Follow or ObjectCache or ControllerActor.Drained:
                break;
            case DrainAll drain:
                _stopping = true;
                BeginDrain([.. _entries.Values], drain.Bound);
                break;
            case Terminated gone:
                OnGone(gone.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // ---- coming ----

    void OnAdd(Add add, IActorRef asker)
    {
        if (_stopping)
        {
            asker.Tell(new Added("The runtime is stopping."));
            return;
        }
        var spec = add.Spec;
        if (_entries.TryGetValue(spec.Name, out var present))
        {
            if (present.Removed)
                present.Next.Add((add, asker));
            else
                asker.Tell(new Added($"There is a controller '{spec.Name}' already: give one of them another name with Named(…)."));
            return;
        }
        var entry = new Entry(spec, _runs(spec));
        _entries.Add(spec.Name, entry);
        _services.Health.Controller(spec.Name);
        foreach (var cache in spec.Watches.Select(static w => w.Cache).Distinct())
            _services.Reflectors.Tell(new ReflectorsActor.Acquire(cache, Self, []));
        if (MayRun(entry))
            Start(entry);
        else
            _logger.LogInformation("{Controller} stands by: its caches are kept current until this process leads", spec.Name);
        asker.Tell(new Added(null));
    }

    bool MayRun(Entry entry) => !_stopping && !entry.Removed && entry.Actor is null && (_leads || !entry.Spec.Options.NeedsLeaderElection);

    void Start(Entry entry)
    {
        entry.Actor = Context.ActorOf(ControllerActor.Props(entry.Spec, _services, entry.Runs), Uri.EscapeDataString(entry.Spec.Name));
        Context.Watch(entry.Actor);
    }

    void OnTo(To to)
    {
        _entries.TryGetValue(to.Name, out var entry);
        if (entry?.Actor is null && to.Message is ControllerActor.LeaveSlice leave)
        {
            // What its actor began before it stopped can write no more.
            entry?.Runs.Ledger.Slices.Remove(leave.Slice);
            Sender.Tell(new ControllerActor.SliceLeft(leave.Slice, 0));
        }
        else if (entry is null)
            _logger.LogWarning("There is no controller '{Controller}' to tell of a key", to.Name);
        else if (entry.Actor is { } actor)
            actor.Forward(to.Message);
        else if (to.Message is ControllerActor.Tell tell)
            entry.Runs.Ledger.Add(tell.Key, tell.News);
        else if (to.Message is ControllerActor.TakeSlice take)
            entry.Runs.Ledger.Slices[take.Slice.Name] = take.Slice;
        else if (to.Message is ControllerActor.CountRequeues)
            Sender.Tell(new ControllerActor.Requeues(0));
    }

    // ---- going ----

    void OnRemove(Remove remove)
    {
        if (!_entries.TryGetValue(remove.Name, out var entry))
        {
            Sender.Tell(new AllDrained());
            return;
        }
        entry.Removed = true;
        BeginDrain([entry], remove.Bound);
        if (entry.Actor is null)
            Forget(entry);
    }

    void BeginDrain(IReadOnlyList<Entry> entries, TimeSpan bound)
    {
        var drain = new DrainRequest(Sender, [.. entries.Select(static e => e.Runs)]);
        _drains.Add(drain);
        foreach (var entry in entries)
        {
            if (entry.Actor is null)
                continue;
            drain.Awaited.Add(entry.Actor);
            entry.Actor.Tell(new ControllerActor.Drain(bound));
        }
        TellDrained();
    }

    void OnGone(IActorRef actor)
    {
        foreach (var drain in _drains)
            drain.Awaited.Remove(actor);
        var entry = _entries.Values.FirstOrDefault(e => actor.Equals(e.Actor));
        if (entry is not null)
        {
            entry.Actor = null;
            if (entry.Removed)
                Forget(entry);
            else if (MayRun(entry))
                // Leadership came back while the controller was still on its way out.
                Start(entry);
        }
        TellDrained();
    }

    void Forget(Entry gone)
    {
        _entries.Remove(gone.Spec.Name);
        foreach (var cache in gone.Spec.Watches.Select(static w => w.Cache).Distinct().Except(_entries.Values.SelectMany(static e => e.Spec.Watches).Select(static w => w.Cache)))
            _services.Reflectors.Tell(new ReflectorsActor.Release(cache, Self));
        _services.Health.RemoveController(gone.Spec.Name);
        foreach (var (add, asker) in gone.Next)
            OnAdd(add, asker);
    }

    void TellDrained()
    {
        foreach (var drain in _drains.Where(static d => d.Awaited.Count == 0).ToArray())
        {
            _drains.Remove(drain);
            drain.Asker.Tell(new AllDrained(drain.Runs.Any(static r => r.IsAnyLeft)));
        }
    }

    sealed class Entry(ControllerSpec spec, RunFactory runs)
    {
        public ControllerSpec Spec => spec;

        public RunFactory Runs => runs;

        public IActorRef? Actor { get; set; }

        /// <summary>It is on its way out for good.</summary>
        public bool Removed { get; set; }

        /// <summary>Who waits to take its name.</summary>
        public List<(Add Add, IActorRef Asker)> Next { get; } = [];
    }

    /// <summary>Who waits for which controllers to stop.</summary>
    sealed record DrainRequest(IActorRef Asker, IReadOnlyList<RunFactory> Runs)
    {
        public HashSet<IActorRef> Awaited { get; } = [];
    }
}
