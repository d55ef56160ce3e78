using Akka.Actor;

namespace ActorKube.Streams;

/// <summary>The time of an actor system's scheduler, so that whatever asks for the time and whatever sets timers agree, under virtual time too.</summary>
/// <remarks>Thread-safe. Timers made here run their callback on the scheduler's terms: short work only.</remarks>
public sealed class SchedulerTimeProvider(IScheduler scheduler) : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    /// <inheritdoc/>
    public override long GetTimestamp() => scheduler.MonotonicClock.Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SchedulerTimer(scheduler, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class SchedulerTimer(IScheduler scheduler, TimerCallback callback, object? state) : ITimer
    {
        readonly Lock _gate = new();
        Cancelable? _running;
        bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                if (_disposed)
                    return false;
                _running?.Cancel();
                _running = null;
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                _running = new Cancelable(scheduler);
                if (period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero)
                    scheduler.Advanced.ScheduleOnce(dueTime, () => callback(state), _running);
                else
                    scheduler.Advanced.ScheduleRepeatedly(dueTime, period, () => callback(state), _running);
                return true;
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _disposed = true;
                _running?.Cancel();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
