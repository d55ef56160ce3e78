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
}
