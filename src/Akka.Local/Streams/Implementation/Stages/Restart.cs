using Akka.Event;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>What restarting sources, flows and sinks have in common: when to start again, and when to give up.</summary>
internal abstract class RestartLogic(string name, Shape shape, RestartSettings settings, bool onlyOnFailures) : TimerGraphStageLogic(shape)
{
    private static readonly object Timer = "RestartTimer";

    private int _restarts;
    private TimeSpan _forgetAt;
    private bool _upstreamEnded;

    private TimeSpan Now => Interpreter.Materializer.Now;

    /// <summary>Runs the inner graph.</summary>
    protected abstract void StartGraph();

    /// <summary>There is demand for the inner source now, or an element for the inner sink.</summary>
    protected abstract void Backoff();

    public override void PreStart() => Start();

    private void Start()
    {
        StartGraph();
        _forgetAt = Now + settings.MaxRestartsWithin;
    }

    protected internal override void OnTimer(object timerKey) => Start();

    private bool LimitReached()
    {
        if (_forgetAt <= Now) _restarts = 0;
        return _restarts >= settings.MaxRestarts;
    }

    private void Schedule()
    {
        var exponent = Math.Min(_restarts++, 30);
        var delay = Math.Min(settings.MaxBackoff.TotalMilliseconds, settings.MinBackoff.TotalMilliseconds * Math.Pow(2, exponent));
        delay *= 1 + Random.Shared.NextDouble() * settings.RandomFactor;
        Backoff();
        ScheduleOnce(Timer, TimeSpan.FromMilliseconds(delay));
    }

    /// <summary>An input from the inner graph to <paramref name="outlet"/>; restarts when it ends.</summary>
    private protected SubSinkInlet<T> CreateInner<T>(Outlet<T> outlet)
    {
        var inner = new SubSinkInlet<T>(this, $"RestartWithBackoff{name}.subIn");
        inner.SetHandler(new LambdaInHandler(() => Push(outlet, inner.Grab()), () =>
        {
            if (_upstreamEnded || onlyOnFailures || LimitReached()) CompleteStage();
            else
            {
                Log.Debug("Restarting graph due to finished upstream");
                Schedule();
            }
        }, cause =>
        {
            if (_upstreamEnded || LimitReached()) FailStage(cause);
            else
            {
                Log.Warning("Restarting graph due to failure. Stack trace: {0}", cause);
                Schedule();
            }
        }));
        SetHandler(outlet, new LambdaOutHandler(() =>
        {
            if (!inner.HasBeenPulled && !inner.IsClosed && !inner.IsAvailable) inner.Pull();
        }, cause =>
        {
            inner.Cancel(cause);
            CancelOthers(cause);
        }));
        return inner;
    }

    /// <summary>Downstream has cancelled; there may be an input to cancel, too.</summary>
    protected virtual void CancelOthers(Exception cause) => CancelStage(cause);

    /// <summary>An output from <paramref name="inlet"/> into the inner graph; restarts when it is cancelled.</summary>
    private protected SubSourceOutlet<T> CreateInner<T>(Inlet<T> inlet)
    {
        var inner = new SubSourceOutlet<T>(this, $"RestartWithBackoff{name}.subOut");
        inner.SetHandler(new LambdaOutHandler(() =>
        {
            if (IsAvailable(inlet)) inner.Push(Grab(inlet));
            else if (!IsClosed(inlet) && !HasBeenPulled(inlet)) Pull(inlet);
        }, cause => OnInnerCancelled(inlet, cause)));
        SetHandler(inlet, new LambdaInHandler(() =>
        {
            if (inner.IsAvailable) inner.Push(Grab(inlet));
        }, () =>
        {
            _upstreamEnded = true;
            inner.Complete();
        }, cause =>
        {
            _upstreamEnded = true;
            inner.Fail(cause);
        }));
        return inner;
    }

    /// <summary>The inner graph takes nothing more.</summary>
    protected virtual void OnInnerCancelled<T>(Inlet<T> inlet, Exception cause)
    {
        if (LimitReached()) Cancel(inlet, cause);
        else
        {
            Log.Debug("Graph in finished, restarting. Cause: {0}", cause);
            Schedule();
        }
    }
}

