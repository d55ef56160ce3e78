using System.Collections.Concurrent;
using ActorKube.Actors;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Microsoft.Extensions.Logging;

namespace ActorKube.Cluster.Tests.Sharding;

/// <summary>Whether a node may own slices at all: message by message, and tick by tick of a clock that the test can set forward under the node's feet.</summary>
public sealed class OwnershipActorTests : ActorTest
{
    static readonly OwnershipClock Times = new(Patience: TimeSpan.FromSeconds(10), Probation: TimeSpan.FromSeconds(33));

    readonly JumpingClock _clock = new();
    readonly LeaseHold _hold;
    readonly TestProbe _slices;
    readonly TestProbe _refused;
    readonly Lines _log = new();

    public OwnershipActorTests()
    {
        _hold = new LeaseHold(_clock);
        _slices = CreateTestProbe("slices");
        _refused = CreateTestProbe("refused");
    }

    /// <summary>The node's clock apart from the scheduler: it jumps where a process was stopped.</summary>
    sealed class JumpingClock : TimeProvider
    {
        TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Jump(TimeSpan time) => _now += time;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _now;

        public override long GetTimestamp() => _now.Ticks;
    }

    sealed class Lines : ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Text)> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Enqueue((logLevel, formatter(state, exception)));
    }

    IActorRef Start(int shards = 2, OwnershipClock? times = null)
    {
        var refused = _refused.Ref;
        return Sys.ActorOf(OwnershipActor.Props(new OwnershipSettings("web", shards, times), times is null ? null : _hold, _clock, _log, () => refused.Tell("refused")));
    }

    IActorRef Agreed(OwnershipClock? times = null)
    {
        var node = Start(2, times);
        node.Tell(new OwnershipActor.Begin(_slices));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(new ShardsQuestion(2), Said<ShardsQuestion>(_slices));
            _slices.Reply(new ShardsAnswer(i, 2));
        }
        Settled(node);
        return node;
    }

    /// <summary>Returns when the actor has handled all that it was sent.</summary>
    void Settled(IActorRef actor)
    {
        var probe = CreateTestProbe();
        actor.Tell(new Identify(0), probe);
        Said<ActorIdentity>(probe);
    }

    /// <summary>Time passes and the node runs.</summary>
    void Run(IActorRef node, double seconds)
    {
        for (var passed = 0.0; passed < seconds; passed += Times.Interval.TotalSeconds)
        {
            _clock.Jump(Times.Interval);
            Time.Advance(Times.Interval);
            Settled(node);
        }
    }

    /// <summary>The process is stopped for a while, and its first tick comes when it goes on.</summary>
    void Stop(double seconds) => _clock.Jump(Seconds(seconds));

    void Tick(IActorRef node)
    {
        Time.Advance(Times.Interval);
        Settled(node);
    }

    (TestProbe Asker, TestProbe Lost) Claim(IActorRef node, int slice)
    {
        var (asker, lost) = (CreateTestProbe(), CreateTestProbe());
        var told = lost.Ref;
        node.Tell(new OwnershipActor.Claim(slice, error => told.Tell(error!)), asker);
        return (asker, lost);
    }

    [Fact]
    public void No_slice_is_owned_before_every_slice_has_said_that_it_is_one_of_as_many()
    {
        var node = Start();
        var (asker, _) = Claim(node, 0);
        node.Tell(new OwnershipActor.Begin(_slices));
        Said<ShardsQuestion>(_slices);
        _slices.Reply(new ShardsAnswer(0, 2));
        Said<ShardsQuestion>(_slices);
        Settled(node);
        asker.ExpectNoMsg(TimeSpan.Zero);
        // One did not answer: all are asked again.
        Time.Advance(Seconds(2));
        Said<ShardsQuestion>(_slices);
        _slices.Reply(new ShardsAnswer(0, 2));
        Said<ShardsQuestion>(_slices);
        Settled(node);
        asker.ExpectNoMsg(TimeSpan.Zero);
        _slices.Reply(new ShardsAnswer(1, 2));
        Assert.True(Said<OwnershipActor.Decision>(asker).May);
        Time.Advance(Seconds(2));
        Settled(node);
        _slices.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_slice_that_is_one_of_another_number_makes_the_node_leave_and_say_what_to_do()
    {
        var node = Start();
        var (early, _) = Claim(node, 0);
        node.Tell(new OwnershipActor.Begin(_slices));
        Said<ShardsQuestion>(_slices);
        _slices.Reply(new ShardsAnswer(0, 64));
        Assert.Equal("refused", Said<string>(_refused));
        Assert.False(Said<OwnershipActor.Decision>(early).May);
        Assert.False(Said<OwnershipActor.Decision>(Claim(node, 1).Asker).May);
        var (level, text) = Assert.Single(_log.Said);
        Assert.Equal(LogLevel.Critical, level);
        Assert.Contains("web has 2 shards on this node and 64 on akka", text, StringComparison.Ordinal);
        Assert.Contains("stop all of them first", text, StringComparison.Ordinal);
        // It is said once, whatever else is answered.
        _slices.Reply(new ShardsAnswer(1, 64));
        Settled(node);
        _refused.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_node_with_another_number_is_named_once_by_those_it_asks()
    {
        var node = Agreed();
        node.Tell(new OwnershipActor.Stranger(128, "akka.tcp://mesh@10.0.0.9:4053"));
        node.Tell(new OwnershipActor.Stranger(128, "akka.tcp://mesh@10.0.0.9:4053"));
        Settled(node);
        Assert.Contains("akka.tcp://mesh@10.0.0.9:4053 has 128 shards of web, and this node has 2", Assert.Single(_log.Said).Text, StringComparison.Ordinal);
        Assert.True(Said<OwnershipActor.Decision>(Claim(node, 0).Asker).May);
    }

    [Fact]
    public void A_slice_that_there_cannot_be_is_not_owned() => Assert.False(Said<OwnershipActor.Decision>(Claim(Agreed(), 2).Asker).May);

    [Fact]
    public void A_node_that_runs_owns_its_slices_for_as_long_as_it_likes()
    {
        var node = Agreed(Times);
        var (asker, lost) = Claim(node, 0);
        Assert.True(Said<OwnershipActor.Decision>(asker).May);
        Run(node, 100);
        Assert.True(_hold.IsHeld);
        // A pause that nobody can have made use of.
        Stop(8);
        Assert.True(_hold.IsHeld);
        Tick(node);
        Assert.True(_hold.IsHeld);
        lost.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_node_that_was_stopped_owns_nothing_from_the_moment_it_goes_on_and_leaves_its_slices()
    {
        var node = Agreed(Times);
        var (asker, lost) = Claim(node, 0);
        Assert.True(Said<OwnershipActor.Decision>(asker).May);
        Run(node, 5);
        Stop(11);
        // Before anything of the node has run: time itself has taken the slices away.
        Assert.False(_hold.IsHeld);
        Tick(node);
        Said<OwnershipSuspendedException>(lost);
        Assert.False(_hold.IsHeld);
        Assert.False(Said<OwnershipActor.Decision>(Claim(node, 0).Asker).May);
        Assert.Equal(LogLevel.Error, Assert.Single(_log.Said).Level);
    }

    [Fact]
    public void A_node_that_was_stopped_owns_slices_again_when_it_has_run_so_long_that_it_must_still_be_a_member()
    {
        var node = Agreed(Times);
        Stop(11);
        Tick(node);
        Run(node, 32);
        Assert.False(_hold.IsHeld);
        Assert.False(Said<OwnershipActor.Decision>(Claim(node, 0).Asker).May);
        Run(node, 2);
        Assert.True(_hold.IsHeld);
        Assert.True(Said<OwnershipActor.Decision>(Claim(node, 0).Asker).May);
    }

    [Fact]
    public void Being_stopped_again_does_not_count_as_having_run()
    {
        var node = Agreed(Times);
        Stop(11);
        Tick(node);
        Run(node, 5);
        Stop(60);
        Tick(node);
        Assert.False(_hold.IsHeld);
        Run(node, 30);
        Assert.False(_hold.IsHeld);
        Run(node, 4);
        Assert.True(_hold.IsHeld);
    }

    [Fact]
    public void A_slice_that_was_given_back_is_not_told_of_losses()
    {
        var node = Agreed(Times);
        var (asker, lost) = Claim(node, 0);
        Said<OwnershipActor.Decision>(asker);
        node.Tell(new OwnershipActor.Forget(0));
        Stop(11);
        Tick(node);
        lost.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void Nothing_is_owned_any_more_when_it_ends()
    {
        var node = Agreed(Times);
        Assert.True(_hold.IsHeld);
        Watch(node);
        Sys.Stop(node);
        ExpectTerminated(node, Patience);
        Assert.False(_hold.IsHeld);
    }

    [Fact]
    public async Task A_write_needs_the_nodes_right_or_the_slices_own_lease()
    {
        var node = Agreed(Times);
        var slice = new SliceLease("mesh-web-0", "me", 0, node, _hold, null);
        Assert.True(await slice.Acquire());
        Assert.True(slice.CheckLease());
        Stop(11);
        Assert.False(slice.CheckLease());
        Tick(node);
        await Assert.ThrowsAsync<OwnershipSuspendedException>(() => slice.Acquire());
        Assert.True(new SliceLease("mesh-web-0", "me", 0, node, null, null).CheckLease());
    }

    [Theory]
    [InlineData("", null, null)]
    [InlineData("akka.cluster.downing-provider-class = x", 10.0, 33.0)]
    [InlineData("akka.cluster { downing-provider-class = x, split-brain-resolver.stable-after = 8s, failure-detector.acceptable-heartbeat-pause = 5s, down-removal-margin = off }", 4.0, 17.0)]
    [InlineData("akka.cluster { downing-provider-class = x, split-brain-resolver.stable-after = 8s, failure-detector.acceptable-heartbeat-pause = 5s, down-removal-margin = 2s }", 1.0, 17.0)]
    public void The_times_are_the_clusters_own(string hocon, double? patience, double? probation)
    {
        var clock = OwnershipClock.Of(ConfigurationFactory.ParseString(hocon));
        Assert.Equal(patience, clock?.Patience.TotalSeconds);
        Assert.Equal(probation, clock?.Probation.TotalSeconds);
    }
}
