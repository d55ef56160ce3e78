using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A signal that is given once and heard by those who listen then and by those who come later.</summary>
internal sealed class KillSignal
{
    private readonly Lock _lock = new();
    private List<Action<Exception?>>? _listeners = [];
    private Exception? _cause;

    public void Fire(Exception? cause)
    {
        List<Action<Exception?>>? listeners;
        lock (_lock)
        {
            listeners = _listeners;
            if (listeners is null) return;
            _listeners = null;
            _cause = cause;
        }

        foreach (var listener in listeners) listener(cause);
    }

    public void Listen(Action<Exception?> listener)
    {
        lock (_lock)
        {
            if (_listeners is not null)
            {
                _listeners.Add(listener);
                return;
            }
        }

        listener(_cause);
    }

    public void Forget(Action<Exception?> listener)
    {
        lock (_lock) _listeners?.Remove(listener);
    }
}

/// <summary>A pass-through that ends when the signal is given: completes, or fails where there is a cause.</summary>
internal sealed class KillableLogic<T> : FlowLogic<T, T>
{
    private readonly KillSignal _signal;
    private readonly Action<Exception?> _listener;

    public KillableLogic(FlowShape<T, T> shape, KillSignal signal) : base(shape)
    {
        _signal = signal;
        _listener = GetAsyncCallback<Exception?>(cause =>
        {
            if (cause is null) CompleteStage();
            else FailStage(cause);
        });
    }

    public override void PreStart() => _signal.Listen(_listener);

    public override void OnPush() => Push(Out, Grab(In));

    public override void PostStop() => _signal.Forget(_listener);
}

internal sealed class UniqueSwitchFlow<T>() : FlowStage<T, T, UniqueKillSwitch>("killSwitch")
{
    public override ILogicAndMaterializedValue<UniqueKillSwitch> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var killSwitch = new UniqueKillSwitch();
        return new LogicAndMaterializedValue<UniqueKillSwitch>(new KillableLogic<T>(Shape, killSwitch.Signal), killSwitch);
    }
}

internal sealed class SharedSwitchFlow<T>(SharedKillSwitch killSwitch, KillSignal signal) : FlowStage<T, T, SharedKillSwitch>("sharedKillSwitch")
{
    public override ILogicAndMaterializedValue<SharedKillSwitch> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<SharedKillSwitch>(new KillableLogic<T>(Shape, signal), killSwitch);
}

internal sealed class UniqueSwitchBidi<T1, T2> : GraphStageWithMaterializedValue<BidiShape<T1, T1, T2, T2>, UniqueKillSwitch>
{
    public override BidiShape<T1, T1, T2, T2> Shape { get; } = new(new Inlet<T1>("KillSwitchBidi.in1"), new Outlet<T1>("KillSwitchBidi.out1"),
        new Inlet<T2>("KillSwitchBidi.in2"), new Outlet<T2>("KillSwitchBidi.out2"));

    protected override Attributes InitialAttributes => Attributes.CreateName("killSwitchBidi");

    public override ILogicAndMaterializedValue<UniqueKillSwitch> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var killSwitch = new UniqueKillSwitch();
        return new LogicAndMaterializedValue<UniqueKillSwitch>(new Logic(Shape, killSwitch.Signal), killSwitch);
    }

    private sealed class Logic : GraphStageLogic
    {
        private readonly KillSignal _signal;
        private readonly Action<Exception?> _listener;

        public Logic(BidiShape<T1, T1, T2, T2> shape, KillSignal signal) : base(shape)
        {
            _signal = signal;
            _listener = GetAsyncCallback<Exception?>(cause =>
            {
                if (cause is null) CompleteStage();
                else FailStage(cause);
            });
            Join(shape.Inlet1, shape.Outlet1);
            Join(shape.Inlet2, shape.Outlet2);
        }

        private void Join<T>(Inlet<T> from, Outlet<T> to)
        {
            SetHandler(from, () => Push(to, Grab(from)), () => Complete(to), cause => Fail(to, cause));
            SetHandler(to, () => Pull(from), cause => Cancel(from, cause));
        }

        public override void PreStart() => _signal.Listen(_listener);

        public override void PostStop() => _signal.Forget(_listener);
    }
}

internal sealed class TokenSwitchFlow<T>(CancellationToken token, bool graceful) : FlowStage<T, T>("cancellationSwitch")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, token, graceful);

    private sealed class Logic(FlowShape<T, T> shape, CancellationToken token, bool graceful) : FlowLogic<T, T>(shape)
    {
        private CancellationTokenRegistration _registration;

        public override void PreStart()
        {
            if (token.IsCancellationRequested) OnCancelled();
            else _registration = token.Register(GetAsyncCallback(OnCancelled));
        }

        private void OnCancelled()
        {
            if (graceful) CompleteStage();
            else FailStage(new OperationCanceledException("Stage cancelled due to cancellation token request.", token));
        }

        public override void OnPush() => Push(Out, Grab(In));

        public override void PostStop() => _registration.Dispose();
    }
}
