using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

public class SwitchAndHubTests : StreamTest
{
    private (Upstream<int> Up, UniqueKillSwitch Switch, Downstream<int> Down) Killable()
    {
        var up = new Upstream<int>();
        var down = new Downstream<int>();
        var killSwitch = Source.FromPublisher(up).ViaMaterialized(KillSwitches.Single<int>(), Keep.Right).To(Sink.FromSubscriber(down)).Run(Mat);
        return (up, killSwitch, down);
    }

    private static Exception Root(Exception e) => e.InnerException ?? e;

    [Fact]
    public async Task Shutdown_completes_downstream_and_cancels_upstream()
    {
        var (up, killSwitch, down) = Killable();
        await down.Request(1);
        await up.Send(1);
        Assert.Equal(1, await down.Take());
        killSwitch.Shutdown();
        await down.ExpectComplete();
        await up.Cancelled;
    }

    [Fact]
    public async Task Abort_fails_downstream_and_cancels_upstream()
    {
        var (up, killSwitch, down) = Killable();
        killSwitch.Abort(Boom);
        Assert.Same(Boom, Root(await down.ExpectError()));
        await up.Cancelled;
    }

    [Fact]
    public async Task Only_the_first_use_of_a_switch_counts()
    {
        var (_, killSwitch, down) = Killable();
        killSwitch.Shutdown();
        killSwitch.Abort(Boom);
        await down.ExpectComplete();
    }

    [Fact]
    public async Task A_shared_switch_ends_every_stream_it_is_in()
    {
        var killSwitch = KillSwitches.Shared("all");
        var one = Drain(Source.Never<int>().Via(killSwitch.Flow<int>()));
        var two = Drain(Source.Never<string>().Via(killSwitch.Flow<string>()));
        killSwitch.Shutdown();
        await one.ExpectComplete();
        await two.ExpectComplete();
    }

    [Fact]
    public async Task A_shared_switch_ends_streams_that_are_run_after_its_use()
    {
        var killSwitch = KillSwitches.Shared("used");
        killSwitch.Abort(Boom);
        Assert.Same(Boom, Root(await Drain(Source.Never<int>().Via(killSwitch.Flow<int>())).ExpectError()));
    }

    [Fact]
    public async Task A_cancelled_token_fails_its_flow()
    {
        using var cancellation = new CancellationTokenSource();
        var down = Drain(Source.Never<int>().Via(cancellation.Token.AsFlow<int>()));
        await cancellation.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(await down.ExpectError());
    }

    [Fact]
    public async Task A_cancelled_token_completes_its_flow_if_told_to_be_graceful()
    {
        using var cancellation = new CancellationTokenSource();
        var down = Drain(Source.Never<int>().Via(cancellation.Token.AsFlow<int>(cancelGracefully: true)));
        await cancellation.CancelAsync();
        await down.ExpectComplete();
    }

    [Fact]
    public async Task A_merge_hub_gathers_what_its_producers_send()
    {
        var (sink, result) = MergeHub.Source<int>(4).Take(20).ToMaterialized(Sink.Seq<int>(), Keep.Both).Run(Mat);
        Numbers(1, 10).RunWith(sink, Mat);
        Numbers(11, 20).RunWith(sink, Mat);
        Assert.Equal(Enumerable.Range(1, 20), (await Soon(result)).Order());
    }

    [Fact]
    public async Task A_merge_hub_keeps_the_order_of_each_producer()
    {
        var (sink, result) = MergeHub.Source<int>(1).Take(1000).ToMaterialized(Sink.Seq<int>(), Keep.Both).Run(Mat);
        Numbers(1, 1000).RunWith(sink, Mat);
        Assert.Equal(Enumerable.Range(1, 1000), await Soon(result));
    }

    [Fact]
    public async Task A_merge_hub_goes_on_when_producers_complete_and_fail()
    {
        var down = new Downstream<int>();
        var sink = MergeHub.Source<int>(4).To(Sink.FromSubscriber(down)).Run(Mat);
        Source.Failed<int>(Boom).RunWith(sink, Mat);
        Source.Empty<int>().RunWith(sink, Mat);
        Source.Single(7).RunWith(sink, Mat);
        await down.Expect(7);
    }

