using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Conformance.Actors;

/// <summary>
/// Bounded mailboxes, seen through messages. The receiver awaits a gate in its first message, which suspends its mailbox: what is told after that
/// lies there until the test opens the gate.
/// </summary>
public sealed class MailboxTests : ActorTest
{
    public MailboxTests()
        : base("""
            akka.loglevel = OFF
            impatient { mailbox-type = "Akka.Dispatch.BoundedMailbox", mailbox-capacity = 3, mailbox-push-timeout-time = 0s }
            hurried { mailbox-type = "Akka.Dispatch.BoundedMailbox", mailbox-capacity = 3, mailbox-push-timeout-time = 20ms }
            patient { mailbox-type = "Akka.Dispatch.BoundedMailbox", mailbox-capacity = 3, mailbox-push-timeout-time = 60s }
            impatient-deque { mailbox-type = "Akka.Dispatch.BoundedDequeBasedMailbox", mailbox-capacity = 3, mailbox-push-timeout-time = 0s }
            bounded-dispatcher { type = Dispatcher, throughput = 1, mailbox-type = "Akka.Dispatch.BoundedMailbox", mailbox-capacity = 2, mailbox-push-timeout-time = 0s }
            akka.actor.mailbox.bounded-queue-based { mailbox-capacity = 1, mailbox-push-timeout-time = 0s }
            akka.actor.deployment { /deployed { mailbox = impatient } }
            """)
    {
    }

    /// <summary>Awaits the gate at "wait"; tells the test's actor of everything else.</summary>
    class Gated : ReceiveActor
    {
        public Gated(Task gate, IActorRef listener)
        {
            ReceiveAsync<string>(message => message == "wait", async _ =>
            {
                listener.Tell("waiting");
                await gate;
            });
            Receive<Exception>(exception => throw exception);
            ReceiveAny(message => listener.Tell(message));
        }
    }

    sealed class WantsABound : Gated, IRequiresMessageQueue<IBoundedMessageQueueSemantics>
    {
        public WantsABound(Task gate, IActorRef listener)
            : base(gate, listener)
        {
        }
    }

    /// <summary>Awaits the gate, then stashes numbers until "open".</summary>
    sealed class Stashing : ReceiveActor, IWithStash
    {
        public Stashing(Task gate, IActorRef listener)
        {
            ReceiveAsync<string>(message => message == "wait", async _ =>
            {
                listener.Tell("waiting");
                await gate;
            });
            Receive<int>(_ => Stash.Stash());
            Receive<string>(message => message == "open", _ =>
            {
                Stash.UnstashAll();
                Become(() => ReceiveAny(message => listener.Tell(message)));
            });
        }

        public IStash Stash { get; set; } = null!;
    }

    readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    Props Gate => Props.Create(() => new Gated(_gate.Task, TestActor));

    /// <summary>An actor that waits at the gate.</summary>
    IActorRef Waiting(Props props, string? name = null)
    {
        var actor = Sys.ActorOf(props, name);
        actor.Tell("wait");
        ExpectMsg("waiting");
        return actor;
    }

    Akka.TestKit.TestProbe DeadLetters()
    {
        var probe = CreateTestProbe();
        Sys.EventStream.Subscribe(probe.Ref, typeof(DeadLetter));
        return probe;
    }

    static void ExpectLetter(Akka.TestKit.TestProbe probe, object message, IActorRef recipient, IActorRef sender)
    {
        var letter = probe.ExpectMsg<DeadLetter>();
        Assert.Equal(message, letter.Message);
        Assert.Equal(recipient, letter.Recipient);
        Assert.Equal(sender, letter.Sender);
    }

    [Theory]
    [InlineData("impatient")]
    [InlineData("hurried")]
    public void What_a_full_mailbox_does_not_take_in_time_is_a_dead_letter_and_the_rest_is_kept_in_order(string mailbox)
    {
        var letters = DeadLetters();
        var actor = Waiting(Gate.WithMailbox(mailbox));
        for (var n = 1; n <= 5; n++)
            actor.Tell(n, TestActor);
        ExpectLetter(letters, 4, actor, TestActor);
        ExpectLetter(letters, 5, actor, TestActor);
        _gate.SetResult();
        ExpectMsg(1);
        ExpectMsg(2);
        ExpectMsg(3);
        Fence(actor);
        Nothing();
        Nothing(letters);
    }

