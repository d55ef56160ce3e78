using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

/// <summary>
/// Throttle, Delay and InitialDelay in virtual time. A stage sets its timer on a thread of its own, so time is let go on until something has come, and what
/// is checked is the virtual time at which it came: never too early.
/// </summary>
public class RateLimitTests : VirtualTimeStreamTest
{
    private async Task<T> Later<T>(Task<T> result, Action? step = null)
    {
        while (!result.IsCompleted)
        {
            Scheduler.Advance(Seconds(1));
            step?.Invoke();
            await Task.Yield();
        }

        return await result;
    }

    /// <summary>How much virtual time has passed when an element comes by.</summary>
    private Func<int, double> Clock()
    {
        var start = Scheduler.Now;
        return _ => (Scheduler.Now - start).TotalSeconds;
    }

    [Fact]
    public async Task Throttle_lets_the_burst_pass_and_then_one_element_an_interval()
    {
        var clock = Clock();
        var down = new Downstream<double>();
        Numbers(1, 4).Throttle(1, Seconds(100), 2, ThrottleMode.Shaping).Select(clock).To(Sink.FromSubscriber(down)).Run(Mat);
        await down.Request(4);
        // Nothing but the burst can come as long as time stands still.
        Assert.Equal(0, await down.Take());
        Assert.Equal(0, await down.Take());
        Assert.InRange(await Later(down.Take()), 99, double.MaxValue);
        Assert.InRange(await Later(down.Take()), 199, double.MaxValue);
        await down.ExpectComplete();
    }

    [Fact]
    public async Task Throttle_counts_what_elements_cost()
    {
        var clock = Clock();
        var down = new Downstream<double>();
        Source.From([5, 5, 10]).Throttle(10, Seconds(100), 10, n => n, ThrottleMode.Shaping).Select(clock).To(Sink.FromSubscriber(down)).Run(Mat);
        await down.Request(3);
        Assert.Equal(0, await down.Take());
        Assert.Equal(0, await down.Take());
        Assert.InRange(await Later(down.Take()), 99, double.MaxValue);
    }

    [Fact]
    public async Task An_enforcing_throttle_fails_a_stream_that_is_too_fast()
    {
        var down = Drain(Numbers(1, 3).Throttle(1, Seconds(100), 1, ThrottleMode.Enforcing));
        await down.Request(3);
        Assert.Equal(1, await down.Take());
        Assert.IsType<OverflowException>(await down.ExpectError());
    }

    [Fact]
    public async Task Throttle_gives_the_element_that_waits_before_it_completes()
    {
        var (up, down) = Drive(Flow.Create<int>().Throttle(1, Seconds(100), 1, ThrottleMode.Shaping));
        await down.Request(2);
        await up.Send(1, 2);
        await up.Complete();
        Assert.Equal(1, await down.Take());
        Assert.Equal(2, await Later(down.Take()));
        await down.ExpectComplete();
    }

    [Fact]
    public async Task A_failure_does_not_wait_for_a_throttle()
    {
        var (up, down) = Drive(Flow.Create<int>().Throttle(1, Seconds(100), 1, ThrottleMode.Shaping));
        await down.Request(2);
        await up.Send(1, 2);
        await up.Fail(Boom);
        Assert.Equal(1, await down.Take());
        Assert.Same(Boom, await down.ExpectError());
    }

    [Fact]
    public async Task A_throttled_stream_is_cancelled_while_it_waits()
    {
        var (up, down) = Drive(Flow.Create<int>().Throttle(1, Seconds(100), 1, ThrottleMode.Shaping));
        await down.Request(2);
        await up.Send(1, 2);
        Assert.Equal(1, await down.Take());
        await down.Cancel();
        await up.Cancelled;
    }

    [Fact]
    public async Task Delay_holds_each_element_back()
    {
        var clock = Clock();
        var came = Numbers(1, 3).Delay(Seconds(100), DelayOverflowStrategy.Backpressure).Select(clock).RunWith(Sink.Seq<double>(), Mat);
        Assert.All(await Later(came), at => Assert.InRange(at, 100, double.MaxValue));
    }

