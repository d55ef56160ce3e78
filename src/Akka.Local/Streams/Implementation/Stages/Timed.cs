using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Completes after a while.</summary>
internal sealed class TakeWithin<T>(TimeSpan duration) : FlowStage<T, T>("takeWithin")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, duration);

    private sealed class Logic(FlowShape<T, T> shape, TimeSpan duration) : TimerFlowLogic<T, T>(shape)
    {
        public override void PreStart() => ScheduleOnce("TakeWithinTimer", duration);

        public override void OnPush() => Push(Out, Grab(In));

        protected internal override void OnTimer(object timerKey) => CompleteStage();
    }
}

/// <summary>Drops what comes before a while has passed.</summary>
internal sealed class SkipWithin<T>(TimeSpan duration) : FlowStage<T, T>("skipWithin")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, duration);

    private sealed class Logic(FlowShape<T, T> shape, TimeSpan duration) : TimerFlowLogic<T, T>(shape)
    {
        private bool _open;

        public override void PreStart() => ScheduleOnce("DropWithinTimer", duration);

        public override void OnPush()
        {
            var element = Grab(In);
            if (_open) Push(Out, element);
            else Pull(In);
        }

        protected internal override void OnTimer(object timerKey) => _open = true;
    }
}

/// <summary>Passes no demand on before a while has passed.</summary>
internal sealed class DelayInitial<T>(TimeSpan delay) : FlowStage<T, T>("delayInitial")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, delay);

    private sealed class Logic(FlowShape<T, T> shape, TimeSpan delay) : TimerFlowLogic<T, T>(shape)
    {
        private bool _open;

        public override void PreStart()
        {
            if (delay == TimeSpan.Zero) _open = true;
            else ScheduleOnce("DelayTimer", delay);
        }

        public override void OnPush() => Push(Out, Grab(In));

        public override void OnPull()
        {
            if (_open) Pull(In);
        }

        protected internal override void OnTimer(object timerKey)
        {
            _open = true;
            if (IsAvailable(Out)) Pull(In);
        }
    }
}

/// <summary>Groups by number and weight, and by time: a group that is not full is given when the interval is over.</summary>
internal sealed class GroupedWeightedWithin<T>(long maxWeight, int maxNumber, TimeSpan interval, Func<T, long> cost)
    : FlowStage<T, IEnumerable<T>>("groupedWeightedWithin")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, maxWeight, maxNumber, interval, cost);

    private sealed class Logic(FlowShape<T, IEnumerable<T>> shape, long maxWeight, int maxNumber, TimeSpan interval, Func<T, long> cost)
        : TimerFlowLogic<T, IEnumerable<T>>(shape)
    {
        private static readonly object Timer = "GroupedWithinTimer";

        private List<T> _group = [];
        private long _weight;
        private T _pending = default!;
        private long _pendingWeight;
        private bool _hasPending;
        private bool _isClosed;
        private bool _ended;

        public override void PreStart()
        {
            ScheduleRepeatedly(Timer, interval);
            Pull(In);
        }

        public override void OnPush()
        {
            // A closed group waits for demand; the element stays where it is until then.
            if (!_isClosed) Add(Grab(In));
        }

        private void Add(T element)
        {
            var weight = cost(element);
            if (weight < 0)
            {
                FailStage(new ArgumentException($"Negative weight [{weight}] for element [{element}] is not allowed"));
                return;
            }

            if (_group.Count > 0 && _weight + weight > maxWeight)
            {
                _pending = element;
                _pendingWeight = weight;
                _hasPending = true;
                CloseFull();
                return;
            }

            _group.Add(element);
            _weight += weight;
            if (_weight >= maxWeight || _group.Count >= maxNumber) CloseFull();
            else Pull(In);
        }

        private void CloseFull()
        {
            // The next group has the whole interval.
            ScheduleRepeatedly(Timer, interval);
            Close();
        }

        private void Close()
        {
            _isClosed = true;
            if (IsAvailable(Out)) Emit();
        }

        private void Emit()
        {
            Push(Out, _group);
            _group = [];
            _weight = 0;
            _isClosed = false;
            if (_hasPending)
            {
                _hasPending = false;
                _group.Add(_pending);
                _weight = _pendingWeight;
                _pending = default!;
                if (_weight >= maxWeight || _group.Count >= maxNumber) _isClosed = true;
            }

            if (_ended)
            {
                if (_group.Count == 0) CompleteStage();
                else _isClosed = true;
            }
            else if (!_isClosed)
            {
                if (IsAvailable(In)) Add(Grab(In));
                else if (!HasBeenPulled(In)) Pull(In);
            }
        }

        public override void OnPull()
        {
            if (_isClosed) Emit();
        }

        public override void OnUpstreamFinish()
        {
            _ended = true;
            if (_group.Count == 0 && !_isClosed) CompleteStage();
            else Close();
        }

        protected internal override void OnTimer(object timerKey)
        {
            if (_group.Count > 0 && !_isClosed) Close();
        }
    }
}

