using ActorKube.Testing;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;

namespace ActorKube.Actors.Tests;

/// <summary>
/// Five candidates whose clocks are wrong and are set while they run, on a server that is slow, fails before or after it acted, and goes away for a while; candidates
/// crash, resign and come back. All of it runs on one thread in one order, so that a seed that fails can be run again.
/// </summary>
public sealed class LeaderStormTests() : TestKit(Pump.Configuration.WithFallback(OutstandingWork.VirtualTimeConfiguration))
{
    OutstandingWork Work => OutstandingWork.Of(Sys);

    Pump Pump => Pump.Of(Sys.Scheduler);

    protected override void AfterAll()
    {
        Pump.Release();
        base.AfterAll();
    }

    /// <summary>After each step of virtual time at most one leads, and a lease that is held is never taken from one who may still believe in it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Never_two_leaders_over_thousands_of_rounds_of_faults(int seed)
    {
        var reigns = await Storm(seed, rounds: 12_000, new LeaseServer(Work));
        Assert.True(reigns > 20, $"Only {reigns} reigns: the test has lost its teeth.");
    }

    [Fact]
    public async Task Seed_decides_all_that_happens()
    {
        var servers = new[] { new LeaseServer(Work), new LeaseServer(Work), new LeaseServer(Work) };
        await Storm(4, rounds: 2_000, servers[0]);
        await Storm(4, rounds: 2_000, servers[1]);
        await Storm(5, rounds: 2_000, servers[2]);
        Assert.True(servers[0].Log.Count > 300, $"Only {servers[0].Log.Count} requests took effect.");
        Assert.Equal(servers[0].Log, servers[1].Log);
        Assert.NotEqual(servers[0].Log, servers[2].Log);
    }

    /// <returns>How often another candidate began to lead.</returns>
    async Task<int> Storm(int seed, int rounds, LeaseServer server)
    {
        var random = new Random(seed);
        var outageUntil = DateTimeOffset.MinValue;
        async Task Fault(Random luck, CancellationToken cancellation)
        {
            if (Work.Time.GetUtcNow() < outageUntil)
                throw new HttpRequestException("connection refused");
            var dice = luck.Next(100);
            if (dice < 10)
                throw new HttpRequestException("broken pipe");
            if (dice < 30)
                await Task.Delay(TimeSpan.FromMilliseconds(luck.Next(dice < 13 ? 20_000 : 3_000)), Work.Time, luck.Next(2) == 0 ? cancellation : CancellationToken.None).ConfigureAwait(false);
        }
        var all = new List<Candidate>();
        Candidate New()
        {
            var luck = new Random(random.Next());
            var clock = new SkewedTime(Work.Time) { Skew = TimeSpan.FromSeconds(random.Next(-100_000, 100_000)) };
            var candidate = new Candidate(Sys, server, $"c{all.Count}", clock, luck.NextDouble, cancellation => Fault(luck, cancellation)).Start(Pump.Dispatcher);
            all.Add(candidate);
            return candidate;
        }
        var candidates = Enumerable.Range(0, 5).Select(_ => New()).ToArray();
        var reigns = 0;
        var leader = "";
        var idle = TimeSpan.Zero;
        for (var round = 0; round < rounds; round++)
        {
            var step = TimeSpan.FromMilliseconds(random.Next(1, 700));
            // Actors are made by their guardian, which is not pumped.
            await Work.IdleAsync();
            Pump.Drain();
            Work.Advance(step);
            Pump.Drain();
            var leaders = all.Where(c => c.Leads).Select(c => c.Name).ToArray();
            Assert.True(leaders.Length <= 1, $"Round {round} of seed {seed}: {string.Join(" and ", leaders)} lead at once.");
            if (leaders.Length == 1 && leaders[0] != leader)
                (leader, reigns) = (leaders[0], reigns + 1);
            idle = leaders.Length == 0 && Work.Time.GetUtcNow() >= outageUntil ? idle + step : TimeSpan.Zero;
            Assert.True(idle < TimeSpan.FromMinutes(10), $"Round {round} of seed {seed}: nobody has led for ten minutes although the server answers.");
            switch (random.Next(600))
            {
                case 0:
                    outageUntil = Work.Time.GetUtcNow() + TimeSpan.FromSeconds(random.Next(5, 40));
                    break;
                case < 4:
                    var at = random.Next(candidates.Length);
                    candidates[at].Crash();
                    candidates[at] = New();
                    break;
                case < 7:
                    var old = random.Next(candidates.Length);
                    candidates[old].Actor.Tell(new LeaderActor.Resign(), ActorRefs.NoSender);
                    candidates[old] = New();
                    break;
                case < 12:
                    candidates[random.Next(candidates.Length)].Clock.Skew += TimeSpan.FromSeconds(random.Next(-10_000, 10_000));
                    break;
            }
        }
        foreach (var candidate in all)
            candidate.Crash();
        Pump.Drain();
        return reigns;
    }
}
