using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class VirtualTimeTests : VirtualTimeTest
{
    [Fact]
    public void A_message_that_is_scheduled_comes_when_it_is_due()
    {
        Sys.Scheduler.ScheduleTellOnce(Seconds(5), TestActor, "due", ActorRefs.NoSender);
        Advance(4);
        Nothing();
        Advance(1);
        ExpectMsg("due");
        Advance(10);
        Nothing();
    }

    [Fact]
    public void A_scheduled_message_carries_its_sender()
    {
        var probe = CreateTestProbe();
        Sys.Scheduler.ScheduleTellOnce(Seconds(1), TestActor, "due", probe.Ref);
        Advance(1);
        ExpectMsgFrom(probe.Ref, "due");
    }

    [Fact]
    public void Messages_that_are_due_in_one_advance_come_in_the_order_of_their_times()
    {
        Sys.Scheduler.ScheduleTellOnce(Seconds(3), TestActor, "third", ActorRefs.NoSender);
        Sys.Scheduler.ScheduleTellOnce(Seconds(1), TestActor, "first", ActorRefs.NoSender);
        Sys.Scheduler.ScheduleTellOnce(Seconds(2), TestActor, "second", ActorRefs.NoSender);
        Advance(3);
        ExpectMsg("first");
        ExpectMsg("second");
        ExpectMsg("third");
    }

    [Fact]
    public void Messages_of_one_time_come_in_the_order_of_scheduling()
    {
        for (var i = 0; i < 10; i++)
            Sys.Scheduler.ScheduleTellOnce(Seconds(1), TestActor, i, ActorRefs.NoSender);
        Advance(1);
        for (var i = 0; i < 10; i++)
            ExpectMsg(i);
    }

    [Fact]
    public void What_repeats_comes_after_the_first_delay_and_then_after_each_interval()
    {
        Sys.Scheduler.ScheduleTellRepeatedly(Seconds(3), Seconds(1), TestActor, "tick", ActorRefs.NoSender);
        Advance(2);
        Nothing();
        Advance(1);
        ExpectMsg("tick");
        Advance(1);
        ExpectMsg("tick");
        Advance(0.5);
        Nothing();
        Advance(0.5);
        ExpectMsg("tick");
    }

    [Fact]
    public void What_is_cancelled_does_not_come()
    {
        var cancelable = Sys.Scheduler.ScheduleTellOnceCancelable(Seconds(1), TestActor, "never", ActorRefs.NoSender);
        cancelable.Cancel();
        Advance(1);
        Nothing();
        Assert.True(cancelable.IsCancellationRequested);
    }

    [Fact]
    public void What_repeats_can_be_cancelled()
    {
        var cancelable = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(Seconds(1), Seconds(1), TestActor, "tick", ActorRefs.NoSender);
        Advance(1);
        ExpectMsg("tick");
        cancelable.Cancel();
        Advance(1);
        Nothing();
    }

    [Fact]
    public void An_action_runs_when_it_is_due()
    {
        var ran = 0;
        Sys.Scheduler.Advanced.ScheduleOnce(Seconds(1), () => ran++);
        Assert.Equal(0, ran);
        Advance(1);
        Assert.Equal(1, ran);
        Advance(1);
        Assert.Equal(1, ran);
    }

    [Fact]
    public void An_action_can_repeat()
    {
        var ran = 0;
        Sys.Scheduler.Advanced.ScheduleRepeatedly(Seconds(1), Seconds(2), () => ran++);
        Advance(1);
        Assert.Equal(1, ran);
        Advance(2);
        Assert.Equal(2, ran);
    }

    [Fact]
    public void Time_stands_still_until_it_is_advanced()
    {
        var before = Scheduler.Now;
        Assert.Equal(before, Scheduler.Now);
        Advance(60);
        Assert.Equal(before + Seconds(60), Scheduler.Now);
        Scheduler.AdvanceTo(before + Seconds(100));
        Assert.Equal(before + Seconds(100), Scheduler.Now);
    }

    [Fact]
    public void Time_does_not_go_back() =>
        Assert.Throws<InvalidOperationException>(() => Scheduler.AdvanceTo(Scheduler.Now - Seconds(1)));

    sealed class Idler : ReceiveActor
    {
        public Idler(IActorRef listener)
        {
            Receive<double>(seconds => SetReceiveTimeout(TimeSpan.FromSeconds(seconds)));
            Receive<string>(text => text == "off", _ => SetReceiveTimeout(null));
            Receive<ReceiveTimeout>(timeout => listener.Tell(timeout));
            Receive<Unnoticed>(_ => Sender.Tell("settled"));
            ReceiveAny(_ => { });
        }
    }

    sealed record Unnoticed : INotInfluenceReceiveTimeout;

    /// <summary>
    /// A fence that does not begin the wait anew. What was handled before it has also scheduled its timeout, which is done after a message has been handled.
    /// </summary>
    void Settle(IActorRef idler)
    {
        var probe = CreateTestProbe();
        idler.Tell(new Unnoticed(), probe.Ref);
        probe.ExpectMsg("settled");
    }

    IActorRef NewIdler(double seconds)
    {
        var listener = TestActor;
        var idler = Sys.ActorOf(Props.Create(() => new Idler(listener)));
        idler.Tell(seconds);
        Settle(idler);
        return idler;
    }

    [Fact]
    public void A_receive_timeout_comes_when_no_message_has_come()
    {
        NewIdler(10);
        Advance(10);
        ExpectMsg<ReceiveTimeout>();
    }

    [Fact]
    public void A_receive_timeout_comes_again_as_long_as_no_message_comes()
    {
        var idler = NewIdler(10);
        Advance(10);
        ExpectMsg<ReceiveTimeout>();
        Settle(idler);
        Advance(10);
        ExpectMsg<ReceiveTimeout>();
    }

    [Fact]
    public void A_message_puts_the_receive_timeout_off()
    {
        var idler = NewIdler(10);
        Advance(6);
        idler.Tell('x');
        Settle(idler);
        Advance(6);
        Settle(idler);
        Nothing();
        Advance(10);
        ExpectMsg<ReceiveTimeout>();
    }

    [Fact]
    public void A_receive_timeout_can_be_switched_off()
    {
        var idler = NewIdler(10);
        idler.Tell("off");
        Settle(idler);
        Advance(100);
        Settle(idler);
        Nothing();
    }

    [Fact]
    public void A_message_may_be_marked_not_to_put_it_off()
    {
        var idler = NewIdler(10);
        Advance(6);
        Settle(idler);
        Advance(4);
        ExpectMsg<ReceiveTimeout>();
    }
}
