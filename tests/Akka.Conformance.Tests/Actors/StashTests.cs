using Akka.Actor;
using Akka.Event;

namespace Akka.Conformance.Actors;

public sealed class StashTests : ActorTest
{
    /// <summary>Stashes everything until it is told to open; fails when told to.</summary>
    sealed class Door : ReceiveActor, IWithUnboundedStash
    {
        public Door(IActorRef listener)
        {
            Receive<string>(text => text == "open", _ =>
            {
                Stash.UnstashAll();
                Become(() =>
                {
                    Receive<string>(text => text == "close", _ => Unopened());
                    Receive<Exception>(exception => throw exception);
                    ReceiveAny(message => listener.Tell(message, Sender));
                });
            });
            Unopened();

            void Unopened()
            {
                Receive<Exception>(exception => throw exception);
                Receive<string>(text => text == "clear", _ => Stash.ClearStash());
                Receive<string>(text => text == "twice", _ =>
                {
                    Stash.Stash();
                    listener.Tell(Record.Exception(() => Stash.Stash()));
                });
                ReceiveAny(_ => Stash.Stash());
            }
        }

        public IStash Stash { get; set; } = null!;
    }

    IActorRef NewDoor()
    {
        var listener = TestActor;
        return Sys.ActorOf(Props.Create(() => new Door(listener)));
    }

    [Fact]
    public void Unstashed_messages_come_back_in_their_order()
    {
        var door = NewDoor();
        for (var i = 1; i <= 5; i++)
            door.Tell(i);
        Fence(door);
        Nothing();
        door.Tell("open");
        for (var i = 1; i <= 5; i++)
            ExpectMsg(i);
    }

    [Fact]
    public void Unstashed_messages_come_before_what_is_in_the_mailbox()
    {
        var gate = new ManualResetEventSlim();
        var listener = TestActor;
        var actor = Sys.ActorOf(Props.Create(() => new Prepender(listener, gate)));
        actor.Tell("stashed 1");
        actor.Tell("stashed 2");
        actor.Tell("open");
        actor.Tell("after");
        gate.Set();
        ExpectMsg("stashed 1");
        ExpectMsg("stashed 2");
        ExpectMsg("after");
    }

    sealed class Prepender : UntypedActor, IWithUnboundedStash
    {
        readonly IActorRef _listener;
        readonly ManualResetEventSlim _gate;
        bool _open;

        public Prepender(IActorRef listener, ManualResetEventSlim gate)
        {
            _listener = listener;
            _gate = gate;
        }

        public IStash Stash { get; set; } = null!;

        protected override void OnReceive(object message)
        {
            if (message is "open")
            {
                _gate.Wait(TimeSpan.FromSeconds(30));
                _open = true;
                Stash.UnstashAll();
            }
            else if (_open)
            {
                _listener.Tell(message);
            }
            else
            {
                Stash.Stash();
            }
        }
    }

    [Fact]
    public void A_stashed_message_keeps_its_sender()
    {
        var probe = CreateTestProbe();
        var door = NewDoor();
        door.Tell("hello", probe.Ref);
        door.Tell("open");
        ExpectMsgFrom(probe.Ref, "hello");
    }

    [Fact]
    public void A_message_is_stashed_once()
    {
        var door = NewDoor();
        door.Tell("twice");
        ExpectMsg<IllegalActorStateException>();
        door.Tell("open");
        ExpectMsg("twice");
        Fence(door);
        Nothing();
    }

    [Fact]
    public void What_is_stashed_when_the_actor_restarts_is_handled_by_the_new_instance()
    {
        var door = NewDoor();
        door.Tell("kept");
        EventFilter.Exception<Boom>().ExpectOne(() => door.Tell(new Boom()));
        door.Tell("open");
        ExpectMsg("kept");
    }

    [Fact]
    public void What_is_stashed_when_the_actor_stops_becomes_dead_letters()
    {
        var door = NewDoor();
        door.Tell("lost");
        Fence(door);
        EventFilter.DeadLetter<string>(text => text == "lost").ExpectOne(() => StopAndWait(door));
    }

    [Fact]
    public void A_cleared_stash_is_empty()
    {
        var door = NewDoor();
        door.Tell("dropped");
        door.Tell("clear");
        door.Tell("kept");
        door.Tell("open");
        ExpectMsg("kept");
        Fence(door);
        Nothing();
    }

    sealed class Selective : UntypedActor, IWithUnboundedStash
    {
        readonly IActorRef _listener;
        bool _open;

        public Selective(IActorRef listener) => _listener = listener;

        public IStash Stash { get; set; } = null!;

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case "one":
                    _open = true;
                    Stash.Unstash();
                    break;
                case "even":
                    _open = true;
                    Stash.UnstashAll(envelope => envelope.Message is int number && number % 2 == 0);
                    break;
                case "close":
                    _open = false;
                    break;
                default:
                    if (_open)
                        _listener.Tell(message);
                    else
                        Stash.Stash();
                    break;
            }
        }
    }

    IActorRef NewSelective()
    {
        var listener = TestActor;
        return Sys.ActorOf(Props.Create(() => new Selective(listener)));
    }

    [Fact]
    public void Unstash_takes_the_oldest_alone()
    {
        var actor = NewSelective();
        actor.Tell(1);
        actor.Tell(2);
        actor.Tell("one");
        ExpectMsg(1);
        Fence(actor);
        Nothing();
        actor.Tell("one");
        ExpectMsg(2);
    }

    [Fact]
    public void Unstash_of_nothing_does_nothing()
    {
        var actor = NewSelective();
        actor.Tell("one");
        actor.Tell("hello");
        ExpectMsg("hello");
    }

    [Fact]
    public void UnstashAll_can_be_selective()
    {
        var actor = NewSelective();
        for (var i = 1; i <= 4; i++)
            actor.Tell(i);
        actor.Tell("even");
        ExpectMsg(2);
        ExpectMsg(4);
        Fence(actor);
        Nothing();
    }

    sealed class Keeper : UntypedActor, IWithStash
    {
        public IStash Stash { get; set; } = null!;

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case "count":
                    Sender.Tell((Stash.Count, Stash.IsFull, Stash.Capacity));
                    break;
                case "open":
                    Become(later => Sender.Tell(later));
                    Stash.UnstashAll();
                    break;
                default:
                    try
                    {
                        Stash.Stash();
                    }
                    catch (StashOverflowException overflow)
                    {
                        Sender.Tell(overflow);
                    }

                    break;
            }
        }
    }

    [Fact]
    public void A_full_stash_refuses_a_message_and_keeps_what_it_has()
    {
        var keeper = Sys.ActorOf(Props.Create(() => new Keeper()).WithStashCapacity(2));
        keeper.Tell("one");
        keeper.Tell("two");
        keeper.Tell("count");
        ExpectMsg((2, true, 2));
        keeper.Tell("three");
        ExpectMsg<StashOverflowException>();
        keeper.Tell("open");
        ExpectMsg("one");
        ExpectMsg("two");
        Nothing();
    }

    [Fact]
    public void A_stash_without_a_capacity_is_never_full()
    {
        var keeper = Sys.ActorOf(Props.Create(() => new Keeper()));
        for (var n = 0; n < 10_000; n++)
            keeper.Tell(n);
        keeper.Tell("count");
        ExpectMsg((10_000, false, -1));
    }
}
