using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;
using Akka.Actor;
using Akka.TestKit;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>The cache's actor: the test speaks as the stream and as subscribers.</summary>
public sealed class CacheActorTests : ActorTest
{
    readonly CacheStore _store = new([]);
    readonly IActorRef _cache;
    readonly TestProbe _stream;

    public CacheActorTests()
    {
        _cache = Sys.ActorOf(CacheActor.Props(new CacheBook(Pods, _store, new TaskCompletionSource()), TimeSpan.FromSeconds(1)));
        _stream = CreateTestProbe("stream");
        _stream.Send(_cache, new CacheActor.StreamBegan());
        _stream.ExpectMsg<CacheActor.Next>();
    }

    void Tell(ReflectorEvent told)
    {
        _stream.Send(_cache, told);
        _stream.ExpectMsg<CacheActor.Next>();
    }

    TestProbe Subscribe(TimeSpan? resync = null)
    {
        var probe = CreateTestProbe();
        _cache.Tell(new ObjectCache.Subscribe(probe, resync));
        return probe;
    }

    static string[] Expect(TestProbe subscriber) => Make.Tell(subscriber.ExpectMsg<ObjectCache.Changed>(Patience).Changes);

    void Take(TestProbe subscriber) => subscriber.Send(_cache, ObjectCache.Taken.Instance);

    [Fact]
    public void Subscriber_hears_the_initial_objects_then_that_they_were_all_then_changes()
    {
        var subscriber = Subscribe();
        subscriber.ExpectNoMsg(TimeSpan.Zero);
        Tell(Replaced(5, Pod("a", 1), Pod("b", 2)));
        Assert.Equal(["+a@1!", "+b@2!"], Expect(subscriber));
        Take(subscriber);
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);
        Tell(Changed(WatchEventType.Modified, Pod("a", 6)));
        Assert.Equal(["a@1>6"], Expect(subscriber));
    }

    [Fact]
    public void Subscriber_of_an_empty_set_hears_that_it_is_complete()
    {
        var subscriber = Subscribe();
        Tell(Replaced(5));
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);
    }

    [Fact]
    public void Late_subscriber_gets_all_as_additions_then_live_changes_and_is_synced_only_between()
    {
        var pods = Enumerable.Range(0, 600).Select(i => Pod($"pod-{i}", i + 1)).ToArray();
        Tell(Replaced(1000, pods));
        var subscriber = Subscribe();
        var heard = Expect(subscriber).ToList();
        Tell(Changed(WatchEventType.Added, Pod("new", 1001)));
        while (heard.Count < 600)
        {
            subscriber.ExpectNoMsg(TimeSpan.Zero);
            Take(subscriber);
            heard.AddRange(Expect(subscriber));
        }
        Assert.Equal(600, heard.Take(600).Count(h => h.EndsWith('!')));
        Take(subscriber);
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);
    }

    [Fact]
    public void Slow_subscriber_gets_one_change_a_key_and_others_do_not_wait_for_it()
    {
        Tell(Replaced(5, Pod("a", 1)));
        var slow = Subscribe();
        var quick = Subscribe();
        Expect(slow);
        Expect(quick);
        Take(quick);
        quick.ExpectMsg<ObjectCache.Synced>(Patience);
        for (var version = 6; version < 106; version++)
        {
            Tell(Changed(WatchEventType.Modified, Pod("a", version)));
            Assert.Equal([$"a@{(version == 6 ? 1 : version - 1)}>{version}"], Expect(quick));
            Take(quick);
        }
        slow.ExpectNoMsg(TimeSpan.Zero);
        Take(slow);
        // Synced is told first: the initial objects were all taken.
        slow.ExpectMsg<ObjectCache.Synced>(Patience);
        Assert.Equal(["a@1>105"], Expect(slow));
    }

    [Fact]
    public void Subscription_ends_when_it_is_ended_any_number_of_times_and_when_the_subscriber_dies()
    {
        Tell(Replaced(5));
        var subscriber = Subscribe();
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);
        for (var i = 0; i < 2; i++)
        {
            _cache.Tell(new ObjectCache.Unsubscribe(subscriber));
            subscriber.ExpectMsg<ObjectCache.Unsubscribed>(Patience);
        }
        Tell(Changed(WatchEventType.Added, Pod("a", 6)));
        subscriber.ExpectNoMsg(TimeSpan.Zero);

        var mortal = Subscribe();
        Expect(mortal);
        Sys.Stop(mortal);
        var other = Subscribe();
        Expect(other);
        Tell(Changed(WatchEventType.Added, Pod("b", 7)));
    }

    [Fact]
    public async Task Resync_reminds_of_every_object_and_never_more_often_than_each_second()
    {
        Tell(Replaced(5, Pod("a", 1)));
        var never = Subscribe();
        Expect(never);
        Take(never);
        never.ExpectMsg<ObjectCache.Synced>(Patience);
        var subscriber = Subscribe(TimeSpan.FromMilliseconds(1));
        Expect(subscriber);
        Take(subscriber);
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);
        await PassQuietly(TimeSpan.FromMilliseconds(900), () => subscriber.HasMessages);
        await Pass(TimeSpan.FromMilliseconds(100), () => subscriber.HasMessages);
        var changed = subscriber.ExpectMsg<ObjectCache.Changed>(Patience);
        Assert.True(Assert.IsType<CacheChange.Modified>(Assert.Single(changed.Changes)).IsResync);
        Assert.False(never.HasMessages);
    }

    [Fact]
    public void What_an_older_stream_still_sends_is_not_believed()
    {
        Tell(Replaced(5, Pod("a", 1)));
        var second = CreateTestProbe();
        second.Send(_cache, new CacheActor.StreamBegan());
        second.ExpectMsg<CacheActor.Next>();
        second.Send(_cache, Replaced(9, Pod("a", 8)));
        second.ExpectMsg<CacheActor.Next>();
        Tell(Changed(WatchEventType.Modified, Pod("a", 6)));
        Assert.Equal("9", _store.Current.ResourceVersion);
    }

    [Fact]
    public void Writer_is_told_when_its_write_is_seen()
    {
        Tell(Replaced(5, Pod("a", 1)));
        var writer = CreateTestProbe();
        writer.Send(_cache, new ObjectCache.WhenSeen("one", new ObjectWrite(Make.Pods, Key("b"), "7", "uid-b")));
        writer.Send(_cache, new ObjectCache.WhenSeen("two", new ObjectWrite(Make.Pods, Key("a"), "", "uid-a")));
        Tell(Changed(WatchEventType.Added, Pod("x", 6)));
        writer.ExpectNoMsg(TimeSpan.Zero);
        Tell(Changed(WatchEventType.Added, Pod("b", 7)));
        Assert.Equal("one", writer.ExpectMsg<ObjectCache.Seen>(Patience).Token);
        Tell(Changed(WatchEventType.Deleted, Pod("a", 8)));
        Assert.Equal("two", writer.ExpectMsg<ObjectCache.Seen>(Patience).Token);
    }

    [Fact]
    public void Subscriber_that_never_takes_costs_one_entry_a_key()
    {
        Tell(Replaced(1));
        var subscriber = Subscribe();
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);
        for (var version = 2; version < 5000; version++)
        {
            Tell(Changed(WatchEventType.Modified, Pod($"pod-{version % 7}", version)));
        }
        Expect(subscriber);
        subscriber.ExpectNoMsg(TimeSpan.Zero);
        Take(subscriber);
        Assert.Equal(7, Expect(subscriber).Length);
    }
}
