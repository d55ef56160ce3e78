using System.Collections.Concurrent;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Streams.Supervision;
using Akka.Util;

namespace Akka.Conformance.Streams;

public class ResourceTests : StreamTest
{
    private readonly ConcurrentQueue<string> _log = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Source<int, NotUsed> Resource(int count, int? throwAt = null) => Source.UnfoldResource(
        () =>
        {
            _log.Enqueue("open");
            return new[] { 0 };
        },
        at =>
        {
            var n = ++at[0];
            if (n == throwAt) throw Boom;
            return n > count ? Option<int>.None : Option<int>.Create(n);
        },
        _ =>
        {
            _log.Enqueue("close");
            _closed.TrySetResult();
        });

    private Source<int, NotUsed> AsyncResource(int count, int? throwAt = null) => Source.UnfoldResourceAsync(
        async () =>
        {
            await Task.Yield();
            _log.Enqueue("open");
            return new[] { 0 };
        },
        async at =>
        {
            await Task.Yield();
            var n = ++at[0];
            if (n == throwAt) throw Boom;
            return n > count ? Option<int>.None : Option<int>.Create(n);
        },
        async _ =>
        {
            await Task.Yield();
            _log.Enqueue("close");
            _closed.TrySetResult();
            return Done.Instance;
        });

    private static Exception Root(Exception e) => e.InnerException ?? e;

    [Fact]
    public async Task A_resource_is_closed_after_its_last_element()
    {
        Assert.Equal([1, 2], await All(Resource(2)));
        Assert.Equal(["open", "close"], _log);
    }

    [Fact]
    public async Task A_resource_is_closed_on_cancellation()
    {
        Assert.Equal([1], await All(Resource(int.MaxValue).Take(1)));
        await Soon(_closed.Task);
        Assert.Equal(["open", "close"], _log);
    }

    [Fact]
    public async Task A_resource_is_closed_when_reading_fails()
    {
        Assert.Same(Boom, await Failure(Resource(9, throwAt: 2).RunWith(Sink.Ignore<int>(), Mat)));
        Assert.Equal(["open", "close"], _log);
    }

    [Fact]
    public async Task Resume_reads_on_after_an_exception() => Assert.Equal([1, 3],
        await All(Resource(3, throwAt: 2).WithAttributes(ActorAttributes.CreateSupervisionStrategy(Deciders.ResumingDecider))));

    [Fact]
    public async Task Restart_opens_the_resource_anew()
    {
        var source = Resource(9, throwAt: 3).WithAttributes(ActorAttributes.CreateSupervisionStrategy(Deciders.RestartingDecider));
        Assert.Equal([1, 2, 1, 2, 1], await All(source.Take(5)));
        Assert.Equal(["open", "close", "open", "close", "open"], _log.Take(5));
    }

    [Fact]
    public async Task A_resource_that_cannot_be_opened_fails_the_stream() => Assert.Same(Boom, await Failure(
        Source.UnfoldResource<int, int>(() => throw Boom, _ => Option<int>.None, _ => { }).RunWith(Sink.Ignore<int>(), Mat)));

    [Fact]
    public async Task An_async_resource_is_closed_after_its_last_element()
    {
        Assert.Equal([1, 2], await All(AsyncResource(2)));
        Assert.Equal(["open", "close"], _log);
    }

    [Fact]
    public async Task An_async_resource_is_closed_on_cancellation()
    {
        Assert.Equal([1], await All(AsyncResource(int.MaxValue).Take(1)));
        await Soon(_closed.Task);
        Assert.Equal(["open", "close"], _log);
    }

    [Fact]
    public async Task An_async_resource_is_closed_when_reading_fails()
    {
        Assert.Same(Boom, Root(await Failure(AsyncResource(9, throwAt: 2).RunWith(Sink.Ignore<int>(), Mat))));
        await Soon(_closed.Task);
        Assert.Equal(["open", "close"], _log);
    }

    [Fact]
    public async Task An_async_resource_is_opened_anew_on_restart()
    {
        var source = AsyncResource(9, throwAt: 3).WithAttributes(ActorAttributes.CreateSupervisionStrategy(Deciders.RestartingDecider));
        Assert.Equal([1, 2, 1, 2, 1], await All(source.Take(5)));
    }

    [Fact]
    public async Task An_async_resource_that_cannot_be_opened_fails_the_stream() => Assert.Same(Boom, Root(await Failure(
        Source.UnfoldResourceAsync<int, int>(() => Task.FromException<int>(Boom), _ => Task.FromResult(Option<int>.None),
            _ => Task.FromResult(Done.Instance)).RunWith(Sink.Ignore<int>(), Mat))));
}
