using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

/// <summary>
/// Timeouts of streams. The official stages look at the wall clock, which virtual time does not move, so these use short real times and expect what
/// must come of a silence that never ends: nothing here depends on how fast the machine is.
/// </summary>
public class TimeoutTests : StreamTest
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task IdleTimeout_fails_a_silent_stream_and_cancels_upstream()
    {
        var (up, down) = Drive(Flow.Create<int>().IdleTimeout(Short));
        await down.Request(1);
        Assert.IsType<TimeoutException>(await down.ExpectError());
        await up.Cancelled;
    }

    [Fact]
    public async Task InitialTimeout_fails_a_stream_whose_first_element_does_not_come()
    {
        var (up, down) = Drive(Flow.Create<int>().InitialTimeout(Short));
        await down.Request(1);
        Assert.IsType<TimeoutException>(await down.ExpectError());
        await up.Cancelled;
    }

    [Fact]
    public async Task CompletionTimeout_fails_a_stream_that_does_not_complete()
    {
        var (up, down) = Drive(Flow.Create<int>().CompletionTimeout(Short));
        await down.Request(1);
        Assert.IsType<TimeoutException>(await down.ExpectError());
        await up.Cancelled;
    }

    [Fact]
    public async Task BackpressureTimeout_fails_a_stream_whose_consumer_does_not_ask()
    {
        // The queue asks for one element as it starts, and for no more until that is taken.
        var ((cancelled, failed), queue) = Source.Repeat(1)
            .WatchTermination(Keep.Right)
            .BackpressureTimeout(Short)
            .WatchTermination(Keep.Both)
            .ToMaterialized(Sink.Queue<int>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), Keep.Both)
            .Run(Mat);
        await Assert.ThrowsAsync<TimeoutException>(() => failed);
        Assert.Equal(1, (await queue.PullAsync()).Value);
        await Assert.ThrowsAsync<TimeoutException>(() => queue.PullAsync());
        await Assert.ThrowsAsync<TimeoutException>(() => cancelled);
    }

    [Theory]
    [InlineData("idle")]
    [InlineData("initial")]
    [InlineData("completion")]
    [InlineData("backpressure")]
    public async Task A_timeout_that_is_not_reached_changes_nothing(string kind)
    {
        var long_ = TimeSpan.FromHours(1);
        var source = kind switch
        {
            "idle" => Numbers(1, 3).IdleTimeout(long_),
            "initial" => Numbers(1, 3).InitialTimeout(long_),
            "completion" => Numbers(1, 3).CompletionTimeout(long_),
            _ => Numbers(1, 3).BackpressureTimeout(long_),
        };
        Assert.Equal([1, 2, 3], await All(source));
        Assert.Same(Boom, await Failure(Source.Failed<int>(Boom).Concat(source).RunWith(Sink.Ignore<int>(), Mat)));
    }

    [Fact]
    public async Task KeepAlive_fills_a_silence_as_often_as_it_is_asked()
    {
        var (up, down) = Drive(Flow.Create<int>().KeepAlive(Short, () => -1));
        await down.Expect(-1, -1, -1);
        await down.Cancel();
        await up.Cancelled;
    }

    [Fact]
    public async Task KeepAlive_passes_elements_completion_and_failure_on()
    {
        var quiet = TimeSpan.FromHours(1);
        Assert.Equal([1, 2, 3], await All(Numbers(1, 3).KeepAlive(quiet, () => -1)));
        Assert.Same(Boom, await Failure(Source.Failed<int>(Boom).KeepAlive(quiet, () => -1).RunWith(Sink.Ignore<int>(), Mat)));
    }
}
