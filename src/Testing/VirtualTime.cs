using ActorKube.Streams;
using Akka.TestKit;

namespace ActorKube.Testing;

/// <summary>One time for everything in a test: actors' timers, the server's clock, the client's time limits, and whatever asks for a <see cref="TimeProvider"/>. It stands still until the test lets it pass.</summary>
/// <remarks>A timer that is set in a flow of work is something which that work waits for, unless it is a time limit.</remarks>
/// <param name="scheduler">Whose time it is.</param>
/// <param name="always">Waits in flows whose timers are otherwise none: those of delays that a test has asked for.</param>
sealed class VirtualTime(TestScheduler scheduler, bool always = false) : TimeProvider
{
    readonly SchedulerTimeProvider _timers = new(scheduler);

    /// <summary>The same time, for delays that a test asks for on the way of a request.</summary>
    public VirtualTime OfDelays => new(scheduler, always: true);

    // The scheduler's own monotonic clock is the machine's in Akka.NET; this one moves with the time of day.
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => scheduler.Now.UtcTicks;

    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // A CancellationTokenSource's timer is a limit of something else that is waited for.
        if (WorkFlow.Current is not { } flow || state is CancellationTokenSource)
            return _timers.CreateTimer(callback, state, dueTime, period);
        var timer = new FlowTimer(flow, always, callback, state);
        timer.Start(_timers, dueTime, period);
        return timer;
    }

    /// <summary>A timer of a flow, which waits for it while it is set.</summary>
    sealed class FlowTimer(WorkFlow flow, bool always, TimerCallback callback, object? state) : ITimer
    {
        readonly Lock _lock = new();
        ITimer? _timer;
        TaskCompletionSource? _delay;
        bool _set;
        bool _repeats;

        public void Start(TimeProvider timers, TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                _timer = timers.CreateTimer(_ => Due(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                Change(dueTime, period);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                Mark(dueTime != Timeout.InfiniteTimeSpan);
                _repeats = period != Timeout.InfiniteTimeSpan && period != TimeSpan.Zero;
                return _timer!.Change(dueTime, period);
            }
        }

        public void Dispose()
        {
            lock (_lock)
            {
                Mark(false);
                _timer!.Dispose();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        // What the flow does next is work again before it begins.
        void Due()
        {
            lock (_lock)
            {
                if (!_repeats)
                    Mark(false);
            }
            callback(state);
        }

        void Mark(bool set)
        {
            if (set == _set)
                return;
            _set = set;
            if (always)
                MarkDelay(set);
            else if (set)
                flow.TimerSet();
            else
                flow.TimerGone();
        }

        void MarkDelay(bool set)
        {
            if (set)
                flow.WaitFor((_delay = new TaskCompletionSource()).Task);
            else
                _delay!.TrySetResult();
        }
    }
}
