using System.Collections.Immutable;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

/// <summary>The tail of <c>PrefixAndTail</c> waits for somebody to run it as long as the settings say.</summary>
public class SubscriptionTimeoutTests : VirtualTimeStreamTest
{
    public SubscriptionTimeoutTests() : base("akka.stream.materializer.subscription-timeout { mode = cancel, timeout = 30s }")
    {
    }

    private async Task<(Upstream<int> Up, Source<int, NotUsed> Tail)> Split(IMaterializer materializer)
    {
        var up = new Upstream<int>();
        var first = Source.FromPublisher(up).PrefixAndTail(1).RunWith(Sink.First<(IImmutableList<int>, Source<int, NotUsed>)>(), materializer);
        await up.Send(1);
        return (up, (await Soon(first)).Item2);
    }

    private ActorMaterializer With(StreamSubscriptionTimeoutTerminationMode mode, double seconds) => ActorMaterializer.Create(Sys,
        ActorMaterializerSettings.Create(Sys).WithSubscriptionTimeoutSettings(new StreamSubscriptionTimeoutSettings(mode, Seconds(seconds))));

    [Fact]
    public async Task A_tail_that_nobody_runs_in_time_cancels_upstream_and_fails_whoever_runs_it_later()
    {
        var materializer = With(StreamSubscriptionTimeoutTerminationMode.CancelTermination, 3);
        var (up, tail) = await Split(materializer);
        Scheduler.Advance(Seconds(3));
        await up.Cancelled;
        Assert.Equal("SubscriptionTimeoutException", (await Failure(tail.RunWith(Sink.Seq<int>(), materializer))).GetType().Name);
    }

    [Fact]
    public async Task The_time_is_the_one_of_the_systems_settings()
    {
        var (up, tail) = await Split(Mat);
        Scheduler.Advance(Seconds(29));
        var rest = tail.RunWith(Sink.Seq<int>(), Mat);
        await up.Send(2);
        await up.Complete();
        Assert.Equal([2], await Soon(rest));
        (up, _) = await Split(Mat);
        Scheduler.Advance(Seconds(30));
        await up.Cancelled;
    }

    [Fact]
    public async Task A_tail_that_is_run_does_not_time_out()
    {
        var (up, tail) = await Split(With(StreamSubscriptionTimeoutTerminationMode.CancelTermination, 3));
        var down = Drain(tail);
        await down.Request(1);
        await up.Send(2);
        // An element that has arrived has been pulled.
        Assert.Equal(2, await down.Take());
        Scheduler.Advance(Seconds(100));
        await down.Request(1);
        await up.Send(3);
        Assert.Equal(3, await down.Take());
        await up.Complete();
        await down.ExpectComplete();
    }

    [Theory]
    [InlineData(StreamSubscriptionTimeoutTerminationMode.NoopTermination)]
    [InlineData(StreamSubscriptionTimeoutTerminationMode.WarnTermination)]
    public async Task In_the_modes_that_do_not_cancel_a_tail_can_be_run_later(StreamSubscriptionTimeoutTerminationMode mode)
    {
        var materializer = With(mode, 3);
        var (up, tail) = await Split(materializer);
        Scheduler.Advance(Seconds(100));
        var rest = tail.RunWith(Sink.Seq<int>(), materializer);
        await up.Send(2);
        await up.Complete();
        Assert.Equal([2], await Soon(rest));
    }
}
