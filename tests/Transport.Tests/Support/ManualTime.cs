namespace Transport.Tests;

/// <summary>A clock that moves when told to. Timers fire on the thread that moves it, in order of their time.</summary>
sealed class ManualTime : TimeProvider
{
    readonly Lock _lock = new();
    readonly List<Timer> _timers = [];
    DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    TaskCompletionSource _timerAdded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override DateTimeOffset GetUtcNow() { lock (_lock) return _now; }
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>Delays of the timers that wait now, in order.</summary>
    public TimeSpan[] Waiting { get { lock (_lock) return [.. _timers.Where(timer => timer.Due is not null).Select(timer => timer.Due!.Value - _now).Order()]; } }

    /// <summary>Completes when a timer that is due after at least <paramref name="delay"/> waits.</summary>
    public async Task<TimeSpan> WaitForTimerAsync(TimeSpan delay)
    {
        while (true)
        {
            Task added;
            lock (_lock)
            {
                foreach (var timer in _timers)
                    if (timer.Due is { } due && due - _now >= delay) return due - _now;
                added = _timerAdded.Task;
            }
            await added.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (true)
        {
            Timer? next;
            lock (_lock)
            {
                next = _timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
                if (next is null)
                {
                    _now = until;
                    return;
                }
                if (next.Due > _now) _now = next.Due!.Value;
                next.Due = next.Period > TimeSpan.Zero ? _now + next.Period : null;
            }
            next.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        lock (_lock) _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class Timer(ManualTime owner, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset? Due;
        public TimeSpan Period;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            TaskCompletionSource added;
            lock (owner._lock)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : owner._now + dueTime;
                Period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
                added = owner._timerAdded;
                owner._timerAdded = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            added.TrySetResult();
            return true;
        }

        public void Dispose() { lock (owner._lock) owner._timers.Remove(this); }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
