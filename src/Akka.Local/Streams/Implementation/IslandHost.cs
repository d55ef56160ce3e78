using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>Something that happened to a stream from outside: handled on the thread that runs the island.</summary>
internal abstract class IslandEvent
{
    /// <summary>The interpreter the event concerns; it runs on after the event.</summary>
    public abstract GraphInterpreter Interpreter { get; }

    public abstract void Run();
}

/// <summary>An asynchronous callback of a stage, with its argument.</summary>
internal sealed class AsyncInput<T>(GraphStageLogic logic, Action<T> handler, T input) : IslandEvent
{
    public override GraphInterpreter Interpreter => logic.Interpreter;

    public override void Run() => logic.Interpreter.RunAsyncInput(logic, handler, input);
}

/// <summary>
/// What one actor runs: an island and the substreams fused into it. Events may be posted from any thread and at any time, also before the
/// actor has started; posting wakes the actor once, however many events wait.
/// </summary>
internal sealed class IslandHost(ActorMaterializerImpl materializer)
{
    private const int AbortEventLimit = 1000;

    private readonly ConcurrentQueue<IslandEvent> _inbox = new();
    private readonly HashSet<GraphInterpreter> _islands = [];
    private readonly Queue<GraphInterpreter> _resuming = [];
    private readonly int _eventLimit = materializer.Settings.SyncProcessingLimit;

    // One while a wake-up is under way or the actor runs. The start itself is the first wake-up.
    private int _awake = 1;
    private volatile bool _stopped;

    /// <summary>The actor that runs this, once it has started. Used by stages that need children of it.</summary>
    public IActorContext? Context { get; private set; }

    public IActorRef? Actor { get; private set; }

    public void Post(IslandEvent happened)
    {
        if (_stopped) return;
        _inbox.Enqueue(happened);
        if (Volatile.Read(ref _awake) == 0 && Interlocked.Exchange(ref _awake, 1) == 0) Wake();
    }

    /// <summary>Adds an island. Those added after the start are substreams; they begin with the next event.</summary>
    public void Add(GraphInterpreter interpreter)
    {
        if (Actor is null) _islands.Add(interpreter);
        else Post(new InitIsland(this, interpreter));
    }

    public void Start(IActorContext context)
    {
        Context = context;
        Actor = context.Self;
        foreach (var island in _islands)
        {
            island.Init();
            island.IsResuming = true;
            _resuming.Enqueue(island);
        }

        Wake();
    }

    /// <summary>Handles what has happened, within the event limit.</summary>
    /// <returns>Whether anything is left that could still run; if not, the actor has done its work.</returns>
    public bool Run()
    {
        var budget = _eventLimit;
        for (var waiting = _resuming.Count; waiting > 0 && budget > 0; waiting--)
        {
            var island = _resuming.Dequeue();
            island.IsResuming = false;
            budget = Execute(island, budget);
        }

        while (budget > 0 && _inbox.TryDequeue(out var happened))
        {
            happened.Run();
            budget = Execute(happened.Interpreter, budget - 1);
        }

        if (_islands.Count == 0 && _inbox.IsEmpty)
        {
            _stopped = true;
            materializer.Stopped(this);
            return false;
        }

        if (_resuming.Count > 0 || !_inbox.IsEmpty)
        {
            Wake();
            return true;
        }

        Interlocked.Exchange(ref _awake, 0);
        // An event may have come between the last look and the line above; whoever is first wakes the actor.
        if (!_inbox.IsEmpty && Interlocked.Exchange(ref _awake, 1) == 0) Wake();
        return true;
    }

    /// <summary>Ends everything that still runs because the actor stopped, or never started.</summary>
    public void Abort(Exception cause)
    {
        if (_stopped && _islands.Count == 0) return;
        _stopped = true;
        materializer.Stopped(this);
        while (_inbox.TryDequeue(out var happened))
            if (happened is InitIsland init) init.Run();

        foreach (var island in _islands)
        {
            if (Actor is null) island.Init();
            foreach (var boundary in island.Inputs) boundary.Abort(cause);
            island.Execute(AbortEventLimit);
            island.AbortCause = cause;
            island.Finish();
        }

        _islands.Clear();
    }

    private int Execute(GraphInterpreter island, int budget)
    {
        budget = island.Execute(budget);
        if (island.HasWork)
        {
            if (!island.IsResuming)
            {
                island.IsResuming = true;
                _resuming.Enqueue(island);
            }
        }
        else if (island.IsCompleted) _islands.Remove(island);

        return budget;
    }

    private void Wake() => Actor!.Tell(WakeUp.Instance, ActorRefs.NoSender);

    /// <summary>The only message an island's actor gets. One that is under way when the actor is stopped from outside is nobody's loss.</summary>
    public sealed class WakeUp : Event.IDeadLetterSuppression
    {
        public static readonly WakeUp Instance = new();
    }

    private sealed class InitIsland(IslandHost host, GraphInterpreter interpreter) : IslandEvent
    {
        public override GraphInterpreter Interpreter => interpreter;

        public override void Run()
        {
            host._islands.Add(interpreter);
            interpreter.Init();
        }
    }
}

/// <summary>The actor around an island.</summary>
internal sealed class IslandActor(IslandHost host) : ActorBase
{
    protected override void PreStart() => host.Start(Context);

    protected override bool Receive(object message)
    {
        if (message is not IslandHost.WakeUp) return false;
        if (!host.Run()) Context.Stop(Self);
        return true;
    }

    protected override void PostStop() => host.Abort(new AbruptTerminationException(Self));
}
