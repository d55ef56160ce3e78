using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

public class ActorTests : StreamTest
{
    private sealed record Init;

    private sealed record Ack;

    private sealed record End;

    private sealed record Broken(Exception Cause);

    private Sink<int, NotUsed> AckedBy(IActorRef actor) => Sink.ActorRefWithAck<int>(actor, new Init(), new Ack(), new End(), e => new Broken(e));

    [Fact]
    public void An_actor_sink_is_told_every_element_and_the_end()
    {
        Numbers(1, 3).To(Sink.ActorRef<int>(TestActor, "end", e => new Broken(e))).Run(Mat);
        ExpectMsg(1);
        ExpectMsg(2);
        ExpectMsg(3);
        ExpectMsg("end");
    }

    [Fact]
    public void An_actor_sink_is_told_of_failure()
    {
        Source.Failed<int>(Boom).To(Sink.ActorRef<int>(TestActor, "end", e => new Broken(e))).Run(Mat);
        Assert.Same(Boom, ExpectMsg<Broken>().Cause);
    }

    [Fact]
    public async Task An_actor_sink_cancels_when_its_actor_stops()
    {
        var up = new Upstream<int>();
        var actor = CreateTestProbe();
        Source.FromPublisher(up).To(Sink.ActorRef<int>(actor.Ref, "end", e => new Broken(e))).Run(Mat);
        await up.Send(1);
        actor.ExpectMsg(1);
        Sys.Stop(actor.Ref);
        await up.Cancelled;
    }

    [Fact]
    public void An_acknowledging_actor_gets_one_element_an_acknowledgement()
    {
        Numbers(1, 3).To(AckedBy(TestActor)).Run(Mat);
        ExpectMsg<Init>();
        var stream = LastSender;
        ExpectNoMsg(TimeSpan.Zero);
        for (var n = 1; n <= 3; n++)
        {
            stream.Tell(new Ack(), TestActor);
            ExpectMsg(n);
            // The end follows the last element without being waited for.
            if (n < 3) ExpectNoMsg(TimeSpan.Zero);
        }

        ExpectMsg<End>();
    }

    [Fact]
    public void An_acknowledging_actor_is_told_the_end_after_the_last_element()
    {
        Numbers(1, 1).To(AckedBy(TestActor)).Run(Mat);
        ExpectMsg<Init>();
        LastSender.Tell(new Ack(), TestActor);
        ExpectMsg(1);
        LastSender.Tell(new Ack(), TestActor);
        ExpectMsg<End>();
    }

    [Fact]
    public void An_acknowledging_actor_is_told_of_failure_at_once()
    {
        Source.Failed<int>(Boom).To(AckedBy(TestActor)).Run(Mat);
        FishForMessage(m => m is Broken { Cause: var cause } && cause == Boom);
    }

    [Fact]
    public async Task The_stream_is_cancelled_when_the_acknowledging_actor_stops()
    {
        var up = new Upstream<int>();
        var actor = CreateTestProbe();
        Source.FromPublisher(up).To(AckedBy(actor.Ref)).Run(Mat);
        actor.ExpectMsg<Init>();
        Sys.Stop(actor.Ref);
        await up.Cancelled;
    }

    [Fact]
    public async Task What_is_told_to_an_actor_source_comes_out()
    {
        var (actor, result) = Source.ActorRef<int>(8, OverflowStrategy.Fail).ToMaterialized(Sink.Seq<int>(), Keep.Both).Run(Mat);
        actor.Tell(1);
        actor.Tell(2);
        actor.Tell(new Status.Success("done"));
        Assert.Equal([1, 2], await Soon(result));
    }

    [Fact]
    public async Task An_actor_source_fails_with_a_status_failure()
    {
        var (actor, result) = Source.ActorRef<int>(8, OverflowStrategy.Fail).ToMaterialized(Sink.Seq<int>(), Keep.Both).Run(Mat);
        actor.Tell(new Status.Failure(Boom));
        Assert.Same(Boom, await Failure(result));
    }

