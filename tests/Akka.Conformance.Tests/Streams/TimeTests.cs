using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

/// <summary>
/// Timers of streams in virtual time. A timer is set inside of the stream's actor, so a test first waits for a sign that the stage runs.
/// </summary>
public class TimeTests : VirtualTimeStreamTest
{
    [Fact]
    public async Task Tick_gives_an_element_at_each_interval()
    {
        var down = Drain(Source.Tick(Seconds(1), Seconds(1), "tick").MapMaterializedValue(_ => NotUsed.Instance).Prepend(Source.Single("first")));
        await down.Expect("first");
        await down.Request(10);
        for (var i = 0; i < 3; i++)
        {
            Scheduler.Advance(Seconds(1));
            Assert.Equal("tick", await down.Take());
        }

        await down.Cancel();
    }

    [Fact]
    public async Task A_cancelled_tick_completes()
    {
        var down = new Downstream<string>();
        var tick = Source.Tick(Seconds(1), Seconds(1), "tick").To(Sink.FromSubscriber(down)).Run(Mat);
        tick.Cancel();
        await down.ExpectComplete();
    }

    [Fact]
    public async Task TakeWithin_completes_when_the_time_is_over()
    {
        var (up, down) = Drive(Flow.Create<int>().TakeWithin(Seconds(5)));
        await down.Request(5);
        await up.Send(1);
        Assert.Equal(1, await down.Take());
        Scheduler.Advance(Seconds(5));
        await down.ExpectComplete();
        await up.Cancelled;
    }

    [Fact]
    public async Task SkipWithin_drops_until_the_time_is_over()
    {
        var seen = new TaskCompletionSource();
        var (up, down) = Drive(Flow.Create<int>().Select(n =>
        {
            if (n == 2) seen.TrySetResult();
            return n;
        }).SkipWithin(Seconds(5)));
        await down.Request(5);
        await up.Send(1, 2);
        await Soon(seen.Task);
        Scheduler.Advance(Seconds(5));
        await up.Send(3);
        Assert.Equal(3, await down.Take());
    }

    [Fact]
    public async Task GroupedWithin_gives_what_it_has_when_the_time_is_over()
    {
        var seen = new TaskCompletionSource();
        var (up, down) = Drive(Flow.Create<int>().Select(n =>
        {
            if (n == 3) seen.TrySetResult();
            return n;
        }).GroupedWithin(2, Seconds(5)));
        await down.Request(5);
        await up.Send(1, 2);
        Assert.Equal([1, 2], await down.Take());
        await up.Send(3);
        await Soon(seen.Task);
        // The timer began anew with the full group; the element is in the stage before the next advance reaches it.
        await up.Complete();
        Assert.Equal([3], await down.Take());
        await down.ExpectComplete();
    }

    [Fact]
    public async Task RestartSource_starts_again_after_its_backoff()
    {
        var starts = 0;
        var down = Drain(RestartSource.WithBackoff(() => Source.Single(Interlocked.Increment(ref starts)),
            RestartSettings.Create(Seconds(1), Seconds(10), 0)));
        await down.Request(10);
        Assert.Equal(1, await down.Take());
        for (var n = 2; n <= 4; n++)
        {
            await AdvanceUntil(() => starts >= n);
            Assert.Equal(n, await down.Take());
        }

        await down.Cancel();
    }

    /// <summary>Lets virtual time pass until something has happened: the stream sets its timer on a thread of its own.</summary>
    private async Task AdvanceUntil(Func<bool> happened)
    {
        while (!happened())
        {
            Scheduler.Advance(Seconds(1));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task RestartSource_on_failures_completes_with_the_source()
    {
        var starts = 0;
        var source = RestartSource.OnFailuresWithBackoff(() => ++starts == 1 ? Source.Failed<int>(Boom) : Source.Single(starts),
            RestartSettings.Create(Seconds(1), Seconds(10), 0));
        var result = All(source);
        await AdvanceUntil(() => result.IsCompleted);
        Assert.Equal([2], await result);
    }

    [Fact]
    public async Task RestartSource_gives_up_after_its_limit()
    {
        var starts = 0;
        var source = RestartSource.OnFailuresWithBackoff(() =>
        {
            starts++;
            return Source.Failed<int>(Boom);
        }, RestartSettings.Create(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), 0).WithMaxRestarts(2, TimeSpan.FromHours(1)));
        var result = source.RunWith(Sink.Ignore<int>(), Mat);
        await AdvanceUntil(() => starts >= 3);
        Assert.Same(Boom, await Failure(result));
        Assert.Equal(3, starts);
    }

    [Fact]
    public async Task RestartSource_stops_when_cancelled()
    {
        var up = new Upstream<int>();
        var down = Drain(RestartSource.WithBackoff(() => Source.FromPublisher(up), RestartSettings.Create(Seconds(1), Seconds(10), 0)));
        await down.Request(1);
        await up.Send(1);
        Assert.Equal(1, await down.Take());
        await down.Cancel();
        await up.Cancelled;
    }

    [Fact]
    public async Task RestartSink_starts_again_when_its_sink_cancels()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<int>();
        var (up, _) = (new Upstream<int>(), 0);
        Source.FromPublisher(up).To(RestartSink.WithBackoff(() => Flow.Create<int>().Take(1).To(Sink.ForEach<int>(seen.Enqueue)),
            RestartSettings.Create(Seconds(1), Seconds(10), 0))).Run(Mat);
        await up.Send(1);
        await AdvanceUntil(() => seen.Count >= 1);
        await up.Send(2, 3, 4);
        await AdvanceUntil(() => seen.Count >= 2);
        Assert.Equal(1, seen.First());
    }

    [Fact]
    public async Task RestartFlow_starts_again_when_its_flow_fails()
    {
        var starts = 0;
        var (up, down) = Drive(RestartFlow.WithBackoff(() =>
        {
            Interlocked.Increment(ref starts);
            return Flow.Create<int>().Select(n => n < 0 ? throw Boom : n);
        }, RestartSettings.Create(Seconds(1), Seconds(10), 0)));
        await down.Request(10);
        await up.Send(1);
        Assert.Equal(1, await down.Take());
        await up.Send(-1);
        await AdvanceUntil(() => starts >= 2);
        await up.Send(2);
        Assert.Equal(2, await down.Take());
        await up.Complete();
        await down.ExpectComplete();
    }
}
