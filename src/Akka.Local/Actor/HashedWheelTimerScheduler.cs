#nullable disable
using Akka.Actor.Internal;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// The ordinary scheduler. It keeps its work in a heap by time, with one timer set to the earliest: a system without
/// due work uses no thread, and cancelled work leaves at once. The name is Akka.NET's; there is no wheel and no tick.
/// </summary>
public sealed class HashedWheelTimerScheduler : SchedulerBase, IDisposable
{
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private readonly TimeProvider _time;
    private readonly long _start;
    private ScheduledWork[] _heap = new ScheduledWork[16];
    private int _count;
    private long _sequence;
    private long _armedFor = long.MaxValue;
    private bool _running;
    private bool _disposed;

    public HashedWheelTimerScheduler(Config scheduler, ILoggingAdapter log) : this(scheduler, log, TimeProvider.System) { }

    internal HashedWheelTimerScheduler(Config scheduler, ILoggingAdapter log, TimeProvider time) : base(scheduler, log)
    {
        _time = time;
        _start = _time.GetTimestamp();
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            _timer = _time.CreateTimer(static state => ((HashedWheelTimerScheduler)state).RunDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override TimeSpan MonotonicClock => HighResMonotonicClock;

    public override TimeSpan HighResMonotonicClock => TimeSpan.FromTicks(Ticks());

    protected override DateTimeOffset TimeNow => _time.GetUtcNow();

    /// <summary>How many schedules wait.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Ends the scheduler: what waits is dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            for (var i = 0; i < _count; i++)
            {
                _heap[i].Place = -1;
                _heap[i] = null;
            }

            _count = 0;
        }

        _timer.Dispose();
    }

    internal void Remove(ScheduledWork work)
    {
        lock (_gate)
        {
            if (work.Place >= 0)
                RemoveAt(work.Place);
        }
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Schedule(delay, 0, receiver, message, sender, cancelable);

    protected override void InternalScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Schedule(initialDelay, interval.Ticks, receiver, message, sender, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Schedule(delay, 0, action, null, null, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Schedule(delay, 0, action, null, null, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Schedule(initialDelay, interval.Ticks, action, null, null, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Schedule(initialDelay, interval.Ticks, action, null, null, cancelable);

    private long Ticks() => _time.GetElapsedTime(_start).Ticks;

    private void Schedule(TimeSpan delay, long interval, object target, object message, IActorRef sender, ICancelable cancelable)
    {
        ArgumentNullException.ThrowIfNull(target);
        var work = new ScheduledWork(this, target, message, sender, cancelable, interval);
        if (work.IsCancelled)
            return;
        if (delay == TimeSpan.Zero && interval == 0)
        {
            if (Volatile.Read(ref _disposed))
                throw new SchedulerException("cannot enqueue after timer shutdown");
            if (target is ICanTell)
                Execute(work);
            else
                ThreadPool.UnsafeQueueUserWorkItem(static w => w.Scheduler.Execute(w), work, preferLocal: false);
            return;
        }

        lock (_gate)
        {
            if (_disposed)
                throw new SchedulerException("cannot enqueue after timer shutdown");
            Insert(work, Ticks() + delay.Ticks);
            Arm();
        }

        (cancelable as Cancelable)?.Link(work);
    }

    /// <summary>Does what is due, in order. Only one thread does so; another that the timer starts meanwhile leaves it to the first.</summary>
    private void RunDue()
    {
        lock (_gate)
        {
            if (_running)
                return;
            _running = true;
        }

        while (true)
        {
            ScheduledWork work;
            lock (_gate)
            {
                var now = Ticks();
                if (_count == 0 || _heap[0].Deadline > now || _disposed)
                {
                    _running = false;
                    _armedFor = long.MaxValue;
                    Arm();
                    return;
                }

                work = _heap[0];
                RemoveAt(0);
                if (work.Interval > 0 && !work.IsCancelled)
                    Insert(work, Math.Max(work.Deadline + work.Interval, now));
            }

            if (!work.IsCancelled)
                Execute(work);
        }
    }

    private void Execute(ScheduledWork work)
    {
        try
        {
            work.Run();
        }
        catch (Exception e)
        {
            Log?.Error(e, "Error while executing scheduled task: {0}", e.Message);
            if (work.Interval > 0)
                work.Forget();
        }
    }

    /// <summary>Sets the timer to the earliest work, if that has changed.</summary>
    private void Arm()
    {
        var earliest = _count == 0 ? long.MaxValue : _heap[0].Deadline;
        if (earliest >= _armedFor || _disposed)
            return;
        _armedFor = earliest;
        // Timers count in whole milliseconds and must not fire early.
        var milliseconds = Math.Clamp((earliest - Ticks() + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond, 0, int.MaxValue - 1L);
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    private void Insert(ScheduledWork work, long deadline)
    {
        work.Deadline = deadline;
        work.Sequence = _sequence++;
        if (_count == _heap.Length)
            Array.Resize(ref _heap, _count * 2);
        Place(work, _count++);
        Up(work.Place);
    }

    private void RemoveAt(int place)
    {
        _heap[place].Place = -1;
        var last = _heap[--_count];
        _heap[_count] = null;
        if (place == _count)
            return;
        Place(last, place);
        Up(place);
        Down(last.Place);
    }

    private void Up(int place)
    {
        var work = _heap[place];
        while (place > 0)
        {
            var parent = (place - 1) / 4;
            if (!Before(work, _heap[parent]))
                break;
            Place(_heap[parent], place);
            place = parent;
        }

        Place(work, place);
    }

    private void Down(int place)
    {
        var work = _heap[place];
        while (true)
        {
            var best = -1;
            var last = Math.Min(place * 4 + 4, _count - 1);
            for (var child = place * 4 + 1; child <= last; child++)
            {
                if (best < 0 || Before(_heap[child], _heap[best]))
                    best = child;
            }

            if (best < 0 || !Before(_heap[best], work))
                break;
            Place(_heap[best], place);
            place = best;
        }

        Place(work, place);
    }

    private void Place(ScheduledWork work, int place)
    {
        _heap[place] = work;
        work.Place = place;
    }

    private static bool Before(ScheduledWork a, ScheduledWork b) =>
        a.Deadline != b.Deadline ? a.Deadline < b.Deadline : a.Sequence < b.Sequence;
}
