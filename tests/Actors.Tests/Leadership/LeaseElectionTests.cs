using k8s.Models;

namespace ActorKube.Actors.Tests;

/// <summary>What candidates write into a lease: pure decisions, each candidate with a clock of its own.</summary>
public sealed class LeaseElectionTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    static LeaderElectionOptions Options(string identity) => new() { LeaseName = "l", LeaseNamespace = "n", Identity = identity };

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
        var theirs = Candidate("them").ToCreate(Noon.AddYears(-1));
        var ours = Candidate("us");
        ours.Observe(theirs, Noon);
        Assert.Null(ours.ToUpdate(Copy(theirs), Noon));
        Assert.Null(ours.ToUpdate(Copy(theirs), Noon.AddSeconds(14.9)));
        Assert.NotNull(ours.ToUpdate(Copy(theirs), Noon.AddSeconds(15)));
    }

    [Fact]
    public void Renewal_that_was_seen_starts_the_wait_again()
    {
        var them = Candidate("them");
        var lease = them.ToCreate(Noon);
        var ours = Candidate("us");
        ours.Observe(lease, Noon);
        them.Observe(lease, Noon);
        lease = them.ToUpdate(Copy(lease), Noon.AddSeconds(10))!;
        ours.Observe(lease, Noon.AddSeconds(12));
        Assert.Null(ours.ToUpdate(Copy(lease), Noon.AddSeconds(26)));
        Assert.NotNull(ours.ToUpdate(Copy(lease), Noon.AddSeconds(27)));
    }

    [Fact]
    public void Taking_over_counts_a_transition_and_renewing_does_not()
    {
        var lease = Candidate("them").ToCreate(Noon);
        var ours = Candidate("us");
        ours.Observe(lease, Noon);
        var taken = ours.ToUpdate(Copy(lease), Noon.AddSeconds(20))!;
        Assert.Equal(("us", 1, 15), (taken.Spec.HolderIdentity, taken.Spec.LeaseTransitions!.Value, taken.Spec.LeaseDurationSeconds!.Value));
        ours.Observe(taken, Noon.AddSeconds(20));
        var renewed = ours.ToUpdate(Copy(taken), Noon.AddSeconds(22))!;
        Assert.Equal(1, renewed.Spec.LeaseTransitions);
        Assert.Equal(taken.Spec.AcquireTime, renewed.Spec.AcquireTime);
        Assert.Equal(Noon.AddSeconds(22).UtcDateTime, renewed.Spec.RenewTime);
    }

    [Fact]
    public void Released_lease_can_be_taken_at_once_and_only_the_holder_releases()
    {
        var them = Candidate("them");
        var lease = them.ToCreate(Noon);
        Assert.Null(Candidate("us").ToRelease(Copy(lease), Noon));
        var released = them.ToRelease(Copy(lease), Noon.AddSeconds(1))!;
        Assert.Equal(("", 1), (released.Spec.HolderIdentity, released.Spec.LeaseDurationSeconds!.Value));
        var ours = Candidate("us");
        ours.Observe(released, Noon.AddSeconds(1));
        Assert.NotNull(ours.ToUpdate(Copy(released), Noon.AddSeconds(1)));
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
                update = election.ToCreate(now + skew);
            }
            else
            {
                election.Observe(read, now + skew);
                update = election.ToUpdate(Copy(read), now + skew);
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
            election.Observe(update, applied + skew);
            leadsUntil[name] = sent + options.RenewDeadline;
            leaders.Add(name);
            Assert.True(leadsUntil.Count(l => l.Value > now) <= 1, $"Round {round}: {string.Join(", ", leadsUntil.Where(l => l.Value > now).Select(l => l.Key))} lead at once.");
        }
        Assert.Equal(4, leaders.Count);
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