    [Fact]
    public async Task An_actor_source_drops_as_its_strategy_says()
    {
        var down = new Downstream<int>();
        var actor = Source.ActorRef<int>(2, OverflowStrategy.DropHead).To(Sink.FromSubscriber(down)).Run(Mat);
        for (var n = 1; n <= 5; n++) actor.Tell(n);
        actor.Tell(new Status.Success("done"));
        // The stream is asked only when the actor has handled everything.
        Assert.True(await actor.Ask<ActorIdentity>(new Identify(1)) is not null);
        await down.Expect(4, 5);
        await down.ExpectComplete();
    }

    [Fact]
    public void An_actor_source_stops_its_actor_with_the_stream()
    {
        var actor = Source.ActorRef<int>(2, OverflowStrategy.DropHead).To(Sink.Cancelled<int>()).Run(Mat);
        Watch(actor);
        ExpectTerminated(actor);
    }

    private sealed class Doubler : ReceiveActor
    {
        public Doubler() => Receive<int>(n => Sender.Tell(n * 2));
    }

    [Fact]
    public async Task Ask_gives_the_actors_answers_in_order()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Doubler()));
        Assert.Equal([2, 4, 6], await All(Numbers(1, 3).Ask<int>(actor, TimeSpan.FromSeconds(20), 2)));
    }

    [Fact]
    public async Task Watch_fails_the_stream_when_the_actor_stops()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Doubler()));
        var down = Drain(Source.Never<int>().Watch(actor));
        Sys.Stop(actor);
        Assert.IsType<WatchedActorTerminatedException>(await down.ExpectError());
    }

    private sealed class Streaming : ReceiveActor
    {
        public Streaming(TaskCompletionSource<Task<Done>> running)
        {
            running.SetResult(Source.Never<int>().WatchTermination(Keep.Right).To(Sink.Ignore<int>()).Run(Context.Materializer()));
            ReceiveAny(_ => { });
        }
    }

    [Fact]
    public async Task Streams_of_an_actors_materializer_die_with_the_actor()
    {
        var running = new TaskCompletionSource<Task<Done>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = Sys.ActorOf(Props.Create(() => new Streaming(running)));
        var stream = await Soon(running.Task);
        Assert.False(stream.IsCompleted);
        Sys.Stop(actor);
        Assert.IsType<AbruptStageTerminationException>(await Failure(stream));
    }

    [Fact]
    public async Task Shutting_a_materializer_down_ends_its_streams_and_no_others()
    {
        var own = ActorMaterializer.Create(Sys, ActorMaterializerSettings.Create(Sys));
        var mine = Source.Never<int>().WatchTermination(Keep.Right).To(Sink.Ignore<int>()).Run(own);
        var others = Source.Never<int>().WatchTermination(Keep.Right).To(Sink.Ignore<int>()).Run(Mat);
        own.Shutdown();
        Assert.IsType<AbruptStageTerminationException>(await Failure(mine));
        Assert.False(others.IsCompleted);
    }

    [Fact]
    public void A_materializer_that_is_shut_down_runs_nothing()
    {
        var own = ActorMaterializer.Create(Sys, ActorMaterializerSettings.Create(Sys));
        own.Shutdown();
        Assert.True(own.IsShutdown);
        Assert.ThrowsAny<Exception>(() => Source.Single(1).To(Sink.Ignore<int>()).Run(own));
    }

    [Fact]
    public void A_system_has_one_materializer_and_an_actor_its_own() => Assert.Same(Sys.Materializer(), Sys.Materializer());

    [Fact]
    public async Task An_endless_stream_lets_others_run_on_its_dispatcher()
    {
        var killSwitch = Source.Repeat(1).ViaMaterialized(KillSwitches.Single<int>(), Keep.Right).To(Sink.Ignore<int>()).Run(Mat);
        Assert.Equal([1, 2, 3], await All(Numbers(1, 3)));
        killSwitch.Shutdown();
    }
}
