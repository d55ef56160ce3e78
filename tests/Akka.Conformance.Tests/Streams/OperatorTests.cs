using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Streams.Supervision;
using Akka.Util;

namespace Akka.Conformance.Streams;

public class OperatorTests : StreamTest
{
    private static Attributes Resuming => ActorAttributes.CreateSupervisionStrategy(Deciders.ResumingDecider);

    private static Attributes Restarting => ActorAttributes.CreateSupervisionStrategy(Deciders.RestartingDecider);

    private static int Odd(int n) => n % 2 == 0 ? throw Boom : n;

    [Fact]
    public async Task Select_changes_each_element() => Assert.Equal([2, 4, 6], await All(Numbers(1, 3).Select(n => n * 2)));

    [Fact]
    public async Task Select_fails_with_the_functions_exception() =>
        Assert.Same(Boom, await Failure(Numbers(1, 3).Select(Odd).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task Select_drops_the_element_on_resume() =>
        Assert.Equal([1, 3, 5], await All(Numbers(1, 5).Select(Odd).WithAttributes(Resuming)));

    [Fact]
    public async Task Where_keeps_what_passes() => Assert.Equal([2, 4], await All(Numbers(1, 5).Where(n => n % 2 == 0)));

    [Fact]
    public async Task WhereNot_keeps_what_does_not_pass() => Assert.Equal([1, 3, 5], await All(Numbers(1, 5).WhereNot(n => n % 2 == 0)));

    [Fact]
    public async Task Where_drops_the_element_on_resume() =>
        Assert.Equal([1, 3], await All(Numbers(1, 4).Where(n => Odd(n) > 0).WithAttributes(Resuming)));

    [Fact]
    public async Task Collect_changes_what_is_defined() =>
        Assert.Equal(["2", "4"], await All(Numbers(1, 4).Collect(n => n % 2 == 0, n => n.ToString())));

    [Fact]
    public async Task SelectMany_gives_every_inner_element_in_order() =>
        Assert.Equal([1, 2, 2, 3, 3, 3], await All(Numbers(1, 3).SelectMany(n => Enumerable.Repeat(n, n))));

    [Fact]
    public async Task SelectMany_passes_over_empty_sequences() =>
        Assert.Equal([2, 2], await All(Numbers(1, 3).SelectMany(n => n == 2 ? new[] { 2, 2 } : [])));

    [Fact]
    public async Task SelectMany_gives_the_rest_after_upstream_has_completed()
    {
        var (up, down) = Drive(Flow.Create<int>().SelectMany(n => Enumerable.Range(1, n)));
        await down.Request(1);
        await up.Send(3);
        await up.Complete();
        Assert.Equal(1, await down.Take());
        await down.Expect(2, 3);
        await down.ExpectComplete();
    }

    [Fact]
    public async Task StatefulSelectMany_keeps_state_for_one_run()
    {
        var flow = Numbers(1, 4).StatefulSelectMany<int, int, NotUsed>(() =>
        {
            var sum = 0;
            return n => [sum += n];
        });
        Assert.Equal([1, 3, 6, 10], await All(flow));
        Assert.Equal([1, 3, 6, 10], await All(flow));
    }

    [Fact]
    public async Task StatefulSelectMany_forgets_its_state_on_restart()
    {
        var flow = Numbers(1, 4).StatefulSelectMany<int, int, NotUsed>(() =>
        {
            var sum = 0;
            return n => n == 3 ? throw Boom : [sum += n];
        }).WithAttributes(Restarting);
        Assert.Equal([1, 3, 4], await All(flow));
    }

    [Fact]
    public async Task Scan_gives_the_zero_and_every_result() =>
        Assert.Equal([0, 1, 3, 6], await All(Numbers(1, 3).Scan(0, (sum, n) => sum + n)));

    [Fact]
    public async Task Scan_of_nothing_gives_the_zero() => Assert.Equal([9], await All(Source.Empty<int>().Scan(9, (sum, n) => sum + n)));

    [Fact]
    public async Task Scan_gives_the_zero_again_on_restart() => Assert.Equal([0, 1, 0, 3],
        await All(Numbers(1, 3).Scan(0, (sum, n) => sum + Odd(n)).WithAttributes(Restarting)));

    [Fact]
    public async Task Scan_keeps_its_state_on_resume() => Assert.Equal([0, 1, 4],
        await All(Numbers(1, 3).Scan(0, (sum, n) => sum + Odd(n)).WithAttributes(Resuming)));

    [Fact]
    public async Task ScanAsync_gives_the_zero_and_every_result() => Assert.Equal([0, 1, 3, 6], await All(Numbers(1, 3).ScanAsync(0, async (sum, n) =>
    {
        await Task.Yield();
        return sum + n;
    })));

    [Fact]
    public async Task Aggregate_gives_one_element_at_the_end() =>
        Assert.Equal([15], await All(Numbers(1, 5).Aggregate(0, (sum, n) => sum + n)));

    [Fact]
    public async Task Aggregate_of_nothing_is_the_zero() => Assert.Equal([4], await All(Source.Empty<int>().Aggregate(4, (sum, n) => sum + n)));

    [Fact]
    public async Task Aggregate_begins_again_on_restart() =>
        Assert.Equal([8], await All(Numbers(1, 5).Aggregate(0, (sum, n) => n == 2 || n == 4 ? n == 2 ? throw Boom : sum : sum + n)
            .WithAttributes(Restarting)));

    [Fact]
    public async Task AggregateAsync_gives_one_element_at_the_end() => Assert.Equal([15], await All(Numbers(1, 5).AggregateAsync(0, async (sum, n) =>
    {
        await Task.Yield();
        return sum + n;
    })));

    [Fact]
    public async Task Sum_begins_with_the_first_element() => Assert.Equal([24], await All(Numbers(1, 4).Sum((a, b) => a * b)));

    [Fact]
    public async Task Sum_of_nothing_fails() =>
        Assert.IsType<NoSuchElementException>(await Failure(Source.Empty<int>().Sum((a, b) => a + b).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task Take_cancels_upstream_after_the_last_element()
    {
        var (up, down) = Drive(Flow.Create<int>().Take(2));
        await down.Request(5);
        await up.Send(1, 2);
        Assert.Equal(1, await down.Take());
        Assert.Equal(2, await down.Take());
        await down.ExpectComplete();
        await up.Cancelled;
    }

    [Fact]
    public async Task Take_of_nothing_completes() => Assert.Empty(await All(Numbers(1, 3).Take(0)));

    [Fact]
    public async Task TakeWhile_ends_before_the_first_that_does_not_pass() =>
        Assert.Equal([1, 2], await All(Numbers(1, 9).TakeWhile(n => n < 3)));

    [Fact]
    public async Task TakeWhile_can_include_the_first_that_does_not_pass() =>
        Assert.Equal([1, 2, 3], await All(Numbers(1, 9).TakeWhile(n => n < 3, inclusive: true)));

    [Fact]
    public async Task Skip_drops_the_first() => Assert.Equal([3, 4], await All(Numbers(1, 4).Skip(2)));

    [Fact]
    public async Task SkipWhile_drops_up_to_the_first_that_does_not_pass() =>
        Assert.Equal([3, 1], await All(Source.From([1, 2, 3, 1]).SkipWhile(n => n < 3)));

    [Fact]
    public async Task Limit_lets_a_short_stream_pass() => Assert.Equal([1, 2, 3], await All(Numbers(1, 3).Limit(3)));

    [Fact]
    public async Task Limit_fails_a_longer_one() =>
        Assert.IsType<StreamLimitReachedException>(await Failure(Numbers(1, 4).Limit(3).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task LimitWeighted_counts_costs() => Assert.IsType<StreamLimitReachedException>(
        await Failure(Source.From(["a", "bb", "ccc"]).LimitWeighted(5, s => s.Length).RunWith(Sink.Ignore<string>(), Mat)));

    [Fact]
    public async Task Grouped_gives_a_smaller_last_group() =>
        Assert.Equal([[1, 2], [3, 4], [5]], await All(Numbers(1, 5).Grouped(2)));

    [Fact]
    public async Task Sliding_moves_its_window_by_the_step() =>
        Assert.Equal([[1, 2, 3], [2, 3, 4]], await All(Numbers(1, 4).Sliding(3)));

    [Fact]
    public async Task Sliding_drops_between_windows_when_the_step_is_larger() =>
        Assert.Equal([[1, 2], [4, 5]], await All(Numbers(1, 5).Sliding(2, 3)));

    [Fact]
    public async Task Sliding_over_a_short_stream_gives_one_short_window() =>
        Assert.Equal([[1, 2]], await All(Numbers(1, 2).Sliding(3)));

    [Fact]
    public async Task Intersperse_puts_an_element_between() =>
        Assert.Equal(["1", ",", "2", ",", "3"], await All(Numbers(1, 3).Select(n => n.ToString()).Intersperse(",")));

    [Fact]
    public async Task Intersperse_puts_elements_around() =>
        Assert.Equal(["[", "1", ",", "2", "]"], await All(Numbers(1, 2).Select(n => n.ToString()).Intersperse("[", ",", "]")));

    [Fact]
    public async Task Intersperse_of_nothing_gives_start_and_end() =>
        Assert.Equal(["[", "]"], await All(Source.Empty<string>().Intersperse("[", ",", "]")));

    [Fact]
    public async Task ZipWithIndex_counts_from_zero() =>
        Assert.Equal([("a", 0L), ("b", 1L)], await All(Source.From(["a", "b"]).ZipWithIndex()));

    [Fact]
    public async Task SelectError_replaces_the_failure()
    {
        var other = new ArithmeticException();
        Assert.Same(other, await Failure(Source.Failed<int>(Boom).SelectError(_ => other).RunWith(Sink.Ignore<int>(), Mat)));
    }

    [Fact]
    public async Task Recover_gives_a_last_element() =>
        Assert.Equal([1, -1], await All(Numbers(1, 3).Select(Odd).Recover(_ => Option<int>.Create(-1))));

    [Fact]
    public async Task Recover_lets_a_failure_stand() =>
        Assert.Same(Boom, await Failure(Source.Failed<int>(Boom).Recover(_ => Option<int>.None).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task RecoverWithRetries_goes_on_with_another_source() =>
        Assert.Equal([1, 10, 11], await All(Numbers(1, 3).Select(Odd).RecoverWithRetries(_ => Numbers(10, 11), 1)));

    [Fact]
    public async Task RecoverWithRetries_gives_up_after_the_last_attempt()
    {
        var attempts = 0;
        var failing = Source.Lazily(() =>
        {
            attempts++;
            return Source.Failed<int>(Boom);
        }).MapMaterializedValue(_ => NotUsed.Instance);
        Assert.Same(Boom, await Failure(Source.Failed<int>(Boom).RecoverWithRetries(_ => failing, 3).RunWith(Sink.Ignore<int>(), Mat)));
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task WatchTermination_tells_of_completion()
    {
        var ended = Numbers(1, 3).WatchTermination(Keep.Right).To(Sink.Ignore<int>()).Run(Mat);
        Assert.Equal(Done.Instance, await Soon(ended));
    }

    [Fact]
    public async Task WatchTermination_tells_of_failure()
    {
        var ended = Source.Failed<int>(Boom).WatchTermination(Keep.Right).To(Sink.Ignore<int>()).Run(Mat);
        Assert.Same(Boom, await Failure(ended));
    }

    [Fact]
    public async Task WatchTermination_takes_cancellation_for_completion()
    {
        var ended = Source.Repeat(1).WatchTermination(Keep.Right).To(Sink.Cancelled<int>()).Run(Mat);
        Assert.Equal(Done.Instance, await Soon(ended));
    }

    [Fact]
    public async Task Monitor_tells_the_end()
    {
        var (monitor, done) = Numbers(1, 2).Monitor(Keep.Right).ToMaterialized(Sink.Ignore<int>(), Keep.Both).Run(Mat);
        await Soon(done);
        Assert.Same(FlowMonitor.Finished.Instance, monitor.State);
    }

    [Fact]
    public async Task A_failure_overtakes_nothing_inside_an_island_and_keeps_its_cause()
    {
        var (up, down) = Drive(Flow.Create<int>().Select(n => n));
        await down.Request(1);
        await up.Send(1);
        Assert.Equal(1, await down.Take());
        await up.Fail(Boom);
        Assert.Same(Boom, await down.ExpectError());
    }

    [Fact]
    public async Task Cancellation_reaches_upstream()
    {
        var (up, down) = Drive(Flow.Create<int>().Select(n => n).Where(_ => true));
        await down.Cancel();
        await up.Cancelled;
    }
}
