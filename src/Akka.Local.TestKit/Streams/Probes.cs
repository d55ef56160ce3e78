using Akka.Streams.Dsl;
using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;
using Akka.Streams.Stage;
using Akka.TestKit;

namespace Akka.Streams.TestKit;

/// <summary>Sources that a test drives.</summary>
public static class TestSource
{
    /// <summary>A source that materializes to the probe that drives it.</summary>
    public static Source<T, TestPublisher.Probe<T>> SourceProbe<T>(this TestKitBase testKit) => Source.FromGraph(new ProbeSource<T>(testKit));

    private sealed class ProbeSource<T>(TestKitBase testKit) : SourceStage<T, TestPublisher.Probe<T>>("probeSource")
    {
        public override ILogicAndMaterializedValue<TestPublisher.Probe<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
        {
            var probe = testKit.CreatePublisherProbe<T>();
            return new LogicAndMaterializedValue<TestPublisher.Probe<T>>(new SubscriberLogic<T>(Shape, probe, inheritedAttributes), probe);
        }
    }
}

/// <summary>Sinks that a test drives.</summary>
public static class TestSink
{
    /// <summary>A sink that materializes to the probe that drives it.</summary>
    public static Sink<T, TestSubscriber.Probe<T>> SinkProbe<T>(this TestKitBase testKit) => Sink.FromGraph(new ProbeSink<T>(testKit));

    private sealed class ProbeSink<T>(TestKitBase testKit) : SinkStage<T, TestSubscriber.Probe<T>>("probeSink")
    {
        public override ILogicAndMaterializedValue<TestSubscriber.Probe<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
        {
            var probe = testKit.CreateSubscriberProbe<T>();
            return new LogicAndMaterializedValue<TestSubscriber.Probe<T>>(new PublisherLogic<T>(Shape, false, probe), probe);
        }
    }
}

/// <summary>Checks around whole tests of streams.</summary>
public static class Utils
{
    /// <summary>Runs a test and expects that afterwards no stream of the materializer runs any more.</summary>
    public static void AssertAllStagesStopped(this TestKitBase spec, Action block, IMaterializer materializer, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        block();
        var probe = spec.CreateTestProbe();
        spec.AwaitAssert(() => ExpectNone(probe, materializer), timeout, cancellationToken: cancellationToken);
    }

    /// <inheritdoc cref="AssertAllStagesStopped"/>
    public static async Task AssertAllStagesStoppedAsync(this TestKitBase spec, Func<Task> block, IMaterializer materializer,
        TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        await block().ConfigureAwait(false);
        var probe = spec.CreateTestProbe();
        await spec.AwaitAssertAsync(() => ExpectNone(probe, materializer), timeout, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private static void ExpectNone(TestProbe probe, IMaterializer materializer)
    {
        if (materializer is not ActorMaterializer { Supervisor: var supervisor }) return;
        supervisor.Tell(StreamSupervisor.GetChildren.Instance, probe.Ref);
        var children = probe.ExpectMsg<StreamSupervisor.Children>().Refs;
        if (children.Count > 0) throw new InvalidOperationException($"Expected that every stream had stopped, but these run: {string.Join(", ", children)}");
    }
}