internal sealed class RestartSourceStage<T, TMat>(Func<Source<T, TMat>> factory, RestartSettings settings, bool onlyOnFailures)
    : SourceStage<T>("RestartWithBackoffSource")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, factory, settings, onlyOnFailures, inheritedAttributes);

    private sealed class Logic : RestartLogic
    {
        private readonly SourceShape<T> _shape;
        private readonly Func<Source<T, TMat>> _factory;
        private readonly Attributes _attributes;

        public Logic(SourceShape<T> shape, Func<Source<T, TMat>> factory, RestartSettings settings, bool onlyOnFailures, Attributes attributes)
            : base("Source", shape, settings, onlyOnFailures)
        {
            _shape = shape;
            _factory = factory;
            _attributes = attributes;
            Backoff();
        }

        protected override void StartGraph()
        {
            var inner = CreateInner(_shape.Outlet);
            SubFusingMaterializer.Materialize(_factory().To(inner.Sink), _attributes);
            if (IsAvailable(_shape.Outlet)) inner.Pull();
        }

        protected override void Backoff() => SetHandler(_shape.Outlet, EagerTerminateOutput);
    }
}

internal sealed class RestartSinkStage<T, TMat>(Func<Sink<T, TMat>> factory, RestartSettings settings)
    : SinkStage<T, NotUsed>("RestartWithBackoffSink")
{
    public override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<NotUsed>(new Logic(Shape, factory, settings, inheritedAttributes), NotUsed.Instance);

    private sealed class Logic : RestartLogic
    {
        private readonly SinkShape<T> _shape;
        private readonly Func<Sink<T, TMat>> _factory;
        private readonly Attributes _attributes;

        public Logic(SinkShape<T> shape, Func<Sink<T, TMat>> factory, RestartSettings settings, Attributes attributes)
            : base("Sink", shape, settings, onlyOnFailures: false)
        {
            _shape = shape;
            _factory = factory;
            _attributes = attributes;
            Backoff();
        }

        protected override void StartGraph()
        {
            var inner = CreateInner(_shape.Inlet);
            SubFusingMaterializer.Materialize(Source.FromGraph(inner.Source).To(_factory()), _attributes);
        }

        protected override void Backoff() => SetHandler(_shape.Inlet, EagerTerminateInput);
    }
}

internal sealed class RestartFlowStage<TIn, TOut, TMat>(Func<Flow<TIn, TOut, TMat>> factory, RestartSettings settings, bool onlyOnFailures)
    : FlowStage<TIn, TOut>("RestartWithBackoffFlow")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, factory, settings, onlyOnFailures, inheritedAttributes);

    private sealed class Logic : RestartLogic
    {
        private readonly FlowShape<TIn, TOut> _shape;
        private readonly Func<Flow<TIn, TOut, TMat>> _factory;
        private readonly Attributes _attributes;
        private SubSourceOutlet<TIn>? _into;
        private SubSinkInlet<TOut>? _from;

        public Logic(FlowShape<TIn, TOut> shape, Func<Flow<TIn, TOut, TMat>> factory, RestartSettings settings, bool onlyOnFailures,
            Attributes attributes) : base("Flow", shape, settings, onlyOnFailures)
        {
            _shape = shape;
            _factory = factory;
            _attributes = attributes;
            Backoff();
        }

        protected override void StartGraph()
        {
            _into = CreateInner(_shape.Inlet);
            _from = CreateInner(_shape.Outlet);
            SubFusingMaterializer.Materialize(Source.FromGraph(_into.Source).Via(_factory()).To(_from.Sink), _attributes);
            if (IsAvailable(_shape.Outlet)) _from.Pull();
        }

        protected override void Backoff()
        {
            // The half that is still open belongs to a flow that is given up.
            if (_into is { IsClosed: false }) _into.Complete();
            if (_from is { IsClosed: false }) _from.Cancel();
            _into = null;
            _from = null;
            SetHandler(_shape.Inlet, EagerTerminateInput);
            SetHandler(_shape.Outlet, EagerTerminateOutput);
        }

        // The inner flow's output decides: having taken enough, it may still give elements, and then end or fail.
        protected override void OnInnerCancelled<T>(Inlet<T> inlet, Exception cause) { }

        protected override void CancelOthers(Exception cause)
        {
            if (_into is { IsClosed: false }) _into.Complete();
            CancelStage(cause);
        }
    }
}
