using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Testing;
using ActorKube.Transport;
using Akka.Actor;
using Akka.TestKit;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>Reflector, stream and cache together, against a server in the test's hands.</summary>
public sealed class ReflectorTests : ActorTest
{
    static WatchEvent Event(WatchEventType type, KubeObject item) => new(type, item);

    [Fact]
    public async Task Lists_watches_and_keeps_the_cache_current()
    {
        var cache = await Acquire(Pods, TestActor);
        Assert.False(cache.HasSynced);
        var watch = await Sync(Pods, 10, Pod("a", 5));
        await cache.WaitForSyncAsync().WaitAsync(Patience);
        watch.Send(Event(WatchEventType.Modified, Pod("a", 11)), Event(WatchEventType.Added, Pod("b", 12)));
        await Until(() => cache.Snapshot.ResourceVersion == "12");
        Assert.Equal(["a@11", "b@12"], cache.List().Select(o => $"{o.Name}@{o.ResourceVersion}").Order());
    }

    [Fact]
    public async Task Relist_after_410_leaves_tombstones()
    {
        var cache = await Acquire(Pods, TestActor);
        var watch = await Sync(Pods, 10, Pod("a", 5), Pod("b", 6));
        await cache.WaitForSyncAsync().WaitAsync(Patience);
        var subscriber = CreateTestProbe();
        cache.Actor.Tell(new ObjectCache.Subscribe(subscriber));
        subscriber.ExpectMsg<ObjectCache.Changed>(Patience);
        subscriber.Reply(ObjectCache.Taken.Instance);
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);

