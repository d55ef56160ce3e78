using ActorKube.Streams;
using Akka.TestKit;

namespace ActorKube.Testing;

/// <summary>One time for everything in a test: actors' timers, the server's clock, the client's time limits, and whatever asks for a <see cref="TimeProvider"/>. It stands still until the test lets it pass.</summary>
sealed class VirtualTime(TestScheduler scheduler) : TimeProvider
{
    readonly SchedulerTimeProvider _timers = new(scheduler);

    // The scheduler's own monotonic clock is the machine's in Akka.NET; this one moves with the time of day.
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => scheduler.Now.UtcTicks;

    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _timers.CreateTimer(callback, state, dueTime, period);

    /// <summary>Lets time pass, and runs what is due then.</summary>
    public void Advance(TimeSpan by) => scheduler.Advance(by);
}
