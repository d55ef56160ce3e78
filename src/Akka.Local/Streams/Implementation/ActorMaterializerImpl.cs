using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;

namespace Akka.Streams.Implementation;

internal sealed class ActorMaterializerImpl : ActorMaterializer
{
    private static readonly ConditionalWeakTable<ActorSystem, Lazy<ActorMaterializerImpl>> Defaults = [];
    private static int s_supervisors;

    private readonly Shared _shared;
    private readonly string _namePrefix;
    private readonly Attributes _attributes;

    public ActorMaterializerImpl(ActorSystem system, IActorRefFactory parent, ActorMaterializerSettings settings, string namePrefix)
    {
        var running = new RunningIslands();
        var props = Props.Create(() => new StreamSupervisor(running));
        if (settings.Dispatcher.Length > 0) props = props.WithDispatcher(settings.Dispatcher);
        var name = $"StreamSupervisor-{Interlocked.Increment(ref s_supervisors) - 1}";
        _shared = new Shared(system, parent.ActorOf(props, name), running, Logging.GetLogger(system, typeof(ActorMaterializer)));
        _namePrefix = namePrefix;
        Settings = settings;
        _attributes = DefaultAttributes(settings);
    }

    private ActorMaterializerImpl(ActorMaterializerImpl original, string namePrefix)
    {
        _shared = original._shared;
        _namePrefix = namePrefix;
        Settings = original.Settings;
        _attributes = original._attributes;
    }

    /// <summary>What materializers that differ only in names have in common.</summary>
    private sealed record Shared(ActorSystem System, IActorRef Supervisor, RunningIslands Running, ILoggingAdapter Logger)
    {
        public int Flows;
    }

    /// <summary>The materializer that everybody in the system shares.</summary>
    public static ActorMaterializerImpl DefaultFor(ActorSystem system) => Defaults.GetValue(system,
        s => new Lazy<ActorMaterializerImpl>(() => new ActorMaterializerImpl(s, s, ActorMaterializerSettings.Create(s), "Flow"))).Value;

    public override ActorMaterializerSettings Settings { get; }

    public override ActorSystem System => _shared.System;

    public override IActorRef Supervisor => _shared.Supervisor;

    public override ILoggingAdapter Logger => _shared.Logger;

    public override bool IsShutdown => _shared.Running.IsClosed;

    /// <summary>The clock that the stages' timers go by.</summary>
    public TimeSpan Now => System.Scheduler.MonotonicClock;

    public override IMaterializer WithNamePrefix(string namePrefix) => new ActorMaterializerImpl(this, namePrefix);

