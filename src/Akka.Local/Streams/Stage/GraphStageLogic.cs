using Akka.Event;
using Akka.Pattern;
using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

/// <summary>
/// The mutable part of a stage, made anew for each run. Set a handler for every port in the constructor. From <see cref="PreStart"/> on the
/// stream calls one handler at a time, so that fields need no locks. A port is pulled at most once before an element comes, and pushed only
/// after it was pulled. The stage ends when all its ports are closed, and <see cref="PostStop"/> is called exactly once.
/// </summary>
public abstract partial class GraphStageLogic : IStageLogging
{
    public static readonly InHandler EagerTerminateInput = Stage.EagerTerminateInput.Instance;
    public static readonly InHandler IgnoreTerminateInput = Stage.IgnoreTerminateInput.Instance;
    public static readonly InHandler TotallyIgnorantInput = Stage.TotallyIgnorantInput.Instance;
    public static readonly OutHandler EagerTerminateOutput = Stage.EagerTerminateOutput.Instance;
    public static readonly OutHandler IgnoreTerminateOutput = Stage.IgnoreTerminateOutput.Instance;

    /// <summary>Does nothing.</summary>
    public static readonly Action DoNothing = () => { };

    /// <summary>Takes no element; completes with upstream while the predicate holds.</summary>
    public static InHandler ConditionalTerminateInput(Func<bool> predicate) => new ConditionalTerminateInput(predicate);

    /// <summary>Gives no element; ends with downstream while the predicate holds.</summary>
    public static OutHandler ConditionalTerminateOutput(Func<bool> predicate) => new ConditionalTerminateOutput(predicate);

    public readonly int InCount;
    public readonly int OutCount;

    private readonly object?[] _handlers;
    private GraphInterpreter? _interpreter;
    private ILoggingAdapter? _log;
    private bool _isCancelling;

    internal Connection[] Ports = null!;
    internal Attributes Attributes = Attributes.None;
    internal int OpenPorts;
    internal bool KeepGoing;
    internal bool IsStopped;

    protected GraphStageLogic(int inCount, int outCount)
    {
        InCount = inCount;
        OutCount = outCount;
        OpenPorts = inCount + outCount;
        _handlers = new object?[inCount + outCount];
        Island = Materialization.Creating?.Host!;
    }

    protected GraphStageLogic(Shape shape) : this(shape.Inlets.Length, shape.Outlets.Length) { }

    internal IslandHost Island { get; private set; }

    internal GraphInterpreter Interpreter
    {
        get => _interpreter ?? throw new IllegalStateException(
            "Not yet initialized: only SetHandler is allowed in a GraphStageLogic's constructor. To use the ports, the materializer or " +
            "the log when the stage starts, override PreStart.");
        set
        {
            _interpreter = value;
            Island = value.Host;
        }
    }

    internal string Name => Attributes.GetNameOrDefault(GetType().Name);

    /// <summary>Whether the stage outlives its ports without having asked for it with <see cref="SetKeepGoing"/>.</summary>
    public virtual bool KeepGoingAfterAllPortsClosed => false;

    /// <summary>The materializer that runs this stage.</summary>
    protected IMaterializer Materializer => Interpreter.Materializer;

    /// <summary>Runs graphs inside of this stage's own actor: substreams that need no actor of their own.</summary>
    protected IMaterializer SubFusingMaterializer => new SubFusingMaterializer(Interpreter.Materializer, Island);

    /// <summary>What stands in the log as the origin of this stage's entries.</summary>
    protected virtual object LogSource => this;

    /// <summary>A log that belongs to this stage.</summary>
    public ILoggingAdapter Log => _log ??= Interpreter.Materializer.MakeLogger(LogSource);

    /// <summary>The first call a stage gets.</summary>
    public virtual void PreStart() { }

    /// <summary>The last call a stage gets, however it ended. Its ports are closed.</summary>
    public virtual void PostStop() { }

