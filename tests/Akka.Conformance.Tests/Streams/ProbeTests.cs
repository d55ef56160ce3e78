using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Streams.TestKit;

namespace Akka.Conformance.Streams;

public class ProbeTests : StreamTest
{
    [Fact]
    public void Probes_drive_both_ends_of_a_stream() => this.AssertAllStagesStopped(() =>
    {
        var (source, sink) = this.SourceProbe<int>().Select(n => n * 2).ToMaterialized(this.SinkProbe<int>(), Keep.Both).Run(Mat);
        sink.Request(2);
        source.SendNext(1).SendNext(2);
        sink.ExpectNext(2).ExpectNext(4);
        source.SendComplete();
        sink.ExpectComplete();
    }, Mat);

    [Fact]
    public void A_source_probe_is_told_of_cancellation()
    {
        var (source, sink) = this.SourceProbe<int>().ToMaterialized(this.SinkProbe<int>(), Keep.Both).Run(Mat);
        sink.Cancel();
        source.ExpectCancellation();
    }

    [Fact]
    public void A_sink_probe_is_told_of_failure()
    {
        var (source, sink) = this.SourceProbe<int>().ToMaterialized(this.SinkProbe<int>(), Keep.Both).Run(Mat);
        sink.EnsureSubscription();
        source.SendError(Boom);
        Assert.Same(Boom, sink.ExpectError());
    }

    [Fact]
    public void A_sink_probe_asks_for_one_and_gives_it()
    {
        var sink = Numbers(1, 2).RunWith(this.SinkProbe<int>(), Mat);
        sink.RequestNext(1);
        Assert.Equal(2, sink.RequestNext());
        sink.ExpectComplete();
    }

    [Fact]
    public void An_empty_source_completes_its_subscriber()
    {
        var probe = this.CreateManualSubscriberProbe<int>();
        Source.Empty<int>().To(Sink.FromSubscriber(probe)).Run(Mat);
        probe.ExpectSubscriptionAndComplete();
    }

    [Fact]
    public Task Nothing_runs_after_a_stream_has_ended() =>
        this.AssertAllStagesStoppedAsync(() => Numbers(1, 100).Async().Select(n => n).Async().RunForeach(_ => { }, Mat), Mat);

    [Fact]
    public void A_source_probe_sees_demand()
    {
        var (source, sink) = this.SourceProbe<int>().ToMaterialized(this.SinkProbe<int>(), Keep.Both).Run(Mat);
        sink.Request(3);
        Assert.True(source.ExpectRequest() > 0);
        source.SendNext(1);
        sink.ExpectNext(1);
        sink.Cancel();
        source.ExpectCancellation();
    }

    [Fact]
    public void A_manual_publisher_signals_by_hand()
    {
        var publisher = this.CreateManualPublisherProbe<int>();
        var sink = Source.FromPublisher(publisher).RunWith(this.SinkProbe<int>(), Mat);
        var subscription = publisher.ExpectSubscription();
        sink.Request(1);
        subscription.SendNext(7);
        sink.ExpectNext(7);
        subscription.SendComplete();
        sink.ExpectComplete();
    }

    [Fact]
    public void An_unexpected_signal_fails_an_expectation()
    {
        var sink = Source.Single(1).RunWith(this.SinkProbe<int>(), Mat);
        sink.Request(1);
        Assert.ThrowsAny<Exception>(() => sink.ExpectNext(2));
        Assert.ThrowsAny<Exception>(() => sink.ExpectNext(TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public void A_failed_source_fails_its_subscriber()
    {
        var probe = this.CreateManualSubscriberProbe<int>();
        Source.Failed<int>(Boom).To(Sink.FromSubscriber(probe)).Run(Mat);
        Assert.Same(Boom, probe.ExpectSubscriptionAndError());
    }
}
