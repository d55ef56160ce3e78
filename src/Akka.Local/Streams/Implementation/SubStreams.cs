using Akka.Pattern;
using Akka.Streams.Implementation.Stages;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

internal enum SubSinkEventKind
{
    Next,
    Complete,
    Fail,
}

/// <summary>What a substream tells the stage that takes its elements.</summary>
internal readonly record struct SubSinkEvent<T>(SubSinkEventKind Kind, T Element, Exception? Cause);

/// <summary>What a substream tells the stage that feeds it: a pull, or a cancellation.</summary>
internal readonly record struct SubSourceEvent(Exception? CancellationCause);

/// <summary>
/// What the stage has asked for before its counterpart has started, and how to reach it afterwards. The two may live in one actor or in two,
/// and either may speak first.
/// </summary>
internal sealed class SubLink<TCommand> where TCommand : class
{
    private readonly Queue<TCommand> _waiting = new();
    private readonly Lock _lock = new();
    private Action<TCommand>? _callback;
    private bool _timedOut;

    public bool IsMaterialized { get; private set; }

    /// <summary>Tells the counterpart, now or when it starts.</summary>
    public void Send(TCommand command)
    {
        Action<TCommand>? callback;
        lock (_lock)
        {
            callback = _callback;
            if (callback is null) _waiting.Enqueue(command);
        }

        callback?.Invoke(command);
    }

    /// <summary>Marks the one materialization.</summary>
    public void Claim(string name)
    {
        lock (_lock)
        {
            if (IsMaterialized) throw new IllegalStateException($"Substream {name} cannot be materialized more than once");
            IsMaterialized = true;
        }
    }

    /// <summary>Gives the counterpart what has been sent before, and from now on everything.</summary>
    public bool Connect(Action<TCommand> callback)
    {
        lock (_lock)
        {
            _callback = callback;
            while (_waiting.TryDequeue(out var command)) callback(command);
            return !_timedOut;
        }
    }

    /// <summary>Gives up if nobody has materialized it so far.</summary>
    public bool TimeOut()
    {
        lock (_lock)
        {
            if (IsMaterialized || _timedOut) return false;
            return _timedOut = true;
        }
    }
}

/// <summary>A sink whose elements go to a running stage, which pulls them.</summary>
internal sealed class SubSink<T>(string name, Action<SubSinkEvent<T>> tell) : GraphStage<SinkShape<T>>
{
    private static readonly object PullCommand = new();

    private readonly Inlet<T> _in = new($"SubSink({name}).in");
    private readonly SubLink<object> _link = new();
    private SinkShape<T>? _shape;

    public override SinkShape<T> Shape => _shape ??= new SinkShape<T>(_in);

    protected override Attributes InitialAttributes => Attributes.CreateName($"SubSink({name})");

    public void Pull() => _link.Send(PullCommand);

    public void Cancel(Exception cause) => _link.Send(cause);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes)
    {
        _link.Claim(name);
        return new Logic(this, tell);
    }

    private sealed class Logic : InGraphStageLogic
    {
        private readonly SubSink<T> _stage;
        private readonly Action<SubSinkEvent<T>> _tell;

        public Logic(SubSink<T> stage, Action<SubSinkEvent<T>> tell) : base(1, 0)
        {
            _stage = stage;
            _tell = tell;
            SetHandler(stage._in, this);
        }

        public override void PreStart() => _stage._link.Connect(GetAsyncCallback<object>(OnCommand));

        private void OnCommand(object command)
        {
            if (command is Exception cause) CancelStage(cause);
            else TryPull(_stage._in);
        }

        public override void OnPush() => _tell(new SubSinkEvent<T>(SubSinkEventKind.Next, Grab(_stage._in), null));

        public override void OnUpstreamFinish()
        {
            _tell(new SubSinkEvent<T>(SubSinkEventKind.Complete, default!, null));
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _tell(new SubSinkEvent<T>(SubSinkEventKind.Fail, default!, e));
            FailStage(e);
        }
    }
}

/// <summary>A source whose elements come from a running stage, which is told of every pull.</summary>
internal sealed class SubSource<T>(string name, Action<SubSourceEvent> tell) : GraphStage<SourceShape<T>>
{
    private abstract record Command;

    private sealed record NextCommand(T Element) : Command;

    private sealed record EndCommand(Exception? Cause) : Command;

    private readonly Outlet<T> _out = new($"SubSource({name}).out");
    private readonly SubLink<Command> _link = new();
    private SourceShape<T>? _shape;
    private TimeSpan _timeout;

    public override SourceShape<T> Shape => _shape ??= new SourceShape<T>(_out);

    protected override Attributes InitialAttributes => Attributes.CreateName($"SubSource({name})");

    public void Push(T element) => _link.Send(new NextCommand(element));

    public void Complete() => _link.Send(new EndCommand(null));

    public void Fail(Exception cause) => _link.Send(new EndCommand(cause));

    public bool TimeOut(TimeSpan after)
    {
        _timeout = after;
        return _link.TimeOut();
    }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes)
    {
        _link.Claim(name);
        return new Logic(this, tell);
    }

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly SubSource<T> _stage;
        private readonly Action<SubSourceEvent> _tell;

        public Logic(SubSource<T> stage, Action<SubSourceEvent> tell) : base(0, 1)
        {
            _stage = stage;
            _tell = tell;
            SetHandler(stage._out, this);
        }

        public override void PreStart()
        {
            if (!_stage._link.Connect(GetAsyncCallback<Command>(OnCommand)))
                FailStage(new SubscriptionTimeoutException(
                    $"Substream Source({_stage}) has not been materialized in {_stage._timeout}"));
        }

        private void OnCommand(Command command)
        {
            switch (command)
            {
                case NextCommand next:
                    // Pushed in answer to a pull; a cancellation may have crossed it.
                    if (IsAvailable(_stage._out)) Push(_stage._out, next.Element);
                    break;
                case EndCommand { Cause: { } cause }:
                    FailStage(cause);
                    break;
                default:
                    CompleteStage();
                    break;
            }
        }

        public override void OnPull() => _tell(default);

        public override void OnDownstreamFinish(Exception cause)
        {
            _tell(new SubSourceEvent(cause));
            CancelStage(cause);
        }
    }
}

/// <summary>A substream was not materialized in time.</summary>
internal sealed class SubscriptionTimeoutException(string message) : Exception(message);
