using Akka.Actor;
using Akka.Event;

namespace Akka.Conformance.Actors;

public sealed class LifecycleTests : ActorTest
{
    [Fact]
    public void PreStart_comes_before_the_first_message()
    {
        var actor = Sys.ActorOf(Witness.Props(TestActor));
        actor.Tell("hello");
        ExpectMsg("witness: PreStart");
        ExpectMsg("witness: hello");
    }

    [Fact]
    public void Stop_runs_PostStop_once()
    {
        var actor = Sys.ActorOf(Witness.Props(TestActor));
        ExpectMsg("witness: PreStart");
        StopAndWait(actor);
        Sys.Stop(actor);
        ExpectMsg("witness: PostStop");
        Nothing();
    }

    [Fact]
    public void A_restart_runs_the_hooks_of_the_old_instance_and_then_of_the_new_one()
    {
        var actor = Sys.ActorOf(Witness.Props(TestActor));
        ExpectMsg("witness: PreStart");
        EventFilter.Exception<Boom>().ExpectOne(() => actor.Tell(new Boom()));
        actor.Tell("hello");
        ExpectMsg("witness: PreRestart boom");
        ExpectMsg("witness: PostStop");
        ExpectMsg("witness: PostRestart boom");
        ExpectMsg("witness: PreStart");
        ExpectMsg("witness: hello");
    }

    [Fact]
    public void A_restart_keeps_the_ref_and_the_mailbox_and_loses_the_state_and_the_message()
    {
        var actor = Sys.ActorOf(Witness.Props(CreateTestProbe().Ref));
        actor.Tell("count");
        actor.Tell("count");
        EventFilter.Exception<Boom>().ExpectOne(() =>
        {
            actor.Tell(new Boom());
            actor.Tell("count");
        });
        ExpectMsg(1);
        ExpectMsg(2);
        ExpectMsgFrom(actor, 1);
        Fence(actor);
        Nothing();
    }

    [Fact]
    public void PreRestart_is_told_the_message_that_failed()
    {
        var listener = TestActor;
        var actor = Sys.ActorOf(Props.Create(() => new TellsPreRestart(listener)));
        EventFilter.Exception<Boom>().ExpectOne(() => actor.Tell("bad"));
        ExpectMsg(("boom", "bad"));
    }

    sealed class TellsPreRestart(IActorRef listener) : UntypedActor
    {
        protected override void PreRestart(Exception reason, object message) => listener.Tell((reason.Message, (string)message));

        protected override void OnReceive(object message) => throw new Boom();
    }

    [Fact]
    public void PreRestart_stops_the_children()
    {
        var parent = Sys.ActorOf(Witness.Props(CreateTestProbe().Ref, "parent"));
        parent.Tell(new Witness.Start("kid", Witness.Props(CreateTestProbe().Ref, "kid")));
        var kid = ExpectMsg<IActorRef>();
        Watch(kid);
        EventFilter.Exception<Boom>().ExpectOne(() => parent.Tell(new Boom()));
        ExpectTerminated(kid);
        parent.Tell("children");
        ExpectMsg("");
    }

    [Fact]
    public void The_new_instance_starts_when_the_children_are_gone()
    {
        var events = CreateTestProbe();
        var parent = Sys.ActorOf(Witness.Props(events.Ref, "parent"));
        events.ExpectMsg("parent: PreStart");
        parent.Tell(new Witness.Start("kid", Witness.Props(events.Ref, "kid")));
        events.ExpectMsg("kid: PreStart");
        EventFilter.Exception<Boom>().ExpectOne(() => parent.Tell(new Boom()));
        // PostStop belongs to the old instance's PreRestart, which does not wait for the children it stops.
        events.ExpectMsg("parent: PreRestart boom");
        events.ExpectMsgAllOf("parent: PostStop", "kid: PostStop");
        events.ExpectMsg("parent: PostRestart boom");
        events.ExpectMsg("parent: PreStart");
    }