/// <summary>Lets elements pass at a rate: a bucket holds as many tokens as the burst allows and fills one after another.</summary>
internal sealed class Throttle<T>(int cost, TimeSpan per, int maximumBurst, Func<T, int> calculateCost, ThrottleMode mode)
    : FlowStage<T, T>("throttle")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(Shape, per.Ticks / cost, maximumBurst, calculateCost, mode, inheritedAttributes);

    private sealed class Logic(FlowShape<T, T> shape, long ticksPerToken, int burst, Func<T, int> calculateCost, ThrottleMode mode,
        Attributes attributes) : TimerFlowLogic<T, T>(shape)
    {
        private static readonly object Timer = "ThrottleTimer";

        private long _tokens = burst;
        private long _updated;
        private T _waiting = default!;
        private bool _willStop;

        public override void PreStart() => _updated = Now.Ticks;

        public override void OnPush()
        {
            var element = Grab(In);
            int cost;
            try
            {
                cost = calculateCost(element);
            }
            catch (Exception e)
            {
                if (attributes.Decider()(e) == Supervision.Directive.Stop) FailStage(e);
                else TryPull(In);
                return;
            }

            var delay = Offer(cost);
            if (delay == 0) Push(Out, element);
            else if (mode == ThrottleMode.Enforcing) FailStage(new OverflowException("Maximum throttle throughput exceeded."));
            else
            {
                _waiting = element;
                ScheduleOnce(Timer, TimeSpan.FromTicks(delay));
            }
        }

        /// <summary>Takes tokens for an element.</summary>
        /// <returns>The ticks to wait for them, zero if there are enough.</returns>
        private long Offer(int cost)
        {
            var now = Now.Ticks;
            // Tokens are whole: what has passed since the last whole one is kept for the next.
            var arrived = Math.Max(0, (now - _updated) / ticksPerToken);
            _tokens = Math.Min(burst, _tokens + arrived);
            _updated += arrived * ticksPerToken;
            if (cost <= _tokens)
            {
                _tokens -= cost;
                return 0;
            }

            var missing = cost - _tokens;
            _tokens = 0;
            var ready = _updated + missing * ticksPerToken;
            _updated = ready;
            return Math.Max(1, ready - now);
        }

        protected internal override void OnTimer(object timerKey)
        {
            var element = _waiting;
            _waiting = default!;
            Push(Out, element);
            if (_willStop) CompleteStage();
        }

        public override void OnUpstreamFinish()
        {
            if (IsAvailable(Out) && IsTimerActive(Timer)) _willStop = true;
            else CompleteStage();
        }
    }
}

/// <summary>Fills silences: gives an element of its own when none has come for a while and downstream waits.</summary>
internal sealed class IdleInject<TIn, TOut>(TimeSpan timeout, Func<TOut> inject) : FlowStage<TIn, TOut>("idleInject") where TIn : TOut
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, timeout, inject);

    private sealed class Logic(FlowShape<TIn, TOut> shape, TimeSpan timeout, Func<TOut> inject) : TimerFlowLogic<TIn, TOut>(shape)
    {
        private static readonly object Timer = "IdleInjectTimer";

        private TimeSpan _deadline;

        public override void PreStart()
        {
            _deadline = Now + timeout;
            Pull(In);
        }

        public override void OnPush()
        {
            _deadline = Now + timeout;
            CancelTimer(Timer);
            if (!IsAvailable(Out)) return;
            Push(Out, Grab(In));
            Pull(In);
        }

        public override void OnPull()
        {
            if (IsAvailable(In))
            {
                Push(Out, Grab(In));
                if (IsClosed(In)) CompleteStage();
                else Pull(In);
                return;
            }

            InjectOrWait();
        }

        private void InjectOrWait()
        {
            var now = Now;
            if (_deadline <= now)
            {
                _deadline = now + timeout;
                Push(Out, inject());
            }
            else ScheduleOnce(Timer, _deadline - now);
        }

        protected internal override void OnTimer(object timerKey)
        {
            if (IsAvailable(Out)) InjectOrWait();
        }

        public override void OnUpstreamFinish()
        {
            if (!IsAvailable(In)) CompleteStage();
        }
    }
}
