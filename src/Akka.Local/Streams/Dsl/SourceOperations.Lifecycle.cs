using Akka.Actor;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class SourceOperations
{
    /// <summary>Fails with <see cref="WatchedActorTerminatedException"/> when the actor stops.</summary>
    public static Source<T, TMat> Watch<T, TMat>(this Source<T, TMat> flow, IActorRef actorRef) => flow.Via(Operators.Watch<T>(actorRef));

    /// <summary>Gives a task that ends when the stream does: done on completion and on cancellation, failed on failure.</summary>
    public static Source<TOut, TMat2> WatchTermination<TOut, TMat, TMat2>(this Source<TOut, TMat> flow,
        Func<TMat, Task<Done>, TMat2> materializerFunction) =>
        flow.ViaMaterialized(Operators.WatchTermination<TOut>(), materializerFunction);

    /// <summary>Gives an object that tells what the stream has last done.</summary>
    public static Source<TOut, TMat2> Monitor<TOut, TMat, TMat2>(this Source<TOut, TMat> flow, Func<TMat, IFlowMonitor, TMat2> combine) =>
        flow.ViaMaterialized(Operators.Monitor<TOut>(), combine);
}