    [Fact]
    public async Task A_merge_hub_cancels_its_producers_when_it_ends()
    {
        var up = new Upstream<int>();
        var down = new Downstream<int>();
        var sink = MergeHub.Source<int>(4).To(Sink.FromSubscriber(down)).Run(Mat);
        Source.FromPublisher(up).RunWith(sink, Mat);
        await up.Send(1);
        await down.Expect(1);
        await down.Cancel();
        await up.Cancelled;
    }

    [Fact]
    public async Task A_broadcast_hub_gives_everything_to_every_consumer()
    {
        var up = new Upstream<int>();
        var source = Source.FromPublisher(up).RunWith(BroadcastHub.Sink<int>(8), Mat);
        var one = Drain(source);
        var two = Drain(source);
        await one.Request(4);
        await two.Request(4);
        await up.Send(1);
        // Both have joined once they have seen the first.
        Assert.Equal(1, await one.Take());
        await up.Send(2, 3);
        await up.Complete();
        Assert.Equal(2, await one.Take());
        Assert.Equal(3, await one.Take());
        await one.ExpectComplete();
    }

    [Fact]
    public async Task A_broadcast_hub_keeps_elements_for_its_first_consumer()
    {
        var up = new Upstream<int>();
        var source = Source.FromPublisher(up).RunWith(BroadcastHub.Sink<int>(8), Mat);
        await up.Send(1, 2, 3);
        var down = Drain(source);
        await down.Expect(1, 2, 3);
    }

    [Fact]
    public async Task A_broadcast_hub_completes_its_consumers()
    {
        var up = new Upstream<int>();
        var source = Source.FromPublisher(up).RunWith(BroadcastHub.Sink<int>(8), Mat);
        var down = Drain(source);
        await up.Send(1);
        await down.Expect(1);
        await up.Complete();
        await down.Request(1);
        await down.ExpectComplete();
    }

    [Fact]
    public async Task A_broadcast_hub_fails_its_consumers_also_late_ones()
    {
        var up = new Upstream<int>();
        var source = Source.FromPublisher(up).RunWith(BroadcastHub.Sink<int>(8), Mat);
        var down = Drain(source);
        await up.Send(1);
        await down.Expect(1);
        await up.Fail(Boom);
        Assert.Same(Boom, await down.ExpectError());
        Assert.Same(Boom, await Drain(source).ExpectError());
    }

    [Fact]
    public async Task A_partition_hub_sends_elements_where_the_function_says()
    {
        var up = new Upstream<int>();
        var source = Source.FromPublisher(up).RunWith(PartitionHub.Sink<int>((size, n) => n % size, 2, 8), Mat);
        var both = new[] { Drain(source), Drain(source) };
        foreach (var down in both) await down.Request(2);
        await up.Send(1, 2, 3, 4);
        var rows = new List<int[]>();
        foreach (var down in both) rows.Add([await down.Take(), await down.Take()]);
        Assert.Equal([[1, 3], [2, 4]], rows.OrderBy(r => r[0]));
    }

    [Fact]
    public async Task A_partition_hub_completes_its_consumers()
    {
        var up = new Upstream<int>();
        var source = Source.FromPublisher(up).RunWith(PartitionHub.Sink<int>((_, _) => 0, 1, 8), Mat);
        var down = Drain(source);
        await up.Send(1);
        await up.Complete();
        await down.Expect(1);
        await down.Request(1);
        await down.ExpectComplete();
    }

    [Fact]
    public async Task A_late_consumer_of_a_broadcast_hub_gets_what_comes_after_it_joined()
    {
        var (up, hub) = Broadcasting(8);
        var early = Drain(hub);
        await early.Request(2);
        await up.Send(1);
        Assert.Equal(1, await early.Take());
        var late = Drain(hub);
        await late.Request(1000);
        // The late one may have joined before or after 2; from then on it misses nothing.
        await up.Send(2);
        Assert.Equal(2, await early.Take());
        await early.Request(100);
        var next = 3;
        var first = late.Take();
        while (!first.IsCompleted && next < 100)
        {
            await up.Send(next);
            Assert.Equal(next++, await early.Take());
        }

        Assert.InRange(await first, 2, next);
        await up.Complete();
        await early.ExpectComplete();
        for (var n = await first + 1; n < next; n++)
            Assert.Equal(n, await late.Take());
        await late.ExpectComplete();
    }

