using ActorKube.Testing;
using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using Akka.Event;
using Akka.TestKit;
using k8s.Models;

namespace ActorKube.Cluster.Tests.Leases;

/// <summary>A lease as a dialogue: what its owner asks, what the server is asked, and what each is answered.</summary>
public sealed class LeaseActorTests : ActorTest
{
    static readonly TimeoutSettings Times = new(Seconds(10), Seconds(90), Seconds(5));

    readonly TestProbe _server;
    readonly TestProbe _owner;
    readonly LeaseHold _hold;
    readonly IActorRef _lease;
    readonly List<Exception?> _lost = [];

    public LeaseActorTests()
    {
        _server = CreateTestProbe("server");
        _owner = CreateTestProbe("owner");
        _hold = new LeaseHold(Clock);
        _lease = Sys.ActorOf(LeaseActor.Props(new LeaseSettings("lease", "me", Times, Config.Empty), new ProbedApi(_server, Work), _hold, Clock));
    }

    /// <summary>What the server is asked. An answer is an answer in the very moment in which the test gives it, so that what it brings about counts as work from then on.</summary>
    abstract record Question
    {
        public TaskCompletionSource<object> Answered { get; } = new();
    }

    sealed record Read : Question;

    sealed record Create(V1Lease Lease) : Question;

    sealed record Update(V1Lease Lease) : Question;

    sealed record Nothing;

    sealed class ProbedApi(IActorRef server, OutstandingWork work) : ILeaseApi
    {
        public Task<V1Lease?> ReadAsync(CancellationToken cancellation) => AskAsync(new Read(), cancellation);

        public Task<V1Lease?> CreateAsync(V1Lease lease, CancellationToken cancellation) => AskAsync(new Create(lease), cancellation);

        public Task<V1Lease?> UpdateAsync(V1Lease lease, CancellationToken cancellation) => AskAsync(new Update(lease), cancellation);

        Task<V1Lease?> AskAsync(Question question, CancellationToken cancellation) => work.TrackAsync(question.GetType().Name, async () =>
        {
            using var given = cancellation.Register(() => question.Answered.TrySetCanceled(cancellation));
            server.Tell(question);
            return await OutstandingWork.HoldAsync(question.Answered.Task) as V1Lease;
        });
    }

    static V1Lease Stored(string holder, DateTimeOffset renewed, string version = "1") => new()
    {
        Metadata = new V1ObjectMeta { Name = "lease", ResourceVersion = version },
        Spec = new V1LeaseSpec { HolderIdentity = holder, LeaseDurationSeconds = 90, RenewTime = renewed.UtcDateTime, AcquireTime = renewed.UtcDateTime },
    };

    DateTimeOffset Today => Time.Now;

    void Acquire() => _lease.Tell(new LeaseActor.Acquire(_lost.Add), _owner);

    void Release() => _lease.Tell(LeaseActor.Release.Lease, _owner);

    void Answer(object answer) => ((Question)_server.LastMessage!).Answered.SetResult(answer);

    void Fail(Exception error) => ((Question)_server.LastMessage!).Answered.SetException(error);

    V1Lease ExpectUpdate() => Said<Update>(_server).Lease;

    /// <summary>The lease is held, last renewed now.</summary>
    void Hold()
    {
        Acquire();
        Said<Read>(_server);
        Answer(new Nothing());
        Said<Create>(_server);
        Answer(Stored("me", Today));
        Assert.True(Said<bool>(_owner));
    }

    void Heartbeat()
    {
        // The timer is set by the actor before it answers, so one step is enough.
        Time.Advance(Times.HeartbeatInterval);
    }

    [Fact]
    public void Missing_lease_is_created_and_held()
    {
        Acquire();
        Said<Read>(_server);
        Answer(new Nothing());
        var created = Said<Create>(_server).Lease;
        Assert.Equal(("me", 90), (created.Spec.HolderIdentity, created.Spec.LeaseDurationSeconds));
        _owner.ExpectNoMsg(TimeSpan.Zero);
        Assert.False(_hold.IsHeld);
        Answer(Stored("me", Today));
        Assert.True(Said<bool>(_owner));
        Assert.True(_hold.IsHeld);
    }

