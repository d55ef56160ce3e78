using ActorKube.Transport;
using Akka.Streams;
using Akka.Streams.Dsl;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>A shared cache as a source.</summary>
public sealed class CacheChangesTests : ActorTest
{
    ISinkQueue<CacheChange> Run(out UniqueKillSwitch kill)
    {
        var (killSwitch, queue) = Source.FromGraph(new CacheChangesStage(Pods, Reflectors, null))
            .ViaMaterialized(KillSwitches.Single<CacheChange>(), Keep.Right)
            .ToMaterialized(Sink.Queue<CacheChange>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), Keep.Both)
            .Run(Sys.Materializer());
        kill = killSwitch;
        return queue;
    }

    static async Task<string> Next(ISinkQueue<CacheChange> queue) => Tell((await queue.PullAsync().WaitAsync(Patience)).Value);

    [Fact]
    public async Task Source_tells_all_objects_then_changes_and_conflates_what_is_not_taken()
    {
        var queue = Run(out var kill);
        var watch = await Sync(Pods, 10, Pod("a", 5));
        Assert.Equal("+a@5!", await Next(queue));
        watch.Send(new WatchEvent(WatchEventType.Modified, Pod("a", 11)));
        Assert.Equal("a@5>11", await Next(queue));
        for (var version = 12; version < 500; version++)
            watch.Send(new WatchEvent(WatchEventType.Modified, Pod("a", version)));
        var cache = await Acquire(Pods, TestActor);
        await Until(() => cache.Snapshot.ResourceVersion == "499");
        // However many versions there were, what was not taken is a handful of changes that join without a gap.
        var at = "11";
        var taken = 0;
        while (at != "499")
        {
            var parts = (await Next(queue)).Split('@', '>');
            Assert.Equal(at, parts[1]);
            at = parts[2];
            taken++;
        }
        Assert.InRange(taken, 1, 6);
        kill.Shutdown();
        Reflectors.Tell(new ReflectorsActor.Release(Pods, TestActor), TestActor);
        await watch.Disposed;
    }
}
