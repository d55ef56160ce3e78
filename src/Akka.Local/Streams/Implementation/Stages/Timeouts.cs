using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>What a timeout waits for.</summary>
internal enum TimeoutKind
{
    Initial,
    Completion,
    Idle,
    Backpressure,
}

/// <summary>
/// Fails the stream with a <see cref="TimeoutException"/> when something has not happened in time. One timer runs to the earliest possible
/// deadline and is set anew only when it fires too early, so that an element costs no timer.
/// </summary>
internal sealed class Timeout<T>(TimeoutKind kind, TimeSpan timeout) : FlowStage<T, T>($"{kind.ToString().ToLowerInvariant()}Timeout")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, kind, timeout);

    private sealed class Logic(FlowShape<T, T> shape, TimeoutKind kind, TimeSpan timeout) : TimerFlowLogic<T, T>(shape)
    {
        private static readonly object Timer = "TimeoutTimer";

        private TimeSpan _deadline;
        private bool _isSafe;

        public override void PreStart()
        {
            _deadline = Now + timeout;
            ScheduleOnce(Timer, timeout);
        }

        public override void OnPush()
        {
            switch (kind)
            {
                case TimeoutKind.Initial:
                    _isSafe = true;
                    break;
                case TimeoutKind.Idle:
                    _deadline = Now + timeout;
                    break;
                case TimeoutKind.Backpressure:
                    _deadline = Now + timeout;
                    _isSafe = false;
                    break;
            }

            Push(Out, Grab(In));
        }

        public override void OnPull()
        {
            if (kind == TimeoutKind.Backpressure) _isSafe = true;
            Pull(In);
        }

        protected internal override void OnTimer(object timerKey)
        {
            var now = Now;
            if (!_isSafe && _deadline <= now)
            {
                FailStage(new TimeoutException(kind switch
                {
                    TimeoutKind.Initial => $"The first element has not yet passed through in {timeout}.",
                    TimeoutKind.Completion => $"The stream has not been completed in {timeout}.",
                    TimeoutKind.Idle => $"No elements passed in the last {timeout}.",
                    _ => $"No demand signalled in the last {timeout}.",
                }));
                return;
            }

            if (kind == TimeoutKind.Initial) return;
            // While demand is outstanding nothing can time out before an element has come and a whole timeout has passed since.
            ScheduleOnce(Timer, _isSafe || _deadline <= now ? timeout : _deadline - now);
        }
    }
}

/// <summary>Fails both directions when neither has seen an element for a while.</summary>
internal sealed class IdleTimeoutBidi<TIn, TOut> : GraphStage<BidiShape<TIn, TIn, TOut, TOut>>
{
    private readonly TimeSpan _timeout;

    public IdleTimeoutBidi(TimeSpan timeout)
    {
        _timeout = timeout;
        Shape = new BidiShape<TIn, TIn, TOut, TOut>(new Inlet<TIn>("in1"), new Outlet<TIn>("out1"), new Inlet<TOut>("in2"),
            new Outlet<TOut>("out2"));
    }

    public override BidiShape<TIn, TIn, TOut, TOut> Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName("idleTimeoutBidi");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, _timeout);

    private sealed class Logic : TimerGraphStageLogic
    {
        private static readonly object Timer = "IdleTimeoutTimer";

        private readonly TimeSpan _timeout;
        private TimeSpan _deadline;

        public Logic(BidiShape<TIn, TIn, TOut, TOut> shape, TimeSpan timeout) : base(shape)
        {
            _timeout = timeout;
            Join(shape.Inlet1, shape.Outlet1);
            Join(shape.Inlet2, shape.Outlet2);
        }

        private void Join<T>(Inlet<T> from, Outlet<T> to)
        {
            SetHandler(from, () =>
            {
                _deadline = Interpreter.Materializer.Now + _timeout;
                Push(to, Grab(from));
            }, () => Complete(to));
            SetHandler(to, () => Pull(from), cause => Cancel(from, cause));
        }

        public override void PreStart()
        {
            _deadline = Interpreter.Materializer.Now + _timeout;
            ScheduleOnce(Timer, _timeout);
        }

        protected internal override void OnTimer(object timerKey)
        {
            var left = _deadline - Interpreter.Materializer.Now;
            if (left > TimeSpan.Zero) ScheduleOnce(Timer, left);
            else FailStage(new TimeoutException($"No elements passed in the last {_timeout}."));
        }
    }
}
