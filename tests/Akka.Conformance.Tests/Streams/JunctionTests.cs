using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

public class JunctionTests : StreamTest
{
    [Fact]
    public async Task Merge_gives_everything_of_both() =>
        Assert.Equal([1, 2, 3, 4], (await All(Numbers(1, 2).Merge(Numbers(3, 4)))).Order());

    [Fact]
    public async Task Merge_completes_when_all_inputs_have()
    {
        var one = new Upstream<int>();
        var two = new Upstream<int>();
        var down = Drain(Source.FromPublisher(one).Merge(Source.FromPublisher(two)));
        await down.Request(10);
        await one.Send(1);
        await one.Complete();
        Assert.Equal(1, await down.Take());
        await two.Send(2);
        Assert.Equal(2, await down.Take());
        await two.Complete();
        await down.ExpectComplete();
    }

    [Fact]
    public async Task An_eager_merge_completes_with_the_first_input()
    {
        var one = new Upstream<int>();
        var two = new Upstream<int>();
        var down = Drain(Source.FromPublisher(one).Merge(Source.FromPublisher(two), eagerComplete: true));
        await down.Request(10);
        await one.Complete();
        await down.ExpectComplete();
        await two.Cancelled;
    }

    [Fact]
    public async Task Merge_fails_with_any_input_and_cancels_the_others()
    {
        var one = new Upstream<int>();
        var two = new Upstream<int>();
        var down = Drain(Source.FromPublisher(one).Merge(Source.FromPublisher(two)));
        await one.Fail(Boom);
        Assert.Same(Boom, await down.ExpectError());
        await two.Cancelled;
    }

    [Fact]
    public async Task MergePreferred_takes_from_the_preferred_input_first()
    {
        var graph = Source.FromGraph(GraphDsl.Create(builder =>
        {
            var merge = builder.Add(new MergePreferred<int>(1));
            builder.From(builder.Add(Source.Repeat(1).Take(3))).To(merge.Preferred);
            builder.From(builder.Add(Source.Repeat(2).Take(3))).To(merge.In(0));
            return new SourceShape<int>(merge.Out);
        }));
        Assert.Equal([1, 1, 1, 2, 2, 2], (await All(graph)).Order());
    }

    [Fact]
    public async Task MergePrioritized_loses_nothing()
    {
        var graph = Source.FromGraph(GraphDsl.Create(builder =>
        {
            var merge = builder.Add(new MergePrioritized<int>([1, 5]));
            builder.From(builder.Add(Numbers(1, 50))).To(merge.In(0));
            builder.From(builder.Add(Numbers(51, 100))).To(merge.In(1));
            return new SourceShape<int>(merge.Out);
        }));
        Assert.Equal(Enumerable.Range(1, 100), (await All(graph)).Order());
    }

    [Fact]
    public async Task MergeSorted_keeps_the_order() => Assert.Equal([1, 2, 3, 4, 5, 6, 7],
        await All(Source.From([1, 4, 5]).MergeSorted(Source.From([2, 3, 6, 7]))));

    [Fact]
    public async Task Concat_gives_one_after_the_other() => Assert.Equal([1, 2, 3, 4], await All(Numbers(1, 2).Concat(Numbers(3, 4))));

    [Fact]
    public async Task Prepend_gives_the_other_first() => Assert.Equal([3, 4, 1, 2], await All(Numbers(1, 2).Prepend(Numbers(3, 4))));

    [Fact]
    public async Task Concat_asks_the_second_for_one_element_ahead_and_no_more()
    {
        var asked = 0;
        var first = new Upstream<int>();
        var down = Drain(Source.FromPublisher(first).Concat(Source.UnfoldInfinite(0, n => (n, asked++))));
        await down.Request(1);
        await first.Send(1);
        Assert.Equal(1, await down.Take());
        Assert.Equal(1, asked);
        await first.Complete();
        await down.Expect(0);
    }

    [Fact]
    public async Task OrElse_keeps_to_a_primary_with_elements()
    {
        var second = new Upstream<int>();
        Assert.Equal([1, 2], await All(Numbers(1, 2).OrElse(Source.FromPublisher(second))));
        await second.Cancelled;
    }

    [Fact]
    public async Task OrElse_takes_the_secondary_of_an_empty_primary() =>
        Assert.Equal([3, 4], await All(Source.Empty<int>().OrElse(Numbers(3, 4))));

    [Fact]
    public async Task Interleave_takes_turns() =>
        Assert.Equal([1, 2, 10, 11, 3, 4, 12], await All(Numbers(1, 4).Interleave(Numbers(10, 12), 2)));

    [Fact]
    public async Task Interleave_goes_on_with_the_longer_one() =>
        Assert.Equal([1, 10, 11, 12], await All(Numbers(1, 1).Interleave(Numbers(10, 12), 1)));

    [Fact]
    public async Task Zip_pairs_and_completes_with_the_shorter_one() =>
        Assert.Equal([(1, "a"), (2, "b")], await All(Numbers(1, 9).Zip(Source.From(["a", "b"]))));

    [Fact]
    public async Task ZipWith_combines() => Assert.Equal([11, 22], await All(Numbers(1, 2).ZipWith(Source.From([10, 20]), (a, b) => a + b)));

    [Fact]
    public async Task Unzip_gives_the_parts_to_two_outputs()
    {
        var numbers = new Downstream<int>();
        var words = new Downstream<string>();
        RunnableGraph.FromGraph(GraphDsl.Create(builder =>
        {
            var unzip = builder.Add(new UnZip<int, string>());
            builder.From(builder.Add(Source.From(new Dictionary<int, string> { [1] = "a" }))).To(unzip.In);
            builder.From(unzip.Out0).To(builder.Add(Sink.FromSubscriber(numbers)));
            builder.From(unzip.Out1).To(builder.Add(Sink.FromSubscriber(words)));
            return ClosedShape.Instance;
        })).Run(Mat);
        await numbers.Request(1);
        await words.Expect("a");
        Assert.Equal(1, await numbers.Take());
        await numbers.ExpectComplete();
    }

