using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Local.Tests.Actors;

public sealed class SchedulerTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    /// <summary>The system's time, but that it stands still until it is let go: what is scheduled before is scheduled at one moment, however busy the machine is.</summary>
    private sealed class HaltedTime : TimeProvider
    {
        private readonly long _at = System.GetTimestamp();
        private volatile bool _goes;

        public override long GetTimestamp() => _goes ? System.GetTimestamp() : _at;

        public void Go() => _goes = true;
    }

    private static HashedWheelTimerScheduler NewScheduler() => new(Config.Empty, null!);

    [Fact]
    public void Cancelled_work_is_forgotten_at_once()
    {
        using var scheduler = NewScheduler();
        var cancelables = Enumerable.Range(0, 1_000)
            .Select(i => ((IScheduler)scheduler).Advanced.ScheduleOnceCancelable(TimeSpan.FromHours(1 + i % 7), () => { }))
            .ToList();
        Assert.Equal(1_000, scheduler.Count);
        foreach (var cancelable in cancelables.Where((_, i) => i % 3 != 0))
            cancelable.Cancel();
        Assert.Equal(334, scheduler.Count);
        cancelables.ForEach(c => c.Cancel());
        Assert.Equal(0, scheduler.Count);
    }

    [Fact]
    public async Task Work_is_done_in_the_order_of_its_times_and_never_early()
    {
        var time = new HaltedTime();
        using var scheduler = new HashedWheelTimerScheduler(Config.Empty, null!, time);
        var advanced = ((IScheduler)scheduler).Advanced;
        var done = new TaskCompletionSource();
        var ran = new ConcurrentQueue<int>();
        var early = 0;
        var start = scheduler.HighResMonotonicClock;
        foreach (var delay in new[] { 90, 10, 50, 50, 30, 70 })
        {
            advanced.ScheduleOnce(TimeSpan.FromMilliseconds(delay), () =>
            {
                if (scheduler.HighResMonotonicClock - start < TimeSpan.FromMilliseconds(delay))
                    Interlocked.Increment(ref early);
                ran.Enqueue(delay);
                if (ran.Count == 6)
                    done.SetResult();
            });
        }

        time.Go();
        await done.Task.WaitAsync(Long);
        Assert.Equal([10, 30, 50, 50, 70, 90], ran);
        Assert.Equal(0, early);
    }

    [Fact]
    public async Task Repeated_work_ends_with_its_cancelable()
    {
        using var scheduler = NewScheduler();
        var third = new TaskCompletionSource();
        var cancelable = new Cancelable((IScheduler)scheduler);
        var runs = 0;
        ((IScheduler)scheduler).Advanced.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.FromMilliseconds(2), () =>
        {
            if (++runs != 3)
                return;
            cancelable.Cancel();
            third.SetResult();
        }, cancelable);
        await third.Task.WaitAsync(Long);
        Assert.Equal(0, scheduler.Count);
        Assert.Equal(3, runs);
    }

    [Fact]
    public void After_its_end_nothing_can_be_scheduled()
    {
        var scheduler = NewScheduler();
        scheduler.Dispose();
        Assert.Throws<SchedulerException>(() => ((IScheduler)scheduler).Advanced.ScheduleOnce(TimeSpan.FromSeconds(1), () => { }));
    }

    [Fact]
    public void Delays_and_intervals_are_checked()
    {
        using var scheduler = NewScheduler();
        var advanced = ((IScheduler)scheduler).Advanced;
        Assert.Throws<ArgumentOutOfRangeException>(() => advanced.ScheduleOnce(TimeSpan.FromSeconds(-1), () => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => advanced.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.Zero, () => { }));
    }
}