    protected virtual void BeforePreStart() { }

    protected virtual void AfterPostStop() => _stageActor?.Stop();

    internal void CallPreStart()
    {
        KeepGoing = KeepGoingAfterAllPortsClosed;
        BeforePreStart();
        PreStart();
    }

    internal void CallPostStop()
    {
        try
        {
            PostStop();
        }
        finally
        {
            AfterPostStop();
        }
    }

    internal void Attach(int port, Connection connection)
    {
        Ports[port] = connection;
        if (port < InCount) connection.InHandler = (IInHandler)_handlers[port]!;
        else connection.OutHandler = (IOutHandler)_handlers[port]!;
    }

    internal void RequireHandlers()
    {
        for (var i = 0; i < _handlers.Length; i++)
            if (_handlers[i] is null)
                throw new IllegalStateException(i < InCount
                    ? $"No handler defined in stage [{Name}] for inlet number {i}: set one in the logic's constructor"
                    : $"No handler defined in stage [{Name}] for outlet number {i - InCount}: set one in the logic's constructor");
    }

    private Connection Of(Inlet inlet) =>
        Ports is { } ports ? ports[inlet.Id] : throw new IllegalStateException("Ports may be used from PreStart on");

    private Connection Of(Outlet outlet) =>
        Ports is { } ports ? ports[InCount + outlet.Id] : throw new IllegalStateException("Ports may be used from PreStart on");

    /// <summary>Sets who is told about <paramref name="inlet"/>; may be changed at any time.</summary>
    protected void SetHandler<T>(Inlet<T> inlet, IInHandler handler)
    {
        _handlers[inlet.Id] = handler ?? throw new ArgumentNullException(nameof(handler));
        if (Ports?[inlet.Id] is { } connection) connection.InHandler = handler;
    }

    /// <summary>Sets who is told about <paramref name="outlet"/>; may be changed at any time.</summary>
    protected void SetHandler<T>(Outlet<T> outlet, IOutHandler handler)
    {
        var port = InCount + outlet.Id;
        _handlers[port] = handler ?? throw new ArgumentNullException(nameof(handler));
        if (Ports?[port] is { } connection) connection.OutHandler = handler;
    }

    /// <inheritdoc cref="SetHandler{T}(Inlet{T}, IInHandler)"/>
    protected void SetHandler<T>(Inlet<T> inlet, Action onPush, Action? onUpstreamFinish = null, Action<Exception>? onUpstreamFailure = null)
    {
        ArgumentNullException.ThrowIfNull(onPush);
        SetHandler(inlet, new LambdaInHandler(onPush, onUpstreamFinish, onUpstreamFailure));
    }

    /// <inheritdoc cref="SetHandler{T}(Outlet{T}, IOutHandler)"/>
    protected void SetHandler<T>(Outlet<T> outlet, Action onPull, Action<Exception>? onDownstreamFinish = null)
    {
        ArgumentNullException.ThrowIfNull(onPull);
        SetHandler(outlet, new LambdaOutHandler(onPull, onDownstreamFinish));
    }

    /// <summary>Sets the logic itself as the handler of both ports.</summary>
    protected void SetHandler<TIn, TOut>(Inlet<TIn> inlet, Outlet<TOut> outlet, InAndOutGraphStageLogic handler) =>
        SetHandlers(inlet, outlet, handler);

    /// <summary>Sets the logic itself as the handler of both ports.</summary>
    protected void SetHandlers<TIn, TOut>(Inlet<TIn> inlet, Outlet<TOut> outlet, InAndOutGraphStageLogic handler)
    {
        SetHandler(inlet, (IInHandler)handler);
        SetHandler(outlet, (IOutHandler)handler);
    }

    protected IInHandler GetHandler<T>(Inlet<T> inlet) => (IInHandler)_handlers[inlet.Id]!;

    protected IOutHandler GetHandler<T>(Outlet<T> outlet) => (IOutHandler)_handlers[InCount + outlet.Id]!;

