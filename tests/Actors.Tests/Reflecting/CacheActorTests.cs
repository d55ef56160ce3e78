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

    void Tell(params ReflectorEvent[] told)
    {
        _stream.Send(_cache, new CacheActor.Told([.. told]));
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
        second.Send(_cache, new CacheActor.Told([Replaced(9, Pod("a", 8))]));
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

    [Fact]
    public void Events_that_came_together_are_one_message_and_one_new_content()
    {
        Tell(Replaced(5, Pod("a", 1), Pod("b", 2)));
        var subscriber = Subscribe();
        Expect(subscriber);
        Take(subscriber);
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);
        Tell(
            Changed(WatchEventType.Modified, Pod("a", 6)), Changed(WatchEventType.Added, Pod("c", 7)), new ReflectorEvent.Bookmarked("8"),
            Changed(WatchEventType.Deleted, Pod("b", 9)), Changed(WatchEventType.Added, Pod("d", 10)));
        Assert.Equal(["a@1>6", "+c@7", "-b@9", "+d@10"], Expect(subscriber));
        subscriber.ExpectNoMsg(TimeSpan.Zero);
        Assert.Equal("10", _store.Current.ResourceVersion);
        Assert.Equal(["a", "c", "d"], _store.Current.List().Select(o => o.Name).Order());
    }

    [Fact]
    public void Subscriber_that_is_ready_misses_no_state_of_an_object_because_two_came_together()
    {
        Tell(Replaced(5, Pod("a", 1)));
        var subscriber = Subscribe();
        Expect(subscriber);
        Take(subscriber);
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);
        // One that comes and goes, too.
        Tell(Changed(WatchEventType.Modified, Pod("a", 6)), Changed(WatchEventType.Added, Pod("b", 7)), Changed(WatchEventType.Deleted, Pod("b", 8)), Changed(WatchEventType.Modified, Pod("a", 9)));
        Assert.Equal(["a@1>6", "+b@7"], Expect(subscriber));
        Take(subscriber);
        Assert.Equal(["-b@8", "a@6>9"], Expect(subscriber));
    }

    [Fact]
    public void A_list_among_events_that_came_together_is_told_in_its_place()
    {
        var subscriber = Subscribe();
        Tell(Replaced(5, Pod("a", 1)), Changed(WatchEventType.Modified, Pod("a", 6)), Replaced(9, Pod("a", 6), Pod("b", 8)), Changed(WatchEventType.Deleted, Pod("b", 10)));
        Assert.Equal(["+a@1!"], Expect(subscriber));
        Take(subscriber);
        subscriber.ExpectMsg<ObjectCache.Synced>(Patience);
        Assert.Equal(["a@1>6"], Expect(subscriber));
        Assert.Equal("10", _store.Current.ResourceVersion);
    }

    [Fact]
    public void Fault_while_events_are_applied_ends_the_stream_so_that_what_is_lost_is_read_again()
    {
        var parent = CreateTestProbe();
        var store = new CacheStore([]);
        var cache = Sys.ActorOf(Props.Create(() => new Forwarding(parent, CacheActor.Props(new CacheBook(Pods, store, new TaskCompletionSource()), TimeSpan.FromSeconds(1)))));
        _stream.Send(cache, new CacheActor.StreamBegan());
        _stream.ExpectMsg<CacheActor.Next>();
        _stream.Send(cache, new CacheActor.Told([Replaced(5, Pod("a", 1))]));
        _stream.ExpectMsg<CacheActor.Next>();
        _stream.Send(cache, new CacheActor.Told([Changed(WatchEventType.Modified, Pod("a", 6)), new ReflectorEvent.Changed(WatchEventType.Modified, null!, "7")]));
        Assert.IsType<NullReferenceException>(parent.FishForMessage<CacheActor.StreamEnded>(_ => true, Patience).Error);
        // Nothing of it was shown, and what the same stream still has to tell would have a hole before it.
        Assert.Equal("5", store.Current.ResourceVersion);
        Assert.Equal("1", store.Live.TryGet(Key("a"), out var held) ? held.ResourceVersion : "");
        _stream.Send(cache, new CacheActor.Told([Changed(WatchEventType.Modified, Pod("a", 8))]));
        _stream.ExpectMsg<CacheActor.Next>();
        Assert.Equal("5", store.Current.ResourceVersion);
    }

    /// <summary>A parent whose child's reports go to the test, and the test's messages to the child.</summary>
    sealed class Forwarding : UntypedActor
    {
        readonly IActorRef _test, _child;

        public Forwarding(IActorRef test, Props child) => (_test, _child) = (test, Context.ActorOf(child));

        protected override void OnReceive(object message) => (Sender.Equals(_child) ? _test : _child).Forward(message);
    }
}