    [Fact]
    public void A_child_that_PreRestart_is_kept_from_stopping_is_still_there()
    {
        var listener = TestActor;
        var parent = Sys.ActorOf(Props.Create(() => new KeepsChildren(listener)));
        parent.Tell("start");
        var kid = ExpectMsg<IActorRef>();
        EventFilter.Exception<Boom>().ExpectOne(() => parent.Tell(new Boom()));
        parent.Tell("child");
        ExpectMsg<IActorRef>(kid);
        kid.Tell("hello");
        ExpectMsgFrom(kid, "hello");
    }

    sealed class KeepsChildren(IActorRef listener) : UntypedActor
    {
        protected override void PreRestart(Exception reason, object message)
        {
        }

        protected override void OnReceive(object message)
        {
            if (message is Exception exception)
                throw exception;
            listener.Tell(message is "start" ? Context.ActorOf(Echo.Props, "kid") : Context.Child("kid"));
        }
    }

    [Fact]
    public void A_parent_stops_after_its_children()
    {
        var parent = Sys.ActorOf(Witness.Props(TestActor, "parent"));
        ExpectMsg("parent: PreStart");
        var probe = CreateTestProbe();
        parent.Tell(new Witness.Start("kid", Witness.Props(TestActor, "kid")), probe.Ref);
        probe.ExpectMsg<IActorRef>();
        ExpectMsg("kid: PreStart");
        StopAndWait(parent);
        ExpectMsg("kid: PostStop");
        ExpectMsg("parent: PostStop");
    }

    [Fact]
    public void Stop_finishes_the_message_at_hand_and_sends_the_rest_to_dead_letters()
    {
        var gate = new ManualResetEventSlim();
        var listener = TestActor;
        var actor = Sys.ActorOf(Scripted.Props((message, context, _) =>
        {
            gate.Wait(TimeSpan.FromSeconds(30));
            context.Stop(context.Self);
            listener.Tell(message);
        }));
        var letters = CreateTestProbe();
        Sys.EventStream.Subscribe(letters.Ref, typeof(DeadLetter));
        Watch(actor);
        actor.Tell("first");
        actor.Tell("second");
        gate.Set();
        ExpectMsg("first");
        ExpectTerminated(actor);
        var letter = letters.FishForMessage<DeadLetter>(dead => dead.Message is "second");
        Assert.Equal(actor, letter.Recipient);
        Assert.Equal(TestActor, letter.Sender);
        Nothing();
    }

    [Fact]
    public void PoisonPill_lets_what_was_sent_before_it_be_handled()
    {
        var listener = TestActor;
        var actor = Sys.ActorOf(Scripted.Props((message, _, _) => listener.Tell(message)));
        Watch(actor);
        actor.Tell("before");
        actor.Tell(PoisonPill.Instance);
        actor.Tell("after");
        ExpectMsg("before");
        ExpectTerminated(actor);
        Nothing();
    }

    [Fact]
    public void Kill_fails_the_actor_with_ActorKilledException_which_stops_it()
    {
        var actor = Sys.ActorOf(Witness.Props(TestActor));
        ExpectMsg("witness: PreStart");
        Watch(actor);
        EventFilter.Exception<ActorKilledException>().ExpectOne(() => actor.Tell(Kill.Instance));
        ExpectMsg("witness: PostStop");
        ExpectTerminated(actor);
    }

    [Fact]
    public void Kill_can_be_supervised_into_a_restart()
    {
        var strategy = new OneForOneStrategy(exception => exception is ActorKilledException ? Directive.Restart : Directive.Stop);
        var parent = Sys.ActorOf(Witness.Props(CreateTestProbe().Ref, "parent", strategy));
        var kids = CreateTestProbe();
        parent.Tell(new Witness.Start("kid", Witness.Props(kids.Ref, "kid")));
        var kid = ExpectMsg<IActorRef>();
        kids.ExpectMsg("kid: PreStart");
        EventFilter.Exception<ActorKilledException>().ExpectOne(() => kid.Tell(Kill.Instance));
        Assert.StartsWith("kid: PreRestart", kids.ExpectMsg<string>());
        kids.ExpectMsg("kid: PostStop");
        Assert.StartsWith("kid: PostRestart", kids.ExpectMsg<string>());
        kids.ExpectMsg("kid: PreStart");
    }

