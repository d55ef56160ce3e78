using Akka.Actor;
using Akka.Event;

namespace Akka.Conformance.Actors;

/// <summary>The finer points of <see cref="FSM{TState,TData}"/>: transitions, ends, and what is logged.</summary>
public sealed class FSMTransitionTests : FSMScriptTest
{
    [Fact]
    public void Every_handler_of_transitions_is_called_in_order_with_the_data_before_and_after()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", e => e.FsmEvent is "go" ? m.GoTo("b").Using(7) : null!);
            m.When("b", e => e.FsmEvent is "stay" ? m.Stay().Using(8) : null!);
            m.OnTransition((from, to) => probe.Tell($"1: {from}>{to} {m.StateData}>{m.NextStateData}"));
            m.OnTransition((from, to) => probe.Tell($"2: {from}>{to} {m.StateName}"));
            m.StartWith("a", 1);
        });
        ExpectMsg("1: a>a 1>1");
        ExpectMsg("2: a>a a");
        machine.Tell("go");
        ExpectMsg("1: a>b 1>7");
        ExpectMsg("2: a>b a");
        machine.Tell("stay");
        Fence(machine);
        Nothing();
    }

    [Fact]
    public void The_data_to_come_are_there_only_during_a_transition()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", _ =>
            {
                probe.Tell(Record.Exception(() => m.NextStateData)!.GetType().Name);
                return m.Stay();
            });
            m.StartWith("a", 1);
        });
        machine.Tell("what?");
        ExpectMsg(nameof(InvalidOperationException));
    }

    [Fact]
    public void Stopping_itself_with_data_answers_tells_why_and_is_no_transition()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", e => e.FsmEvent is "stop" ? m.Stop(FSMBase.Normal.Instance, 42).Replying("bye") : null!);
            m.OnTransition((from, to) => probe.Tell($"{from}>{to}"));
            m.OnTermination(end => probe.Tell($"end {end.Reason.GetType().Name} in {end.TerminatedState} with {end.StateData}"));
            m.StartWith("a", 1);
        });
        ExpectMsg("a>a");
        Watch(machine);
        machine.Tell("stop", TestActor);
        ExpectMsg("bye");
        ExpectMsg("end Normal in a with 42");
        ExpectTerminated(machine);
        Nothing();
    }

    [Fact]
    public void A_machine_that_stops_itself_takes_its_timers_and_times_with_it()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", e =>
            {
                if (e.FsmEvent is "stop")
                    return m.Stop();
                m.SetTimer("t", "tick", TimeSpan.FromSeconds(1), repeat: true);
                return m.Stay();
            }, TimeSpan.FromSeconds(2));
            m.StartWith("a", 0);
        });
        var letters = CreateTestProbe();
        Sys.EventStream.Subscribe(letters.Ref, typeof(AllDeadLetters));
        machine.Tell("set");
        Watch(machine);
        machine.Tell("stop");
        ExpectTerminated(machine);
        Advance(10);
        Nothing(letters);
    }

    [Fact]
    public void A_failure_that_ends_it_is_logged_with_its_cause()
    {
        var machine = Start((m, _) =>
        {
            m.When("a", e => e.FsmEvent is Exception cause ? m.Stop(new FSMBase.Failure(cause)) : m.Stop(new FSMBase.Failure("no more")));
            m.StartWith("a", 0);
        });
        EventFilter.Exception<Boom>("terminating due to Failure").ExpectOne(() => machine.Tell(new Boom()));
        var other = Start((m, _) =>
        {
            m.When("a", _ => m.Stop(new FSMBase.Failure("no more")));
            m.StartWith("a", 0);
        });
        EventFilter.Error("no more").ExpectOne(() => other.Tell("end"));
    }

    [Fact]
    public void An_end_that_is_normal_is_not_logged_as_an_error()
    {
        var machine = Start((m, _) =>
        {
            m.When("a", _ => m.Stop());
            m.StartWith("a", 0);
        });
        var errors = CreateTestProbe();
        Sys.EventStream.Subscribe(errors.Ref, typeof(Error));
        Watch(machine);
        machine.Tell("end");
        ExpectTerminated(machine);
        Nothing(errors);
    }

    [Fact]
    public void What_nobody_handles_is_logged_and_changes_nothing()
    {
        var machine = Start((m, _) =>
        {
            m.When("a", e => e.FsmEvent is "name" ? m.Stay().Replying(m.StateName) : null!);
            m.StartWith("a", 0);
        });
        EventFilter.Warning("unhandled event what? in state a").ExpectOne(() => machine.Tell("what?"));
        machine.Tell("name", TestActor);
        ExpectMsg("a");
    }

    [Fact]
    public void What_the_common_handler_leaves_is_logged_too()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", _ => null!);
            m.WhenUnhandled(e =>
            {
                if (e.FsmEvent is not "mine")
                    return null!;
                probe.Tell("handled");
                return m.Stay();
            });
            m.StartWith("a", 0);
        });
        machine.Tell("mine");
        ExpectMsg("handled");
        EventFilter.Warning("unhandled event other in state a").ExpectOne(() => machine.Tell("other"));
    }

    [Fact]
    public void Of_several_functions_of_a_state_the_first_that_handles_an_event_counts()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", e =>
            {
                if (e.FsmEvent is not "one")
                    return null!;
                probe.Tell("first");
                return m.Stay();
            });
            m.When("a", e =>
            {
                probe.Tell($"second {e.FsmEvent}");
                return m.Stay();
            });
            m.StartWith("a", 0);
        });
        machine.Tell("one");
        ExpectMsg("first");
        machine.Tell("two");
        ExpectMsg("second two");
    }

    [Fact]
    public void A_function_can_be_wrapped_by_what_comes_after_it()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", m.Transform(e => e.FsmEvent is "go" ? m.GoTo("b") : m.Stay()).Using(state => state.Using(state.StateData + 1)));
            m.When("b", _ => m.Stay());
            m.OnTransition((_, to) => probe.Tell($"{to} with {m.NextStateData}"));
            m.StartWith("a", 0);
        });
        ExpectMsg("a with 0");
        machine.Tell("more");
        machine.Tell("go");
        ExpectMsg("b with 2");
    }

    [Fact]
    public void A_state_that_does_not_exist_ends_it_as_a_failure()
    {
        var machine = Start((m, probe) =>
        {
            m.When("a", _ => m.GoTo("nowhere"));
            m.OnTermination(end => probe.Tell(end.Reason));
            m.StartWith("a", 0);
        });
        EventFilter.Error("Next state nowhere does not exist").ExpectOne(() => machine.Tell("go"));
        Assert.Equal("Next state nowhere does not exist", ExpectMsg<FSMBase.Failure>().Cause);
    }

    [Fact]
    public void Replies_come_in_the_order_in_which_they_were_given()
    {
        var machine = Start((m, _) =>
        {
            m.When("a", _ => m.Stay().Replying("first").Replying("second"));
            m.StartWith("a", 0);
        });
        machine.Tell("ask", TestActor);
        ExpectMsg("first");
        ExpectMsg("second");
    }

    [Fact]
    public void A_logging_machine_tells_each_event_and_transition_where_that_is_switched_on()
    {
        void Script(Machine m, IActorRef _)
        {
            m.When("a", e => e.FsmEvent is "go" ? m.GoTo("b") : m.Stay());
            m.When("b", _ => m.Stay());
            m.StartWith("a", 0);
        }

        Action<Machine, IActorRef> script = Script;
        var logging = Sys.ActorOf(Props.Create(() => new LoggingMachine(script, TestActor)));
        EventFilter.Debug(contains: "processing Event: <go>").ExpectOne(() => logging.Tell("go"));
        var silent = Start(script);
        var log = CreateTestProbe();
        Sys.EventStream.Subscribe(log.Ref, typeof(Debug));
        silent.Tell("go");
        Fence(silent);
        Sys.EventStream.Publish(new Debug("test", typeof(FSMTransitionTests), "the end"));
        for (var line = ""; line != "the end"; line = log.ExpectMsg<Debug>().Message.ToString())
            Assert.DoesNotContain("processing", line);
    }
}
