using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

public class SubstreamTests : StreamTest
{
    private static Source<T, NotUsed> Merged<T, TClosed>(SubFlow<T, NotUsed, TClosed> substreams) =>
        (Source<T, NotUsed>)substreams.MergeSubstreams();

    private static Source<T, NotUsed> Concatenated<T, TClosed>(SubFlow<T, NotUsed, TClosed> substreams) =>
        (Source<T, NotUsed>)substreams.ConcatSubstream();

    [Fact]
    public async Task GroupBy_makes_a_substream_for_each_key()
    {
        var sums = Merged(Numbers(1, 9).GroupBy(3, n => n % 3).Aggregate(0, (sum, n) => sum + n));
        Assert.Equal([12, 15, 18], (await All(sums)).Order());
    }

    [Fact]
    public async Task GroupBy_keeps_the_order_within_a_key()
    {
        var groups = await All(Merged(Numbers(1, 100).GroupBy(4, n => n % 4).Grouped(1000)));
        Assert.Equal(4, groups.Count);
        Assert.All(groups, group => Assert.Equal(group.Order(), group));
    }

    [Fact]
    public async Task GroupBy_fails_with_too_many_keys() => Assert.IsType<TooManySubstreamsOpenException>(
        await Failure(Merged(Numbers(1, 9).GroupBy(2, n => n)).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task GroupBy_fails_its_substreams_when_it_fails()
    {
        var source = Numbers(1, 4).Select(n => n == 4 ? throw Boom : n);
        Assert.Same(Boom, await Failure(Merged(source.GroupBy(2, n => n % 2)).RunWith(Sink.Ignore<int>(), Mat)));
    }

    [Fact]
    public async Task Substreams_can_have_sinks_of_their_own()
    {
        var seen = new System.Collections.Concurrent.ConcurrentBag<int>();
        var all = new TaskCompletionSource();
        Numbers(1, 6).GroupBy(2, n => n % 2).To(Sink.ForEach<int>(n =>
        {
            seen.Add(n);
            if (seen.Count == 6) all.TrySetResult();
        })).Run(Mat);
        await Soon(all.Task);
        Assert.Equal([1, 2, 3, 4, 5, 6], seen.Order());
    }

    [Fact]
    public async Task SplitWhen_begins_a_substream_with_the_element_that_decides()
    {
        var groups = Concatenated(Numbers(1, 7).SplitWhen(n => n % 3 == 0).Grouped(100));
        Assert.Equal([[1, 2], [3, 4, 5], [6, 7]], await All(groups));
    }

    [Fact]
    public async Task SplitAfter_ends_a_substream_with_the_element_that_decides()
    {
        var groups = Concatenated(Numbers(1, 7).SplitAfter(n => n % 3 == 0).Grouped(100));
        Assert.Equal([[1, 2, 3], [4, 5, 6], [7]], await All(groups));
    }

    [Fact]
    public async Task ConcatMany_runs_one_source_after_the_other() => Assert.Equal([1, 1, 2, 2, 3, 3],
        await All(Numbers(1, 3).ConcatMany(n => Source.Repeat(n).Take(2))));

    [Fact]
    public async Task MergeMany_gives_everything_of_every_source() => Assert.Equal(Enumerable.Range(1, 100),
        (await All(Numbers(0, 9).MergeMany(4, n => Numbers(n * 10 + 1, n * 10 + 10)))).Order());

    [Fact]
    public async Task MergeMany_runs_no_more_sources_than_its_breadth()
    {
        var running = 0;
        var most = 0;
        var source = Numbers(1, 20).MergeMany(3, n =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            return Source.Single(n).SelectAsync(1, async x =>
            {
                await Task.Yield();
                Interlocked.Decrement(ref running);
                return x;
            });
        });
        Assert.Equal(20, (await All(source)).Count);
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task An_inner_failure_fails_the_whole() => Assert.Same(Boom,
        await Failure(Numbers(1, 3).ConcatMany(n => n == 2 ? Source.Failed<int>(Boom) : Source.Single(n)).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task Cancelling_the_whole_cancels_the_inner_source()
    {
        var inner = new Upstream<int>();
        var down = Drain(Source.Single(1).ConcatMany(_ => Source.FromPublisher(inner)));
        await down.Request(1);
        await inner.Send(5);
        Assert.Equal(5, await down.Take());
        await down.Cancel();
        await inner.Cancelled;
    }

    [Fact]
    public async Task PrefixAndTail_gives_the_first_elements_and_a_source_of_the_rest()
    {
        var (prefix, tail) = await Soon(Numbers(1, 5).PrefixAndTail(2).RunWith(Sink.First<(System.Collections.Immutable.IImmutableList<int>,
            Source<int, NotUsed>)>(), Mat));
        Assert.Equal([1, 2], prefix);
        Assert.Equal([3, 4, 5], await All(tail));
    }

    [Fact]
    public async Task PrefixAndTail_of_a_short_stream_has_an_empty_tail()
    {
        var (prefix, tail) = await Soon(Numbers(1, 1).PrefixAndTail(2).RunWith(Sink.First<(System.Collections.Immutable.IImmutableList<int>,
            Source<int, NotUsed>)>(), Mat));
        Assert.Equal([1], prefix);
        Assert.Empty(await All(tail));
    }

    [Theory]
    [InlineData("GroupBy")]
    [InlineData("PrefixAndTail")]
    [InlineData("ConcatMany")]
    [InlineData("MergeMany")]
    public async Task Cancelling_the_whole_with_a_substream_open_cancels_upstream(string name)
    {
        var flow = Flow.Create<int>();
        var (up, down) = Drive(name switch
        {
            "GroupBy" => (Flow<int, int, NotUsed>)flow.GroupBy(10, n => n).MergeSubstreams(),
            "PrefixAndTail" => flow.PrefixAndTail(0).ConcatMany(pair => pair.Item2),
            "ConcatMany" => flow.ConcatMany(n => Source.Repeat(n)),
            _ => flow.MergeMany(2, n => Source.Repeat(n)),
        });
        await down.Request(1);
        await up.Send(1);
        Assert.Equal(1, await down.Take());
        await down.Cancel();
        await up.Cancelled;
    }
}
