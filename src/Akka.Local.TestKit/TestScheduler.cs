using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>
/// A scheduler whose time stands still until a test advances it. Install it with
/// <see cref="Configs.TestConfigs.TestSchedulerConfig"/> and take it from <c>Sys.Scheduler</c>. What is due runs on the
/// thread that advances, in the order of due times and, for one time, in the order of scheduling. As in Akka.NET, one advance runs
/// each item at most once: what repeats is due again one interval after the moment advanced to, and what is scheduled by
/// something that runs waits for the next advance. Thread-safe.
/// </summary>
public class TestScheduler : IScheduler, IAdvancedScheduler
{
    readonly Lock _gate = new();
    readonly PriorityQueue<Item, (long Due, long Order)> _items = new();
    readonly DateTimeOffset _start = DateTimeOffset.UtcNow;
    TimeSpan _elapsed;
    long _scheduled;

    /// <param name="schedulerConfig">Has no say.</param>
    /// <param name="log">Is not used.</param>
    public TestScheduler(Config schedulerConfig, ILoggingAdapter log)
    {
    }

    /// <summary>The virtual time of day, which began with the scheduler's creation.</summary>
    public DateTimeOffset Now => TimeNow;

    /// <summary>How much virtual time has passed since the scheduler's creation. In Akka.NET this one clock is real.</summary>
    public TimeSpan MonotonicClock => Elapsed;

    /// <inheritdoc cref="MonotonicClock" />
    public TimeSpan HighResMonotonicClock => Elapsed;

    /// <summary>Itself.</summary>
    public IAdvancedScheduler Advanced => this;

    /// <inheritdoc cref="Now" />
    protected DateTimeOffset TimeNow => _start + Elapsed;

    TimeSpan Elapsed
    {
        get
        {
            lock (_gate)
                return _elapsed;
        }
    }

    /// <summary>Lets virtual time pass, and runs what is due then.</summary>
    public void Advance(TimeSpan offset)
    {
        List<Item> due = [];
        lock (_gate)
        {
            _elapsed += offset;
            while (_items.TryPeek(out var item, out var when) && when.Due <= _elapsed.Ticks)
            {
                _items.Dequeue();
                due.Add(item);
            }
        }

        foreach (var item in due)
        {
            if (!item.IsCancelled)
                item.Run();
        }

        foreach (var item in due)
        {
            if (item.Interval is { } interval && !item.IsCancelled)
                Add(interval, item);
        }
    }

    /// <summary>Lets virtual time pass until <paramref name="when"/>.</summary>
    /// <exception cref="InvalidOperationException">That is in the past.</exception>
    public void AdvanceTo(DateTimeOffset when)
    {
        var now = Now;
        if (when < now)
            throw new InvalidOperationException($"Time cannot go back from {now:O} to {when:O}.");
        Advance(when - now);
    }

    /// <inheritdoc />
    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender) =>
        Add(delay, new Item(() => receiver.Tell(message, sender), null, null));

    /// <inheritdoc />
    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, new Item(() => receiver.Tell(message, sender), null, cancelable));

    /// <inheritdoc />
    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender) =>
        Add(initialDelay, new Item(() => receiver.Tell(message, sender), interval, null));

    /// <inheritdoc />
    public void ScheduleTellRepeatedly(
        TimeSpan initialDelay,
        TimeSpan interval,
        ICanTell receiver,
        object message,
        IActorRef sender,
        ICancelable cancelable) =>
        Add(initialDelay, new Item(() => receiver.Tell(message, sender), interval, cancelable));

    /// <inheritdoc />
    public void ScheduleOnce(TimeSpan delay, Action action) => Add(delay, new Item(action, null, null));

    /// <inheritdoc />
    public void ScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Add(delay, new Item(action, null, cancelable));

    /// <inheritdoc />
    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) =>
        Add(initialDelay, new Item(action, interval, null));

    /// <inheritdoc />
    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(initialDelay, new Item(action, interval, cancelable));

    /// <inheritdoc />
    public void ScheduleOnce(TimeSpan delay, IRunnable action) => Add(delay, new Item(action.Run, null, null));

    /// <inheritdoc />
    public void ScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => Add(delay, new Item(action.Run, null, cancelable));

    /// <inheritdoc />
    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action) =>
        Add(initialDelay, new Item(action.Run, interval, null));

    /// <inheritdoc />
    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(initialDelay, new Item(action.Run, interval, cancelable));

    void Add(TimeSpan delay, Item item)
    {
        lock (_gate)
            _items.Enqueue(item, ((_elapsed + delay).Ticks, _scheduled++));
    }

    sealed record Item(Action Run, TimeSpan? Interval, ICancelable? Cancelable)
    {
        public bool IsCancelled => Cancelable?.IsCancellationRequested ?? false;
    }
}
