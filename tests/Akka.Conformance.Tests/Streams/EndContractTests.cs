using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Util;

namespace Akka.Conformance.Streams;

/// <summary>
/// What <see cref="OperatorContractTests"/> holds operators to, for what begins or ends a stream and has another stream behind it: restarting sources and sinks, and hubs.
/// Each passes elements on in order, says of its own accord whether the end of what is behind it is its own end, cancels it or lives on, and takes a bounded number of elements ahead of demand.
/// </summary>
public class EndContractTests : StreamTest
{
    /// <param name="Wrap">Makes the source from what makes the stream behind it, and what sends a second stream through it; null where it does so itself.</param>
    /// <param name="Completes">It completes with the stream behind it; otherwise it goes on with the next.</param>
    /// <param name="Fails">Likewise for failure.</param>
    /// <param name="Cancels">It cancels the stream behind it; otherwise that one is served to its end.</param>
    /// <param name="ForOne">How many elements it may take when it is asked for one.</param>
    private sealed record End(Func<ActorMaterializer, Func<Source<int, NotUsed>>, (Source<int, NotUsed> Source, Action? Again)> Wrap, bool Completes, bool Fails, bool Cancels, int ForOne);

    private static readonly RestartSettings Soon1 = RestartSettings.Create(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), 0);

    private static readonly Dictionary<string, End> Ends = new()
    {
        ["RestartSource.WithBackoff"] = new((_, make) => (RestartSource.WithBackoff(make, Soon1), null), Completes: false, Fails: false, Cancels: true, ForOne: 4),
        ["RestartSource.OnFailuresWithBackoff"] = new((_, make) => (RestartSource.OnFailuresWithBackoff(make, Soon1), null), Completes: true, Fails: false, Cancels: true, ForOne: 4),
        ["RestartSource without a restart"] = new((_, make) => (RestartSource.WithBackoff(make, Soon1.WithMaxRestarts(0, TimeSpan.FromHours(1))), null),
            Completes: true, Fails: true, Cancels: true, ForOne: 4),
        ["MergeHub"] = new((mat, make) =>
        {
            var (sink, source) = MergeHub.Source<int>(4).PreMaterialize(mat);
            make().RunWith(sink, mat);
            return (source, () => make().RunWith(sink, mat));
        }, Completes: false, Fails: false, Cancels: true, ForOne: 32),
        ["BroadcastHub"] = new((mat, make) => (make().RunWith(BroadcastHub.Sink<int>(8), mat), null), Completes: true, Fails: true, Cancels: false, ForOne: 32),
        ["PartitionHub"] = new((mat, make) => (make().RunWith(PartitionHub.Sink<int>((_, _) => 0, 1, 8), mat), null), Completes: true, Fails: true, Cancels: false, ForOne: 32),
        ["Lazily"] = new((_, make) => (Source.Lazily(make).MapMaterializedValue(_ => NotUsed.Instance), null), Completes: true, Fails: true, Cancels: true, ForOne: 4),
        ["AsPublisher and FromPublisher"] = new((mat, make) => (Source.FromPublisher(make().RunWith(Sink.AsPublisher<int>(false), mat)), null),
            Completes: true, Fails: true, Cancels: true, ForOne: 64),
        ["an async sequence"] = new((mat, make) => (Source.From(() => make().RunAsAsyncEnumerable(mat)), null), Completes: true, Fails: true, Cancels: true, ForOne: 64),
    };

    public static TheoryData<string> Names => [.. Ends.Keys];

    /// <summary>The first stream is driven by hand, the ones after it give 9.</summary>
    private (Upstream<int> Up, Downstream<int> Down, Action? Again) Driven(End end)
    {
        var up = new Upstream<int>();
        var streams = 0;
        var (source, again) = end.Wrap(Mat, () => Interlocked.Increment(ref streams) == 1 ? Source.FromPublisher(up) : Source.Single(9).Concat(Source.Never<int>()));
        return (up, Drain(source), again);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_passes_elements_on_and_ends_or_goes_on_when_the_stream_behind_it_completes(string name)
    {
        var (up, down, again) = Driven(Ends[name]);
        await down.Request(3);
        await up.Send(1, 2, 3);
        foreach (var n in new[] { 1, 2, 3 })
            Assert.Equal(n, await down.Take());
        await up.Complete();
        await down.Request(1);
        if (Ends[name].Completes)
        {
            await down.ExpectComplete();
            return;
        }

        again?.Invoke();
        Assert.Equal(9, await down.Take());
        await down.Cancel();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_fails_or_goes_on_when_the_stream_behind_it_fails(string name)
    {
        var (up, down, again) = Driven(Ends[name]);
        await down.Request(1);
        await up.Send(1);
        Assert.Equal(1, await down.Take());
        await up.Fail(Boom);
        await down.Request(1);
        if (Ends[name].Fails)
        {
            var error = await down.ExpectError();
            Assert.Same(Boom, error is AggregateException ? error.InnerException : error);
            return;
        }

        again?.Invoke();
        Assert.Equal(9, await down.Take());
        await down.Cancel();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_cancels_the_stream_behind_it_or_serves_it_to_its_end(string name)
    {
        var (up, down, _) = Driven(Ends[name]);
        await down.Request(1);
        await up.Send(1);
        Assert.Equal(1, await down.Take());
        await down.Cancel();
        if (Ends[name].Cancels)
            await up.Cancelled;
        else
            await up.Complete();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_takes_no_more_ahead_than_its_buffers_hold(string name)
    {
        var taken = 0;
        var ended = new TaskCompletionSource();
        var killSwitch = KillSwitches.Shared("end");
        var (source, _) = Ends[name].Wrap(Mat, () => Source.Unfold(1, n =>
            {
                Interlocked.Increment(ref taken);
                return Option<(int, int)>.Create((n + 1, n));
            })
            .Via(killSwitch.Flow<int>())
            .WatchTermination((_, end) =>
            {
                end.ContinueWith(_ => ended.TrySetResult(), TaskContinuationOptions.ExecuteSynchronously);
                return NotUsed.Instance;
            }));
        var down = Drain(source);
        await down.Request(1);
        Assert.Equal(1, await down.Take());
        // What counts is read after the end, when nothing can be taken any more.
        await down.Cancel();
        killSwitch.Shutdown();
        await Soon(ended.Task);
        Assert.InRange(Volatile.Read(ref taken), 1, Ends[name].ForOne);
    }

    /// <summary>The sinks that a restarting sink makes, each driven by hand.</summary>
    private sealed class Sinks
    {
        private readonly System.Threading.Channels.Channel<Downstream<int>> _made = System.Threading.Channels.Channel.CreateUnbounded<Downstream<int>>();

        public Sink<int, NotUsed> Make()
        {
            var down = new Downstream<int>();
            _made.Writer.TryWrite(down);
            return Sink.FromSubscriber(down);
        }

        public Task<Downstream<int>> Next() => Soon(_made.Reader.ReadAsync().AsTask());
    }

    [Fact]
    public async Task RestartSink_gives_elements_and_completion_to_its_sink()
    {
        var sinks = new Sinks();
        Numbers(1, 3).RunWith(RestartSink.WithBackoff(sinks.Make, Soon1), Mat);
        var down = await sinks.Next();
        await down.Expect(1, 2, 3);
        await down.ExpectComplete();
    }

    [Fact]
    public async Task RestartSink_gives_a_failure_to_its_sink()
    {
        var sinks = new Sinks();
        Source.Failed<int>(Boom).RunWith(RestartSink.WithBackoff(sinks.Make, Soon1), Mat);
        var error = await (await sinks.Next()).ExpectError();
        Assert.Same(Boom, error is AggregateException ? error.InnerException : error);
    }

    [Fact]
    public async Task RestartSink_goes_on_with_another_sink_when_one_cancels()
    {
        var sinks = new Sinks();
        var up = new Upstream<int>();
        Source.FromPublisher(up).RunWith(RestartSink.WithBackoff(sinks.Make, Soon1), Mat);
        var first = await sinks.Next();
        await first.Request(1);
        await up.Send(1);
        Assert.Equal(1, await first.Take());
        await first.Cancel();
        var second = await sinks.Next();
        await second.Request(1);
        await up.Send(2);
        Assert.Equal(2, await second.Take());
        await up.Complete();
        await second.ExpectComplete();
    }

    [Fact]
    public async Task RestartSink_cancels_upstream_when_it_may_not_restart_any_more()
    {
        var sinks = new Sinks();
        var up = new Upstream<int>();
        Source.FromPublisher(up).RunWith(RestartSink.WithBackoff(sinks.Make, Soon1.WithMaxRestarts(1, TimeSpan.FromHours(1))), Mat);
        await (await sinks.Next()).Cancel();
        await (await sinks.Next()).Cancel();
        await up.Cancelled;
    }

    [Fact]
    public async Task RestartSink_takes_no_more_than_its_sink_asks_for_and_its_buffers_hold()
    {
        var sinks = new Sinks();
        var taken = 0;
        var killSwitch = KillSwitches.Shared("sink");
        var ended = Source.UnfoldInfinite(1, n =>
        {
            Interlocked.Increment(ref taken);
            return (n + 1, n);
        }).Via(killSwitch.Flow<int>()).WatchTermination(Keep.Right).To(RestartSink.WithBackoff(sinks.Make, Soon1)).Run(Mat);
        var down = await sinks.Next();
        await down.Expect(1);
        killSwitch.Shutdown();
        await Soon(ended);
        Assert.InRange(Volatile.Read(ref taken), 1, 4);
        await down.Cancel();
    }
}
