using Akka.Actor;

namespace ActorKube.Actors;

/// <summary>Lets so many of a controller's reconcilers run at once; see <see cref="PriorityGate{TKey}"/> for who goes first.</summary>
sealed class GateActor : UntypedActor
{
    readonly PriorityGate<IActorRef> _gate;
    readonly KeyValuePair<string, object?> _controller;
    readonly KeyValuePair<string, object?> _name;
    readonly HashSet<IActorRef> _holders = [];
    readonly List<Depth> _depths = [];

    public GateActor(string controller, int capacity, TimeSpan age, int agedShare)
    {
        _gate = new PriorityGate<IActorRef>(capacity, age, agedShare);
        _controller = RuntimeMetrics.Controller(controller);
        _name = new("name", controller);
    }

    /// <summary>The sender wants to run.</summary>
    public sealed record Ask(int Priority);

    /// <summary>
    /// The sender, which has asked, has become more urgent. Nothing where its turn was granted meanwhile: the grant may have crossed this message, and a second turn
    /// would run its key twice.
    /// </summary>
    public sealed record Raise(int Priority);

    /// <summary>The sender wants to run no more; a turn that it has, or that is on its way to it, goes to another.</summary>
    public sealed record Withdraw
    {
        public static readonly Withdraw Place = new();
    }

    /// <summary>The sender may run, until it says <see cref="Release"/>.</summary>
    public sealed record Granted
    {
        public static readonly Granted Turn = new();
    }

    /// <summary>The sender's turn is over.</summary>
    public sealed record Release
    {
        public static readonly Release Turn = new();
    }

    public static Props Props(string controller, int capacity, TimeSpan age, int agedShare) =>
        Akka.Actor.Props.Create(() => new GateActor(controller, capacity, age, agedShare));

    protected override void PostStop()
    {
        foreach (var depth in _depths)
            RuntimeMetrics.QueueDepth.Add(-depth.Told, _name, _controller, depth.Label);
    }

    protected override void OnReceive(object message)
    {
        var before = _gate.Waiting;
        switch (message)
        {
            case Ask ask:
                Measure(ask.Priority);
                _gate.Ask(Sender, ask.Priority, Context.System.Scheduler.Now);
                RuntimeMetrics.QueueAdds.Add(_gate.Waiting - before, _name, _controller);
                break;
            case Raise raise:
                Measure(raise.Priority);
                _gate.Raise(Sender, raise.Priority);
                break;
            case Withdraw:
                _gate.Withdraw(Sender);
                GiveBack();
                break;
            case Release:
                GiveBack();
                break;
            default:
                Unhandled(message);
                return;
        }
        while (_gate.TryGrant(Context.System.Scheduler.Now, out var next, out var waited))
        {
            RuntimeMetrics.QueueDuration.Record(waited.TotalSeconds, _name, _controller);
            _holders.Add(next);
            next.Tell(Granted.Turn);
        }
        TellDepths();
    }

    // Urgencies are few.
    void Measure(int priority)
    {
        foreach (var depth in _depths)
        {
            if (depth.Priority == priority)
                return;
        }
        _depths.Add(new Depth(priority));
    }

    void TellDepths()
    {
        foreach (var depth in _depths)
        {
            var waiting = _gate.WaitingAt(depth.Priority);
            if (waiting == depth.Told)
                continue;
            RuntimeMetrics.QueueDepth.Add(waiting - depth.Told, _name, _controller, depth.Label);
            depth.Told = waiting;
        }
    }

    void GiveBack()
    {
        if (_holders.Remove(Sender))
            _gate.Release();
    }

    /// <summary>How many keys of one urgency wait, as it was told last.</summary>
    sealed class Depth(int priority)
    {
        public int Priority => priority;

        public KeyValuePair<string, object?> Label { get; } = RuntimeMetrics.Priority(priority);

        public int Told { get; set; }
    }
}