    public override TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable) => Materialize(runnable, Attributes.None);

    public override TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes) =>
        Materialize(runnable, initialAttributes, fuseInto: null);

    public TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes, IslandHost? fuseInto)
    {
        ArgumentNullException.ThrowIfNull(runnable);
        if (IsShutdown)
            throw new IllegalStateException("Attempted to call Materialize() after the ActorMaterializer has been shut down.");
        var attributes = _attributes.And(initialAttributes);
        return (TMat)new Materialization(this, fuseInto, attributes).Run(runnable.Blueprint, attributes)!;
    }

    public int NextFlowNumber() => Interlocked.Increment(ref _shared.Flows) - 1;

    /// <summary>Has the supervisor start an actor for the island.</summary>
    public void Start(IslandHost island, int flow, int number, Attributes attributes)
    {
        var props = Props.Create(() => new IslandActor(island));
        var dispatcher = attributes.GetAttribute<ActorAttributes.Dispatcher>()?.Name;
        if (!string.IsNullOrEmpty(dispatcher)) props = props.WithDispatcher(dispatcher);
        var name = $"{_namePrefix}-{flow}-{number}-{attributes.GetNameOrDefault()}";
        if (_shared.Running.TryAdd(island))
            Supervisor.Tell(new StreamSupervisor.StartIsland(props, name), ActorRefs.NoSender);
        else island.Abort(new AbruptTerminationException(Supervisor));
    }

    /// <summary>Starts an actor beside the islands' actors at once, on whatever thread this is.</summary>
    public IActorRef StartActor(Props props, string name) => ((LocalActorRef)Supervisor).Cell.AttachChild(
        props, isSystemService: false, $"{_namePrefix}-{NextFlowNumber()}-{name}");

    public void Stopped(IslandHost island) => _shared.Running.Remove(island);

    public override ICancelable ScheduleOnce(TimeSpan delay, Action action)
    {
        var cancelable = new Cancelable(System.Scheduler);
        System.Scheduler.Advanced.ScheduleOnce(delay, action, cancelable);
        return cancelable;
    }

    public override ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action)
    {
        var cancelable = new Cancelable(System.Scheduler);
        System.Scheduler.Advanced.ScheduleRepeatedly(initialDelay, interval, action, cancelable);
        return cancelable;
    }

    public override ActorMaterializerSettings EffectiveSettings(Attributes attributes)
    {
        var settings = Settings;
        if (attributes.GetAttribute<Attributes.InputBuffer>() is { } buffer) settings = settings.WithInputBuffer(buffer.Initial, buffer.Max);
        if (attributes.GetAttribute<ActorAttributes.Dispatcher>() is { } dispatcher) settings = settings.WithDispatcher(dispatcher.Name);
        if (attributes.GetAttribute<ActorAttributes.SupervisionStrategy>() is { } strategy)
            settings = settings.WithSupervisionStrategy(strategy.Decider);
        if (attributes.GetAttribute<ActorAttributes.StreamSubscriptionTimeout>() is { } patience)
            settings = settings.WithSubscriptionTimeoutSettings(new StreamSubscriptionTimeoutSettings(patience.Mode, patience.Timeout));
        return settings;
    }

    public override ILoggingAdapter MakeLogger(object logSource) => Logging.GetLogger(System, logSource);

    public override void Shutdown()
    {
        _shared.Running.Close();
        ((IInternalActorRef)Supervisor).Stop();
    }

    private static Attributes DefaultAttributes(ActorMaterializerSettings settings) => new(
        new Attributes.InputBuffer(settings.InitialInputBufferSize, settings.MaxInputBufferSize),
        new ActorAttributes.Dispatcher(settings.Dispatcher),
        new ActorAttributes.SupervisionStrategy(settings.SupervisionDecider),
        new ActorAttributes.StreamSubscriptionTimeout(settings.SubscriptionTimeoutSettings.Timeout, settings.SubscriptionTimeoutSettings.Mode));
}

/// <summary>Runs graphs inside of the actor that runs <paramref name="island"/>.</summary>
internal sealed class SubFusingMaterializer(ActorMaterializerImpl main, IslandHost island) : IMaterializer
{
    public IMaterializer WithNamePrefix(string namePrefix) =>
        new SubFusingMaterializer((ActorMaterializerImpl)main.WithNamePrefix(namePrefix), island);

    public TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable) => Materialize(runnable, Attributes.None);

    public TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes) =>
        main.Materialize(runnable, initialAttributes, island);

    public ICancelable ScheduleOnce(TimeSpan delay, Action action) => main.ScheduleOnce(delay, action);

    public ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) =>
        main.ScheduleRepeatedly(initialDelay, interval, action);
}

/// <summary>
/// The islands that run or are about to. An island whose start the supervisor did not live to see is ended here, so that no materialized
/// task is left hanging.
/// </summary>
internal sealed class RunningIslands
{
    private readonly ConcurrentDictionary<IslandHost, bool> _islands = new();
    private volatile bool _closed;

    public bool IsClosed => _closed;

    public bool TryAdd(IslandHost island)
    {
        _islands[island] = true;
        // Closing looks at the islands after it has set the mark: one of the two sees the other.
        return !_closed || !_islands.TryRemove(island, out _);
    }

    public void Remove(IslandHost island) => _islands.TryRemove(island, out _);

    public void Close() => _closed = true;

    public void AbortUnstarted(Exception cause)
    {
        foreach (var island in _islands.Keys)
            if (_islands.TryRemove(island, out _) && island.Actor is null) island.Abort(cause);
    }
}

/// <summary>The parent of the actors that run a materializer's streams.</summary>
internal sealed class StreamSupervisor(RunningIslands running) : ActorBase
{
    public sealed record StartIsland(Props Props, string Name);

    /// <summary>Asks for the actors that are running.</summary>
    public sealed record GetChildren
    {
        public static readonly GetChildren Instance = new();
    }

    public sealed record Children(IReadOnlyList<IActorRef> Refs);

    // A fault in the machinery ends the stream; nothing could be resumed or restarted.
    protected override SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.StoppingStrategy;

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case StartIsland start:
                Context.ActorOf(start.Props, start.Name);
                return true;
            case GetChildren:
                Sender.Tell(new Children([.. Context.GetChildren()]), Self);
                return true;
            default:
                return false;
        }
    }

    protected override void PostStop()
    {
        running.Close();
        running.AbortUnstarted(new AbruptTerminationException(Self));
    }
}
