using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

public class RateTests : StreamTest
{
    [Theory]
    [InlineData(OverflowStrategy.DropHead, new[] { 3, 4 })]
    [InlineData(OverflowStrategy.DropTail, new[] { 1, 4 })]
    [InlineData(OverflowStrategy.DropBuffer, new[] { 3, 4 })]
    [InlineData(OverflowStrategy.DropNew, new[] { 1, 2 })]
    [InlineData(OverflowStrategy.Backpressure, new[] { 1, 2, 3, 4 })]
    public async Task A_full_buffer_does_what_its_strategy_says(OverflowStrategy strategy, int[] expected)
    {
        var (up, down) = Drive(Flow.Create<int>().Buffer(2, strategy));
        await up.Send(1, 2, 3, 4);
        await up.Complete();
        await down.Request(expected.Length);
        foreach (var element in expected) Assert.Equal(element, await down.Take());
        await down.ExpectComplete();
    }

    [Fact]
    public async Task A_full_buffer_fails_if_told_so()
    {
        var (up, down) = Drive(Flow.Create<int>().Buffer(2, OverflowStrategy.Fail));
        await up.Send(1, 2, 3);
        Assert.IsType<BufferOverflowException>(await down.ExpectError());
        await up.Cancelled;
    }

    [Fact]
    public async Task Conflate_folds_what_comes_while_downstream_is_busy()
    {
        var (up, down) = Drive(Flow.Create<int>().Conflate((a, b) => a + b));
        await up.Send([.. Enumerable.Range(1, 100)]);
        await up.Complete();
        await down.Expect(5050);
        await down.ExpectComplete();
    }

    [Fact]
    public async Task ConflateWithSeed_turns_the_first_element_into_a_seed()
    {
        var (up, down) = Drive(Flow.Create<int>().ConflateWithSeed(n => new List<int> { n }, (list, n) =>
        {
            list.Add(n);
            return list;
        }));
        await up.Send(1, 2, 3);
        await up.Complete();
        await down.Request(1);
        Assert.Equal([1, 2, 3], await down.Take());
        await down.ExpectComplete();
    }

    [Fact]
    public async Task Batch_folds_up_to_its_limit_and_then_waits()
    {
        var (up, down) = Drive(Flow.Create<int>().Batch(3, n => n.ToString(), (s, n) => s + n));
        await up.Send(1, 2, 3, 4, 5);
        await up.Complete();
        await down.Expect("123");
        await down.Expect("45");
        await down.ExpectComplete();
    }

    [Fact]
    public async Task BatchWeighted_folds_up_to_a_cost()
    {
        var (up, down) = Drive(Flow.Create<string>().BatchWeighted(4, s => s.Length, s => s, (a, b) => a + b));
        await up.Send("aa", "bb", "ccc", "d");
        await up.Complete();
        await down.Expect("aabb");
        await down.Expect("cccd");
        await down.ExpectComplete();
    }

    [Fact]
    public async Task Expand_answers_demand_from_the_latest_element()
    {
        var (up, down) = Drive(Flow.Create<int>().Expand(n => Enumerable.Repeat(n, int.MaxValue).GetEnumerator()));
        await down.Request(3);
        await up.Send(1);
        for (var i = 0; i < 3; i++) Assert.Equal(1, await down.Take());
        await down.Cancel();
        await up.Cancelled;
    }

