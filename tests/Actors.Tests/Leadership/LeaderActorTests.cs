using ActorKube.Models;
using ActorKube.Testing;
using Akka.Actor;
using Akka.TestKit.Xunit2;

namespace ActorKube.Actors.Tests;

/// <summary>
/// Candidates as actors, on virtual time that passes only when all work of a moment is done: requests are work too, unless they wait for time to pass.
/// </summary>
public sealed class LeaderActorTests : TestKit
{
    readonly LeaseServer _server;

    public LeaderActorTests() : base(OutstandingWork.VirtualTimeConfiguration) => _server = new LeaseServer(Work);

    OutstandingWork Work => OutstandingWork.Of(Sys);

    Candidate New(string name, double random = 0) => new(Sys, _server, name, new SkewedTime(Work.Time), () => random);

    async Task<Candidate> Start(string name, double random = 0)
    {
        var candidate = New(name, random).Start();
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
        var us = New("us");
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
    public async Task Lease_is_not_given_back_where_the_options_say_so()
    {
        var us = new Candidate(Sys, _server, "us", new SkewedTime(Work.Time), () => 0) { ReleasesOnStop = false }.Start();
        await Work.IdleAsync();
        us.Actor.Tell(new LeaderActor.Resign(), TestActor);
        ExpectMsg<LeaderActor.Resigned>();
        Assert.Equal("us", _server.Lease!.Spec.HolderIdentity);
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
}
