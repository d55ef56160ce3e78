using ActorKube.Models;
using ActorKube.Testing;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Actors.Tests;

/// <summary>
/// Candidates as actors, on virtual time that passes only when all work of a moment is done: requests are work too, unless they wait for time to pass.
/// </summary>
public sealed class LeaderActorTests : TestKit
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    readonly LeaseServer _server;

    public LeaderActorTests() : base(OutstandingWork.VirtualTimeConfiguration) => _server = new LeaseServer(Work);

    OutstandingWork Work => OutstandingWork.Of(Sys);

    /// <summary>A candidate, and what its controllers were told last.</summary>
    sealed class Candidate(LeaderActorTests test, string name, TimeSpan skew, Func<double> random, Func<CancellationToken, Task>? faults = null)
    {
        readonly List<bool> _told = [];
        bool _crashed;

        public string Name => name;

        public IReadOnlyList<bool> Told => _told;

        public bool Leads { get; private set; }

        public IActorRef Actor { get; private set; } = ActorRefs.Nobody;

        public SkewedTime Clock { get; } = new(test.Work.Time) { Skew = skew };

        public Candidate Start()
        {
            var controllers = test.Sys.ActorOf(Props.Create(() => new Controllers(this)));
            var options = new LeaderElectionOptions { LeaseName = "l", LeaseNamespace = "n", Identity = name };
            Actor = test.Sys.ActorOf(LeaderActor.Props(test._server.Client(faults), options, controllers, NullLogger.Instance, Clock, random));
            return this;
        }

        /// <summary>The process dies without a word.</summary>
        public void Crash()
        {
            _crashed = true;
            test.Sys.Stop(Actor);
            Leads = false;
        }

        void Hear(object message)
        {
            Leads = message is ControllersActor.Lead && !_crashed;
            _told.Add(Leads);
        }

        sealed class Controllers(Candidate candidate) : UntypedActor
        {
            protected override void OnReceive(object message) => candidate.Hear(message);
        }
    }

    /// <summary>The test's time; its time of day may be wrong, and may be set while a candidate runs.</summary>
    sealed class SkewedTime(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Skew { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Skew;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
    }

    async Task<Candidate> Start(string name, double random = 0)
    {
        var candidate = new Candidate(this, name, TimeSpan.Zero, () => random).Start();
        await Work.IdleAsync();
        return candidate;
    }

    Task Pass(double seconds) => Work.AdvanceAsync(TimeSpan.FromSeconds(seconds), step: TimeSpan.FromSeconds(0.5));

    // A request that hangs, as long as it is let.
    Task Hang(CancellationToken cancellation) => Task.Delay(TimeSpan.FromHours(1), Work.Time, cancellation);

    [Fact]
    public async Task Free_lease_is_taken_at_once_and_renewed_every_two_seconds()
    {
        var us = await Start("us");
        Assert.True(us.Leads);
        Assert.Equal("us", _server.Lease!.Spec.HolderIdentity);
        _server.Log.Clear();
        await Pass(20);
        Assert.Equal(10, _server.Log.Count(l => l == "update us"));
        Assert.Equal([true], us.Told);
        Assert.Equal(0, _server.Lease.Spec.LeaseTransitions);
    }

    [Fact]
    public async Task Lease_of_another_is_taken_fifteen_seconds_after_its_last_renewal_was_seen_and_not_before()
    {
        _server.Put("go", transitions: 3);
        var us = await Start("us");
        await Pass(10);
        _server.Put("go", transitions: 3);
        await Pass(16);
        Assert.False(us.Leads);
        await Pass(2);
        Assert.True(us.Leads);
        Assert.Equal(4, _server.Lease!.Spec.LeaseTransitions);
    }

    [Fact]
    public async Task Leader_that_cannot_renew_stops_within_ten_seconds_and_starts_again_when_it_can()
    {
        var us = await Start("us");
        await Pass(5);
        _server.Before = (_, _) => Task.FromException(new HttpRequestException("no answer"));
        // The last renewal was sent a second ago.
        await Pass(8.5);
        Assert.True(us.Leads);
        await Pass(1);
        Assert.False(us.Leads);
        await Pass(60);
        _server.Before = null;
        await Pass(5);
        Assert.True(us.Leads);
        Assert.Equal([true, false, true], us.Told);
    }

    [Fact]
    public async Task Requests_that_hang_do_not_keep_a_leader_from_stopping()
    {
        var us = await Start("us");
        _server.Before = (_, cancellation) => Hang(cancellation);
        await Pass(9.5);
        Assert.True(us.Leads);
        await Pass(0.5);
        Assert.False(us.Leads);
        _server.Before = null;
        await Pass(20);
        Assert.True(us.Leads);
    }

    [Fact]
    public async Task Answer_that_comes_after_the_deadline_makes_no_leader()
    {
        var us = new Candidate(this, "us", TimeSpan.Zero, () => 0);
        _server.After = (verb, _) => verb == "create" ? Task.Delay(TimeSpan.FromSeconds(10), Work.Time, CancellationToken.None) : Task.CompletedTask;
        us.Start();
        await Pass(10.5);
        Assert.Empty(us.Told);
    }

    [Fact]
    public async Task Leader_whose_lease_was_taken_stops_at_once_when_it_sees_that()
    {
        var us = await Start("us");
        _server.Put("thief");
        await Pass(2);
        Assert.False(us.Leads);
    }

    [Fact]
    public async Task Resigning_gives_the_lease_back_through_conflicts_and_the_next_takes_it_at_once()
    {
        var us = await Start("us");
        var next = await Start("next");
        var conflicts = 2;
        _server.Before = (verb, _) => verb == "update" && conflicts-- > 0 ? Task.FromException(new KubernetesException(Make.Status(409, "Conflict"))) : Task.CompletedTask;
        us.Actor.Tell(new LeaderActor.Resign(), TestActor);
        ExpectMsg<LeaderActor.Resigned>();
        await Work.IdleAsync();
        Assert.False(us.Leads);
        Assert.Equal(("", 1), (_server.Lease!.Spec.HolderIdentity, _server.Lease.Spec.LeaseDurationSeconds!.Value));
        await Pass(2);
        Assert.True(next.Leads);
    }

    [Fact]
    public async Task Resigning_while_something_still_acts_leaves_the_lease_to_run_out()
    {
        var us = await Start("us");
        us.Actor.Tell(new LeaderActor.Resign(Release: false), TestActor);
        ExpectMsg<LeaderActor.Resigned>();
        Assert.Equal("us", _server.Lease!.Spec.HolderIdentity);
        await Pass(60);
        Assert.Equal([true, false], us.Told);
    }

    [Fact]
    public async Task Resigning_without_an_answer_from_the_server_ends_all_the_same()
    {
        var us = await Start("us");
        _server.Before = (_, cancellation) => Hang(cancellation);
        await Pass(2);
        us.Actor.Tell(new LeaderActor.Resign(), TestActor);
        await Work.IdleAsync();
        Assert.False(us.Leads);
        await Pass(2);
        ExpectMsg<LeaderActor.Resigned>();
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(0.5, 3.2)]
    [InlineData(0.9999, 4.4)]
    public async Task Candidates_that_wait_stretch_their_pauses_by_up_to_one_and_a_fifth(double random, double seconds)
    {
        _server.Put("them", seconds: 100_000);
        await Start("us", random);
        Assert.Single(_server.Log);
        await Pass(seconds - 0.1);
        Assert.Single(_server.Log);
        await Pass(0.2);
        Assert.Equal(2, _server.Log.Count);
    }

    /// <summary>
    /// Five candidates whose clocks are wrong and are set while they run, on a server that is slow, fails before or after it acted, and goes away for a while; candidates
    /// crash, resign and come back. After each step of virtual time at most one leads, and a lease that is held is never taken from one who may still believe in it.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Never_two_leaders_over_thousands_of_rounds_of_faults(int seed)
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
            var candidate = new Candidate(this, $"c{all.Count}", TimeSpan.FromSeconds(random.Next(-100_000, 100_000)), luck.NextDouble, cancellation => Fault(luck, cancellation)).Start();
            all.Add(candidate);
            return candidate;
        }
        var candidates = Enumerable.Range(0, 5).Select(_ => New()).ToArray();
        var reigns = 0;
        var leader = "";
        var idle = TimeSpan.Zero;
        for (var round = 0; round < 12_000; round++)
        {
            var step = TimeSpan.FromMilliseconds(random.Next(1, 700));
            await Work.AdvanceAsync(step);
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
        Assert.True(reigns > 20, $"Only {reigns} reigns: the test has lost its teeth.");
    }
}
