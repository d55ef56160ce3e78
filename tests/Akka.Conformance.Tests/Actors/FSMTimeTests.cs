using Akka.Actor;
using Akka.Event;

namespace Akka.Conformance.Actors;

/// <summary>The finer points of <see cref="FSM{TState,TData}"/>: times of states, and timers.</summary>
public sealed class FSMTimeTests : FSMScriptTest
{
    [Fact]
    public void ForMax_takes_the_place_of_the_states_own_time_for_one_stay()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", e => e.FsmEvent is "go" ? m.GoTo("b").ForMax(TimeSpan.FromSeconds(3)) : null!);
            m.When("b", Moves(m, "b", "a"), TimeSpan.FromSeconds(10));
            m.OnTransition((from, to) => probe.Tell($"{from}>{to}"));
            m.StartWith("a", 0);
        });
        ExpectMsg("a>a");
        machine.Tell("go");
        ExpectMsg("a>b");
        Later(machine, 3);
        ExpectMsg("b>a");
        machine.Tell("go");
        ExpectMsg("a>b");
        // An event ends that stay's time; from then on the state's own counts.
        machine.Tell("stay");
        Later(machine, 9);
        Nothing();
        Later(machine, 1);
        ExpectMsg("b>a");
    }

    [Fact]
    public void ForMax_without_end_switches_the_states_time_off()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", e => e.FsmEvent is "go" ? m.GoTo("b").ForMax(TimeSpan.MaxValue) : null!);
            m.When("b", Moves(m, "a", "a"), TimeSpan.FromSeconds(10));
            m.OnTransition((from, to) => probe.Tell($"{from}>{to}"));
            m.StartWith("a", 0);
        });
        ExpectMsg("a>a");
        machine.Tell("go");
        ExpectMsg("a>b");
        Later(machine, 1000);
        Nothing();
    }

    [Fact]
    public void A_state_that_is_left_does_not_time_out()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", Moves(m, "b", "nowhere"), TimeSpan.FromSeconds(5));
            m.When("b", e =>
            {
                probe.Tell(e.FsmEvent);
                return m.Stay();
            });
            m.StartWith("a", 0);
        });
        machine.Tell("go");
        Later(machine, 100);
        Nothing();
    }

    [Fact]
    public void An_event_ends_a_states_time_before_it_is_handled_however_long_that_takes()
    {
        var gate = new ManualResetEventSlim();
        var machine = Start((m, probe) =>
        {
            m.When("a", e =>
            {
                switch (e.FsmEvent)
                {
                    case "block":
                        probe.Tell("blocked");
                        gate.Wait();
                        return m.Stay();
                    case FSMBase.StateTimeout:
                        probe.Tell("timeout");
                        return m.Stay().ForMax(TimeSpan.MaxValue);
                    default:
                        return m.Stay();
                }
            }, TimeSpan.FromSeconds(5));
            m.StartWith("a", 0);
        });
        machine.Tell("other");
        Fence(machine);
        machine.Tell("block");
        ExpectMsg("blocked");
        // The machine's time was cancelled by the event that it is handling: five seconds later there is nothing.
        Advance(5);
        gate.Set();
        Fence(machine);
        Nothing();
        Later(machine, 5);
        ExpectMsg("timeout");
    }

    [Fact]
    public void SetStateTimeout_changes_a_states_time()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", e =>
            {
                switch (e.FsmEvent)
                {
                    case TimeSpan time:
                        m.SetStateTimeout("a", time);
                        return m.Stay();
                    case FSMBase.StateTimeout:
                        probe.Tell("timeout");
                        return m.Stay().ForMax(TimeSpan.MaxValue);
                    default:
                        return null!;
                }
            }, TimeSpan.FromSeconds(5));
            m.StartWith("a", 0);
        });
        machine.Tell(TimeSpan.FromSeconds(2));
        Later(machine, 2);
        ExpectMsg("timeout");
    }

    [Fact]
    public void A_first_state_can_have_a_time_of_its_own()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", e =>
            {
                probe.Tell(e.FsmEvent is FSMBase.StateTimeout ? "timeout" : e.FsmEvent);
                return m.Stay();
            });
            m.StartWith("a", 0, TimeSpan.FromSeconds(4));
        });
        Later(machine, 4);
        ExpectMsg("timeout");
    }

    static void WithTimers(Machine m, IActorRef probe)
    {
        m.When("a", e =>
        {
            switch (e.FsmEvent)
            {
                case ("set", string name, string message, double seconds):
                    m.SetTimer(name, message, TimeSpan.FromSeconds(seconds));
                    return m.Stay();
                case ("repeat", string name, string message, double seconds):
                    m.SetTimer(name, message, TimeSpan.FromSeconds(seconds), repeat: true);
                    return m.Stay();
                case ("cancel", string name):
                    m.CancelTimer(name);
                    return m.Stay();
                case ("active", string name):
                    return m.Stay().Replying(m.IsTimerActive(name));
                case Exception exception:
                    throw exception;
                case ManualResetEventSlim gate:
                    probe.Tell("blocked");
                    gate.Wait();
                    m.CancelTimer("t");
                    return m.Stay();
                case "go":
                    return m.GoTo("b");
                default:
                    probe.Tell(e.FsmEvent);
                    return m.Stay();
            }
        });
        m.When("b", e =>
        {
            probe.Tell($"b: {e.FsmEvent}");
            return m.Stay();
        });
        m.StartWith("a", 0);
    }

    [Fact]
    public void A_timer_of_the_same_name_takes_the_place_of_the_one_before()
    {
        var machine = Start(WithTimers);
        machine.Tell(("set", "t", "first", 1.0));
        machine.Tell(("set", "t", "second", 2.0));
        Later(machine, 1);
        Nothing();
        Later(machine, 1);
        ExpectMsg("second");
        Later(machine, 10);
        Nothing();
    }

    [Fact]
    public void Timers_outlive_the_state_that_they_were_set_in()
    {
        var machine = Start(WithTimers);
        machine.Tell(("set", "t", "tick", 5.0));
        machine.Tell("go");
        Later(machine, 5);
        ExpectMsg("b: tick");
    }

    [Fact]
    public void A_timer_that_is_cancelled_when_its_message_is_in_the_mailbox_already_does_not_come()
    {
        var machine = Start(WithTimers);
        machine.Tell(("set", "t", "tick", 1.0));
        Fence(machine);
        var gate = new ManualResetEventSlim();
        machine.Tell(gate);
        ExpectMsg("blocked");
        Advance(1);
        gate.Set();
        Fence(machine);
        Nothing();
    }

    [Fact]
    public void A_timer_is_active_until_it_has_fired_or_been_cancelled()
    {
        var machine = Start(WithTimers);
        machine.Tell(("active", "t"), TestActor);
        ExpectMsg(false);
        machine.Tell(("set", "t", "tick", 1.0));
        machine.Tell(("active", "t"), TestActor);
        ExpectMsg(true);
        Later(machine, 1);
        ExpectMsg("tick");
        machine.Tell(("active", "t"), TestActor);
        ExpectMsg(false);
        machine.Tell(("repeat", "r", "again", 1.0));
        Later(machine, 1);
        ExpectMsg("again");
        machine.Tell(("active", "r"), TestActor);
        ExpectMsg(true);
        machine.Tell(("cancel", "r"));
        machine.Tell(("active", "r"), TestActor);
        ExpectMsg(false);
    }

    [Fact]
    public void Timers_die_with_the_incarnation_and_a_restarted_machine_begins_anew()
    {
        var machine = Start((m, probe) =>
        {
            WithTimers(m, probe);
            m.OnTransition((from, to) => probe.Tell($"{from}>{to}"));
            m.OnTermination(end => probe.Tell($"end {end.Reason.GetType().Name}"));
        });
        ExpectMsg("a>a");
        machine.Tell(("repeat", "r", "again", 1.0));
        EventFilter.Exception<Boom>().ExpectOne(() => machine.Tell(new Boom()));
        // Its PostStop runs at a restart too.
        ExpectMsg("end Shutdown");
        ExpectMsg("a>a");
        Later(machine, 10);
        Nothing();
    }
}
