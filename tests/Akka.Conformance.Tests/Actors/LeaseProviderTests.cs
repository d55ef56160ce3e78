using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;

namespace Akka.Conformance.Actors;

public sealed class LeaseProviderTests() : ActorTest(
    $$"""
    lease-a { lease-class = "{{typeof(NoLease).AssemblyQualifiedName}}", heartbeat-timeout = 60s, of-my-own = 7 }
    lease-b { lease-class = "{{typeof(SystemLease).AssemblyQualifiedName}}" }
    lease-c { heartbeat-timeout = 60s }
    """)
{
    public sealed class NoLease(LeaseSettings settings) : Lease(settings)
    {
        public override Task<bool> Acquire() => Task.FromResult(false);

        public override Task<bool> Acquire(Action<Exception> leaseLostCallback) => Task.FromResult(false);

        public override Task<bool> Release() => Task.FromResult(true);

        public override bool CheckLease() => false;
    }

    public sealed class SystemLease(LeaseSettings settings, ExtendedActorSystem system) : Lease(settings)
    {
        public ActorSystem System => system;

        public override Task<bool> Acquire() => Task.FromResult(true);

        public override Task<bool> Acquire(Action<Exception> leaseLostCallback) => Task.FromResult(true);

        public override Task<bool> Release() => Task.FromResult(true);

        public override bool CheckLease() => true;
    }

    [Fact]
    public void A_lease_is_of_the_class_that_its_section_names_with_what_else_the_section_says()
    {
        var lease = Assert.IsType<NoLease>(LeaseProvider.Get(Sys).GetLease("name", "lease-a", "owner"));
        Assert.Equal(("name", "owner", 7), (lease.Settings.LeaseName, lease.Settings.OwnerName, lease.Settings.LeaseConfig.GetInt("of-my-own")));
        Assert.Equal((TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(5)), (lease.Settings.TimeoutSettings.HeartbeatTimeout, lease.Settings.TimeoutSettings.HeartbeatInterval, lease.Settings.TimeoutSettings.OperationTimeout));
    }

    [Fact]
    public void A_lease_may_ask_for_the_system() => Assert.Same(Sys, Assert.IsType<SystemLease>(LeaseProvider.Get(Sys).GetLease("name", "lease-b", "owner")).System);

    [Fact]
    public void The_same_lease_for_the_same_owner_is_the_same_instance()
    {
        var leases = LeaseProvider.Get(Sys);
        Assert.Same(leases.GetLease("name", "lease-a", "owner"), leases.GetLease("name", "lease-a", "owner"));
        Assert.NotSame(leases.GetLease("name", "lease-a", "owner"), leases.GetLease("name", "lease-a", "another"));
        Assert.NotSame(leases.GetLease("name", "lease-a", "owner"), leases.GetLease("another", "lease-a", "owner"));
    }

    [Fact]
    public void A_section_without_a_class_is_refused() => Assert.Throws<ArgumentException>(() => LeaseProvider.Get(Sys).GetLease("name", "lease-c", "owner"));

    [Fact]
    public void A_heartbeat_must_come_twice_before_the_timeout() =>
        Assert.Throws<ArgumentException>(() => TimeoutSettings.Create(ConfigurationFactory.ParseString("heartbeat-timeout = 20s, heartbeat-interval = 10s, lease-operation-timeout = 1s")));

    [Fact]
    public void An_empty_heartbeat_interval_is_a_tenth_of_the_timeout_and_at_least_five_seconds()
    {
        static TimeSpan Interval(string timeout) => TimeoutSettings.Create(ConfigurationFactory.ParseString($"heartbeat-timeout = {timeout}, heartbeat-interval = \"\", lease-operation-timeout = 1s")).HeartbeatInterval;
        Assert.Equal(TimeSpan.FromSeconds(20), Interval("200s"));
        Assert.Equal(TimeSpan.FromSeconds(5), Interval("20s"));
    }
}
