using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>Sources that are started again, with growing waits, when they end.</summary>
public static class RestartSource
{
    /// <summary>Starts the source again when it fails and when it completes.</summary>
    public static Source<T, NotUsed> WithBackoff<T, TMat>(Func<Source<T, TMat>> sourceFactory, RestartSettings settings) =>
        Source.FromGraph(new RestartSourceStage<T, TMat>(sourceFactory, settings, onlyOnFailures: false));

    /// <summary>Starts the source again when it fails; completes with it.</summary>
    public static Source<T, NotUsed> OnFailuresWithBackoff<T, TMat>(Func<Source<T, TMat>> sourceFactory, RestartSettings settings) =>
        Source.FromGraph(new RestartSourceStage<T, TMat>(sourceFactory, settings, onlyOnFailures: true));

}

/// <summary>Flows that are started again, with growing waits, when they end. Elements inside of a flow that ends are lost.</summary>
public static class RestartFlow
{
    /// <summary>Starts the flow again when it fails and when it completes.</summary>
    public static Flow<TIn, TOut, NotUsed> WithBackoff<TIn, TOut, TMat>(Func<Flow<TIn, TOut, TMat>> flowFactory, RestartSettings settings) =>
        Flow.FromGraph(new RestartFlowStage<TIn, TOut, TMat>(flowFactory, settings, onlyOnFailures: false));

    /// <summary>Starts the flow again when it fails; completes with it.</summary>
    public static Flow<TIn, TOut, NotUsed> OnFailuresWithBackoff<TIn, TOut, TMat>(Func<Flow<TIn, TOut, TMat>> flowFactory,
        RestartSettings settings) => Flow.FromGraph(new RestartFlowStage<TIn, TOut, TMat>(flowFactory, settings, onlyOnFailures: true));
}

/// <summary>Sinks that are started again, with growing waits, when they cancel. Elements inside of a sink that ends are lost.</summary>
public static class RestartSink
{
    /// <summary>Starts the sink again when it cancels, for whatever cause.</summary>
    public static Sink<T, NotUsed> WithBackoff<T, TMat>(Func<Sink<T, TMat>> sinkFactory, RestartSettings settings) =>
        Sink.FromGraph(new RestartSinkStage<T, TMat>(sinkFactory, settings));
}
