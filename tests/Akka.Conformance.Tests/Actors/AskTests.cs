using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class AskTests : ActorTest
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task An_ask_is_answered() => Assert.Equal("hello", await Sys.ActorOf(Echo.Props).Ask<string>("hello", Long));

    [Fact]
    public async Task An_untyped_ask_is_answered_with_the_object() => Assert.Equal(7, await Sys.ActorOf(Echo.Props).Ask(7, Long));

    [Fact]
    public async Task An_ask_that_is_not_answered_in_time_fails()
    {
        var deaf = Sys.ActorOf(Scripted.Props((_, _, _) => { }));
        await Assert.ThrowsAsync<AskTimeoutException>(() => deaf.Ask<string>("hello", Short));
    }

    [Fact]
    public async Task An_ask_of_a_dead_actor_times_out()
    {
        var dead = Sys.ActorOf(Echo.Props);
        StopAndWait(dead);
        await Assert.ThrowsAsync<AskTimeoutException>(() => dead.Ask<string>("hello", Short));
    }

    [Fact]
    public async Task A_cancelled_ask_is_cancelled()
    {
        var deaf = Sys.ActorOf(Scripted.Props((_, _, _) => { }));
        using var cancellation = new CancellationTokenSource();
        var ask = deaf.Ask<string>("hello", Long, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ask);
    }

    [Fact]
    public async Task A_failure_is_thrown()
    {
        var failing = Sys.ActorOf(Scripted.Props((_, _, sender) => sender.Tell(new Status.Failure(new Boom("remote")))));
        var boom = await Assert.ThrowsAsync<Boom>(() => failing.Ask<string>("hello", Long));
        Assert.Equal("remote", boom.Message);
    }

    [Fact]
    public async Task A_failure_can_be_asked_for_as_such()
    {
        var failing = Sys.ActorOf(Scripted.Props((_, _, sender) => sender.Tell(new Status.Failure(new Boom("remote")))));
        var failure = await failing.Ask<Status.Failure>("hello", Long);
        Assert.Equal("remote", failure.Cause.Message);
    }

    [Fact]
    public async Task A_success_is_an_answer_like_any()
    {
        var succeeding = Sys.ActorOf(Scripted.Props((_, _, sender) => sender.Tell(new Status.Success("fine"))));
        Assert.Equal("fine", (await succeeding.Ask<Status.Success>("hello", Long)).Status);
    }

    [Fact]
    public async Task An_answer_of_another_type_is_an_error()
    {
        var echo = Sys.ActorOf(Echo.Props);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => echo.Ask<int>("no number", Long));
    }

    [Fact]
    public async Task The_first_answer_counts_and_the_second_is_a_dead_letter()
    {
        var twice = Sys.ActorOf(Scripted.Props((_, _, sender) =>
        {
            sender.Tell("first");
            sender.Tell("second");
        }));
        string? answer = null;
        await EventFilter.DeadLetter<string>(text => text == "second").ExpectOneAsync(async () => answer = await twice.Ask<string>("hello", Long));
        Assert.Equal("first", answer);
    }

    [Fact]
    public async Task The_message_can_be_made_from_the_ref_that_is_to_be_answered()
    {
        var actor = Sys.ActorOf(Scripted.Props((message, _, _) => ((IActorRef)message).Tell("made it")));
        Assert.Equal("made it", await actor.Ask<string>(replyTo => replyTo, Long, CancellationToken.None));
    }

    [Fact]
    public async Task Each_of_many_asks_gets_its_own_answer()
    {
        var echo = Sys.ActorOf(Echo.Props);
        var answers = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => echo.Ask<int>(i, Long)));
        Assert.Equal(Enumerable.Range(0, 2_000), answers);
    }

    [Fact]
    public async Task An_answer_may_come_from_another_actor()
    {
        var echo = Sys.ActorOf(Echo.Props);
        var forwarder = Sys.ActorOf(Scripted.Props((message, _, _) => echo.Forward(message)));
        Assert.Equal("hello", await forwarder.Ask<string>("hello", Long));
    }

    [Fact]
    public async Task An_ask_of_nobody_times_out() =>
        await Assert.ThrowsAsync<AskTimeoutException>(() => ActorSelection("/user/nobody").Ask<string>("hello", Short));

    [Fact]
    public void PipeTo_sends_the_result()
    {
        Task.FromResult("done").PipeTo(TestActor);
        ExpectMsg("done");
    }

    [Fact]
    public void PipeTo_sends_a_failure()
    {
        Task.FromException<string>(new Boom("piped")).PipeTo(TestActor);
        Assert.Equal("piped", ExpectMsg<Status.Failure>().Cause.Message);
    }

    [Fact]
    public void PipeTo_can_transform_results_and_failures()
    {
        Task.FromResult(2).PipeTo(TestActor, success: number => number * 21, failure: _ => -1);
        ExpectMsg(42);
        Task.FromException<int>(new Boom()).PipeTo(TestActor, success: number => number * 21, failure: cause => cause.Message);
        ExpectMsg("boom");
    }

    [Fact]
    public void PipeTo_sends_from_the_given_sender()
    {
        var probe = CreateTestProbe();
        Task.FromResult("done").PipeTo(TestActor, probe.Ref);
        ExpectMsgFrom(probe.Ref, "done");
    }

    [Fact]
    public void PipeTo_of_a_task_without_a_result_sends_nothing_but_what_it_is_told_to()
    {
        Task.CompletedTask.PipeTo(TestActor, success: () => "finished");
        ExpectMsg("finished");
        Task.FromException(new Boom("no result")).PipeTo(TestActor);
        Assert.Equal("no result", ExpectMsg<Status.Failure>().Cause.Message);
    }

    sealed class AnswersByPath : ReceiveActor
    {
        public AnswersByPath() => Receive<string>(message =>
            ((ExtendedActorSystem)Context.System).Provider.ResolveActorRef(Sender.Path).Tell(message + " by path"));
    }

    [Fact]
    public async Task Who_asks_can_be_found_by_the_path_of_the_sender() =>
        Assert.Equal("hello by path", await Sys.ActorOf(Props.Create(() => new AnswersByPath())).Ask<string>("hello", TimeSpan.FromSeconds(30)));

    [Fact]
    public async Task A_cancellation_before_the_ask_is_a_cancelled_ask()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestActor.Ask<string>("hello", source.Token));
    }
}