    [Fact]
    public async Task A_broadcast_hub_is_as_slow_as_its_slowest_consumer()
    {
        var sent = 0;
        var (killSwitch, hub) = Source.UnfoldInfinite(0, n =>
        {
            Interlocked.Increment(ref sent);
            return (n + 1, n);
        }).ViaMaterialized(KillSwitches.Single<int>(), Keep.Right).ToMaterialized(BroadcastHub.Sink<int>(8), Keep.Both).Run(Mat);
        var slow = Drain(hub);
        var fast = Drain(hub);
        await slow.Request(1);
        var start = await slow.Take();
        await fast.Request(1000);
        for (var n = 0; n < 4; n++)
            await fast.Take();
        killSwitch.Shutdown();
        Assert.InRange(sent, 1, start + 1 + 2 * 8 + 32);
        await slow.Cancel();
        await fast.Cancel();
    }

    [Fact]
    public async Task A_broadcast_hub_without_consumers_takes_no_more_than_its_buffer()
    {
        var sent = 0;
        var (ended, hub) = Source.UnfoldInfinite(0, n =>
        {
            Interlocked.Increment(ref sent);
            return (n + 1, n);
        }).WatchTermination(Keep.Right).ToMaterialized(BroadcastHub.Sink<int>(8), Keep.Both).Run(Mat);
        var one = Drain(hub);
        await one.Request(4);
        for (var n = 0; n < 4; n++)
            Assert.Equal(n, await one.Take());
        await one.Cancel();
        Mat.Shutdown();
        await Soon(Task.WhenAny(ended));
        Assert.InRange(sent, 4, 4 + 2 * 8);
    }

    [Fact]
    public async Task A_merge_hub_takes_producers_that_come_late()
    {
        var down = new Downstream<int>();
        var hub = MergeHub.Source<int>(4).To(Sink.FromSubscriber(down)).Run(Mat);
        await down.Request(3);
        Source.Single(1).RunWith(hub, Mat);
        Assert.Equal(1, await down.Take());
        Source.Single(2).RunWith(hub, Mat);
        Assert.Equal(2, await down.Take());
        var up = new Upstream<int>();
        Source.FromPublisher(up).RunWith(hub, Mat);
        await up.Send(3);
        Assert.Equal(3, await down.Take());
        await down.Cancel();
        await up.Cancelled;
    }

    [Fact]
    public async Task A_merge_hub_holds_a_producer_back_at_its_buffer()
    {
        var sent = 0;
        var down = new Downstream<int>();
        var hub = MergeHub.Source<int>(4).To(Sink.FromSubscriber(down)).Run(Mat);
        var ended = Source.UnfoldInfinite(0, n =>
        {
            Interlocked.Increment(ref sent);
            return (n + 1, n);
        }).WatchTermination(Keep.Right).To(hub).Run(Mat);
        await down.Expect(0, 1);
        await down.Cancel();
        await Soon(Task.WhenAny(ended));
        Assert.InRange(sent, 2, 2 + 2 * 4);
    }

    [Fact]
    public async Task A_partition_hub_goes_on_without_a_consumer_that_has_left()
    {
        var up = new Upstream<int>();
        var hub = Source.FromPublisher(up).RunWith(PartitionHub.Sink<int>((size, n) => n % size, startAfterNrOfConsumers: 2, bufferSize: 8), Mat);
        var one = Drain(hub);
        var two = Drain(hub);
        await one.Request(10);
        // Enough for whatever is sent until the test has noticed that it may stop.
        await two.Request(1_000_000);
        await up.Send(0, 1);
        await one.Take();
        await two.Take();
        await one.Cancel();
        // What is on its way to the one that leaves may be lost with it, and nothing after that.
        var next = 10;
        var after = two.Take();
        while (!after.IsCompleted)
            await up.Send(next++);
        Assert.InRange(await after, 10, next);
        await two.Cancel();
    }

    private (Upstream<int> Up, Source<int, NotUsed> Hub) Broadcasting(int buffer)
    {
        var up = new Upstream<int>();
        return (up, Source.FromPublisher(up).RunWith(BroadcastHub.Sink<int>(buffer), Mat));
    }
}