    private IOutHandler OutHandlerOf(Outlet outlet) => (IOutHandler)_handlers[InCount + outlet.Id]!;

    /// <summary>Asks upstream for one element.</summary>
    /// <exception cref="ArgumentException">The port is closed, or has been pulled already.</exception>
    protected internal void Pull<T>(Inlet<T> inlet) => Interpreter.Pull(Of(inlet));

    /// <summary>Asks upstream for one element unless the port is closed.</summary>
    /// <exception cref="ArgumentException">The port has been pulled already.</exception>
    protected internal void TryPull<T>(Inlet<T> inlet)
    {
        if (!IsClosed(inlet)) Pull(inlet);
    }

    /// <summary>Ends upstream: no more elements are needed.</summary>
    protected void Cancel<T>(Inlet<T> inlet) => Cancel(inlet, SubscriptionWithCancelException.NoMoreElementsNeeded.Instance);

    /// <summary>Ends upstream, telling it why.</summary>
    protected void Cancel<T>(Inlet<T> inlet, Exception cause) => Interpreter.Cancel(Of(inlet), cause);

    /// <summary>Takes the element that was pushed; possible once a push.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    protected internal T Grab<T>(Inlet<T> inlet)
    {
        var connection = Of(inlet);
        const int available = Connection.InReady | Connection.HasElement;
        if ((connection.State & available) != available)
            throw new ArgumentException($"Cannot get element from already empty input port ({inlet})");
        return connection is Connection<T> typed ? typed.Take() : (T)connection.TakeBoxed()!;
    }

    /// <summary>Whether the port was pulled and no element has come yet.</summary>
    protected internal bool HasBeenPulled<T>(Inlet<T> inlet) => (Of(inlet).State & (Connection.InReady | Connection.InClosed)) == 0;

    /// <summary>Whether there is an element to be grabbed.</summary>
    protected internal bool IsAvailable<T>(Inlet<T> inlet)
    {
        const int available = Connection.InReady | Connection.HasElement;
        return (Of(inlet).State & available) == available;
    }

    /// <summary>Whether nothing more will come.</summary>
    protected bool IsClosed<T>(Inlet<T> inlet) => (Of(inlet).State & Connection.InClosed) != 0;

    /// <summary>Sends one element; the port must have been pulled.</summary>
    /// <exception cref="ArgumentException">The port is closed, or has not been pulled.</exception>
    protected internal void Push<T>(Outlet<T> outlet, T element)
    {
        var connection = Of(outlet);
        const int pulled = Connection.OutReady | Connection.OutClosed;
        if ((connection.State & pulled) == Connection.OutReady)
        {
            if (connection is Connection<T> typed) typed.Set(element);
            else connection.SetBoxed(element);
        }

        Interpreter.Push(connection, outlet);
    }

    /// <summary>Whether the port was pulled and may be pushed.</summary>
    protected internal bool IsAvailable<T>(Outlet<T> outlet) =>
        (Of(outlet).State & (Connection.OutReady | Connection.OutClosed)) == Connection.OutReady;

    /// <summary>Whether nothing more can be sent.</summary>
    protected bool IsClosed<T>(Outlet<T> outlet) => (Of(outlet).State & Connection.OutClosed) != 0;

    /// <summary>Ends downstream, once everything that is being emitted has been sent.</summary>
    protected void Complete<T>(Outlet<T> outlet) => CompletePort(InCount + outlet.Id);

    /// <summary>Fails downstream at once.</summary>
    protected void Fail<T>(Outlet<T> outlet, Exception reason) => Interpreter.Fail(Of(outlet), reason);

    private void CompletePort(int port)
    {
        if (_handlers[port] is Emitter emitter) emitter.CompleteAtEnd();
        else Interpreter.Complete(Ports[port]);
    }

