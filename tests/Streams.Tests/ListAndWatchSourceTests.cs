using ActorKube.Models;
using ActorKube.Testing;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.TestKit.Xunit2;
using static ActorKube.Streams.Tests.Make;

namespace ActorKube.Streams.Tests;

/// <summary>The source as its users see it: a fake server on one side, demand one element at a time on the other, virtual time between.</summary>
public sealed class ListAndWatchSourceTests : TestKit
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly FakeListWatch _server = new(Pods);
    readonly ActorMaterializer _materializer;

    public ListAndWatchSourceTests() : base(OutstandingWork.VirtualTimeConfiguration) => _materializer = Sys.Materializer();

    OutstandingWork Work => OutstandingWork.Of(Sys);

    /// <summary>Runs the source; each <see cref="ISinkQueue{T}.PullAsync"/> of the queue is one element of demand.</summary>
    ISinkQueue<ReflectorEvent> Run(ListAndWatchSettings? settings = null) =>
        KubeSource.ListAndWatch(_server, settings ?? new ListAndWatchSettings { StreamInitialEvents = false }, new SchedulerTimeProvider(Sys.Scheduler), () => 0)
            .RunWith(Sink.Queue<ReflectorEvent>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), _materializer);

    static async Task<T> Next<T>(ISinkQueue<ReflectorEvent> queue) where T : ReflectorEvent
    {
        var pulled = await queue.PullAsync().WaitAsync(Patience);
        return Assert.IsType<T>(pulled.Value);
    }

    [Fact]
    public async Task Lists_then_watches_then_goes_on_where_a_clean_end_left_it()
    {
        var events = Run();
        (await _server.NextList()).Answer(10, Pod("a", 5));
        Assert.Equal("10", (await Next<ReflectorEvent.Replaced>(events)).Version);

        var watch = await _server.NextWatch();
        Assert.Equal("10", watch.Options.ResourceVersion);
        watch.Send(Modified("a", 11), Bookmark(15));
        Assert.Equal("11", (await Next<ReflectorEvent.Changed>(events)).Version);
        Assert.Equal("15", (await Next<ReflectorEvent.Bookmarked>(events)).Version);

        watch.Close();
        var second = await _server.NextWatch();
        Assert.Equal("15", second.Options.ResourceVersion);
        Assert.Equal(1, _server.ListCount);
        await watch.Disposed;
        Assert.Equal(1, watch.Disposals);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Expired_watch_relists_after_a_pause(bool asEvent)
    {
        var events = Run();
        (await _server.NextList()).Answer(10, Pod("a", 5));
        await Next<ReflectorEvent.Replaced>(events);
        var watch = await _server.NextWatch();
        if (asEvent)
            watch.Send(Error(410, "Expired"));
        else
            watch.Fail(Failure(410, "Gone"));
        Assert.Equal(TroubleKind.Expired, (await Next<ReflectorEvent.Troubled>(events)).Trouble.Kind);
        var next = Next<ReflectorEvent.Replaced>(events);
        await AdvanceTo(() => _server.ListCount == 2, TimeSpan.FromMilliseconds(800));
        var list = await _server.NextList();
        Assert.Equal("10", list.Options.ResourceVersion);
        list.Answer(20, Pod("b", 15));
        Assert.Equal("b", Assert.Single((await next).Objects).Name);
    }

    [Fact]
    public async Task Refused_connections_are_tried_again_in_the_exact_series_without_a_list()
    {
        var events = Run();
        (await _server.NextList()).Answer(10);
        await Next<ReflectorEvent.Replaced>(events);
        foreach (var seconds in new[] { 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30 })
        {
            (await _server.NextWatch()).Fail(new HttpRequestException("connection refused"));
            Assert.Equal(seconds, (await Next<ReflectorEvent.Troubled>(events)).Trouble.RetryIn.TotalSeconds, 6);
            var opened = _server.WatchCount;
            await AdvanceTo(() => _server.WatchCount > opened, TimeSpan.FromSeconds(seconds));
        }
        Assert.Equal(1, _server.ListCount);
    }

    [Fact]
    public async Task Nothing_is_read_that_nobody_asks_for()
    {
        var events = Run();
        (await _server.NextList()).Answer(10);
        await Next<ReflectorEvent.Replaced>(events);
        var watch = await _server.NextWatch();
        for (var i = 0; i < 1000; i++)
            watch.Send(Added($"pod-{i}", 100 + i));
        for (var i = 0; i < 3; i++)
            await Next<ReflectorEvent.Changed>(events);
        // What was taken, what the queue's buffer of one may hold, and one in hand.
        await Work.IdleAsync();
        Assert.InRange(watch.Pulls, 3, 6);
        for (var i = 0; i < 100; i++)
            await Next<ReflectorEvent.Changed>(events);
        Assert.InRange(watch.Pulls, 103, 106);
    }

    [Fact]
    public async Task Cancellation_closes_the_watch_exactly_once()
    {
        foreach (var midEvent in new[] { true, false })
        {
            var server = new FakeListWatch(Pods);
            var (kill, events) = KubeSource.ListAndWatch(server, new ListAndWatchSettings { StreamInitialEvents = false }, new SchedulerTimeProvider(Sys.Scheduler))
                .ViaMaterialized(KillSwitches.Single<ReflectorEvent>(), Keep.Right)
                .ToMaterialized(Sink.Queue<ReflectorEvent>(), Keep.Both)
                .Run(_materializer);
            (await server.NextList()).Answer(10);
            await events.PullAsync();
            var watch = await server.NextWatch();
            if (midEvent)
                watch.Send(Added("a", 11), Added("b", 12));
            kill.Shutdown();
            await watch.Disposed;
            Assert.Equal(1, watch.Disposals);
        }
    }

    [Fact]
    public async Task Silent_watch_is_opened_again_without_a_list()
    {
        var events = Run();
        (await _server.NextList()).Answer(10);
        await Next<ReflectorEvent.Replaced>(events);
        var watch = await _server.NextWatch();
        var next = Next<ReflectorEvent.Troubled>(events);
        Assert.Equal(TroubleKind.Silent, (await AdvanceTo(next, TimeSpan.FromSeconds(330))).Trouble.Kind);
        Assert.Equal("10", (await _server.NextWatch()).Options.ResourceVersion);
        await watch.Disposed;
    }

    [Fact]
    public async Task Idle_watch_is_opened_again_but_bookmarks_keep_it_alive()
    {
        var events = Run(new ListAndWatchSettings { StreamInitialEvents = false, IdleTimeout = TimeSpan.FromSeconds(70) });
        (await _server.NextList()).Answer(10);
        await Next<ReflectorEvent.Replaced>(events);
        var watch = await _server.NextWatch();
        for (var minute = 0; minute < 4; minute++)
        {
            await Work.AdvanceAsync(TimeSpan.FromSeconds(60));
            watch.Send(Bookmark(20 + minute));
            await Next<ReflectorEvent.Bookmarked>(events);
        }
        Assert.Equal(1, _server.WatchCount);
        var next = Next<ReflectorEvent.Troubled>(events);
        Assert.Equal(TroubleKind.Silent, (await AdvanceTo(next, TimeSpan.FromSeconds(70))).Trouble.Kind);
        Assert.Equal("23", (await _server.NextWatch()).Options.ResourceVersion);
    }

    [Fact]
    public async Task Survives_many_closes_with_no_version_told_twice()
    {
        var events = Run();
        (await _server.NextList()).Answer(10);
        await Next<ReflectorEvent.Replaced>(events);
        var told = new List<string?>();
        for (var round = 0; round < 50; round++)
        {
            var watch = await _server.NextWatch();
            Assert.Equal((10 + round).ToString(), watch.Options.ResourceVersion);
            watch.Send(Added($"pod-{round}", 11 + round));
            watch.Close();
            told.Add((await Next<ReflectorEvent.Changed>(events)).Version);
        }
        Assert.Equal(50, told.Distinct().Count());
        Assert.Equal(1, _server.ListCount);
    }

    [Fact]
    public async Task Missing_kind_is_waited_for()
    {
        var events = Run();
        (await _server.NextList()).Fail(Failure(404, "NotFound"));
        Assert.Equal(TroubleKind.MissingKind, (await Next<ReflectorEvent.Troubled>(events)).Trouble.Kind);
        var next = Next<ReflectorEvent.Replaced>(events);
        await AdvanceTo(() => _server.ListCount == 2, TimeSpan.FromSeconds(10));
        (await _server.NextList()).Answer(10);
        Assert.Equal("10", (await next).Version);
    }

    [Fact]
    public async Task Initial_events_that_take_their_time_are_said_aloud_every_ten_seconds_and_are_not_disturbed()
    {
        var events = Run(new ListAndWatchSettings());
        var watch = await _server.NextWatch();
        watch.Send(Added("a", 5));
        for (var seconds = 10; seconds <= 20; seconds += 10)
        {
            var slow = Next<ReflectorEvent.Troubled>(events);
            var trouble = (await AdvanceTo(slow, TimeSpan.FromSeconds(10))).Trouble;
            Assert.Equal((TroubleKind.NoInitialEvents, false), (trouble.Kind, trouble.Relists));
        }
        // It arrives while nobody asks, and is told when somebody does.
        watch.Send(Added("b", 6), Bookmark(10, endsInitialEvents: true));
        var replaced = await Next<ReflectorEvent.Replaced>(events);
        Assert.Equal(["a", "b"], replaced.Objects.Select(o => o.Name));
        watch.Send(Added("c", 11));
        Assert.Equal("c", (await Next<ReflectorEvent.Changed>(events)).Object.Name);
        Assert.Equal(1, _server.WatchCount);
        Assert.Equal(0, _server.ListCount);
    }

    /// <summary>It comes when so much virtual time has passed, and not a millisecond before.</summary>
    async Task<T> AdvanceTo<T>(Task<T> coming, TimeSpan by)
    {
        var last = TimeSpan.FromMilliseconds(1);
        await Work.AdvanceAsync(by - last);
        Assert.False(coming.IsCompleted, $"It came before {by} had passed.");
        await Work.AdvanceAsync(last);
        return await coming;
    }

    /// <summary>It happens when so much virtual time has passed, and not a millisecond before.</summary>
    async Task AdvanceTo(Func<bool> happened, TimeSpan by)
    {
        var last = TimeSpan.FromMilliseconds(1);
        await Work.AdvanceAsync(by - last);
        Assert.False(happened(), $"It happened before {by} had passed.");
        await Work.AdvanceAsync(last);
        Assert.True(happened(), $"It did not happen within {by}.");
    }
}
