using ActorKube.Models;
using ActorKube.Streams;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Configs;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Actors.Tests;

/// <summary>
/// Candidates as actors, on virtual time and on the test's own thread: when <c>Advance</c> returns, all that was due has happened, whoever it happened to.
/// </summary>
public sealed class LeaderActorTests : TestKit
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    readonly LeaseServer _server = new();

    public LeaderActorTests() : base(TestConfigs.TestSchedulerConfig)
    {
    }

    TestScheduler Time => (TestScheduler)Sys.Scheduler;

    /// <summary>A candidate, and what its controllers were told last.</summary>
    sealed class Candidate(LeaderActorTests test, string name, TimeSpan skew, Func<double> random)
    {
        readonly List<bool> _told = [];

        public string Name => name;

        public IReadOnlyList<bool> Told => _told;

        public bool Leads { get; private set; }

        public IActorRef Actor { get; private set; } = ActorRefs.Nobody;

        public VirtualTime Clock { get; } = new(test.Sys.Scheduler) { Skew = skew };

        public Candidate Start()
        {
            StayOnThisThread();
            // Test refs live on the thread that talks to them, from their first moment.
            var controllers = test.ActorOfAsTestActorRef<Controllers>(Props.Create(() => new Controllers(this)));
            var options = new LeaderElectionOptions { LeaseName = "l", LeaseNamespace = "n", Identity = name };
            Actor = test.ActorOfAsTestActorRef<LeaderActor>(LeaderActor.Props(test._server.Client(), options, controllers, NullLogger.Instance, Clock, random));
            return this;
        }

        /// <summary>The process dies without a word.</summary>
        public void Crash()
        {
            test.Sys.Stop(Actor);
            Leads = false;
        }

        void Hear(object message)
        {
            Leads = message is ControllersActor.Lead;
            _told.Add(Leads);
        }

        sealed class Controllers(Candidate candidate) : UntypedActor
        {
            protected override void OnReceive(object message) => candidate.Hear(message);
        }
    }

    /// <summary>The scheduler's time; its time of day may be wrong, and may be set while a candidate runs.</summary>
    sealed class VirtualTime(IScheduler scheduler) : TimeProvider
    {
        readonly SchedulerTimeProvider _inner = new(scheduler);

        public TimeSpan Skew { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => scheduler.Now + Skew;

        public override long GetTimestamp() => scheduler.Now.Ticks;

        /// <summary>Waits; whatever comes after it happens on the thread that lets time pass, or that cancels. (<see cref="Task.Delay(TimeSpan)"/> does not promise that.)</summary>
        public async Task Delay(TimeSpan time, CancellationToken cancellation)
        {
            var over = new TaskCompletionSource();
            // Disposed, not disposed asynchronously: that would wait, on another thread, for the very call that this comes from.
            using var timer = CreateTimer(_ => over.TrySetResult(), null, time, Timeout.InfiniteTimeSpan);
            using var cancelled = cancellation.Register(() => over.TrySetCanceled(cancellation));
            await over.Task.ConfigureAwait(false);
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _inner.CreateTimer(callback, state, dueTime, period);
    }

    Candidate Start(string name, double random = 0) => new Candidate(this, name, TimeSpan.Zero, () => random).Start();

    // What a task's end brings about happens on the thread that ended it, but not under the context that xunit gives its tests.
    static void StayOnThisThread() => SynchronizationContext.SetSynchronizationContext(null);

    void Pass(double seconds)
    {
        StayOnThisThread();
        for (var left = seconds; left > 0.0001; left -= 0.5)
            Time.Advance(TimeSpan.FromSeconds(Math.Min(0.5, left)));
    }

    [Fact]
    public void Free_lease_is_taken_at_once_and_renewed_every_two_seconds()
    {
        var us = Start("us");
        Assert.True(us.Leads);
        Assert.Equal("us", _server.Lease!.Spec.HolderIdentity);
        _server.Log.Clear();
        Pass(20);
        Assert.Equal(10, _server.Log.Count(l => l == "update us"));
        Assert.Equal([true], us.Told);
        Assert.Equal(0, _server.Lease.Spec.LeaseTransitions);
    }

    [Fact]
    public void Lease_of_another_is_taken_fifteen_seconds_after_its_last_renewal_was_seen_and_not_before()
    {
        _server.Put("go", transitions: 3);
        var us = Start("us");
        Pass(10);
        _server.Put("go", transitions: 3);
        Pass(16);
        Assert.False(us.Leads);
        Pass(2);
        Assert.True(us.Leads);
        Assert.Equal(4, _server.Lease!.Spec.LeaseTransitions);
    }

    [Fact]
    public void Leader_that_cannot_renew_stops_within_ten_seconds_and_starts_again_when_it_can()
    {
        var us = Start("us");
        Pass(5);
        _server.Before = (_, _) => Task.FromException(new HttpRequestException("no answer"));
        // The last renewal was sent a second ago.
        Pass(8.5);
        Assert.True(us.Leads);
        Pass(1);
        Assert.False(us.Leads);
        Pass(60);
        _server.Before = null;
        Pass(5);
        Assert.True(us.Leads);
        Assert.Equal([true, false, true], us.Told);
    }

    [Fact]
    public void Requests_that_hang_do_not_keep_a_leader_from_stopping()
    {
        var us = Start("us");
        _server.Before = (_, cancellation) => us.Clock.Delay(TimeSpan.FromHours(1), cancellation);
        Pass(9.5);
        Assert.True(us.Leads);
        Pass(0.5);
        Assert.False(us.Leads);
        _server.Before = null;
        Pass(20);
        Assert.True(us.Leads);
    }

    [Fact]
    public void Answer_that_comes_after_the_deadline_makes_no_leader()
    {
        var us = new Candidate(this, "us", TimeSpan.Zero, () => 0);
        _server.After = (verb, _) => verb == "create" ? us.Clock.Delay(TimeSpan.FromSeconds(10), CancellationToken.None) : Task.CompletedTask;
        us.Start();
        Pass(10.5);
        Assert.Empty(us.Told);
    }

    [Fact]
    public void Leader_whose_lease_was_taken_stops_at_once_when_it_sees_that()
    {
        var us = Start("us");
        _server.Put("thief");
        Pass(2);
        Assert.False(us.Leads);
    }

    [Fact]
    public void Resigning_gives_the_lease_back_through_conflicts_and_the_next_takes_it_at_once()
    {
        var us = Start("us");
        var next = Start("next");
        var conflicts = 2;
        _server.Before = (verb, _) => verb == "update" && conflicts-- > 0 ? Task.FromException(new KubernetesException(Make.Status(409, "Conflict"))) : Task.CompletedTask;
        us.Actor.Tell(new LeaderActor.Resign(), TestActor);
        ExpectMsg<LeaderActor.Resigned>();
        Assert.False(us.Leads);
        Assert.Equal(("", 1), (_server.Lease!.Spec.HolderIdentity, _server.Lease.Spec.LeaseDurationSeconds!.Value));
        Pass(2);
        Assert.True(next.Leads);
    }

    [Fact]
    public void Resigning_while_something_still_acts_leaves_the_lease_to_run_out()
    {
        var us = Start("us");
        us.Actor.Tell(new LeaderActor.Resign(Release: false), TestActor);
        ExpectMsg<LeaderActor.Resigned>();
        Assert.Equal("us", _server.Lease!.Spec.HolderIdentity);
        Pass(60);
        Assert.Equal([true, false], us.Told);
    }

    [Fact]
    public void Resigning_without_an_answer_from_the_server_ends_all_the_same()
    {
        var us = Start("us");
        _server.Before = (_, cancellation) => us.Clock.Delay(TimeSpan.FromHours(1), cancellation);
        Pass(2);
        us.Actor.Tell(new LeaderActor.Resign(), TestActor);
        Assert.False(us.Leads);
        Pass(2);
        ExpectMsg<LeaderActor.Resigned>();
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(0.5, 3.2)]
    [InlineData(0.9999, 4.4)]
    public void Candidates_that_wait_stretch_their_pauses_by_up_to_one_and_a_fifth(double random, double seconds)
    {
        _server.Put("them", seconds: 100_000);
        Start("us", random);
        Assert.Single(_server.Log);
        Pass(seconds - 0.1);
        Assert.Single(_server.Log);
        Pass(0.2);
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
    public void Never_two_leaders_over_thousands_of_rounds_of_faults(int seed)
    {
        var random = new Random(seed);
        var clock = new VirtualTime(Sys.Scheduler);
        var outageUntil = DateTimeOffset.MinValue;
        async Task Fault(CancellationToken cancellation)
        {
            if (clock.GetUtcNow() < outageUntil)
                throw new HttpRequestException("connection refused");
            var dice = random.Next(100);
            if (dice < 10)
                throw new HttpRequestException("broken pipe");
            if (dice < 30)
                await clock.Delay(TimeSpan.FromMilliseconds(random.Next(dice < 13 ? 20_000 : 3_000)), random.Next(2) == 0 ? cancellation : CancellationToken.None).ConfigureAwait(false);
        }
        _server.Before = _server.After = (_, cancellation) => Fault(cancellation);
        var starts = 0;
        Candidate New() => new Candidate(this, $"c{starts++}", TimeSpan.FromSeconds(random.Next(-100_000, 100_000)), random.NextDouble).Start();
        var candidates = Enumerable.Range(0, 5).Select(_ => New()).ToArray();
        var reigns = 0;
        var leader = "";
        var idle = TimeSpan.Zero;
        for (var round = 0; round < 12_000; round++)
        {
            var step = TimeSpan.FromMilliseconds(random.Next(1, 700));
            Time.Advance(step);
            var leaders = candidates.Where(c => c.Leads).Select(c => c.Name).ToArray();
            Assert.True(leaders.Length <= 1, $"Round {round} of seed {seed}: {string.Join(" and ", leaders)} lead at once.");
            if (leaders.Length == 1 && leaders[0] != leader)
                (leader, reigns) = (leaders[0], reigns + 1);
            idle = leaders.Length == 0 && clock.GetUtcNow() >= outageUntil ? idle + step : TimeSpan.Zero;
            // Requests that were given up end on threads of the pool: virtual minutes must not pass before those had a turn.
            if (idle > TimeSpan.FromMinutes(1))
                Thread.Sleep(1);
            Assert.True(idle < TimeSpan.FromMinutes(10), $"Round {round} of seed {seed}: nobody has led for ten minutes although the server answers.");
            switch (random.Next(600))
            {
                case 0:
                    outageUntil = clock.GetUtcNow() + TimeSpan.FromSeconds(random.Next(5, 40));
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
