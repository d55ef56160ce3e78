using k8s.Models;

namespace ActorKube.Cluster.Tests.Leases;

/// <summary>Whose a lease object is: no server, no clock.</summary>
public sealed class LeaseTermTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Lasts = TimeSpan.FromSeconds(120);

    readonly LeaseTerm _term = new("me", Lasts);

    static V1Lease Lease(string? holder, DateTimeOffset renewed, string version = "1", int seconds = 120) => new()
    {
        Metadata = new V1ObjectMeta { Name = "l", ResourceVersion = version },
        Spec = new V1LeaseSpec { HolderIdentity = holder, LeaseDurationSeconds = seconds, RenewTime = renewed.UtcDateTime, AcquireTime = renewed.UtcDateTime, LeaseTransitions = 4 },
    };

    [Fact]
    public void Free_lease_and_ours_may_be_taken()
    {
        Assert.True(_term.MayTake(Lease("", Noon), Noon));
        Assert.True(_term.MayTake(Lease(null, Noon), Noon));
        Assert.True(_term.MayTake(Lease("me", Noon), Noon));
        Assert.True(_term.MayTake(new V1Lease { Metadata = new V1ObjectMeta { ResourceVersion = "1" } }, Noon));
    }

    [Fact]
    public void Lease_of_another_may_not_be_taken_before_it_has_expired_by_its_own_renew_time()
    {
        Assert.False(_term.MayTake(Lease("you", Noon), Noon + Lasts - TimeSpan.FromSeconds(1)));
        Assert.True(_term.MayTake(Lease("you", Noon, "2"), Noon + Lasts));
    }

    [Fact]
    public void Lease_whose_holders_clock_is_far_ahead_expires_when_it_was_seen_unchanged_for_as_long_as_it_lasts()
    {
        var ahead = Lease("you", Noon.AddHours(5), seconds: 60);
        Assert.False(_term.MayTake(ahead, Noon));
        Assert.False(_term.MayTake(ahead, Noon.AddSeconds(59)));
        Assert.True(_term.MayTake(ahead, Noon.AddSeconds(60)));
        // It was renewed since: the count begins anew.
        Assert.False(_term.MayTake(Lease("you", Noon.AddHours(5), "2", 60), Noon.AddSeconds(61)));
    }

    [Fact]
    public void Takeover_counts_a_transition_and_a_renewal_does_not()
    {
        var taken = _term.Taken(Lease("you", Noon), Noon + Lasts).Spec;
        Assert.Equal(("me", 5, (Noon + Lasts).UtcDateTime), (taken.HolderIdentity, taken.LeaseTransitions, taken.AcquireTime));
        var renewed = _term.Taken(Lease("me", Noon), Noon.AddSeconds(12)).Spec;
        Assert.Equal((4, Noon.UtcDateTime, Noon.AddSeconds(12).UtcDateTime, 120), (renewed.LeaseTransitions, renewed.AcquireTime, renewed.RenewTime, renewed.LeaseDurationSeconds));
        Assert.Equal("", LeaseTerm.Freed(Lease("me", Noon), Noon).Spec.HolderIdentity);
    }
}

/// <summary>Whether a lease may be relied on at this moment: the stopwatch and the clock must both agree.</summary>
public sealed class LeaseHoldTests
{
    sealed class TwoClocks : TimeProvider
    {
        public DateTimeOffset Clock { get; set; } = DateTimeOffset.UnixEpoch;

        public TimeSpan Stopwatch { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Clock;

        public override long GetTimestamp() => Stopwatch.Ticks;
    }

    [Fact]
    public void Term_ends_by_whichever_of_stopwatch_and_clock_is_further()
    {
        var time = new TwoClocks();
        var hold = new LeaseHold(time);
        Assert.False(hold.IsHeld);
        hold.Until(TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.FromSeconds(60), hold.Left);
        // Somebody set the clock back: that is no more time.
        time.Clock = time.Clock.AddHours(-1);
        time.Stopwatch = TimeSpan.FromSeconds(59);
        Assert.Equal(TimeSpan.FromSeconds(1), hold.Left);
        time.Stopwatch = TimeSpan.FromSeconds(60);
        Assert.False(hold.IsHeld);
        // The machine slept: its stopwatch did too, its clock did not.
        hold.Until(TimeSpan.FromSeconds(60));
        time.Clock = time.Clock.AddSeconds(61);
        Assert.False(hold.IsHeld);
        hold.Until(TimeSpan.FromSeconds(60));
        hold.End();
        Assert.False(hold.IsHeld);
    }
}
