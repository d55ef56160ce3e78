using ActorKube.Transport;
using Akka.Streams;
using Akka.Streams.Stage;

namespace ActorKube.Streams;

/// <summary>Runs a <see cref="ReflectorLoop"/>: does what it says, tells it what happened, and does nothing at all without demand.</summary>
/// <remarks>
/// Emits when a step of the loop has something to tell. Backpressures by not reading: without demand no list is asked for, no event is read from the
/// socket and no retry starts; at most one event is in hand. Completes never. Fails only where the loop itself is at fault. Cancellation closes the watch once.
/// </remarks>
sealed class ListAndWatchStage(IListWatch listWatch, ListAndWatchSettings settings, TimeProvider time, Func<double> random) : GraphStage<SourceShape<ReflectorEvent>>
{
    readonly Outlet<ReflectorEvent> _out = new("listAndWatch.out");

    /// <inheritdoc/>
    public override SourceShape<ReflectorEvent> Shape => new(_out);

    /// <inheritdoc/>
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, listWatch, settings, time, random);

    sealed class Logic : TimerGraphStageLogic
    {
        const string WaitTimer = "wait";
        const string DeadlineTimer = "deadline";
        const string IdleTimer = "idle";
        const string SlowTimer = "slow";

        readonly Outlet<ReflectorEvent> _out;
        readonly IListWatch _listWatch;
        readonly TimeProvider _time;
        readonly TimeSpan? _idleTimeout;
        readonly TimeSpan _slowAfter;
        readonly ReflectorLoop _loop;
        readonly CancellationTokenSource _stopped = new();
        readonly Action<(int Attempt, LoopInput Input)> _arrived;
        ReflectorState _state = null!;
        LoopAction _next = null!;
        OpenWatch? _watch;
        int _attempt;
        bool _busy;
        bool _overdue;
        DateTimeOffset _readSince;

        public Logic(ListAndWatchStage stage, IListWatch listWatch, ListAndWatchSettings settings, TimeProvider time, Func<double> random) : base(stage.Shape)
        {
            _out = stage._out;
            _listWatch = listWatch;
            _time = time;
            _idleTimeout = settings.IdleTimeout;
            _slowAfter = settings.InitialEventsWarning;
            _loop = new ReflectorLoop(listWatch.Resource, listWatch.Namespace, settings, random);
            _arrived = GetAsyncCallback<(int Attempt, LoopInput Input)>(OnArrived);
            SetHandler(_out, onPull: Drive);
        }

        public override void PreStart() => Take(_loop.Start(_time.GetUtcNow()));

        public override void PostStop()
        {
            _watch?.Close();
            _stopped.Cancel();
            _stopped.Dispose();
        }

        protected override void OnTimer(object timerKey)
        {
            switch (timerKey)
            {
                case WaitTimer:
                    Accept(LoopInput.Elapsed);
                    break;
                case IdleTimer when _busy && _time.GetUtcNow() - _readSince < _idleTimeout!.Value:
                    ScheduleOnce(IdleTimer, _idleTimeout.Value - (_time.GetUtcNow() - _readSince));
                    return;
                case SlowTimer:
                    // Said beside the read that goes on: that one's step is still to come.
                    var step = _loop.Step(_state, LoopInput.Slow, _time.GetUtcNow());
                    if (step.Tell is { } warning && _busy && IsAvailable(_out))
                        Push(_out, warning);
                    if (_state.Phase is Phase.Streaming)
                        ScheduleOnce(SlowTimer, _slowAfter);
                    return;
                case IdleTimer when !_busy:
                    // Nobody asked for events meanwhile: silence is ours, not the server's.
                    return;
                default:
                    if (_busy)
                        Accept(LoopInput.Overdue);
                    else
                        _overdue = true;
                    break;
            }
            Drive();
        }

        void OnArrived((int Attempt, LoopInput Input) arrived)
        {
            if (arrived.Attempt != _attempt)
                return;
            Accept(arrived.Input);
            Drive();
        }

        void Drive()
        {
            while (!_busy && IsAvailable(_out))
                Do(_next);
        }

        void Do(LoopAction action)
        {
            switch (action)
            {
                case LoopAction.List list:
                    CloseWatch();
                    Await(ListAsync(list.Options));
                    break;
                case LoopAction.Watch watch:
                    CloseWatch();
                    _watch = new OpenWatch(_listWatch, watch.Options);
                    ScheduleOnce(DeadlineTimer, watch.Deadline);
                    if (watch.Options.SendInitialEvents == true)
                        ScheduleOnce(SlowTimer, _slowAfter);
                    Await(_watch.ReadAsync());
                    break;
                case LoopAction.Read read:
                    if (read.Deadline is { } deadline)
                        ScheduleOnce(DeadlineTimer, deadline);
                    if (_overdue)
                        Accept(LoopInput.Overdue);
                    else
                        Await(_watch!.ReadAsync());
                    break;
                case LoopAction.Wait wait:
                    CloseWatch();
                    _busy = true;
                    ScheduleOnce(WaitTimer, wait.Delay);
                    break;
            }
        }

        void Await(ValueTask<LoopInput> coming)
        {
            if (coming.IsCompletedSuccessfully)
            {
                Accept(coming.Result);
                return;
            }
            _busy = true;
            _readSince = _time.GetUtcNow();
            if (_idleTimeout is { } idle && _watch is not null && !IsTimerActive(IdleTimer))
                ScheduleOnce(IdleTimer, idle);
            _ = BringAsync(coming, ++_attempt);
        }

        async Task BringAsync(ValueTask<LoopInput> coming, int attempt) => _arrived((attempt, await coming.ConfigureAwait(false)));

        async ValueTask<LoopInput> ListAsync(ListOptions options)
        {
            try
            {
                return LoopInput.Page(await _listWatch.ListAsync(options, _stopped.Token).ConfigureAwait(false));
            }
            catch (Exception error)
            {
                return LoopInput.Failed(error);
            }
        }

        void Accept(LoopInput input)
        {
            _busy = false;
            _attempt++;
            Take(_loop.Step(_state, input, _time.GetUtcNow()));
        }

        void Take(LoopStep step)
        {
            _state = step.State;
            _next = step.Do;
            // A wait begins before it is told: whoever hears of it may count from then. What comes after it does need demand.
            if (step.Do is LoopAction.Wait wait)
                Do(wait);
            if (step.Tell is not { } tell)
                return;
            // A warning may have taken the place that was asked for: then this is told at the next demand.
            if (IsAvailable(_out))
                Push(_out, tell);
            else
                Emit(_out, tell);
        }

        void CloseWatch()
        {
            _overdue = false;
            CancelTimer(DeadlineTimer);
            CancelTimer(IdleTimer);
            CancelTimer(SlowTimer);
            _watch?.Close();
            _watch = null;
        }
    }
}
