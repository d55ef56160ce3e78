using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class SupervisionTests : ActorTest
{
    sealed class Other : Exception
    {
        public Other()
            : base("other")
        {
        }
    }

    /// <summary>A supervisor that starts what it is sent.</summary>
    IActorRef Supervisor(SupervisorStrategy strategy, string name = "supervisor") =>
        Sys.ActorOf(Witness.Props(CreateTestProbe().Ref, name, strategy));

    IActorRef Child(IActorRef supervisor, string name, IActorRef events)
    {
        var probe = CreateTestProbe();
        supervisor.Tell(new Witness.Start(name, Witness.Props(events, name)), probe.Ref);
        return probe.ExpectMsg<IActorRef>();
    }

    void Fail(IActorRef actor, Exception? exception = null)
    {
        exception ??= new Boom();
        EventFilter.Exception(exception.GetType()).And.Warning().Mute(() =>
        {
            actor.Tell(exception);
            Fence(actor);
        });
    }

    void FailToDeath(IActorRef actor)
    {
        Watch(actor);
        EventFilter.Exception<Boom>().Mute(() =>
        {
            actor.Tell(new Boom());
            ExpectTerminated(actor);
        });
    }

    int Count(IActorRef actor)
    {
        var probe = CreateTestProbe();
        actor.Tell("count", probe.Ref);
        return probe.ExpectMsg<int>();
    }

    [Fact]
    public void The_default_strategy_restarts()
    {
        var child = Child(Supervisor(SupervisorStrategy.DefaultStrategy), "kid", CreateTestProbe().Ref);
        Assert.Equal(1, Count(child));
        Fail(child);
        Assert.Equal(1, Count(child));
    }

    [Fact]
    public void Resume_keeps_the_state_and_runs_no_hook()
    {
        var events = CreateTestProbe();
        var child = Child(Supervisor(new OneForOneStrategy(_ => Directive.Resume)), "kid", events.Ref);
        events.ExpectMsg("kid: PreStart");
        Assert.Equal(1, Count(child));
        Fail(child);
        Assert.Equal(2, Count(child));
        Nothing(events);
    }

    [Fact]
    public void Stop_stops_the_child_alone()
    {
        var supervisor = Supervisor(new OneForOneStrategy(_ => Directive.Stop));
        var child = Child(supervisor, "kid", CreateTestProbe().Ref);
        var sibling = Child(supervisor, "sibling", CreateTestProbe().Ref);
        FailToDeath(child);
        Assert.Equal(1, Count(sibling));
        supervisor.Tell("children");
        ExpectMsg("sibling");
    }

    [Fact]
    public void OneForOne_leaves_the_siblings_alone()
    {
        var supervisor = Supervisor(new OneForOneStrategy(_ => Directive.Restart));
        var child = Child(supervisor, "kid", CreateTestProbe().Ref);
        var sibling = Child(supervisor, "sibling", CreateTestProbe().Ref);
        Count(sibling);
        Fail(child);
        Assert.Equal(2, Count(sibling));
    }

    [Fact]
    public void AllForOne_restarts_the_siblings_too()
    {
        var events = CreateTestProbe();
        var supervisor = Supervisor(new AllForOneStrategy(_ => Directive.Restart));
        var child = Child(supervisor, "kid", CreateTestProbe().Ref);
        var sibling = Child(supervisor, "sibling", events.Ref);
        events.ExpectMsg("sibling: PreStart");
        Fail(child);
        events.ExpectMsg("sibling: PreRestart boom");
        events.ExpectMsg("sibling: PostStop");
        events.ExpectMsg("sibling: PostRestart boom");
        events.ExpectMsg("sibling: PreStart");
        Assert.Equal(1, Count(sibling));
    }

    [Fact]
    public void AllForOne_stops_the_siblings_too()
    {
        var supervisor = Supervisor(new AllForOneStrategy(_ => Directive.Stop));
        var child = Child(supervisor, "kid", CreateTestProbe().Ref);
        var sibling = Child(supervisor, "sibling", CreateTestProbe().Ref);
        var probe = CreateTestProbe();
        probe.Watch(sibling);
        FailToDeath(child);
        probe.ExpectTerminated(sibling);
    }

    [Fact]
    public void AllForOne_Resume_leaves_everybody_as_they_are()
    {
        var supervisor = Supervisor(new AllForOneStrategy(_ => Directive.Resume));
        var child = Child(supervisor, "kid", CreateTestProbe().Ref);
        var sibling = Child(supervisor, "sibling", CreateTestProbe().Ref);
        Count(child);
        Count(sibling);
        Fail(child);
        Assert.Equal((2, 2), (Count(child), Count(sibling)));
    }

    [Fact]
    public void The_decider_is_asked_about_each_failure()
    {
        var child = Child(
            Supervisor(new OneForOneStrategy(exception => exception is Other ? Directive.Resume : Directive.Restart)),
            "kid",
            CreateTestProbe().Ref);
        Count(child);
        Fail(child, new Other());
        Assert.Equal(2, Count(child));
        Fail(child);
        Assert.Equal(1, Count(child));
    }

    [Fact]
    public void Restarts_are_limited()
    {
        var child = Child(Supervisor(new OneForOneStrategy(2, TimeSpan.FromMinutes(10), _ => Directive.Restart)), "kid", CreateTestProbe().Ref);
        Fail(child);
        Fail(child);
        FailToDeath(child);
    }

    [Fact]
    public void No_restart_is_allowed_where_the_limit_is_zero()
    {
        var child = Child(Supervisor(new OneForOneStrategy(0, Timeout.InfiniteTimeSpan, _ => Directive.Restart)), "kid", CreateTestProbe().Ref);
        FailToDeath(child);
    }

    [Fact]
    public void Restarts_without_a_limit_are_not_counted()
    {
        var child = Child(Supervisor(new OneForOneStrategy(-1, Timeout.InfiniteTimeSpan, _ => Directive.Restart)), "kid", CreateTestProbe().Ref);
        for (var i = 0; i < 50; i++)
            Fail(child);
        Assert.Equal(1, Count(child));
    }

    [Fact]
    public void Each_child_has_a_count_of_its_own()
    {
        var supervisor = Supervisor(new OneForOneStrategy(1, TimeSpan.FromMinutes(10), _ => Directive.Restart));
        var first = Child(supervisor, "first", CreateTestProbe().Ref);
        var second = Child(supervisor, "second", CreateTestProbe().Ref);
        Fail(first);
        Fail(second);
        Assert.Equal((1, 1), (Count(first), Count(second)));
        FailToDeath(first);
        Assert.Equal(2, Count(second));
    }

    [Fact]
    public void Resumes_do_not_count_as_restarts()
    {
        var child = Child(
            Supervisor(new OneForOneStrategy(1, TimeSpan.FromMinutes(10), exception => exception is Other ? Directive.Resume : Directive.Restart)),
            "kid",
            CreateTestProbe().Ref);
        for (var i = 0; i < 5; i++)
            Fail(child, new Other());
        Fail(child);
        Assert.Equal(1, Count(child));
    }

    [Fact]
    public void Escalate_hands_the_failure_to_the_grandparent()
    {
        var seen = CreateTestProbe();
        var top = Supervisor(new OneForOneStrategy(exception =>
        {
            seen.Ref.Tell(exception);
            return Directive.Restart;
        }), "top");
        var middleEvents = CreateTestProbe();
        top.Tell(new Witness.Start("middle", Witness.Props(middleEvents.Ref, "middle", new OneForOneStrategy(_ => Directive.Escalate))));
        var middle = ExpectMsg<IActorRef>();
        middleEvents.ExpectMsg("middle: PreStart");
        var child = Child(middle, "kid", CreateTestProbe().Ref);
        Watch(child);
        var failure = new Boom("deep");
        EventFilter.Exception<Boom>().Mute(() =>
        {
            child.Tell(failure);
            Assert.Same(failure, seen.ExpectMsg<Boom>());
            middleEvents.ExpectMsg("middle: PreRestart deep");
            middleEvents.ExpectMsg("middle: PostStop");
            middleEvents.ExpectMsg("middle: PostRestart deep");
            middleEvents.ExpectMsg("middle: PreStart");
        });
        ExpectTerminated(child);
        middle.Tell("children");
        ExpectMsg("");
    }

    [Fact]
    public void A_grandparent_that_resumes_resumes_the_whole_line()
    {
        var top = Supervisor(new OneForOneStrategy(_ => Directive.Resume), "top");
        top.Tell(new Witness.Start("middle", Witness.Props(CreateTestProbe().Ref, "middle", new OneForOneStrategy(_ => Directive.Escalate))));
        var middle = ExpectMsg<IActorRef>();
        var child = Child(middle, "kid", CreateTestProbe().Ref);
        Count(middle);
        Count(child);
        Fail(child);
        Assert.Equal((2, 2), (Count(middle), Count(child)));
    }

    [Fact]
    public void The_failing_actors_mailbox_waits_for_the_decision()
    {
        var gate = new ManualResetEventSlim();
        var strategy = new OneForOneStrategy(_ =>
        {
            gate.Wait(TimeSpan.FromSeconds(30));
            return Directive.Resume;
        });
        var events = CreateTestProbe();
        var child = Child(Supervisor(strategy), "kid", events.Ref);
        events.ExpectMsg("kid: PreStart");
        EventFilter.Warning().ExpectOne(() =>
        {
            child.Tell(new Boom());
            child.Tell("later");
            Nothing(events);
            gate.Set();
            events.ExpectMsg("kid: later");
        });
    }

    [Fact]
    public void Children_of_a_suspended_actor_wait_with_it()
    {
        var decided = new ManualResetEventSlim();
        var asked = new ManualResetEventSlim();
        var strategy = new OneForOneStrategy(_ =>
        {
            asked.Set();
            decided.Wait(TimeSpan.FromSeconds(30));
            return Directive.Resume;
        });
        var child = Child(Supervisor(strategy), "kid", CreateTestProbe().Ref);
        var events = CreateTestProbe();
        var grandchild = Child(child, "grandkid", events.Ref);
        events.ExpectMsg("grandkid: PreStart");
        EventFilter.Warning().ExpectOne(() =>
        {
            child.Tell(new Boom());
            Assert.True(asked.Wait(TimeSpan.FromSeconds(30)));
            grandchild.Tell("waits");
            decided.Set();
            events.ExpectMsg("grandkid: waits");
        });
    }

    [Fact]
    public void A_failed_constructor_stops_by_default_and_is_the_deciders_to_judge()
    {
        var attempts = 0;
        var created = TestActor;
        Action construct = () =>
        {
            if (++attempts == 1)
                throw new Boom();
            created.Tell("created");
        };
        var seen = CreateTestProbe();
        var supervisor = Supervisor(new OneForOneStrategy(exception =>
        {
            seen.Ref.Tell(exception);
            return Directive.Restart;
        }));
        EventFilter.Exception<ActorInitializationException>().And.Exception<Boom>().Mute(() =>
        {
            supervisor.Tell(new Witness.Start("kid", Props.Create(() => new Constructed(construct))), CreateTestProbe().Ref);
            var failure = seen.ExpectMsg<ActorInitializationException>();
            Assert.IsType<Boom>(Innermost(failure));
            ExpectMsg("created");
        });
    }

    static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;

    sealed class Constructed : UntypedActor
    {
        public Constructed(Action construct) => construct();

        protected override void OnReceive(object message)
        {
        }
    }

    [Fact]
    public void A_failing_PostRestart_is_a_PostRestartException()
    {
        var seen = CreateTestProbe();
        var supervisor = Supervisor(new OneForOneStrategy(exception =>
        {
            seen.Ref.Tell(exception);
            return exception is Boom ? Directive.Restart : Directive.Stop;
        }));
        supervisor.Tell(new Witness.Start("kid", Props.Create(() => new FailsAgain())));
        var child = ExpectMsg<IActorRef>();
        Watch(child);
        EventFilter.Exception<Boom>().And.Exception<PostRestartException>().Mute(() =>
        {
            child.Tell("go");
            seen.ExpectMsg<Boom>();
            seen.ExpectMsg<PostRestartException>();
            ExpectTerminated(child);
        });
    }

    sealed class FailsAgain : UntypedActor
    {
        protected override void PostRestart(Exception reason) => throw new Boom("again");

        protected override void OnReceive(object message) => throw new Boom();
    }

    [Fact]
    public void The_stopping_strategy_stops()
    {
        var child = Child(Supervisor(SupervisorStrategy.StoppingStrategy), "kid", CreateTestProbe().Ref);
        FailToDeath(child);
    }

    [Fact]
    public void The_message_after_the_failing_one_is_handled_by_the_new_instance()
    {
        var events = CreateTestProbe();
        var child = Child(Supervisor(new OneForOneStrategy(_ => Directive.Restart)), "kid", events.Ref);
        events.ExpectMsg("kid: PreStart");
        EventFilter.Exception<Boom>().ExpectOne(() =>
        {
            child.Tell(new Boom());
            child.Tell("next");
        });
        events.ExpectMsg("kid: PreRestart boom");
        events.ExpectMsg("kid: PostStop");
        events.ExpectMsg("kid: PostRestart boom");
        events.ExpectMsg("kid: PreStart");
        events.ExpectMsg("kid: next");
    }

    [Fact]
    public void A_failure_is_logged_as_an_error_from_the_failing_actor()
    {
        var child = Child(Supervisor(new OneForOneStrategy(_ => Directive.Restart)), "kid", CreateTestProbe().Ref);
        EventFilter.Exception<Boom>("a text of its own", source: child.Path.ToString()).ExpectOne(() => child.Tell(new Boom("a text of its own")));
    }

    [Fact]
    public void A_failure_that_is_resumed_from_is_logged_as_a_warning()
    {
        var child = Child(Supervisor(new OneForOneStrategy(_ => Directive.Resume)), "kid", CreateTestProbe().Ref);
        EventFilter.Warning("only this", source: child.Path.ToString()).ExpectOne(() => child.Tell(new Boom("only this")));
    }

    [Fact]
    public void A_restart_in_a_storm_of_messages_loses_the_failing_ones_only()
    {
        var events = CreateTestProbe();
        var child = Child(Supervisor(new OneForOneStrategy(_ => Directive.Restart)), "kid", events.Ref);
        EventFilter.Exception<Boom>().Expect(10, () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                if (i % 100 == 50)
                    child.Tell(new Boom());
                child.Tell($"n{i}");
            }
        });
        Fence(child);
        var handled = events.ReceiveWhile<string>(_ => true, max: TimeSpan.FromSeconds(30), idle: TimeSpan.Zero).Where(text => text.StartsWith("kid: n")).ToList();
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"kid: n{i}"), handled);
    }
}
