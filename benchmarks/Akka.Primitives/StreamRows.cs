using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Primitives;

/// <summary>The measurements of streams. Their rows are those of the official figures.</summary>
internal static class StreamRows
{
    private const int Rounds = 8;

    /// <summary>From, Select and ForEach in one actor.</summary>
    public static Task<string> FusedAsync(ActorSystem system) => Measure(system, "From→Select→ForEach", 5_000_000,
        n => Source.From(Enumerable.Range(0, n)).Select(x => x + 1));

    /// <summary>The same with From and Select in an actor of their own.</summary>
    public static Task<string> AsyncBoundaryAsync(ActorSystem system) => Measure(system, "over an async boundary", 2_000_000,
        n => Source.From(Enumerable.Range(0, n)).Select(x => x + 1).Async());

    /// <summary>Tasks that are done already.</summary>
    public static Task<string> SelectAsyncAsync(ActorSystem system) => Measure(system, "through SelectAsync(4) of completed tasks", 2_000_000,
        n => Source.From(Enumerable.Range(0, n)).SelectAsync(4, x => Task.FromResult(x)));

    private static Task<string> Measure(ActorSystem system, string what, int elements, Func<int, Source<int, NotUsed>> source) =>
        Measurement.RunAsync("element " + what, elements, Rounds, () => source(elements).RunForeach(_ => { }, system.Materializer()));
}