    [Fact]
    public async Task SelectAsync_keeps_the_order_of_its_elements()
    {
        var promises = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource<int>()).ToArray();
        var result = All(Source.From(promises).SelectAsync(3, p => p.Task));
        promises[2].SetResult(3);
        promises[1].SetResult(2);
        promises[0].SetResult(1);
        Assert.Equal([1, 2, 3], await result);
    }

    [Fact]
    public async Task SelectAsyncUnordered_gives_results_as_they_come()
    {
        var promises = Enumerable.Range(0, 2).Select(_ => new TaskCompletionSource<int>()).ToArray();
        var down = Drain(Source.From(promises).SelectAsyncUnordered(2, p => p.Task));
        await down.Request(3);
        promises[1].SetResult(2);
        Assert.Equal(2, await down.Take());
        promises[0].SetResult(1);
        Assert.Equal(1, await down.Take());
        await down.ExpectComplete();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_more_tasks_run_than_allowed(bool ordered)
    {
        var running = 0;
        var tooMany = false;

        async Task<int> Work(int n)
        {
            if (Interlocked.Increment(ref running) > 4) tooMany = true;
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return n;
        }

        var source = Numbers(1, 1000);
        var result = await All(ordered ? source.SelectAsync(4, Work) : source.SelectAsyncUnordered(4, Work));
        Assert.Equal(Enumerable.Range(1, 1000), result.Order());
        Assert.False(tooMany);
    }

    [Fact]
    public async Task SelectAsync_starts_its_tasks_before_there_is_demand()
    {
        var started = 0;
        var all = new TaskCompletionSource();
        var down = Drain(Numbers(1, 100).SelectAsync(4, n =>
        {
            if (Interlocked.Increment(ref started) == 4) all.SetResult();
            return new TaskCompletionSource<int>().Task;
        }));
        await down.Request(1);
        await Soon(all.Task);
        await down.Cancel();
        Assert.Equal(4, started);
    }

    [Fact]
    public async Task SelectAsync_fails_with_the_first_failing_task()
    {
        var never = new TaskCompletionSource<int>();
        var failing = Numbers(1, 2).SelectAsync(2, n => n == 1 ? never.Task : Task.FromException<int>(Boom));
        var thrown = await Failure(failing.RunWith(Sink.Ignore<int>(), Mat));
        Assert.Same(Boom, thrown.InnerException ?? thrown);
    }

    [Fact]
    public async Task SelectAsync_drops_failing_tasks_on_resume()
    {
        var source = Numbers(1, 5).SelectAsync(2, n => n == 3 ? Task.FromException<int>(Boom) : Task.FromResult(n))
            .WithAttributes(ActorAttributes.CreateSupervisionStrategy(Akka.Streams.Supervision.Deciders.ResumingDecider));
        Assert.Equal([1, 2, 4, 5], await All(source));
    }

    [Fact]
    public async Task SelectAsync_waits_for_running_tasks_after_upstream_has_completed()
    {
        var promise = new TaskCompletionSource<int>();
        var result = All(Source.Single(1).SelectAsync(4, _ => promise.Task));
        promise.SetResult(5);
        Assert.Equal([5], await result);
    }

    [Fact]
    public async Task An_async_boundary_keeps_the_order() =>
        Assert.Equal(Enumerable.Range(1, 10_000), await All(Numbers(1, 10_000).Async().Select(n => n).Async()));

    [Fact]
    public async Task An_async_boundary_passes_failure_on() =>
        Assert.Same(Boom, await Failure(Numbers(1, 3).Select(n => n == 2 ? throw Boom : n).Async().RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task An_async_boundary_passes_cancellation_on()
    {
        var up = new Upstream<int>();
        Source.FromPublisher(up).Async().Select(n => n).Async().To(Sink.Cancelled<int>()).Run(Mat);
        await up.Cancelled;
    }

    [Fact]
    public async Task An_async_boundary_fetches_no_more_than_its_buffer_holds()
    {
        var taken = 0;
        var down = Drain(Source.Repeat(1).Select(_ => Interlocked.Increment(ref taken)).Async()
            .Via(Flow.Create<int>().Select(n => n).WithAttributes(Attributes.CreateInputBuffer(4, 4)).Async()));
        await down.Expect(1, 2, 3);
        await down.Cancel();
        Assert.InRange(taken, 3, 64);
    }

    [Fact]
    public async Task The_two_sides_of_a_boundary_run_in_actors_of_their_own()
    {
        // With both sides in one actor the first would wait for itself.
        var gate = new TaskCompletionSource();
        var result = Source.From([1, 2]).Select(n =>
        {
            if (n == 2) gate.SetResult();
            return n;
        }).Async().SelectAsync(1, async n =>
        {
            await gate.Task;
            return n;
        });
        Assert.Equal([1, 2], await All(result));
    }
}
