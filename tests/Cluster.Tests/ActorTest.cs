using ActorKube.Testing;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace ActorKube.Cluster.Tests;

/// <summary>An actor system on virtual time.</summary>
public abstract class ActorTest() : TestKit(OutstandingWork.VirtualTimeConfiguration)
{
    /// <summary>How long what must happen may take on a machine that has other work.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>All that goes on at this moment, counted.</summary>
    protected OutstandingWork Work => OutstandingWork.Of(Sys);

    protected TestScheduler Time => (TestScheduler)Sys.Scheduler;

    protected static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    protected TimeProvider Clock => Work.Time;

    /// <summary>What an actor says next, leaving out what does not matter.</summary>
    protected static T Said<T>(TestProbe probe) => probe.ExpectMsg<T>(Patience);
}
