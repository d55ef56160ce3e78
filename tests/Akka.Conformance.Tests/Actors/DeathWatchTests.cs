using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class DeathWatchTests : ActorTest
{
    /// <summary>Watches, unwatches, or watches with a message of its own, as told; tells the test about every Terminated.</summary>
    sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef listener)
        {
            Receive<(string Verb, IActorRef Subject)>(command =>
            {
                if (command.Verb == "watch")
                    Context.Watch(command.Subject);
                else
                    Context.Unwatch(command.Subject);
                Sender.Tell("done");
            });
            Receive<(IActorRef Subject, object Message)>(command => Context.WatchWith(command.Subject, command.Message));
            Receive<Terminated>(terminated => listener.Tell(terminated.ActorRef));
            Receive<Exception>(exception => throw exception);
            ReceiveAny(message => listener.Tell(message));
        }
    }

    IActorRef NewWatcher()
    {
        var listener = TestActor;
        return Sys.ActorOf(Props.Create(() => new Watcher(listener)));
    }

    void Command(IActorRef watcher, string verb, IActorRef subject)
    {
        var probe = CreateTestProbe();
        watcher.Tell((verb, subject), probe.Ref);
        probe.ExpectMsg("done");
    }

    [Fact]
    public void The_watcher_is_told_once()
    {
        var subject = Sys.ActorOf(Echo.Props);
        var watcher = NewWatcher();
        Command(watcher, "watch", subject);
        StopAndWait(subject);
        ExpectMsg<IActorRef>(subject);
        Fence(watcher);
        Nothing();
    }

    [Fact]
    public void Watching_twice_tells_once()
    {
        var subject = Sys.ActorOf(Echo.Props);
        var watcher = NewWatcher();
        Command(watcher, "watch", subject);
        Command(watcher, "watch", subject);
        StopAndWait(subject);
        ExpectMsg<IActorRef>(subject);
        Fence(watcher);
        Nothing();
    }

    [Fact]
    public void An_actor_that_is_dead_already_is_told_of_once()
    {
        var subject = Sys.ActorOf(Echo.Props);
        StopAndWait(subject);
        var watcher = NewWatcher();
        Command(watcher, "watch", subject);
        ExpectMsg<IActorRef>(subject);
        Fence(watcher);
        Nothing();
    }

    [Fact]
    public void Who_was_told_can_watch_the_dead_again_and_is_told_again()
    {
        var subject = Sys.ActorOf(Echo.Props);
        StopAndWait(subject);
        var watcher = NewWatcher();
        Command(watcher, "watch", subject);
        ExpectMsg<IActorRef>(subject);
        Command(watcher, "watch", subject);
        ExpectMsg<IActorRef>(subject);
    }

    [Fact]
    public void Every_watcher_is_told()
    {
        var subject = Sys.ActorOf(Echo.Props);
        var probes = Enumerable.Range(0, 20).Select(_ => CreateTestProbe()).ToList();
        probes.ForEach(probe => probe.Watch(subject));
        Sys.Stop(subject);
        foreach (var probe in probes)
        {
            var terminated = probe.ExpectTerminated(subject);
            Assert.True(terminated.ExistenceConfirmed);
            Nothing(probe);
        }
    }

    [Fact]
    public void Unwatch_keeps_the_watcher_from_being_told()
    {
        var subject = Sys.ActorOf(Echo.Props);
        var watcher = NewWatcher();
        Command(watcher, "watch", subject);
        Command(watcher, "unwatch", subject);
        StopAndWait(subject);
        Fence(watcher);
        Nothing();
    }

    [Fact]
    public void Unwatch_takes_back_a_Terminated_that_is_in_the_mailbox_already()
    {
        var subject = Sys.ActorOf(Echo.Props);
        var probe = CreateTestProbe();
        probe.Watch(subject);
        var entered = new ManualResetEventSlim();
        var gate = new ManualResetEventSlim();
        var listener = TestActor;
        var watcher = Sys.ActorOf(Scripted.Props((message, context, _) =>
        {
            if (message is "go")
            {
                context.Watch(subject);
                entered.Set();
                gate.Wait(TimeSpan.FromSeconds(30));
                context.Unwatch(subject);
            }
            else
            {
                listener.Tell(message);
            }
        }));
        watcher.Tell("go");
        Assert.True(entered.Wait(TimeSpan.FromSeconds(30)));
        Sys.Stop(subject);
        probe.ExpectTerminated(subject);
        gate.Set();
        Fence(watcher);
        Nothing();
    }

    [Fact]
    public void A_restart_of_the_subject_is_no_death()
    {
        var subject = Sys.ActorOf(Witness.Props(CreateTestProbe().Ref));
        var watcher = NewWatcher();
        Command(watcher, "watch", subject);
        EventFilter.Exception<Boom>().ExpectOne(() => subject.Tell(new Boom()));
        Fence(subject);
        Fence(watcher);
        Nothing();
        Sys.Stop(subject);
        ExpectMsg<IActorRef>(subject);
    }

    [Fact]
    public void Watching_survives_a_restart_of_the_watcher()
    {
        var subject = Sys.ActorOf(Echo.Props);
        var watcher = NewWatcher();
        Command(watcher, "watch", subject);
        EventFilter.Exception<Boom>().ExpectOne(() => watcher.Tell(new Boom()));
        Fence(watcher);
        Sys.Stop(subject);
        ExpectMsg<IActorRef>(subject);
    }

    [Fact]
    public void WatchWith_sends_the_given_message_instead()
    {
        var subject = Sys.ActorOf(Echo.Props);
        var watcher = NewWatcher();
        watcher.Tell((subject, (object)"gone"));
        Fence(watcher);
        Sys.Stop(subject);
        ExpectMsg("gone");
        Fence(watcher);
        Nothing();
    }

    [Fact]
    public void A_Terminated_that_is_not_handled_fails_the_watcher_with_DeathPactException()
    {
        var subject = Sys.ActorOf(Echo.Props);
        var unprepared = Sys.ActorOf(Props.Create(() => new Unprepared(subject)));
        Fence(unprepared);
        Watch(unprepared);
        EventFilter.Exception<DeathPactException>().ExpectOne(() => Sys.Stop(subject));
        ExpectTerminated(unprepared);
    }

    sealed class Unprepared : ReceiveActor
    {
        public Unprepared(IActorRef subject) => Context.Watch(subject);
    }

    [Fact]
    public void A_parent_that_watches_is_told_after_the_child_is_gone_from_its_children()
    {
        var listener = TestActor;
        var parent = Sys.ActorOf(Scripted.Props((message, context, _) =>
        {
            if (message is "start")
                listener.Tell(context.Watch(context.ActorOf(Echo.Props, "kid")));
            else if (message is Terminated)
                listener.Tell(context.GetChildren().Count());
        }));
        parent.Tell("start");
        var kid = ExpectMsg<IActorRef>();
        kid.Tell(PoisonPill.Instance);
        ExpectMsg(0);
    }

    [Fact]
    public void A_parent_that_does_not_watch_is_not_told()
    {
        var listener = TestActor;
        var parent = Sys.ActorOf(Scripted.Props((message, context, _) =>
            listener.Tell(message is "start" ? context.ActorOf(Echo.Props, "kid") : message)));
        parent.Tell("start");
        var kid = ExpectMsg<IActorRef>();
        StopAndWait(kid);
        Fence(parent);
        Nothing();
    }

    [Fact]
    public void What_the_subject_sent_before_its_death_comes_before_Terminated()
    {
        var listener = TestActor;
        var subject = Sys.ActorOf(Scripted.Props((message, context, _) =>
        {
            for (var i = 0; i < 100; i++)
                listener.Tell(i);
            context.Stop(context.Self);
        }));
        Watch(subject);
        subject.Tell("go");
        for (var i = 0; i < 100; i++)
            ExpectMsg<object>(i);
        ExpectTerminated(subject);
    }

    [Fact]
    public async Task Each_death_is_told_once_in_a_storm_of_deaths()
    {
        var subjects = Enumerable.Range(0, 500).Select(_ => Sys.ActorOf(Echo.Props)).ToList();
        var watcher = NewWatcher();
        await Task.WhenAll(
            Task.Run(() => subjects.ForEach(subject => watcher.Tell(("watch", subject), ActorRefs.Nobody))),
            Task.Run(() => subjects.ForEach(subject => subject.Tell(PoisonPill.Instance))));
        var told = ReceiveN(500, TimeSpan.FromSeconds(30)).Cast<IActorRef>().ToList();
        Assert.Equal(500, told.Distinct().Count());
        Fence(watcher);
        Nothing();
    }

    [Fact]
    public void Context_Watch_returns_the_subject()
    {
        var subject = Sys.ActorOf(Echo.Props);
        var actor = Sys.ActorOf(Scripted.Props((_, context, sender) => sender.Tell(context.Watch(subject))));
        actor.Tell("go");
        ExpectMsg<IActorRef>(subject);
    }
}
