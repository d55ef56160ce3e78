using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

public class QueueTests : StreamTest
{
    private (ISourceQueueWithComplete<int> Queue, Downstream<int> Down) Start(int size, OverflowStrategy strategy)
    {
        var down = new Downstream<int>();
        return (Source.Queue<int>(size, strategy).To(Sink.FromSubscriber(down)).Run(Mat), down);
    }

    private static async Task Offer(ISourceQueueWithComplete<int> queue, params int[] elements)
    {
        foreach (var element in elements) Assert.IsType<QueueOfferResult.Enqueued>(await Soon(queue.OfferAsync(element)));
    }

    [Fact]
    public async Task Offered_elements_come_in_order()
    {
        var (queue, down) = Start(4, OverflowStrategy.Backpressure);
        await Offer(queue, 1, 2, 3);
        await down.Expect(1, 2, 3);
    }

    [Fact]
    public async Task Completion_comes_after_what_is_buffered()
    {
        var (queue, down) = Start(4, OverflowStrategy.Backpressure);
        await Offer(queue, 1, 2);
        queue.Complete();
        await down.Expect(1, 2);
        await down.ExpectComplete();
        await Soon(queue.WatchCompletionAsync());
    }

    [Fact]
    public async Task Failure_comes_at_once()
    {
        var (queue, down) = Start(4, OverflowStrategy.Backpressure);
        await Offer(queue, 1, 2);
        queue.Fail(Boom);
        Assert.Same(Boom, await down.ExpectError());
        Assert.Same(Boom, await Failure(queue.WatchCompletionAsync()));
    }

    [Fact]
    public async Task Backpressure_lets_one_offer_wait()
    {
        var (queue, down) = Start(1, OverflowStrategy.Backpressure);
        await Offer(queue, 1);
        var waiting = queue.OfferAsync(2);
        // Answered after the offer before it was looked at.
        Assert.NotNull(await Failure(queue.OfferAsync(3)));
        Assert.False(waiting.IsCompleted);
        await down.Expect(1);
        Assert.IsType<QueueOfferResult.Enqueued>(await Soon(waiting));
        await down.Expect(2);
    }

    [Fact]
    public async Task DropHead_drops_the_oldest()
    {
        var (queue, down) = Start(2, OverflowStrategy.DropHead);
        await Offer(queue, 1, 2, 3);
        await down.Expect(2, 3);
    }

    [Fact]
    public async Task DropTail_drops_the_youngest()
    {
        var (queue, down) = Start(2, OverflowStrategy.DropTail);
        await Offer(queue, 1, 2, 3);
        await down.Expect(1, 3);
    }

    [Fact]
    public async Task DropBuffer_drops_everything()
    {
        var (queue, down) = Start(2, OverflowStrategy.DropBuffer);
        await Offer(queue, 1, 2, 3);
        await down.Expect(3);
    }

    [Fact]
    public async Task DropNew_drops_the_new_one()
    {
        var (queue, down) = Start(2, OverflowStrategy.DropNew);
        await Offer(queue, 1, 2);
        Assert.IsType<QueueOfferResult.Dropped>(await Soon(queue.OfferAsync(3)));
        await down.Expect(1, 2);
    }

    [Fact]
    public async Task Fail_fails_the_stream()
    {
        var (queue, down) = Start(1, OverflowStrategy.Fail);
        await Offer(queue, 1);
        Assert.IsType<BufferOverflowException>(Assert.IsType<QueueOfferResult.Failure>(await Soon(queue.OfferAsync(2))).Cause);
        Assert.IsType<BufferOverflowException>(await down.ExpectError());
    }

    [Fact]
    public async Task Cancellation_closes_the_queue()
    {
        var (queue, down) = Start(1, OverflowStrategy.Backpressure);
        await Offer(queue, 1);
        var waiting = queue.OfferAsync(2);
        await down.Cancel();
        await Soon(queue.WatchCompletionAsync());
        Assert.IsType<QueueOfferResult.QueueClosed>(await Soon(waiting));
    }

    [Fact]
    public async Task An_offer_after_the_end_fails()
    {
        var (queue, down) = Start(1, OverflowStrategy.Backpressure);
        queue.Complete();
        await down.ExpectComplete();
        await Soon(queue.WatchCompletionAsync());
        Assert.IsType<StreamDetachedException>(await Failure(queue.OfferAsync(1)));
    }

    [Fact]
    public async Task A_queue_without_buffer_hands_over_to_demand()
    {
        var (queue, down) = Start(0, OverflowStrategy.Backpressure);
        var offer = queue.OfferAsync(1);
        await down.Expect(1);
        Assert.IsType<QueueOfferResult.Enqueued>(await Soon(offer));
    }

    [Fact]
    public async Task A_sink_queue_gives_elements_one_by_one_and_then_none()
    {
        var queue = Numbers(1, 2).RunWith(Sink.Queue<int>(), Mat);
        Assert.Equal(1, (await Soon(queue.PullAsync())).Value);
        Assert.Equal(2, (await Soon(queue.PullAsync())).Value);
        Assert.False((await Soon(queue.PullAsync())).HasValue);
    }

    [Fact]
    public async Task A_sink_queue_fails_with_the_stream()
    {
        var queue = Source.Failed<int>(Boom).RunWith(Sink.Queue<int>(), Mat);
        Assert.Same(Boom, await Failure(queue.PullAsync()));
    }

    [Fact]
    public async Task A_sink_queue_fetches_no_more_than_its_buffer_holds()
    {
        var up = new Upstream<int>();
        var taken = 0;
        var queue = Source.FromPublisher(up).Select(n => Interlocked.Exchange(ref taken, n))
            .ToMaterialized(Sink.Queue<int>().WithAttributes(Attributes.CreateInputBuffer(2, 2)), Keep.Right).Run(Mat);
        await up.Send(1, 2, 3, 4, 5);
        await Soon(queue.PullAsync());
        await Soon(queue.PullAsync());
        Assert.InRange(taken, 2, 4);
    }

    [Fact]
    public async Task A_sink_queue_takes_one_pull_at_a_time()
    {
        var up = new Upstream<int>();
        var queue = Source.FromPublisher(up).RunWith(Sink.Queue<int>(), Mat);
        var first = queue.PullAsync();
        Assert.NotNull(await Failure(queue.PullAsync()));
        await up.Send(1);
        Assert.Equal(1, (await Soon(first)).Value);
    }
}
