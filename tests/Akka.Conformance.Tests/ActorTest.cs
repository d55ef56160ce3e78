using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Configs;

namespace Akka.Conformance;

/// <summary>
/// A test on either runtime. Silence is never waited for: the actor that should stay silent is fenced first, which proves that
/// it has handled everything, and then <see cref="Nothing"/> asks whether anything came.
/// </summary>
public abstract class ActorTest : Akka.TestKit.Xunit2.TestKit
{
    /// <summary>How long to wait for what must come. A machine that builds and tests other things at the same time is no failure.</summary>
    static readonly Config Patience = ConfigurationFactory.ParseString("""
        akka.test.single-expect-default = 30s
        akka.test.filter-leeway = 30s
        akka.test.default-timeout = 30s
        """);

    protected ActorTest(string hocon = "")
        : this(ConfigurationFactory.ParseString(hocon))
    {
    }

    protected ActorTest(Config config)
        : base(Patience.WithFallback(config))
    {
    }

    /// <summary>Returns when the actor has handled all that it was sent before. Every running actor answers Identify by itself.</summary>
    protected void Fence(IActorRef actor)
    {
        var probe = CreateTestProbe();
        actor.Tell(new Identify("fence"), probe.Ref);
        probe.ExpectMsg<ActorIdentity>();
    }

    protected void Nothing() => ExpectNoMsg(TimeSpan.Zero);

    protected static void Nothing(TestProbe probe) => probe.ExpectNoMsg(TimeSpan.Zero);

    /// <summary>Stops an actor and returns when it is gone, together with its children.</summary>
    protected void StopAndWait(IActorRef actor)
    {
        var probe = CreateTestProbe();
        probe.Watch(actor);
        Sys.Stop(actor);
        probe.ExpectTerminated(actor);
    }
}

/// <summary>A test in virtual time.</summary>
public abstract class VirtualTimeTest : ActorTest
{
    protected VirtualTimeTest(string hocon = "")
        : base(ConfigurationFactory.ParseString(hocon).WithFallback(TestConfigs.TestSchedulerConfig))
    {
    }

    protected TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    protected void Advance(double seconds) => Scheduler.Advance(TimeSpan.FromSeconds(seconds));

    protected static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
