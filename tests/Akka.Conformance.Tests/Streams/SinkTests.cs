using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Util;

namespace Akka.Conformance.Streams;

public class SinkTests : StreamTest
{
    [Fact]
    public async Task Ignore_is_done_when_the_stream_completes() =>
        Assert.Equal(Done.Instance, await Soon(Numbers(1, 100).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task ForEach_sees_every_element_in_order()
    {
        var seen = new List<int>();
        await Soon(Numbers(1, 100).RunForeach(seen.Add, Mat));
        Assert.Equal(Enumerable.Range(1, 100), seen);
    }

    [Fact]
    public async Task ForEach_fails_and_cancels_when_the_function_throws()
    {
        var up = new Upstream<int>();
        var done = Source.FromPublisher(up).RunForeach(_ => throw Boom, Mat);
        await up.Send(1);
        Assert.Same(Boom, await Failure(done));
        await up.Cancelled;
    }

    [Fact]
    public async Task ForEachAsync_runs_no_more_than_allowed_at_a_time()
    {
        var running = 0;
        var most = 0;
        await Soon(Numbers(1, 100).RunWith(Sink.ForEachAsync<int>(3, async _ =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref running);
        }), Mat));
        Assert.InRange(most, 1, 3);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value) Interlocked.CompareExchange(ref target, value, seen);
    }

    [Fact]
    public async Task First_takes_one_element_and_cancels()
    {
        var up = new Upstream<int>();
        var first = Source.FromPublisher(up).RunWith(Sink.First<int>(), Mat);
        await up.Send(4);
        Assert.Equal(4, await Soon(first));
        await up.Cancelled;
    }

    [Fact]
    public async Task First_of_nothing_fails() =>
        Assert.IsType<NoSuchElementException>(await Failure(Source.Empty<int>().RunWith(Sink.First<int>(), Mat)));

    [Fact]
    public async Task FirstOrDefault_of_nothing_is_the_default() =>
        Assert.Equal(0, await Soon(Source.Empty<int>().RunWith(Sink.FirstOrDefault<int>(), Mat)));

    [Fact]
    public async Task Last_is_the_last() => Assert.Equal(9, await Soon(Numbers(1, 9).RunWith(Sink.Last<int>(), Mat)));

    [Fact]
    public async Task Last_of_nothing_fails() =>
        Assert.IsType<NoSuchElementException>(await Failure(Source.Empty<int>().RunWith(Sink.Last<int>(), Mat)));

    [Fact]
    public async Task LastOrDefault_of_nothing_is_the_default() =>
        Assert.Null(await Soon(Source.Empty<string>().RunWith(Sink.LastOrDefault<string>(), Mat)));

    [Fact]
    public async Task Aggregate_folds() => Assert.Equal(10, await Soon(Numbers(1, 4).RunAggregate(0, (sum, n) => sum + n, Mat)));

    [Fact]
    public async Task Sum_folds_from_the_first() => Assert.Equal(24, await Soon(Numbers(1, 4).RunSum((a, b) => a * b, Mat)));

    [Fact]
    public async Task A_failure_fails_the_sinks_task() =>
        Assert.Same(Boom, await Failure(Source.Failed<int>(Boom).RunWith(Sink.Seq<int>(), Mat)));

    [Fact]
    public async Task Cancelled_cancels_at_once()
    {
        var up = new Upstream<int>();
        Source.FromPublisher(up).To(Sink.Cancelled<int>()).Run(Mat);
        await up.Cancelled;
    }

    [Fact]
    public async Task OnComplete_tells_of_success()
    {
        var told = new TaskCompletionSource();
        Numbers(1, 3).To(Sink.OnComplete<int>(told.SetResult, told.SetException)).Run(Mat);
        await Soon(told.Task);
    }

    [Fact]
    public async Task OnComplete_tells_of_failure()
    {
        var told = new TaskCompletionSource();
        Source.Failed<int>(Boom).To(Sink.OnComplete<int>(told.SetResult, told.SetException)).Run(Mat);
        Assert.Same(Boom, await Failure(told.Task));
    }

    [Fact]
    public async Task ContraMap_changes_elements_before_the_sink() =>
        Assert.Equal(["1", "2"], await Soon(Numbers(1, 2).RunWith(Sink.Seq<string>().ContraMap<int>(n => n.ToString()), Mat)));

    [Fact]
    public async Task Combine_leads_to_every_sink()
    {
        var one = new Downstream<int>();
        var two = new Downstream<int>();
        Numbers(1, 2).To(Sink.Combine(n => new Broadcast<int>(n), Sink.FromSubscriber(one), Sink.FromSubscriber(two))).Run(Mat);
        await one.Request(2);
        await two.Expect(1, 2);
        Assert.Equal(1, await one.Take());
        Assert.Equal(2, await one.Take());
        await one.ExpectComplete();
        await two.ExpectComplete();
    }

    [Fact]
    public async Task LazyInit_makes_the_sink_at_the_first_element_and_loses_none()
    {
        var value = await Soon(Numbers(1, 3).RunWith(Sink.LazyInitAsync(() => Task.FromResult(Sink.Seq<int>())), Mat));
        Assert.Equal([1, 2, 3], await Soon(value.Value));
    }

    [Fact]
    public async Task LazyInit_makes_no_sink_for_an_empty_stream()
    {
        var value = await Soon(Source.Empty<int>().RunWith(Sink.LazyInitAsync(() => Task.FromResult(Sink.Seq<int>())), Mat));
        Assert.False(value.HasValue);
    }

    [Fact]
    public async Task A_publisher_gives_the_streams_elements()
    {
        var publisher = Numbers(1, 3).RunWith(Sink.AsPublisher<int>(false), Mat);
        Assert.Equal([1, 2, 3], await All(Source.FromPublisher(publisher)));
    }

    [Fact]
    public async Task PreMaterialize_gives_the_value_before_the_rest_is_run()
    {
        var (queue, source) = Source.Queue<int>(4, OverflowStrategy.Backpressure).PreMaterialize(Mat);
        var all = All(source);
        await Soon(queue.OfferAsync(1));
        await Soon(queue.OfferAsync(2));
        queue.Complete();
        Assert.Equal([1, 2], await all);
    }

    [Fact]
    public async Task A_sink_can_be_materialized_before_its_source()
    {
        var (result, sink) = Sink.Seq<int>().PreMaterialize(Mat);
        Numbers(1, 3).To(sink).Run(Mat);
        Assert.Equal([1, 2, 3], await Soon(result));
    }
}