        watch.Send(new WatchEvent(WatchEventType.Error, null, Status(410, "Expired")));
        await Pass(TimeSpan.FromMilliseconds(800), () => Server(Pods).ListCount == 2);
        (await Server(Pods).NextList()).Answer(20, Pod("b", 6));
        Assert.Equal(["-a@5?"], Make.Tell(subscriber.ExpectMsg<ObjectCache.Changed>(Patience).Changes));
    }

    [Fact]
    public async Task Two_askers_share_one_reflector_and_the_last_to_leave_stops_it()
    {
        var one = CreateTestProbe();
        var two = CreateTestProbe();
        var first = await Acquire(Pods, one);
        var watch = await Sync(Pods, 10, Pod("a", 5));
        var second = await Acquire(Pods, two);
        Assert.Same(first, second);
        Assert.Equal(1, Server(Pods).ListCount);

        Reflectors.Tell(new ReflectorsActor.Release(Pods, one));
        Reflectors.Tell(new ReflectorsActor.Release(Pods, one));
        watch.Send(Event(WatchEventType.Added, Pod("b", 11)));
        await Until(() => second.Count == 2);
        Sys.Stop(two);
        await watch.Disposed;
        Assert.Equal(1, watch.Disposals);
        await Until(() => Health.Caches.Count == 0);

        var again = await Acquire(Pods, one);
        Assert.NotSame(first, again);
        await Sync(Pods, 30);
        await again.WaitForSyncAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Different_selectors_have_reflectors_of_their_own()
    {
        var all = await Acquire(Pods, TestActor);
        var some = await Acquire(Pods with { LabelSelector = "app=x" }, TestActor);
        Assert.NotSame(all, some);
        await Server(Pods).NextList();
        await Server(Pods with { LabelSelector = "app=x" }).NextList();
    }

    [Fact]
    public async Task Crash_of_the_reflector_keeps_the_cache_readable_and_goes_on_from_its_version()
    {
        var cache = await Acquire(Pods, TestActor);
        var watch = await Sync(Pods, 10, Pod("a", 5));
        await cache.WaitForSyncAsync().WaitAsync(Patience);
        var subscriber = CreateTestProbe();
        cache.Actor.Tell(new ObjectCache.Subscribe(subscriber));
        subscriber.ExpectMsg<ObjectCache.Changed>(Patience);
        subscriber.Reply(ObjectCache.Taken.Instance);
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);

        // The stream reports its end to the reflector, which has no answer to that but to begin again.
        cache.Actor.Tell(new CacheActor.StreamEnded(new IOException("the stream broke")));
        await watch.Disposed;
        Assert.True(cache.TryGet(Key("a"), out _));
        await Pass(TimeSpan.FromSeconds(1), () => Server(Pods).ListCount == 2);
        Assert.True(cache.HasSynced);
        var relist = await Server(Pods).NextList();
        Assert.Equal("10", relist.Options.ResourceVersion);
        relist.Answer(20, Pod("a", 15));
        Assert.Equal(["a@5>15"], Make.Tell(subscriber.ExpectMsg<ObjectCache.Changed>(Patience).Changes));
    }

    [Fact]
    public async Task Cache_that_is_not_taken_from_stops_the_reading_of_the_socket()
    {
        // A cache is as slow as its slowest step; here an index function that waits for the test.
        using var go = new SemaphoreSlim(0);
        var cache = await Acquire(Pods, TestActor, new CacheIndex("slow", _ =>
        {
            OutstandingWork.Block(go.WaitAsync());
            return [];
        }));
        var watch = await Sync(Pods, 10);
        await cache.WaitForSyncAsync().WaitAsync(Patience);
        for (var i = 0; i < 1000; i++)
            watch.Send(Event(WatchEventType.Added, Pod($"pod-{i}", 11 + i)));
        // What the cache has in hands, what the stream's end holds and what waits behind it are thirty-two each at most: bounded whatever the server has.
        await Until(() => watch.Pulls is >= 33 and <= 100);
        go.Release(1);
        await Until(() => cache.Count == 1);
        Assert.InRange(watch.Pulls, 33, 100);
        go.Release(2000);
        await Until(() => cache.Count == 1000);
    }

    [Fact]
    public async Task Malformed_event_is_reported_and_the_stream_lives()
    {
        var cache = await Acquire(Pods, TestActor);
        var watch = await Sync(Pods, 10);
        watch.Send(new WatchEvent(WatchEventType.Modified, null, null, "no JSON at byte 3"), Event(WatchEventType.Added, Pod("a", 11)));
        await Until(() => cache.Count == 1);
        Assert.Contains("no JSON at byte 3", Assert.Single(Troubles).Message);
        Assert.Equal(1, Server(Pods).WatchCount);
    }

    [Fact]
    public async Task Busy_server_is_watched_again_without_a_list()
    {
        var cache = await Acquire(Pods, TestActor);
        var watch = await Sync(Pods, 10);
        await cache.WaitForSyncAsync().WaitAsync(Patience);
        watch.Fail(new KubernetesException(Status(429, "TooManyRequests")));
        await Pass(TimeSpan.FromMilliseconds(800), () => Server(Pods).WatchCount == 2);
        (await Server(Pods).NextWatch()).Fail(new HttpRequestException("connection refused"));
        await Pass(TimeSpan.FromMilliseconds(1600), () => Server(Pods).WatchCount == 3);
        Assert.Equal(1, Server(Pods).ListCount);
        Assert.Equal([800d, 1600], Troubles.Select(t => t.RetryIn.TotalMilliseconds));
        Assert.Equal(TroubleKind.Unreachable, Assert.Single(Health.Caches).Trouble!.Kind);
        (await Server(Pods).NextWatch()).Send(Event(WatchEventType.Added, Pod("a", 11)));
        await Until(() => cache.Count == 1);
    }

    [Fact]
    public async Task Missing_kind_is_waited_for_and_comes_to_life_when_it_is_there()
    {
        var cache = await Acquire(Pods, TestActor);
        for (var i = 1; i <= 3; i++)
        {
            var lists = i;
            (await Server(Pods).NextList()).Fail(new KubernetesException(Status(404, "NotFound")));
            await Pass(TimeSpan.FromSeconds(10), () => Server(Pods).ListCount == lists + 1);
        }
        (await Server(Pods).NextList()).Answer(10, Pod("a", 5));
        await cache.WaitForSyncAsync().WaitAsync(Patience);
        Assert.All(Troubles, t => Assert.Equal(TroubleKind.MissingKind, t.Kind));
    }

    [Fact]
    public async Task Kind_that_is_deleted_and_comes_back_empties_the_cache_and_fills_it_again()
    {
        var cache = await Acquire(Pods, TestActor);
        var watch = await Sync(Pods, 10, Pod("a", 5));
        await cache.WaitForSyncAsync().WaitAsync(Patience);
        watch.Fail(new KubernetesException(Status(404, "NotFound")));
        for (var misses = 2; misses <= 4; misses++)
        {
            var lists = Server(Pods).ListCount;
            await Pass(TimeSpan.FromSeconds(10), () => Server(Pods).ListCount == lists + 1);
            (await Server(Pods).NextList()).Fail(new KubernetesException(Status(404, "NotFound")));
            await Until(() => cache.Count == 0 && Health.Caches.Single().Trouble is { Kind: TroubleKind.MissingKind });
        }
        Assert.True(cache.HasSynced);
        await Pass(TimeSpan.FromSeconds(10), () => Server(Pods).ListCount == 5);
        (await Server(Pods).NextList()).Answer(40, Pod("b", 35));
        await Until(() => cache.TryGet(Key("b"), out _) && Health.Caches.Single().Trouble is null);
        Assert.Equal("40", (await Server(Pods).NextWatch()).Options.ResourceVersion);
    }

    [Fact]
    public async Task Settings_may_differ_by_cache()
    {
        Options = Options with
        {
            ConfigureCache = (spec, settings) => spec.LabelSelector is null ? settings : settings with { PageSize = 7, Transform = _ => throw new FormatException("not wanted") },
        };
        var all = await Acquire(Pods, TestActor);
        var some = await Acquire(Pods with { LabelSelector = "app=x" }, TestActor);
        var first = await Server(Pods).NextList();
        var second = await Server(Pods with { LabelSelector = "app=x" }).NextList();
        Assert.Equal((500, 7), (first.Options.Limit, second.Options.Limit));
        first.Answer(10, Pod("a", 5));
        second.Answer(10, Pod("a", 5));
        await all.WaitForSyncAsync().WaitAsync(Patience);
        await some.WaitForSyncAsync().WaitAsync(Patience);
        Assert.Equal((1, 0), (all.Count, some.Count));
        // What was left out of a list is told.
        await Until(() => Troubles.Count == 1);
        Assert.Contains("not wanted", Troubles[0].Message);
    }

    [Fact]
    public async Task Consistency_check_lists_at_the_cache_s_own_version_and_mends_what_differs()
    {
        Options = Options with { ConsistencyCheck = TimeSpan.FromMinutes(1) };
        var cache = await Acquire(Pods, TestActor);
        var watch = await Sync(Pods, 10, Pod("a", 5), Pod("b", 6));
        await cache.WaitForSyncAsync().WaitAsync(Patience);

        await Pass(TimeSpan.FromMinutes(1), () => Server(Pods).ListCount == 2);
        var check = await Server(Pods).NextList();
        Assert.Equal(("10", ResourceVersionMatch.Exact), (check.Options.ResourceVersion, check.Options.ResourceVersionMatch));
        check.Answer(10, Pod("a", 5), Pod("b", 6));
        await Pass(TimeSpan.FromMinutes(1), () => Server(Pods).ListCount == 3);
        // Versions that the server has forgotten prove nothing.
        (await Server(Pods).NextList()).Fail(new KubernetesException(Status(410, "Expired")));
        await Pass(TimeSpan.FromMinutes(1), () => Server(Pods).ListCount == 4);
        Assert.Empty(Troubles);
        Assert.Equal(0, watch.Disposals);

        (await Server(Pods).NextList()).Answer(10, Pod("a", 4), Pod("c", 7));
        var mending = await Server(Pods).NextList();
        var trouble = Assert.Single(Troubles);
        Assert.Equal(TroubleKind.Inconsistent, trouble.Kind);
        Assert.Contains("3 differences", trouble.Message);
        Assert.Contains("default/a is held at 5 where the server has 4", trouble.Message);
        Assert.Contains("default/c is missing", trouble.Message);
        Assert.Contains("default/b should be gone", trouble.Message);
        mending.Answer(20, Pod("a", 15));
        await Until(() => cache.Snapshot.ResourceVersion == "20");
        Assert.Equal(["a@15"], cache.List().Select(o => $"{o.Name}@{o.ResourceVersion}"));
        await watch.Disposed;
    }

    [Fact]
    public async Task Failing_handler_of_troubles_does_not_harm_the_reflector()
    {
        Options = Options with { OnTrouble = (_, _) => throw new FormatException() };
        var cache = await Acquire(Pods, TestActor);
        var watch = await Sync(Pods, 10);
        watch.Send(new WatchEvent(WatchEventType.Modified, null, null, "no JSON"), Event(WatchEventType.Added, Pod("a", 11)));
        await Until(() => cache.Count == 1);
        Assert.Equal(1, Server(Pods).WatchCount);
    }
}
