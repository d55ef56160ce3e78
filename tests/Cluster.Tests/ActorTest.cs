using Akka.TestKit;
using Akka.TestKit.Configs;
using Akka.TestKit.Xunit2;

namespace ActorKube.Cluster.Tests;

/// <summary>An actor system on virtual time.</summary>
public abstract class ActorTest() : TestKit(TestConfigs.TestSchedulerConfig)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected TestScheduler Time => (TestScheduler)Sys.Scheduler;

    protected static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>A clock that agrees with the scheduler in both runtimes, timers included.</summary>
    protected TimeProvider Clock => new VirtualTime(Time);

    /// <summary>What an actor says next, leaving out what does not matter.</summary>
    protected static T Said<T>(TestProbe probe) => probe.ExpectMsg<T>(Patience);

    sealed class VirtualTime(TestScheduler scheduler) : TimeProvider
    {
        readonly Streams.SchedulerTimeProvider _timers = new(scheduler);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => scheduler.Now;

        public override long GetTimestamp() => scheduler.Now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _timers.CreateTimer(callback, state, dueTime, period);
    }
}