    [Fact]
    public void A_sender_waits_for_room_within_the_push_timeout()
    {
        var letters = DeadLetters();
        var actor = Waiting(Gate.WithMailbox("patient"));
        for (var n = 1; n <= 3; n++)
            actor.Tell(n, ActorRefs.NoSender);
        var sender = new Thread(() => actor.Tell(4, ActorRefs.NoSender)) { IsBackground = true };
        sender.Start();
        // Until it blocks: that it does is what the test is about.
        Assert.True(SpinWait.SpinUntil(() => (sender.ThreadState & ThreadState.WaitSleepJoin) != 0 || !sender.IsAlive, TimeSpan.FromSeconds(30)));
        Assert.True(sender.IsAlive);
        _gate.SetResult();
        for (var n = 1; n <= 4; n++)
            ExpectMsg(n);
        sender.Join();
        Nothing(letters);
    }

    [Fact]
    public void A_mailbox_that_was_full_takes_messages_again()
    {
        var actor = Waiting(Gate.WithMailbox("impatient"));
        for (var n = 1; n <= 4; n++)
            actor.Tell(n);
        _gate.SetResult();
        for (var n = 1; n <= 3; n++)
            ExpectMsg(n);
        Fence(actor);
        actor.Tell(5);
        ExpectMsg(5);
    }

    [Fact]
    public void A_full_mailbox_does_not_keep_an_actor_from_being_stopped_and_what_lies_in_it_becomes_dead_letters()
    {
        var letters = DeadLetters();
        var actor = Waiting(Gate.WithMailbox("impatient"));
        for (var n = 1; n <= 3; n++)
            actor.Tell(n, TestActor);
        StopAndWait(actor);
        for (var n = 1; n <= 3; n++)
            ExpectLetter(letters, n, actor, TestActor);
        Nothing();
    }

    [Fact]
    public void A_restart_keeps_what_lies_in_a_bounded_mailbox()
    {
        var actor = Waiting(Gate.WithMailbox("impatient"));
        actor.Tell(new Boom());
        actor.Tell(1);
        actor.Tell(2);
        _gate.SetResult();
        ExpectMsg(1);
        ExpectMsg(2);
    }

    [Fact]
    public void A_dispatcher_can_name_the_mailbox_of_its_actors()
    {
        var letters = DeadLetters();
        var actor = Waiting(Gate.WithDispatcher("bounded-dispatcher"));
        for (var n = 1; n <= 3; n++)
            actor.Tell(n, TestActor);
        ExpectLetter(letters, 3, actor, TestActor);
        _gate.SetResult();
        ExpectMsg(1);
        ExpectMsg(2);
    }

    [Fact]
    public void A_deployment_can_name_the_mailbox_of_an_actor()
    {
        var letters = DeadLetters();
        var actor = Waiting(Gate, "deployed");
        for (var n = 1; n <= 4; n++)
            actor.Tell(n, TestActor);
        ExpectLetter(letters, 4, actor, TestActor);
        _gate.SetResult();
        for (var n = 1; n <= 3; n++)
            ExpectMsg(n);
    }

    [Fact]
    public void An_actor_class_can_ask_for_a_bounded_mailbox()
    {
        var letters = DeadLetters();
        var actor = Waiting(Props.Create(() => new WantsABound(_gate.Task, TestActor)));
        actor.Tell(1, TestActor);
        actor.Tell(2, TestActor);
        ExpectLetter(letters, 2, actor, TestActor);
        _gate.SetResult();
        ExpectMsg(1);
    }

    [Fact]
    public void What_a_stash_gives_back_finds_room_in_front_of_a_full_mailbox()
    {
        var letters = DeadLetters();
        var actor = Sys.ActorOf(Props.Create(() => new Stashing(_gate.Task, TestActor)).WithMailbox("impatient-deque"));
        for (var n = 1; n <= 2; n++)
        {
            actor.Tell(n);
            Fence(actor);
        }

        actor.Tell("wait");
        ExpectMsg("waiting");
        actor.Tell("open", TestActor);
        actor.Tell(3, TestActor);
        actor.Tell(4, TestActor);
        actor.Tell(5, TestActor);
        ExpectLetter(letters, 5, actor, TestActor);
        _gate.SetResult();
        for (var n = 1; n <= 4; n++)
            ExpectMsg(n);
        Fence(actor);
        Nothing();
    }
}
