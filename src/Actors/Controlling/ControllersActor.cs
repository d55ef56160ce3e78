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
    readonly HashSet<IActorRef> _draining = [];
    bool _leads;
    IActorRef? _drainedFor;

    public ControllersActor(ControllerServices services, Func<ControllerSpec, RunFactory> runs, ILogger logger, bool leads)
    {
        _services = services;
        _runs = runs;
        _logger = logger;
        _leads = leads;
    }

    /// <summary>Adds a controller, which starts at once, or when this process leads. Answered with <see cref="Added"/>.</summary>
    public sealed record Add(ControllerSpec Spec);

    /// <summary>The controller is known; null, or why it is not.</summary>
    public sealed record Added(string? Refusal);

    /// <summary>Stops a controller as <see cref="DrainAll"/> does. Answered with <see cref="AllDrained"/>.</summary>
    public sealed record Remove(string Name, TimeSpan Bound);

    /// <summary>This process leads now: what needs leadership starts.</summary>
    public sealed record Lead;

    /// <summary>This process leads no more: what needs leadership stops at once.</summary>
    public sealed record Follow;

    /// <summary>Lets what is begun finish, within a bound, and stops all. Answered with <see cref="AllDrained"/>.</summary>
    public sealed record DrainAll(TimeSpan Bound);

    /// <summary>All controllers asked about have stopped.</summary>
    public sealed record AllDrained;

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
                Sender.Tell(new Added(TryAdd(add.Spec)));
                break;
            case Remove remove:
                BeginDrain(_entries.Where(e => e.Key == remove.Name).Select(static e => e.Value), remove.Bound);
                Forget(remove.Name);
                break;
            case Lead when !_leads:
                _leads = true;
                foreach (var entry in _entries.Values.Where(static e => e.Actor is null))
                    Start(entry);
                break;
            case Follow when _leads:
                _leads = false;
                foreach (var entry in _entries.Values.Where(static e => e.Spec.Options.NeedsLeaderElection && e.Actor is not null))
                    Context.Stop(entry.Actor);
                break;
            case Lead or Follow or ObjectCache or ControllerActor.Drained:
                break;
            case DrainAll drain:
                BeginDrain(_entries.Values, drain.Bound);
                break;
            case Terminated gone:
                OnGone(gone.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    string? TryAdd(ControllerSpec spec)
    {
        if (_drainedFor is not null)
            return "The runtime is stopping.";
        if (_entries.ContainsKey(spec.Name))
            return $"There is a controller '{spec.Name}' already: give one of them another name with Named(…).";
        var entry = new Entry(spec, _runs(spec));
        _entries.Add(spec.Name, entry);
        foreach (var cache in spec.Watches.Select(static w => w.Cache).Distinct())
            _services.Reflectors.Tell(new ReflectorsActor.Acquire(cache, Self, []));
        if (_leads || !spec.Options.NeedsLeaderElection)
            Start(entry);
        else
            _logger.LogInformation("{Controller} stands by: its caches are kept current until this process leads", spec.Name);
        return null;
    }

    void Start(Entry entry)
    {
        entry.Actor = Context.ActorOf(ControllerActor.Props(entry.Spec, _services, entry.Runs), Uri.EscapeDataString(entry.Spec.Name));
        Context.Watch(entry.Actor);
    }

    void Forget(string name)
    {
        if (!_entries.Remove(name, out var gone))
            return;
        foreach (var cache in gone.Spec.Watches.Select(static w => w.Cache).Distinct().Except(_entries.Values.SelectMany(static e => e.Spec.Watches).Select(static w => w.Cache)))
            _services.Reflectors.Tell(new ReflectorsActor.Release(cache, Self));
        _services.Health.RemoveController(name);
    }

    void BeginDrain(IEnumerable<Entry> entries, TimeSpan bound)
    {
        _drainedFor = Sender;
        foreach (var entry in entries.Where(static e => e.Actor is not null))
        {
            if (_draining.Add(entry.Actor!))
                entry.Actor.Tell(new ControllerActor.Drain(bound));
        }
        TellDrained();
    }

    void OnGone(IActorRef actor)
    {
        var wasDraining = _draining.Remove(actor);
        var entry = _entries.Values.FirstOrDefault(e => actor.Equals(e.Actor));
        if (entry is not null)
        {
            entry.Actor = null;
            // Leadership came back while the controller was still on its way out.
            if (!wasDraining && _drainedFor is null && (_leads || !entry.Spec.Options.NeedsLeaderElection))
                Start(entry);
        }
        TellDrained();
    }

    void TellDrained()
    {
        if (_drainedFor is null || _draining.Count > 0)
            return;
        _drainedFor.Tell(new AllDrained());
        _drainedFor = null;
    }

    sealed class Entry(ControllerSpec spec, RunFactory runs)
    {
        public ControllerSpec Spec => spec;

        public RunFactory Runs => runs;

        public IActorRef? Actor { get; set; }
    }
}
