using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class TimerTests : VirtualTimeTest
{
    sealed class Timed : ReceiveActor, IWithTimers
    {
        public Timed(IActorRef listener)
        {
            Receive<(string Verb, string Key, double Seconds)>(command =>
            {
                var delay = TimeSpan.FromSeconds(command.Seconds);
                if (command.Verb == "single")
                    Timers.StartSingleTimer(command.Key, $"{command.Key} {command.Seconds}", delay);
                else
                    Timers.StartPeriodicTimer(command.Key, $"{command.Key} {command.Seconds}", delay);
            });
            Receive<(string Key, double Initial, double Seconds)>(command => Timers.StartPeriodicTimer(
                command.Key,
                "tick",
                TimeSpan.FromSeconds(command.Initial),
                TimeSpan.FromSeconds(command.Seconds)));
            Receive<(string Verb, string Key)>(command =>
            {
                if (command.Verb == "cancel")
                    Timers.Cancel(command.Key);
                else
                    Sender.Tell(Timers.IsTimerActive(command.Key));
            });
            Receive<string>(text => text == "cancel all", _ => Timers.CancelAll());
            Receive<Exception>(exception => throw exception);
            Receive<ManualResetEventSlim>(gate => gate.Wait(TimeSpan.FromSeconds(30)));
            ReceiveAny(message => listener.Tell(message));
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }

    IActorRef NewTimed()
    {
        var listener = TestActor;
        return Sys.ActorOf(Props.Create(() => new Timed(listener)));
    }

    IActorRef NewTimed(params object[] commands)
    {
        var timed = NewTimed();
        foreach (var command in commands)
            timed.Tell(command);
        Fence(timed);
        return timed;
    }

    void NothingFrom(IActorRef timed)
    {
        Fence(timed);
        Nothing();
    }

    [Fact]
    public void A_single_timer_fires_once_when_its_delay_is_over()
    {
        var timed = NewTimed(("single", "a", 10d));
        Advance(9.999);
        NothingFrom(timed);
        Advance(0.001);
        ExpectMsg("a 10");
        Advance(100);
        NothingFrom(timed);
    }

    [Fact]
    public void A_periodic_timer_fires_again_and_again()
    {
        var timed = NewTimed(("periodic", "a", 1d));
        for (var i = 0; i < 5; i++)
        {
            NothingFrom(timed);
            Advance(1);
            ExpectMsg("a 1");
        }
    }

    [Fact]
    public void A_periodic_timer_may_have_another_first_delay()
    {
        var timed = NewTimed(("a", 5d, 1d));
        Advance(4);
        NothingFrom(timed);
        Advance(1);
        ExpectMsg("tick");
        Advance(1);
        ExpectMsg("tick");
    }

    [Fact]
    public void A_timer_replaces_the_one_of_its_key()
    {
        var timed = NewTimed(("single", "a", 1d), ("single", "a", 5d));
        Advance(1);
        NothingFrom(timed);
        Advance(4);
        ExpectMsg("a 5");
    }

    [Fact]
    public void Timers_of_other_keys_are_left_alone()
    {
        NewTimed(("single", "a", 1d), ("single", "b", 2d));
        Advance(1);
        ExpectMsg("a 1");
        Advance(1);
        ExpectMsg("b 2");
    }

    [Fact]
    public void A_cancelled_timer_does_not_fire()
    {
        var timed = NewTimed(("periodic", "a", 1d), ("periodic", "b", 1d), ("cancel", "a"));
        Advance(1);
        ExpectMsg("b 1");
        NothingFrom(timed);
    }

    [Fact]
    public void CancelAll_cancels_all()
    {
        var timed = NewTimed(("periodic", "a", 1d), ("single", "b", 1d), "cancel all");
        Advance(1);
        NothingFrom(timed);
    }

    [Fact]
    public void To_cancel_what_is_not_there_does_nothing()
    {
        var timed = NewTimed(("cancel", "nothing"), ("single", "a", 1d));
        Advance(1);
        ExpectMsg("a 1");
        NothingFrom(timed);
    }

    [Fact]
    public void A_timer_is_active_until_it_has_fired()
    {
        var timed = NewTimed(("single", "a", 1d));
        timed.Tell(("active", "a"));
        ExpectMsg(true);
        timed.Tell(("active", "b"));
        ExpectMsg(false);
        Advance(1);
        ExpectMsg("a 1");
        timed.Tell(("active", "a"));
        ExpectMsg(false);
    }

    [Fact]
    public void A_restart_cancels_the_timers()
    {
        var timed = NewTimed(("periodic", "a", 1d));
        EventFilter.Exception<Boom>().ExpectOne(() => timed.Tell(new Boom()));
        timed.Tell(("active", "a"));
        ExpectMsg(false);
        Advance(1);
        NothingFrom(timed);
    }

    [Fact]
    public void A_timer_that_has_fired_into_the_mailbox_is_discarded_by_a_restart()
    {
        var timed = NewTimed(("single", "a", 1d));
        var gate = new ManualResetEventSlim();
        timed.Tell(gate);
        EventFilter.Exception<Boom>().ExpectOne(() =>
        {
            timed.Tell(new Boom());
            Advance(1);
            gate.Set();
        });
        NothingFrom(timed);
    }

    [Fact]
    public void A_timer_that_has_fired_into_the_mailbox_is_discarded_by_a_cancel()
    {
        var timed = NewTimed(("single", "a", 1d));
        var gate = new ManualResetEventSlim();
        timed.Tell(gate);
        timed.Tell(("cancel", "a"));
        Advance(1);
        gate.Set();
        NothingFrom(timed);
    }

    [Fact]
    public void A_timer_that_has_fired_into_the_mailbox_is_discarded_by_a_replacement()
    {
        var timed = NewTimed(("single", "a", 1d));
        var gate = new ManualResetEventSlim();
        timed.Tell(gate);
        timed.Tell(("single", "a", 2d));
        Advance(1);
        gate.Set();
        NothingFrom(timed);
        Advance(2);
        ExpectMsg("a 2");
    }

    [Fact]
    public void A_stopped_actor_has_no_timers()
    {
        var timed = NewTimed(("periodic", "a", 1d));
        StopAndWait(timed);
        EventFilter.DeadLetter().Expect(0, TimeSpan.Zero, () => Advance(1));
    }

    [Fact]
    public void Two_actors_may_use_the_same_key()
    {
        var first = NewTimed(("single", "a", 1d));
        NewTimed(("single", "a", 2d));
        first.Tell(("cancel", "a"));
        Fence(first);
        Advance(1);
        NothingFrom(first);
        Advance(1);
        ExpectMsg("a 2");
    }
}