    private (Upstream<int> Up, Downstream<int> One, Downstream<int> Two) Split(IGraph<UniformFanOutShape<int, int>, NotUsed> junction)
    {
        var up = new Upstream<int>();
        var one = new Downstream<int>();
        var two = new Downstream<int>();
        RunnableGraph.FromGraph(GraphDsl.Create(builder =>
        {
            var split = builder.Add(junction);
            builder.From(builder.Add(Source.FromPublisher(up))).To(split.In);
            builder.From(split.Out(0)).To(builder.Add(Sink.FromSubscriber(one)));
            builder.From(split.Out(1)).To(builder.Add(Sink.FromSubscriber(two)));
            return ClosedShape.Instance;
        })).Run(Mat);
        return (up, one, two);
    }

    [Fact]
    public async Task Broadcast_gives_every_element_to_every_output()
    {
        var (up, one, two) = Split(new Broadcast<int>(2));
        await up.Send(1, 2);
        await up.Complete();
        await one.Request(2);
        await two.Expect(1, 2);
        Assert.Equal(1, await one.Take());
        Assert.Equal(2, await one.Take());
        await one.ExpectComplete();
        await two.ExpectComplete();
    }

    [Fact]
    public async Task Broadcast_goes_on_for_the_others_when_one_output_cancels()
    {
        var (up, one, two) = Split(new Broadcast<int>(2));
        await one.Cancel();
        await up.Send(1, 2);
        await two.Expect(1, 2);
        await two.Cancel();
        await up.Cancelled;
    }

    [Fact]
    public async Task An_eager_broadcast_ends_when_one_output_cancels()
    {
        var (up, one, two) = Split(new Broadcast<int>(2, eagerCancel: true));
        await one.Cancel();
        await two.ExpectComplete();
        await up.Cancelled;
    }

    [Fact]
    public async Task Balance_gives_each_element_to_one_output()
    {
        var (up, one, two) = Split(new Balance<int>(2));
        await up.Send(1, 2, 3, 4);
        await one.Expect(1, 2);
        await two.Expect(3, 4);
    }

    [Fact]
    public async Task Partition_sends_elements_where_the_function_says()
    {
        var (up, odd, even) = Split(new Partition<int>(2, n => n % 2 == 0 ? 1 : 0));
        await up.Send(1, 2, 3, 4);
        await up.Complete();
        await odd.Request(2);
        await even.Expect(2, 4);
        Assert.Equal(1, await odd.Take());
        Assert.Equal(3, await odd.Take());
        await odd.ExpectComplete();
        await even.ExpectComplete();
    }

    [Fact]
    public async Task Partition_fails_on_an_output_that_does_not_exist()
    {
        var (up, one, two) = Split(new Partition<int>(2, _ => 2));
        await one.Request(1);
        await up.Send(1);
        Assert.IsType<PartitionOutOfBoundsException>(await one.ExpectError());
        Assert.IsType<PartitionOutOfBoundsException>(await two.ExpectError());
    }

    [Fact]
    public async Task DivertTo_sends_what_is_accepted_to_the_sink()
    {
        var (odd, even) = Numbers(1, 6).DivertToMaterialized(Sink.Seq<int>(), n => n % 2 == 0, Keep.Right)
            .ToMaterialized(Sink.Seq<int>(), (diverted, rest) => (rest, diverted)).Run(Mat);
        Assert.Equal([1, 3, 5], await Soon(odd));
        Assert.Equal([2, 4, 6], await Soon(even));
    }

    [Fact]
    public async Task AlsoTo_sends_every_element_to_both()
    {
        var (also, main) = Numbers(1, 3).AlsoToMaterialized(Sink.Seq<int>(), Keep.Right).ToMaterialized(Sink.Seq<int>(), Keep.Both).Run(Mat);
        Assert.Equal([1, 2, 3], await Soon(also));
        Assert.Equal([1, 2, 3], await Soon(main));
    }

    [Fact]
    public async Task WireTap_does_not_slow_the_stream_down()
    {
        var tap = new Downstream<int>();
        // The tap never asks.
        Assert.Equal(Enumerable.Range(1, 1000), await All(Numbers(1, 1000).WireTap(Sink.FromSubscriber(tap))));
    }

    [Fact]
    public async Task Elements_go_round_a_cycle()
    {
        var result = new Downstream<int>();
        RunnableGraph.FromGraph(GraphDsl.Create(builder =>
        {
            var merge = builder.Add(new Merge<int>(2));
            var broadcast = builder.Add(new Broadcast<int>(2));
            var back = builder.Add(Flow.Create<int>().Buffer(4, OverflowStrategy.DropHead).Select(n => n * 2));
            builder.From(builder.Add(Source.Single(1))).To(merge.In(0));
            builder.From(merge.Out).To(broadcast.In);
            builder.From(broadcast.Out(0)).To(builder.Add(Flow.Create<int>().TakeWhile(n => n < 100).To(Sink.FromSubscriber(result))));
            builder.From(broadcast.Out(1)).To(back.Inlet);
            builder.From(back.Outlet).To(merge.In(1));
            return ClosedShape.Instance;
        })).Run(Mat);
        await result.Expect(1, 2, 4, 8, 16, 32, 64);
        await result.Cancel();
    }
}
