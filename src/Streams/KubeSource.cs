using ActorKube.Transport;
using Akka;
using Akka.Streams.Dsl;

namespace ActorKube.Streams;

/// <summary>Akka.Streams sources of what happens to Kubernetes objects.</summary>
public static class KubeSource
{
    /// <summary>
    /// A set of objects and all that happens to it, for ever: reads the set, watches it from there, goes on where a watch ends in order, reads the set
    /// afresh where the server forgot our version, and waits with growing, jittered pauses on errors, each of which it tells as
    /// <see cref="ReflectorEvent.Troubled"/>.
    /// </summary>
    /// <param name="listWatch">Where to list and watch.</param>
    /// <param name="settings">The numbers; null for the defaults.</param>
    /// <param name="time">The clock; it should be the one of the stream's scheduler, see <see cref="SchedulerTimeProvider"/>.</param>
    /// <returns>
    /// Emits when there is something to tell; backpressures down to the socket (one event in hand); never completes; closes the watch when cancelled.
    /// Each materialization is a loop of its own.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A setting makes no sense.</exception>
    public static Source<ReflectorEvent, NotUsed> ListAndWatch(IListWatch listWatch, ListAndWatchSettings? settings = null, TimeProvider? time = null) =>
        ListAndWatch(listWatch, settings, time, Random.Shared.NextDouble);

    internal static Source<ReflectorEvent, NotUsed> ListAndWatch(IListWatch listWatch, ListAndWatchSettings? settings, TimeProvider? time, Func<double> random)
    {
        settings ??= new ListAndWatchSettings();
        settings.Validate();
        return Source.FromGraph(new ListAndWatchStage(listWatch, settings, time ?? TimeProvider.System, random));
    }
}