    /// <summary>
    /// Keeps the stage alive after all its ports are closed, so that it still gets callbacks and timers. Must be undone, or the stream never
    /// ends.
    /// </summary>
    protected void SetKeepGoing(bool enabled) => KeepGoing = enabled;

    /// <summary>Cancels every input, completes every output once what is being emitted has been sent, and stops the stage.</summary>
    public void CompleteStage() => CloseAll(SubscriptionWithCancelException.StageWasCompleted.Instance, null);

    /// <summary>Cancels every input, fails every output and stops the stage.</summary>
    public void FailStage(Exception reason) => CloseAll(reason, reason);

    /// <summary>
    /// What cancellation from downstream means to a stage by default: it completes if downstream had enough, and fails with the cause
    /// otherwise. Every input is cancelled with the same cause.
    /// </summary>
    public void CancelStage(Exception cause) =>
        CloseAll(cause, cause is SubscriptionWithCancelException.NonFailureCancellation ? null : cause);

    /// <summary>For handlers that pass a cancellation on as it came.</summary>
    public void InternalOnDownstreamFinish(Exception cause)
    {
        if (cause is null) throw new ArgumentException("The cause of a cancellation must not be null", nameof(cause));
        if (_isCancelling) throw new ArgumentException("OnDownstreamFinish must not be called recursively", nameof(cause));
        _isCancelling = true;
        try
        {
            CancelStage(cause);
        }
        finally
        {
            _isCancelling = false;
        }
    }

    private void CloseAll(Exception cancellation, Exception? failure)
    {
        var interpreter = Interpreter;
        for (var i = 0; i < InCount; i++) interpreter.Cancel(Ports[i], cancellation);
        for (var i = InCount; i < Ports.Length; i++)
        {
            if (failure is not null) interpreter.Fail(Ports[i], failure);
            else CompletePort(i);
        }

        KeepGoing = false;
    }

    /// <summary>
    /// A function that may be called from any thread, at any time, and has <paramref name="handler"/> run inside of the stage. Calls after
    /// the stage has stopped are dropped.
    /// </summary>
    protected internal Action<T> GetAsyncCallback<T>(Action<T> handler) =>
        argument => Island.Post(new AsyncInput<T>(this, handler, argument));

    /// <inheritdoc cref="GetAsyncCallback{T}"/>
    protected internal Action GetAsyncCallback(Action handler)
    {
        Action<Action> call = static h => h();
        return () => Island.Post(new AsyncInput<Action>(this, call, handler));
    }
}

/// <summary>A logic that handles its one input itself.</summary>
public abstract class InGraphStageLogic : GraphStageLogic, IInHandler
{
    protected InGraphStageLogic(int inCount, int outCount) : base(inCount, outCount) { }

    protected InGraphStageLogic(Shape shape) : base(shape) { }

    public abstract void OnPush();

    public virtual void OnUpstreamFinish() => CompleteStage();

    public virtual void OnUpstreamFailure(Exception e) => FailStage(e);
}

/// <summary>A logic that handles its one output itself.</summary>
public abstract class OutGraphStageLogic : GraphStageLogic, IOutHandler
{
    protected OutGraphStageLogic(int inCount, int outCount) : base(inCount, outCount) { }

    protected OutGraphStageLogic(Shape shape) : base(shape) { }

    public abstract void OnPull();

    public virtual void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);
}

/// <summary>A logic that handles its one input and its one output itself.</summary>
public abstract class InAndOutGraphStageLogic : GraphStageLogic, IInHandler, IOutHandler
{
    protected InAndOutGraphStageLogic(int inCount, int outCount) : base(inCount, outCount) { }

    protected InAndOutGraphStageLogic(Shape shape) : base(shape) { }

    public abstract void OnPush();

    public virtual void OnUpstreamFinish() => CompleteStage();

    public virtual void OnUpstreamFailure(Exception e) => FailStage(e);

    public abstract void OnPull();

    public virtual void OnDownstreamFinish(Exception cause) => InternalOnDownstreamFinish(cause);
}
