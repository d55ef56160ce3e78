using Akka.Configuration;
using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Streams.TestKit;
using Akka.TestKit;
using Akka.TestKit.Configs;
using Akka.Util;

namespace Akka.Local.Tests.Streams;

/// <summary>What only this runtime's streams promise; docs/akka-local.md names each difference.</summary>
public class StreamPromisesTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly Exception Boom = new InvalidOperationException("boom");

    public StreamPromisesTests() : base(
        ConfigurationFactory.ParseString("akka.loglevel = OFF\nakka.stdout-loglevel = OFF").WithFallback(TestConfigs.TestSchedulerConfig))
    {
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    private ActorMaterializer Mat => Sys.Materializer();

    [Fact]
    public async Task A_resource_cancelled_while_it_opens_is_closed_once_it_is_open()
    {
        var opening = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var closed = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Source.UnfoldResourceAsync<int, int>(() => opening.Task, _ => Task.FromResult(Option<int>.None), resource =>
        {
            closed.SetResult(resource);
            return Task.FromResult(Done.Instance);
        }).RunWith(this.SinkProbe<int>(), Mat).Cancel();
        opening.SetResult(42);
        Assert.Equal(42, await closed.Task.WaitAsync(Limit));
    }

    [Fact]
    public async Task A_resource_that_is_still_opening_at_shutdown_is_closed_once_it_is_open()
    {
        var opening = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var closed = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var own = ActorMaterializer.Create(Sys, ActorMaterializerSettings.Create(Sys));
        var ended = Source.UnfoldResourceAsync<int, int>(() => opening.Task, _ => Task.FromResult(Option<int>.None), resource =>
        {
            closed.SetResult(resource);
            return Task.FromResult(Done.Instance);
        }).RunWith(Sink.Ignore<int>(), own);
        own.Shutdown();
        await Assert.ThrowsAsync<AbruptStageTerminationException>(() => ended.WaitAsync(Limit));
        opening.SetResult(42);
        Assert.Equal(42, await closed.Task.WaitAsync(Limit));
    }

    [Fact]
    public async Task A_stream_that_is_shut_down_in_the_middle_of_its_work_leaves_no_letter_that_anybody_is_told_of()
    {
        var letters = CreateTestProbe();
        Sys.EventStream.Subscribe(letters.Ref, typeof(AllDeadLetters));
        // It always has more to do, so that a word to itself is under way whenever it is stopped.
        var own = ActorMaterializer.Create(Sys, ActorMaterializerSettings.Create(Sys).WithSyncProcessingLimit(1));
        var runs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = Source.Repeat(1).Select(one =>
        {
            runs.TrySetResult();
            return one;
        }).RunWith(Sink.Ignore<int>(), own);
        await runs.Task.WaitAsync(Limit);

        own.Shutdown();

        await Assert.ThrowsAsync<AbruptStageTerminationException>(() => ended.WaitAsync(Limit));
        var letter = letters.ExpectMsg<AllDeadLetters>(Limit);
        Assert.True(letter is SuppressedDeadLetter, $"{letter.Message} to {letter.Recipient}");
    }

    [Theory]
    [InlineData("initial")]
    [InlineData("completion")]
    [InlineData("idle")]
    public void Timeouts_follow_virtual_time(string kind)
    {
        var five = TimeSpan.FromSeconds(5);
        var source = this.SourceProbe<int>();
        var timed = kind switch
        {
            "initial" => source.InitialTimeout(five),
            "completion" => source.CompletionTimeout(five),
            _ => source.IdleTimeout(five),
        };
        var (up, down) = timed.ToMaterialized(this.SinkProbe<int>(), Keep.Both).Run(Mat);
        down.Request(1);
        // The stage has set its timer before demand gets past it.
        up.ExpectRequest();
        Scheduler.Advance(five);
        Assert.IsType<TimeoutException>(down.ExpectError());
        up.ExpectCancellation();
    }

    [Fact]
    public async Task Every_sinks_task_ends_with_its_materializer()
    {
        var own = ActorMaterializer.Create(Sys, ActorMaterializerSettings.Create(Sys));
        Task[] tasks =
        [
            Source.Never<int>().RunWith(Sink.Ignore<int>(), own),
            Source.Never<int>().RunForeach(_ => { }, own),
            Source.Never<int>().RunWith(Sink.Seq<int>(), own),
            Source.Never<int>().RunWith(Sink.First<int>(), own),
            Source.Never<int>().Async().RunWith(Sink.Last<int>(), own),
        ];
        own.Shutdown();
        foreach (var task in tasks) Assert.NotNull(await Record.ExceptionAsync(() => task.WaitAsync(Limit)));
    }

    [Fact]
    public void An_abort_arrives_with_its_cause()
    {
        var (killSwitch, down) = Source.Never<int>().ViaMaterialized(KillSwitches.Single<int>(), Keep.Right)
            .ToMaterialized(this.SinkProbe<int>(), Keep.Both).Run(Mat);
        killSwitch.Abort(Boom);
        Assert.Same(Boom, down.ExpectSubscriptionAndError());
    }

    [Fact]
    public void A_partition_hub_drops_what_is_for_nobody()
    {
        var (up, source) = this.SourceProbe<int>().ToMaterialized(PartitionHub.Sink<int>((_, n) => n < 3 ? -1 : 0, 1, 8), Keep.Both).Run(Mat);
        var down = source.RunWith(this.SinkProbe<int>(), Mat);
        down.Request(1);
        up.SendNext(1).SendNext(2).SendNext(3);
        down.ExpectNext(3);
        down.Cancel();
    }

    /// <summary>The official stage loses elements there: what makes room is not always followed by what needed it.</summary>
    [Fact]
    public async Task A_full_delay_that_emits_early_loses_nothing()
    {
        var result = Source.From(Enumerable.Range(1, 100)).Delay(TimeSpan.FromSeconds(10), DelayOverflowStrategy.EmitEarly)
            .RunWith(Sink.Seq<int>(), Mat);
        while (!result.IsCompleted)
        {
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(Enumerable.Range(1, 100), await result);
    }

    [Fact]
    public void A_resource_is_read_only_as_it_is_asked_for()
    {
        var read = 0;
        var down = Source.UnfoldResource(() => 0, _ => Option<int>.Create(Interlocked.Increment(ref read)), _ => { }).RunWith(this.SinkProbe<int>(), Mat);
        down.Request(2).ExpectNext(1, 2);
        Assert.Equal(2, read);
        down.Cancel();
    }

    [Fact]
    public void A_stage_that_still_runs_is_found() => Assert.ThrowsAny<Exception>(() => this.AssertAllStagesStopped(
        () => { Source.Never<int>().RunWith(Sink.Ignore<int>(), Mat); }, Mat, TimeSpan.FromMilliseconds(50)));

    /// <summary>Throttle's bucket, Delay's and KeepAlive's deadlines go by the scheduler's clock, to the tick.</summary>
    [Fact]
    public async Task KeepAlive_injects_only_into_a_silence_of_virtual_time()
    {
        var (up, down) = this.SourceProbe<int>().KeepAlive(TimeSpan.FromSeconds(5), () => -1).ToMaterialized(this.SinkProbe<int>(), Keep.Both).Run(Mat);
        down.Request(1);
        up.SendNext(1);
        down.ExpectNext(1);
        down.Request(1);
        // An element within the time puts it off; the request above is in the stage before the element is.
        Scheduler.Advance(TimeSpan.FromSeconds(4));
        up.SendNext(2);
        down.ExpectNext(2);
        down.Request(1);
        Scheduler.Advance(TimeSpan.FromSeconds(4));
        up.SendNext(3);
        down.ExpectNext(3);
        down.Request(1);
        var filled = Task.Run(() => down.ExpectNext(TimeSpan.FromSeconds(20)));
        while (!filled.IsCompleted)
        {
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(-1, await filled);
    }

    /// <summary>Officially SplitWhen goes on draining upstream where its last substream is cancelled after its downstream.</summary>
    [Theory]
    [InlineData(SubstreamCancelStrategy.Drain)]
    [InlineData(SubstreamCancelStrategy.Propagate)]
    public void SplitWhen_cancels_upstream_when_its_downstream_and_then_its_last_substream_are_gone(SubstreamCancelStrategy strategy)
    {
        var (up, down) = this.SourceProbe<int>().Via((Flow<int, int, NotUsed>)Flow.Create<int>().SplitWhen(strategy, _ => false).ConcatSubstream())
            .ToMaterialized(this.SinkProbe<int>(), Keep.Both).Run(Mat);
        down.Request(1);
        up.SendNext(1);
        down.ExpectNext(1);
        down.Cancel();
        up.ExpectCancellation();
    }

    /// <summary>Officially the attribute does not reach PrefixAndTail, only the materializer's settings do.</summary>
    [Fact]
    public async Task A_subscription_timeout_can_be_given_as_an_attribute()
    {
        var up = this.CreatePublisherProbe<int>();
        var first = Source.FromPublisher(up).PrefixAndTail(0)
            .WithAttributes(ActorAttributes.CreateStreamSubscriptionTimeout(TimeSpan.FromSeconds(2), StreamSubscriptionTimeoutTerminationMode.CancelTermination))
            .RunWith(Sink.First<(System.Collections.Immutable.IImmutableList<int>, Source<int, NotUsed>)>(), Mat);
        var subscription = up.ExpectSubscription();
        await first.WaitAsync(Limit);
        Scheduler.Advance(TimeSpan.FromSeconds(2));
        subscription.ExpectCancellation();
    }
}
