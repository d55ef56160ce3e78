using Akka.Actor;
using Akka.Pattern;

namespace Akka.Conformance.Actors;

public sealed class BackoffTests : VirtualTimeTest
{
    Props Kid => Witness.Props(TestActor, "kid");

    BackoffOptions OnStop(double min = 1, double max = 10) => Backoff.OnStop(Kid, "kid", Seconds(min), Seconds(max), 0, -1);

    BackoffOptions OnFailure(double min = 1, double max = 10) => Backoff.OnFailure(Kid, "kid", Seconds(min), Seconds(max), 0, -1);

    IActorRef Start(BackoffOptions options)
    {
        var supervisor = Sys.ActorOf(BackoffSupervisor.Props(options));
        ExpectMsg("kid: PreStart");
        return supervisor;
    }

    IActorRef? Current(IActorRef supervisor)
    {
        var probe = CreateTestProbe();
        supervisor.Tell(BackoffSupervisor.GetCurrentChild.Instance, probe.Ref);
        return probe.ExpectMsg<BackoffSupervisor.CurrentChild>().Ref;
    }

    int Restarts(IActorRef supervisor)
    {
        var probe = CreateTestProbe();
        supervisor.Tell(BackoffSupervisor.GetRestartCount.Instance, probe.Ref);
        return probe.ExpectMsg<BackoffSupervisor.RestartCount>().Count;
    }

    /// <summary>Lets the child end, and returns when its supervisor knows and has scheduled the next one.</summary>
    void EndChild(IActorRef supervisor, bool failure = false)
    {
        var kid = Current(supervisor)!;
        if (failure)
            EventFilter.Exception<Boom>().ExpectOne(() => kid.Tell(new Boom()));
        else
            kid.Tell(PoisonPill.Instance);
        ExpectMsg("kid: PostStop");
        AwaitCondition(() => Current(supervisor).IsNobody());
    }

    void NoChildAfter(IActorRef supervisor, double seconds)
    {
        Advance(seconds);
        Assert.True(Current(supervisor).IsNobody());
        Nothing();
    }

    void ChildAfter(double seconds)
    {
        Advance(seconds);
        ExpectMsg("kid: PreStart");
    }

    [Fact]
    public void Messages_are_forwarded_to_the_child()
    {
        var supervisor = Start(OnStop());
        supervisor.Tell("hello");
        ExpectMsg("kid: hello");
        supervisor.Tell("count", TestActor);
        ExpectMsg(1);
    }

    [Fact]
    public void A_child_that_stops_is_started_again_after_the_least_delay()
    {
        var supervisor = Start(OnStop());
        EndChild(supervisor);
        NoChildAfter(supervisor, 0.9);
        ChildAfter(0.1);
    }

    [Fact]
    public void The_delay_doubles_up_to_the_most()
    {
        var supervisor = Start(OnStop(min: 1, max: 10));
        foreach (var delay in new[] { 1d, 2, 4, 8, 10, 10 })
        {
            EndChild(supervisor);
            NoChildAfter(supervisor, delay - 0.5);
            ChildAfter(0.5);
        }

        Assert.Equal(6, Restarts(supervisor));
    }

    [Fact]
    public void A_child_that_fails_is_started_again_after_a_delay()
    {
        var supervisor = Start(OnFailure());
        EndChild(supervisor, failure: true);
        NoChildAfter(supervisor, 0.9);
        ChildAfter(0.1);
    }

    [Fact]
    public void OnFailure_delays_double_too()
    {
        var supervisor = Start(OnFailure(min: 2, max: 5));
        foreach (var delay in new[] { 2d, 4, 5 })
        {
            EndChild(supervisor, failure: true);
            NoChildAfter(supervisor, delay - 0.5);
            ChildAfter(0.5);
        }
    }

    [Fact]
    public void OnFailure_ends_with_a_child_that_stops()
    {
        var supervisor = Start(OnFailure());
        Watch(supervisor);
        Current(supervisor)!.Tell(PoisonPill.Instance);
        ExpectMsg("kid: PostStop");
        ExpectTerminated(supervisor);
    }

    [Fact]
    public void OnStop_restarts_a_child_that_fails_under_a_stopping_strategy_after_the_delay()
    {
        var supervisor = Start(OnStop().WithSupervisorStrategy(new OneForOneStrategy(_ => Directive.Stop)));
        EndChild(supervisor, failure: true);
        NoChildAfter(supervisor, 0.9);
        ChildAfter(0.1);
    }

    [Fact]
    public void A_child_that_lives_long_enough_resets_the_delay()
    {
        var supervisor = Start(OnStop().WithAutoReset(Seconds(5)));
        EndChild(supervisor);
        ChildAfter(1);
        Assert.Equal(1, Restarts(supervisor));
        Advance(5);
        AwaitCondition(() => Restarts(supervisor) == 0);
        EndChild(supervisor);
        ChildAfter(1);
    }

    [Fact]
    public void A_child_that_dies_before_that_does_not_reset_it()
    {
        var supervisor = Start(OnStop().WithAutoReset(Seconds(5)));
        EndChild(supervisor);
        ChildAfter(1);
        Advance(2);
        EndChild(supervisor);
        NoChildAfter(supervisor, 1.5);
        ChildAfter(0.5);
    }

    [Fact]
    public void A_manual_reset_is_the_childs_to_ask_for()
    {
        var supervisor = Start(OnStop().WithManualReset());
        EndChild(supervisor);
        ChildAfter(1);
        Advance(100);
        Assert.Equal(1, Restarts(supervisor));
        supervisor.Tell(BackoffSupervisor.Reset.Instance);
        Assert.Equal(0, Restarts(supervisor));
    }

    [Fact]
    public void What_is_sent_while_there_is_no_child_is_a_dead_letter()
    {
        var supervisor = Start(OnStop());
        EndChild(supervisor);
        EventFilter.DeadLetter<string>(text => text == "lost").ExpectOne(() => supervisor.Tell("lost", TestActor));
        ChildAfter(1);
        Nothing();
    }

    [Fact]
    public void An_answer_can_be_given_while_there_is_no_child()
    {
        var supervisor = Start(OnStop().WithReplyWhileStopped("not now"));
        EndChild(supervisor);
        supervisor.Tell("hello", TestActor);
        ExpectMsg("not now");
    }

    [Fact]
    public void Retries_can_be_limited()
    {
        var supervisor = Start(OnStop().WithMaxNrOfRetries(1));
        Watch(supervisor);
        EndChild(supervisor);
        ChildAfter(1);
        Current(supervisor)!.Tell(PoisonPill.Instance);
        ExpectMsg("kid: PostStop");
        ExpectTerminated(supervisor);
    }

    [Fact]
    public void A_message_can_end_it_for_good()
    {
        var supervisor = Start(OnStop().WithFinalStopMessage(message => message is "the end"));
        Watch(supervisor);
        var kid = Current(supervisor)!;
        supervisor.Tell("the end");
        ExpectMsg("kid: the end");
        kid.Tell(PoisonPill.Instance);
        ExpectMsg("kid: PostStop");
        ExpectTerminated(supervisor);
    }

    [Fact]
    public void Stopping_the_supervisor_stops_the_child()
    {
        var supervisor = Start(OnStop());
        StopAndWait(supervisor);
        ExpectMsg("kid: PostStop");
    }
}
