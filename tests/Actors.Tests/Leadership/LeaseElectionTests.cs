using k8s.Models;

namespace ActorKube.Actors.Tests;

/// <summary>What candidates write into a lease: pure decisions, each candidate with a clock of its own.</summary>
public sealed class LeaseElectionTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    static LeaderElectionOptions Options(string identity) => new() { LeaseName = "l", LeaseNamespace = "n", Identity = identity };

    static LeaseInstant At(DateTimeOffset time) => new(time - Noon, time);

    static LeaseElection Candidate(string identity) => new(Options(identity));

    static V1Lease Copy(V1Lease lease) => new()
    {
        Metadata = lease.Metadata,
        Spec = new V1LeaseSpec
        {
            HolderIdentity = lease.Spec.HolderIdentity,
            LeaseDurationSeconds = lease.Spec.LeaseDurationSeconds,
            AcquireTime = lease.Spec.AcquireTime,
            RenewTime = lease.Spec.RenewTime,
            LeaseTransitions = lease.Spec.LeaseTransitions,
        },
    };

    [Fact]
    public void Unexpired_lease_of_another_is_never_taken_whatever_its_clock_says()
    {
        var theirs = Candidate("them").ToCreate(At(Noon.AddYears(-1)));
        var ours = Candidate("us");
        ours.Observe(theirs, At(Noon));
        Assert.Null(ours.ToUpdate(Copy(theirs), At(Noon)));
        Assert.Null(ours.ToUpdate(Copy(theirs), At(Noon.AddSeconds(14.9))));
        Assert.NotNull(ours.ToUpdate(Copy(theirs), At(Noon.AddSeconds(15))));
    }

    [Fact]
    public void Renewal_that_was_seen_starts_the_wait_again()
    {
        var them = Candidate("them");
        var lease = them.ToCreate(At(Noon));
        var ours = Candidate("us");
        ours.Observe(lease, At(Noon));
        them.Observe(lease, At(Noon));
        lease = them.ToUpdate(Copy(lease), At(Noon.AddSeconds(10)))!;
        ours.Observe(lease, At(Noon.AddSeconds(12)));
        Assert.Null(ours.ToUpdate(Copy(lease), At(Noon.AddSeconds(26))));
        Assert.NotNull(ours.ToUpdate(Copy(lease), At(Noon.AddSeconds(27))));
    }

    [Fact]
    public void Taking_over_counts_a_transition_and_renewing_does_not()
    {
        var lease = Candidate("them").ToCreate(At(Noon));
        var ours = Candidate("us");
        ours.Observe(lease, At(Noon));
        var taken = ours.ToUpdate(Copy(lease), At(Noon.AddSeconds(20)))!;
        Assert.Equal(("us", 1, 15), (taken.Spec.HolderIdentity, taken.Spec.LeaseTransitions!.Value, taken.Spec.LeaseDurationSeconds!.Value));
        ours.Observe(taken, At(Noon.AddSeconds(20)));
        var renewed = ours.ToUpdate(Copy(taken), At(Noon.AddSeconds(22)))!;
        Assert.Equal(1, renewed.Spec.LeaseTransitions);
        Assert.Equal(taken.Spec.AcquireTime, renewed.Spec.AcquireTime);
        Assert.Equal(Noon.AddSeconds(22).UtcDateTime, renewed.Spec.RenewTime);
    }

    [Fact]
    public void Released_lease_can_be_taken_at_once_and_only_the_holder_releases()
    {
        var them = Candidate("them");
        var lease = them.ToCreate(At(Noon));
        Assert.Null(Candidate("us").ToRelease(Copy(lease), At(Noon)));
        var released = them.ToRelease(Copy(lease), At(Noon.AddSeconds(1)))!;
        Assert.Equal(("", 1), (released.Spec.HolderIdentity, released.Spec.LeaseDurationSeconds!.Value));
        var ours = Candidate("us");
        ours.Observe(released, At(Noon.AddSeconds(1)));
        Assert.NotNull(ours.ToUpdate(Copy(released), At(Noon.AddSeconds(1))));
    }

    /// <summary>
    /// Candidates with skewed clocks on one lease with optimistic concurrency, requests that fail, are slow, or are lost after they were applied; each leads
    /// from a successful write until its deadline, counted from before the write was sent. At no moment may two lead.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Never_two_leaders_over_thousands_of_faulty_rounds(int seed)
    {
        var random = new Random(seed);
        var names = new[] { "a", "b", "c", "d" };
        var options = Options("x");
        var candidates = names.Select(n => (Name: n, Election: Candidate(n), Skew: TimeSpan.FromSeconds(random.Next(-100_000, 100_000)))).ToArray();
        LeaseInstant At(DateTimeOffset time, TimeSpan skew) => new(time - Noon + (skew / 2), time + skew);
        var leadsUntil = names.ToDictionary(n => n, _ => DateTimeOffset.MinValue);
        var leaders = new HashSet<string>();
        V1Lease? server = null;
        var version = 0;
        var now = Noon;
        for (var round = 0; round < 20_000; round++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(1, 1500));
            var (name, election, skew) = candidates[random.Next(candidates.Length)];
            if (random.Next(200) == 0)
                now += TimeSpan.FromSeconds(random.Next(30));
            var sent = now;
            if (random.Next(5) == 0)
                continue;
            var read = server is null ? null : Copy(server);
            var readVersion = version;
            now += TimeSpan.FromMilliseconds(random.Next(2000));
            V1Lease? update;
            if (read is null)
            {
                update = election.ToCreate(At(now, skew));
            }
            else
            {
                election.Observe(read, At(now, skew));
                update = election.ToUpdate(Copy(read), At(now, skew));
            }
            if (update is null || readVersion != version)
                continue;
            // Another's write may come in between: then this one is refused for its version.
            if (random.Next(10) == 0)
            {
                version++;
                continue;
            }
            var applied = now;
            server = Copy(update);
            version++;
            now += TimeSpan.FromMilliseconds(random.Next(2000));
            if (random.Next(10) == 0)
                continue;
            election.Observe(update, At(applied, skew));
            leadsUntil[name] = sent + options.RenewDeadline;
            leaders.Add(name);
            Assert.True(leadsUntil.Count(l => l.Value > now) <= 1, $"Round {round}: {string.Join(", ", leadsUntil.Where(l => l.Value > now).Select(l => l.Key))} lead at once.");
        }
        Assert.Equal(4, leaders.Count);
    }

    [Fact]
    public void Clock_that_is_set_on_by_hours_makes_no_lease_look_expired()
    {
        var theirs = Candidate("them").ToCreate(At(Noon));
        var ours = Candidate("us");
        ours.Observe(theirs, new LeaseInstant(TimeSpan.Zero, Noon));
        Assert.Null(ours.ToUpdate(Copy(theirs), new LeaseInstant(TimeSpan.FromSeconds(2), Noon.AddHours(3))));
    }

    [Fact]
    public void Record_is_written_and_read_as_client_go_does()
    {
        var ours = Candidate("us").ToCreate(At(Noon.AddMilliseconds(1.25)));
        Assert.Equal(
            """{"acquireTime":"2026-01-01T12:00:00.001250Z","holderIdentity":"us","leaseDurationSeconds":15,"leaseTransitions":0,"renewTime":"2026-01-01T12:00:00.001250Z"}""",
            System.Text.Json.Nodes.JsonNode.Parse(Models.KubeJson.Serialize(ours))!["spec"]!.AsObject().OrderBy(p => p.Key, StringComparer.Ordinal)
                .Aggregate(new System.Text.Json.Nodes.JsonObject(), (sorted, p) =>
                {
                    sorted[p.Key] = p.Value!.DeepClone();
                    return sorted;
                }).ToJsonString());

        // As a Go candidate leaves it, who holds it, and who has released it.
        var held = Models.KubeJson.Deserialize<V1Lease>("""
            {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"n","resourceVersion":"7"},
             "spec":{"holderIdentity":"go_1","leaseDurationSeconds":15,"acquireTime":"2020-01-01T00:00:00.123456Z","renewTime":"2020-01-01T00:00:02.654321Z","leaseTransitions":4}}
            """u8.ToArray());
        var us = Candidate("us");
        us.Observe(held, At(Noon));
        Assert.Equal("go_1", us.Holder);
        Assert.Null(us.ToUpdate(Copy(held), At(Noon.AddSeconds(14))));
        Assert.Equal(5, us.ToUpdate(Copy(held), At(Noon.AddSeconds(15)))!.Spec.LeaseTransitions);
        var released = Models.KubeJson.Deserialize<V1Lease>("""
            {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"n","resourceVersion":"8"},
             "spec":{"holderIdentity":"","leaseDurationSeconds":1,"acquireTime":"2020-01-01T00:00:05.000000Z","renewTime":"2020-01-01T00:00:05.000000Z","leaseTransitions":4}}
            """u8.ToArray());
        us.Observe(released, At(Noon));
        Assert.NotNull(us.ToUpdate(Copy(released), At(Noon)));
    }

    [Theory]
    [InlineData(15, 15, 2)]
    [InlineData(15, 10, 9)]
    [InlineData(15, 10, 0)]
    public void Times_that_could_make_two_leaders_are_refused(int lease, int deadline, int retry)
    {
        var options = Options("x") with { LeaseDuration = TimeSpan.FromSeconds(lease), RenewDeadline = TimeSpan.FromSeconds(deadline), RetryPeriod = TimeSpan.FromSeconds(retry) };
        Assert.Contains("LeaseDuration", Assert.Throws<ArgumentException>(options.Validate).Message);
    }
}
