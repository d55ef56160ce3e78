using System.Threading.Channels;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using static ActorKube.Actors.Tests.Make;

namespace ActorKube.Actors.Tests;

/// <summary>Informers: handlers that are functions, on the shared caches.</summary>
public sealed class InformerTests : ActorTest
{
    readonly Channel<string> _heard = Channel.CreateUnbounded<string>();

    async Task<Informer<V1Pod>> Inform()
    {
        var actor = Sys.ActorOf(InformerActor.Props(NullLogger.Instance, TimeSpan.FromSeconds(1)));
        return new Informer<V1Pod>(await Acquire(Pods, actor), actor);
    }

    InformerHandler<V1Pod> Handler(string name = "") => new()
    {
        Added = (pod, initial) => _heard.Writer.TryWrite($"{name}+{pod.Metadata.Name}{(initial ? "!" : "")}"),
        Updated = (old, now) => _heard.Writer.TryWrite($"{name}{now.Metadata.Name}@{old.Metadata.ResourceVersion}>{now.Metadata.ResourceVersion}"),
        Deleted = (pod, unknown) => _heard.Writer.TryWrite($"{name}-{pod.Metadata.Name}{(unknown ? "?" : "")}"),
    };

    async Task<string> Heard() => await _heard.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    static WatchEvent Event(WatchEventType type, KubeObject item) => new(type, item);

    [Fact]
    public async Task Handlers_hear_additions_updates_and_deletions_with_what_the_object_was()
    {
        var informer = await Inform();
        var registration = informer.AddHandler(Handler());
        Assert.False(registration.HasSynced);
        var watch = await Sync(Pods, 10, Pod("a", 5));
        await registration.WaitForSyncAsync().WaitAsync(Patience);
        Assert.Equal("+a!", await Heard());
        watch.Send(Event(WatchEventType.Added, Pod("b", 11)), Event(WatchEventType.Modified, Pod("a", 12)));
        Assert.Equal("+b", await Heard());
        Assert.Equal("a@5>12", await Heard());
        watch.Send(Event(WatchEventType.Deleted, Pod("a", 13)));
        Assert.Equal("-a", await Heard());
        Assert.Equal("b", informer.Lister.Get("b", "default")!.Metadata.Name);
        Assert.Equal(1, informer.Lister.Count);
    }

    [Fact]
    public async Task Handler_added_late_hears_all_as_initial_and_is_synced_after_them()
    {
        var informer = await Inform();
        var watch = await Sync(Pods, 10, Pod("a", 5));
        await informer.WaitForSyncAsync().WaitAsync(Patience);
        watch.Send(Event(WatchEventType.Added, Pod("b", 11)));
        await Until(() => informer.Cache.Count == 2);
        var late = informer.AddHandler(Handler());
        await late.WaitForSyncAsync().WaitAsync(Patience);
        Assert.Equal(["+a!", "+b!"], new[] { await Heard(), await Heard() }.Order());
    }

    [Fact]
    public async Task Removed_handler_is_not_called_any_more_however_often_it_is_removed()
    {
        var informer = await Inform();
        var gone = informer.AddHandler(Handler("gone"));
        var stays = informer.AddHandler(Handler());
        var watch = await Sync(Pods, 10);
        await gone.WaitForSyncAsync().WaitAsync(Patience);
        await stays.WaitForSyncAsync().WaitAsync(Patience);
        await gone.DisposeAsync();
        await gone.DisposeAsync();
        watch.Send(Event(WatchEventType.Added, Pod("b", 11)));
        Assert.Equal("+b", await Heard());
        Assert.False(_heard.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Failing_handler_goes_on_with_the_next_change_after_a_pause_and_harms_no_other()
    {
        var informer = await Inform();
        var failing = informer.AddHandler(new InformerHandler<V1Pod>
        {
            Added = (pod, _) =>
            {
                _heard.Writer.TryWrite("failing+" + pod.Metadata.Name);
                throw new FormatException();
            },
        });
        var watch = await Sync(Pods, 10);
        await failing.WaitForSyncAsync().WaitAsync(Patience);
        var other = informer.AddHandler(Handler());
        await other.WaitForSyncAsync().WaitAsync(Patience);
        watch.Send(Event(WatchEventType.Added, Pod("a", 11)));
        Assert.Equal(["+a", "failing+a"], new[] { await Heard(), await Heard() }.Order());
        watch.Send(Event(WatchEventType.Added, Pod("b", 12)));
        Assert.Equal("+b", await Heard());
        Assert.False(_heard.Reader.TryPeek(out _));
        await Pass(TimeSpan.FromSeconds(1), () => _heard.Reader.TryPeek(out _));
        Assert.Equal("failing+b", await Heard());
    }

    [Fact]
    public async Task Handler_is_synced_only_when_it_has_heard_all_that_was_there_also_where_it_fails_in_between()
    {
        var informer = await Inform();
        await Sync(Pods, 10, Pod("a", 5), Pod("b", 6));
        await informer.WaitForSyncAsync().WaitAsync(Patience);
        var heard = 0;
        var failing = informer.AddHandler(new InformerHandler<V1Pod>
        {
            Added = (_, _) =>
            {
                if (Interlocked.Increment(ref heard) == 1)
                    throw new FormatException();
            },
        });
        await Until(() => Volatile.Read(ref heard) == 1);
        await Pass(TimeSpan.FromSeconds(1), () => failing.HasSynced);
        Assert.Equal(2, heard);
    }

    [Fact]
    public async Task Handler_is_reminded_of_every_object_where_it_asks_for_that()
    {
        var informer = await Inform();
        var registration = informer.AddHandler(Handler(), resync: TimeSpan.FromMinutes(5));
        await Sync(Pods, 10, Pod("a", 5));
        await registration.WaitForSyncAsync().WaitAsync(Patience);
        await Heard();
        await Pass(TimeSpan.FromMinutes(5), () => _heard.Reader.TryPeek(out _));
        Assert.Equal("a@5>5", await Heard());
    }

    [Fact]
    public async Task Last_informer_to_go_stops_the_reflector()
    {
        var one = await Inform();
        var two = await Inform();
        Assert.Same(one.Cache, two.Cache);
        var watch = await Sync(Pods, 10);
        await one.WaitForSyncAsync().WaitAsync(Patience);
        await one.DisposeAsync();
        watch.Send(Event(WatchEventType.Added, Pod("b", 11)));
        await Until(() => two.Cache.Count == 1);
        await two.DisposeAsync();
        await watch.Disposed;
        await Until(() => Health.Caches.Count == 0);
    }
}