    [Fact]
    public void A_constructor_that_throws_stops_the_actor()
    {
        IActorRef? actor = null;
        EventFilter.Exception<ActorInitializationException>().ExpectOne(() => actor = Sys.ActorOf(Props.Create(() => new ThrowsInConstructor())));
        Watch(actor!);
        ExpectTerminated(actor!);
    }

    sealed class ThrowsInConstructor : UntypedActor
    {
        public ThrowsInConstructor() => throw new Boom();

        protected override void OnReceive(object message)
        {
        }
    }

    [Fact]
    public void PreStart_that_throws_stops_the_actor()
    {
        IActorRef? actor = null;
        EventFilter.Exception<ActorInitializationException>().ExpectOne(() => actor = Sys.ActorOf(Props.Create(() => new ThrowsInPreStart())));
        Watch(actor!);
        ExpectTerminated(actor!);
    }

    sealed class ThrowsInPreStart : UntypedActor
    {
        protected override void PreStart() => throw new Boom();

        protected override void OnReceive(object message)
        {
        }
    }

    [Fact]
    public void PostStop_that_throws_does_not_keep_the_actor()
    {
        var actor = Sys.ActorOf(Props.Create(() => new ThrowsInPostStop()));
        Fence(actor);
        Watch(actor);
        EventFilter.Exception<Boom>().ExpectOne(() => Sys.Stop(actor));
        ExpectTerminated(actor);
    }

    sealed class ThrowsInPostStop : UntypedActor
    {
        protected override void PostStop() => throw new Boom();

        protected override void OnReceive(object message)
        {
        }
    }

    [Fact]
    public void PreRestart_that_throws_still_restarts_the_actor()
    {
        var actor = Sys.ActorOf(Props.Create(() => new ThrowsInPreRestart()));
        EventFilter.Exception<Boom>().And.Exception<PreRestartException>().Mute(() =>
        {
            actor.Tell("bad");
            actor.Tell("good");
            ExpectMsg("good");
        });
    }

    sealed class ThrowsInPreRestart : UntypedActor
    {
        protected override void PreRestart(Exception reason, object message) => throw new Boom();

        protected override void OnReceive(object message)
        {
            if (message is "bad")
                throw new Boom();
            Sender.Tell(message);
        }
    }

    [Fact]
    public async Task GracefulStop_answers_true_when_the_actor_is_gone()
    {
        var actor = Sys.ActorOf(Witness.Props(TestActor));
        ExpectMsg("witness: PreStart");
        Assert.True(await actor.GracefulStop(TimeSpan.FromSeconds(30)));
        ExpectMsg("witness: PostStop");
    }

    [Fact]
    public async Task GracefulStop_can_end_with_a_message_of_ones_own()
    {
        var actor = Sys.ActorOf(Scripted.Props((message, context, _) =>
        {
            if (message is "end")
                context.Stop(context.Self);
        }));
        Assert.True(await actor.GracefulStop(TimeSpan.FromSeconds(30), "end"));
    }

    [Fact]
    public async Task GracefulStop_answers_false_when_the_actor_takes_too_long()
    {
        var deaf = Sys.ActorOf(Scripted.Props((_, _, _) => { }));
        Assert.False(await deaf.GracefulStop(TimeSpan.FromMilliseconds(20), "ignored"));
    }

    [Fact]
    public void An_actor_may_stop_its_child()
    {
        var parent = Sys.ActorOf(Scripted.Props((message, context, sender) =>
        {
            if (message is "start")
                sender.Tell(context.ActorOf(Echo.Props, "kid"));
            else
                context.Stop(context.Child("kid"));
        }));
        parent.Tell("start");
        var kid = ExpectMsg<IActorRef>();
        Watch(kid);
        parent.Tell("stop");
        ExpectTerminated(kid);
    }

    [Fact]
    public void What_a_stopping_actor_is_sent_goes_to_dead_letters()
    {
        var actor = Sys.ActorOf(Echo.Props);
        StopAndWait(actor);
        EventFilter.DeadLetter<string>(text => text == "late", source: actor.Path.ToString()).ExpectOne(() => actor.Tell("late"));
    }
}
