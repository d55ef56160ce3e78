using Akka.Actor;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class FlowOperations
{
    /// <summary>Fails with <see cref="WatchedActorTerminatedException"/> when the actor stops.</summary>
    public static Flow<T, T, TMat> Watch<T, TMat>(this Flow<T, T, TMat> flow, IActorRef actorRef) => flow.Via(Operators.Watch<T>(actorRef));

    /// <summary>Gives a task that ends when the stream does: done on completion and on cancellation, failed on failure.</summary>
    public static Flow<TIn, TOut, TMat2> WatchTermination<TIn, TOut, TMat, TMat2>(this Flow<TIn, TOut, TMat> flow,
        Func<TMat, Task<Done>, TMat2> materializerFunction) =>
        flow.ViaMaterialized(Operators.WatchTermination<TOut>(), materializerFunction);

    /// <summary>Gives an object that tells what the stream has last done.</summary>
    public static Flow<TIn, TOut, TMat2> Monitor<TIn, TOut, TMat, TMat2>(this Flow<TIn, TOut, TMat> flow,
        Func<TMat, IFlowMonitor, TMat2> combine) =>
        flow.ViaMaterialized(Operators.Monitor<TOut>(), combine);
}