    [Fact]
    public void Lease_of_another_is_left_alone()
    {
        Acquire();
        Said<Read>(_server);
        Answer(Stored("you", Today));
        Assert.False(Said<bool>(_owner));
        Assert.False(_hold.IsHeld);
        _server.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void Lease_left_behind_by_a_crash_is_taken_over_the_version_that_was_read()
    {
        Acquire();
        Said<Read>(_server);
        Answer(Stored("you", Today - Seconds(91), "17"));
        var update = ExpectUpdate();
        Assert.Equal(("17", "me"), (update.Metadata.ResourceVersion, update.Spec.HolderIdentity));
        Answer(Stored("me", Today, "18"));
        Assert.True(Said<bool>(_owner));
    }

    [Fact]
    public void Lost_race_is_answered_only_when_its_outcome_is_known()
    {
        Acquire();
        Said<Read>(_server);
        Answer(Stored("", Today));
        ExpectUpdate();
        Answer(new Nothing());
        Said<Read>(_server);
        _owner.ExpectNoMsg(TimeSpan.Zero);
        Answer(Stored("you", Today, "2"));
        Assert.False(Said<bool>(_owner));
    }

    [Fact]
    public async Task Held_lease_is_renewed_at_each_heartbeat_over_the_version_written_last()
    {
        Hold();
        for (var i = 2; i < 30; i++)
        {
            Heartbeat();
            var update = ExpectUpdate();
            Assert.Equal((i - 1).ToString(), update.Metadata.ResourceVersion);
            Assert.Equal(Today.UtcDateTime, update.Spec.RenewTime);
            Answer(Stored("me", Today, i.ToString()));
            await Work.IdleAsync();
            Assert.Equal(Seconds(60), _hold.Left);
            Settle();
        }
        Assert.Empty(_lost);
    }

    // A question that is answered from the actor's state: what it was at, it has finished.
    void Settle()
    {
        Acquire();
        Assert.True(Said<bool>(_owner));
    }

    [Fact]
    public async Task Lease_that_another_has_taken_is_lost_at_once_and_said_once()
    {
        Hold();
        Heartbeat();
        ExpectUpdate();
        Answer(new Nothing());
        Said<Read>(_server);
        Answer(Stored("you", Today, "9"));
        await Work.IdleAsync();
        Assert.False(_hold.IsHeld);
        Assert.Single(_lost);
        Assert.Contains("you", _lost[0]!.Message);
        Time.Advance(Seconds(200));
        Assert.Single(_lost);
    }

    [Fact]
    public async Task Lease_that_cannot_be_renewed_is_not_relied_on_after_two_thirds_of_its_time()
    {
        Hold();
        Time.Advance(Seconds(59.9));
        Assert.True(_hold.IsHeld);
        Time.Advance(Seconds(0.1));
        // Time itself ends it, whatever the actor is doing.
        Assert.False(_hold.IsHeld);
        await Work.IdleAsync();
        Assert.Single(_lost);
        Assert.IsType<LeaseTimeoutException>(_lost[0]);
    }

    [Fact]
    public async Task Failed_renewal_is_tried_again_before_the_next_heartbeat_and_loses_nothing()
    {
        Hold();
        Heartbeat();
        ExpectUpdate();
        var log = CreateTestProbe();
        Sys.EventStream.Subscribe(log, typeof(Warning));
        Fail(new InvalidOperationException("server on fire"));
        Assert.Contains("on fire", Said<Warning>(log).Message.ToString());
        Settle();
        Time.Advance(Seconds(2.5));
        ExpectUpdate();
        Answer(Stored("me", Today, "2"));
        await Work.IdleAsync();
        Assert.Equal(Seconds(60), _hold.Left);
        Time.Advance(Seconds(55));
        Assert.True(_hold.IsHeld);
    }

    [Fact]
    public void Server_that_does_not_answer_in_time_is_a_failure_and_no_hold()
    {
        Acquire();
        Said<Read>(_server);
        Answer(Stored("", Today));
        ExpectUpdate();
        Time.Advance(Seconds(4));
        _owner.ExpectNoMsg(TimeSpan.Zero);
        Time.Advance(Seconds(2));
        var failure = Said<Status.Failure>(_owner);
        Assert.IsType<LeaseTimeoutException>(failure.Cause);
        Assert.False(_hold.IsHeld);
    }

    [Fact]
    public void Error_of_the_server_is_the_answer_and_the_lease_can_be_asked_for_again()
    {
        Acquire();
        Said<Read>(_server);
        Fail(new InvalidOperationException("server on fire"));
        Assert.Contains("on fire", Said<Status.Failure>(_owner).Cause.Message);
        Hold();
    }

    [Fact]
    public void Lease_is_given_back_without_a_holder_and_not_relied_on_from_that_moment()
    {
        Hold();
        Release();
        var update = ExpectUpdate();
        Assert.Equal("", update.Spec.HolderIdentity);
        Assert.False(_hold.IsHeld);
        _owner.ExpectNoMsg(TimeSpan.Zero);
        Answer(Stored("", Today, "2"));
        Assert.True(Said<bool>(_owner));
        Assert.Empty(_lost);
    }

    [Fact]
    public void Lease_that_others_have_written_meanwhile_is_given_back_only_if_it_is_still_ours()
    {
        Hold();
        Release();
        ExpectUpdate();
        Answer(new Nothing());
        Said<Read>(_server);
        Answer(Stored("you", Today, "5"));
        Assert.True(Said<bool>(_owner));
        _server.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void Giving_back_what_is_not_held_is_no_request_at_all()
    {
        Release();
        Assert.True(Said<bool>(_owner));
        _server.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void Questions_asked_while_an_answer_is_awaited_are_answered_in_their_order()
    {
        Acquire();
        Release();
        Acquire();
        Said<Read>(_server);
        Answer(new Nothing());
        Said<Create>(_server);
        Answer(Stored("me", Today));
        Assert.True(Said<bool>(_owner));
        Assert.Equal("", ExpectUpdate().Spec.HolderIdentity);
        Answer(Stored("", Today, "2"));
        Assert.True(Said<bool>(_owner));
        Said<Read>(_server);
        Answer(Stored("", Today, "2"));
        Assert.Equal("me", ExpectUpdate().Spec.HolderIdentity);
        Answer(Stored("me", Today, "3"));
        Assert.True(Said<bool>(_owner));
    }
}
