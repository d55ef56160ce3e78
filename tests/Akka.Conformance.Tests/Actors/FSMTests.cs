using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class FSMTests : VirtualTimeTest
{
    enum Door
    {
        Closed,
        Open,
        Locked,
    }

    sealed class DoorMachine : FSM<Door, int>
    {
        public DoorMachine(IActorRef probe)
        {
            When(Door.Closed, e => e.FsmEvent switch
            {
                "open" => GoTo(Door.Open).Using(e.StateData + 1).Replying("opened"),
                "again" => GoTo(Door.Closed),
                "quietly" => Stay().Using(e.StateData + 100),
                "lock" => GoTo(Door.Locked).ForMax(TimeSpan.FromSeconds(2)),
                "stop" => Stop(Normal.Instance),
                "fail" => Stop(new Failure("no more")),
                _ => null,
            });
            When(Door.Open, e => e.FsmEvent switch
            {
                "close" => GoTo(Door.Closed),
                StateTimeout => GoTo(Door.Closed).Replying("never"),
                "ring" => Stay().Replying("rang"),
                _ => null,
            }, TimeSpan.FromSeconds(10));
            When(Door.Locked, e => e.FsmEvent is StateTimeout ? GoTo(Door.Closed) : null);
            WhenUnhandled(e =>
            {
                switch (e.FsmEvent)
                {
                    case "data":
                        return Stay().Replying(e.StateData);
                    case ValueTuple<string, double, bool> (var name, var seconds, var repeat):
                        SetTimer(name, "tick " + name, TimeSpan.FromSeconds(seconds), repeat);
                        return Stay();
                    case ("cancel", string timer):
                        CancelTimer(timer);
                        return Stay().Replying(IsTimerActive(timer));
                    case string text when text.StartsWith("tick"):
                        probe.Tell(text);
                        return Stay();
                    default:
                        probe.Tell(("unhandled", e.FsmEvent, StateName));
                        return Stay();
                }
            });
            OnTransition((from, to) => probe.Tell((from, to, NextStateData)));
            OnTermination(end => probe.Tell(("end", end.Reason.GetType().Name, end.TerminatedState, end.StateData)));
            StartWith(Door.Closed, 0);
            Initialize();
        }
    }

    IActorRef NewDoor()
    {
        var door = Sys.ActorOf(Props.Create(() => new DoorMachine(TestActor)));
        ExpectMsg((Door.Closed, Door.Closed, 0));
        return door;
    }

    /// <summary>Lets time pass once the machine is through with what it has, its next timeout scheduled.</summary>
    void Later(IActorRef door, double seconds)
    {
        Fence(door);
        Advance(seconds);
    }

    [Fact]
    public void An_event_moves_it_and_answers()
    {
        var door = NewDoor();
        door.Tell("open", TestActor);
        ExpectMsg("opened");
        ExpectMsg((Door.Closed, Door.Open, 1));
        door.Tell("data", TestActor);
        ExpectMsg(1);
    }

    [Fact]
    public void Staying_is_no_transition_and_going_to_the_same_state_is_one()
    {
        var door = NewDoor();
        door.Tell("quietly");
        door.Tell("data", TestActor);
        ExpectMsg(100);
        door.Tell("again");
        ExpectMsg((Door.Closed, Door.Closed, 100));
    }

    [Fact]
    public void What_a_state_does_not_handle_goes_to_the_common_handler()
    {
        var door = NewDoor();
        door.Tell("what?");
        ExpectMsg(("unhandled", (object)"what?", Door.Closed));
    }

    [Fact]
    public void A_state_times_out()
    {
        var door = NewDoor();
        door.Tell("open", TestActor);
        ExpectMsg("opened");
        ExpectMsg((Door.Closed, Door.Open, 1));
        Later(door, 9);
        Fence(door);
        Nothing();
        Later(door, 1);
        ExpectMsg((Door.Open, Door.Closed, 1));
    }

    [Fact]
    public void An_event_starts_a_states_time_anew()
    {
        var door = NewDoor();
        door.Tell("open", TestActor);
        ExpectMsg("opened");
        ExpectMsg((Door.Closed, Door.Open, 1));
        Later(door, 9);
        door.Tell("ring", TestActor);
        ExpectMsg("rang");
        Later(door, 9);
        Fence(door);
        Nothing();
        Later(door, 1);
        ExpectMsg((Door.Open, Door.Closed, 1));
    }

    [Fact]
    public void One_stay_in_a_state_can_have_a_time_of_its_own()
    {
        var door = NewDoor();
        door.Tell("lock");
        ExpectMsg((Door.Closed, Door.Locked, 0));
        Later(door, 2);
        ExpectMsg((Door.Locked, Door.Closed, 0));
    }

    [Fact]
    public void Timers_come_once_or_again_and_again_until_cancelled()
    {
        var door = NewDoor();
        door.Tell(("once", 1.0, false));
        door.Tell(("often", 1.0, true));
        Fence(door);
        Later(door, 1);
        ExpectMsgAllOf("tick once", "tick often");
        Fence(door);
        Later(door, 1);
        ExpectMsg("tick often");
        door.Tell(("cancel", "often"), TestActor);
        ExpectMsg(false);
        Later(door, 5);
        Fence(door);
        Nothing();
    }

    [Theory]
    [InlineData("stop", "Normal")]
    [InlineData("fail", "Failure")]
    public void It_says_why_it_ends(string message, string reason)
    {
        var door = NewDoor();
        Watch(door);
        door.Tell(message);
        ExpectMsg(("end", reason, Door.Closed, 0));
        ExpectTerminated(door);
    }

    [Fact]
    public void Stopped_from_outside_it_says_so()
    {
        var door = NewDoor();
        Watch(door);
        Sys.Stop(door);
        ExpectMsg(("end", "Shutdown", Door.Closed, 0));
        ExpectTerminated(door);
    }

    [Fact]
    public void Subscribers_hear_where_it_is_and_where_it_goes()
    {
        var door = NewDoor();
        var subscriber = CreateTestProbe();
        door.Tell(new FSMBase.SubscribeTransitionCallBack(subscriber.Ref));
        subscriber.ExpectMsg(new FSMBase.CurrentState<Door>(door, Door.Closed));
        door.Tell("open");
        subscriber.ExpectMsg(new FSMBase.Transition<Door>(door, Door.Closed, Door.Open));
        door.Tell(new FSMBase.UnsubscribeTransitionCallBack(subscriber.Ref));
        door.Tell("close");
        Fence(door);
        Nothing(subscriber);
    }
}
