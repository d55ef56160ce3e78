using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class OrderingTests : ActorTest
{
    sealed record Numbered(int Sender, int Number);

    [Fact]
    public void Messages_of_one_sender_are_handled_in_the_order_of_sending()
    {
        var received = new List<int>();
        var actor = Sys.ActorOf(Scripted.Props((message, _, _) => received.Add((int)message)));
        for (var i = 0; i < 10_000; i++)
            actor.Tell(i);
        Fence(actor);
        Assert.Equal(Enumerable.Range(0, 10_000), received);
    }

    [Fact]
    public async Task Each_senders_order_holds_under_contention()
    {
        const int senders = 8;
        const int each = 5_000;
        var last = Enumerable.Repeat(-1, senders).ToArray();
        var wrong = 0;
        var total = 0;
        var actor = Sys.ActorOf(Scripted.Props((message, _, _) =>
        {
            var numbered = (Numbered)message;
            if (numbered.Number != last[numbered.Sender] + 1)
                wrong++;
            last[numbered.Sender] = numbered.Number;
            total++;
        }));

        await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
                actor.Tell(new Numbered(sender, i));
        })));
        Fence(actor);

        Assert.Equal((0, senders * each), (wrong, total));
    }

    [Fact]
    public async Task An_actor_handles_one_message_at_a_time_and_sees_its_own_state()
    {
        var inside = 0;
        var overlaps = 0;
        var plainCounter = 0;
        var actor = Sys.ActorOf(Scripted.Props((_, _, _) =>
        {
            if (Interlocked.Increment(ref inside) != 1)
                Interlocked.Increment(ref overlaps);
            plainCounter++;
            Interlocked.Decrement(ref inside);
        }));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
                actor.Tell("x");
        })));
        Fence(actor);

        Assert.Equal((0, 40_000), (overlaps, plainCounter));
    }

    [Fact]
    public void What_an_actor_tells_itself_goes_behind_what_is_in_its_mailbox()
    {
        var gate = new ManualResetEventSlim();
        var listener = TestActor;
        var actor = Sys.ActorOf(Scripted.Props((message, context, _) =>
        {
            if (message is "first")
            {
                gate.Wait(TimeSpan.FromSeconds(30));
                context.Self.Tell("own");
            }

            listener.Tell(message);
        }));
        actor.Tell("first");
        actor.Tell("second");
        gate.Set();
        ExpectMsg("first");
        ExpectMsg("second");
        ExpectMsg("own");
    }

    [Fact]
    public void Order_holds_over_a_chain_of_actors()
    {
        IActorRef next = TestActor;
        for (var i = 0; i < 10; i++)
        {
            var target = next;
            next = Sys.ActorOf(Scripted.Props((message, _, _) => target.Forward(message)));
        }

        for (var i = 1; i <= 1_000; i++)
            next.Tell(i);
        Assert.Equal(Enumerable.Range(1, 1_000), ReceiveN(1_000).Cast<int>());
    }

    [Fact]
    public void A_message_carries_its_sender()
    {
        var echo = Sys.ActorOf(Echo.Props);
        var probe = CreateTestProbe();
        echo.Tell("hello", probe.Ref);
        probe.ExpectMsgFrom(echo, "hello");
    }

    [Fact]
    public void Forward_keeps_the_first_sender()
    {
        var echo = Sys.ActorOf(Echo.Props);
        var forwarder = Sys.ActorOf(Scripted.Props((message, _, _) => echo.Forward(message)));
        forwarder.Tell("hello", TestActor);
        ExpectMsgFrom(echo, "hello");
    }

    [Fact]
    public void Without_a_sender_the_sender_is_dead_letters()
    {
        var listener = TestActor;
        var actor = Sys.ActorOf(Scripted.Props((_, _, sender) => listener.Tell(sender)));
        actor.Tell("hello", ActorRefs.NoSender);
        Assert.Equal(Sys.DeadLetters, ExpectMsg<IActorRef>());
    }

    [Fact]
    public void Inside_an_actor_Tell_sends_from_that_actor()
    {
        var listener = TestActor;
        var actor = Sys.ActorOf(Scripted.Props((_, _, _) => listener.Tell("hello")));
        actor.Tell("go", CreateTestProbe().Ref);
        ExpectMsgFrom(actor, "hello");
    }

    [Fact]
    public async Task A_burst_to_a_slow_actor_is_kept_whole()
    {
        var gate = new TaskCompletionSource();
        var count = 0;
        Action increment = () => count++;
        var actor = Sys.ActorOf(Props.Create(() => new Gated(gate.Task, increment)));
        for (var i = 0; i < 200_000; i++)
            actor.Tell("x");
        gate.SetResult();
        await actor.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(30));
        Assert.Equal(200_000, count);
    }

    sealed class Gated : ReceiveActor
    {
        public Gated(Task gate, Action count) => ReceiveAsync<string>(async _ =>
        {
            await gate;
            count();
        });
    }
}