    /// <summary>Sixteen elements have room. All come at one time, before any is due.</summary>
    [Theory]
    [InlineData(DelayOverflowStrategy.Backpressure, 20, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")]
    [InlineData(DelayOverflowStrategy.DropHead, 20, "5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")]
    [InlineData(DelayOverflowStrategy.DropTail, 20, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 20")]
    [InlineData(DelayOverflowStrategy.DropNew, 17, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16")]
    [InlineData(DelayOverflowStrategy.DropBuffer, 20, "17 18 19 20")]
    public async Task A_full_Delay_does_what_its_strategy_says(DelayOverflowStrategy strategy, int count, string expected)
    {
        var allIn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var result = Numbers(1, count).Select(n =>
        {
            // A stream that holds upstream back has as many as there is room for.
            if (n == count || n == 16 && strategy is DelayOverflowStrategy.Backpressure)
                allIn.TrySetResult();
            return n;
        }).Delay(Seconds(100), strategy).RunWith(Sink.Seq<int>(), Mat);
        await Soon(allIn.Task);
        Assert.Equal(expected, string.Join(' ', await Later(result)));
    }

    [Fact]
    public async Task A_full_Delay_fails_if_told_so() => Assert.IsType<BufferOverflowException>(
        await Failure(Numbers(1, 17).Delay(Seconds(100), DelayOverflowStrategy.Fail).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task A_failure_overtakes_what_is_delayed()
    {
        var (up, down) = Drive(Flow.Create<int>().Delay(Seconds(100), DelayOverflowStrategy.Backpressure));
        await down.Request(1);
        await up.Send(1);
        await up.Fail(Boom);
        Assert.Same(Boom, await down.ExpectError());
    }

    [Fact]
    public async Task A_delayed_stream_completes_after_its_last_element()
    {
        var (up, down) = Drive(Flow.Create<int>().Delay(Seconds(100), DelayOverflowStrategy.Backpressure));
        await down.Request(1);
        await up.Send(1);
        await up.Complete();
        Assert.Equal(1, await Later(down.Take()));
        await down.ExpectComplete();
    }

    [Fact]
    public async Task InitialDelay_holds_the_first_demand_back()
    {
        var clock = Clock();
        var came = Numbers(1, 2).InitialDelay(Seconds(100)).Select(clock).RunWith(Sink.Seq<double>(), Mat);
        Assert.All(await Later(came), at => Assert.InRange(at, 100, double.MaxValue));
    }

    [Fact]
    public async Task A_tick_that_nobody_has_asked_for_is_dropped()
    {
        var passed = 0;
        var down = new Downstream<int>();
        Source.Tick(Seconds(1), Seconds(1), "tick").Select(_ => Interlocked.Increment(ref passed)).MapMaterializedValue(_ => NotUsed.Instance)
            .Prepend(Source.Single(0)).To(Sink.FromSubscriber(down)).Run(Mat);
        await down.Request(2);
        Assert.Equal(0, await down.Take());
        Assert.Equal(1, await Later(down.Take()));
        for (var i = 0; i < 5; i++)
            Scheduler.Advance(Seconds(1));
        await down.Request(1);
        Assert.Equal(2, await Later(down.Take()));
        await down.Cancel();
        // One more may have been taken ahead of demand by the concatenation, none of the five.
        Assert.InRange(passed, 2, 4);
    }

    [Fact]
    public async Task The_backoff_of_a_restart_doubles_up_to_its_most()
    {
        var clock = Clock();
        var starts = new List<double>();
        var source = RestartSource.WithBackoff(() =>
        {
            starts.Add(clock(0));
            return Source.Single(starts.Count);
            // A source that lives longer than that begins the series anew, and virtual time does not wait for a busy machine.
        }, RestartSettings.Create(Seconds(10), Seconds(40), 0).WithMaxRestarts(int.MaxValue, TimeSpan.FromDays(10_000)));
        await Later(source.Take(6).RunWith(Sink.Seq<int>(), Mat));
        var waits = starts.Zip(starts.Skip(1), (from, to) => to - from).ToArray();
        foreach (var (wait, least) in waits.Zip([10.0, 20, 40, 40, 40]))
            Assert.InRange(wait, least, double.MaxValue);
    }
}
