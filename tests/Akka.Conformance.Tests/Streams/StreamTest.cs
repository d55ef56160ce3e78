using System.Collections.Immutable;
using System.Threading.Channels;
using Akka.Configuration;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.TestKit;
using Akka.TestKit.Configs;
using Reactive.Streams;

namespace Akka.Conformance.Streams;

/// <summary>
/// A test of streams on either runtime. Nothing waits for time to pass: a test follows the signals, and where silence matters it sends
/// something afterwards that can only arrive next if nothing came before.
/// </summary>
public abstract class StreamTest : TestKit.Xunit2.TestKit
{
    protected StreamTest(string hocon = "") : base(ConfigurationFactory.ParseString("akka.loglevel = OFF\nakka.stdout-loglevel = OFF\n" + hocon))
    {
        Mat = Sys.Materializer();
    }

    protected StreamTest(Config config) : base(config)
    {
        Mat = Sys.Materializer();
    }

    /// <summary>The system's materializer.</summary>
    protected ActorMaterializer Mat { get; }

    /// <summary>Only to end a test that hangs.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    protected static Exception Boom { get; } = new InvalidOperationException("boom");

    protected static Task Soon(Task task) => task.WaitAsync(Limit);

    protected static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Limit);

    protected static async Task<Exception> Failure(Task task)
    {
        var thrown = await Record.ExceptionAsync(() => task.WaitAsync(Limit));
        return thrown is AggregateException { InnerExceptions.Count: 1 } single ? single.InnerExceptions[0] : thrown!;
    }

    /// <summary>Everything a source gives.</summary>
    protected Task<IImmutableList<T>> All<T, TMat>(Source<T, TMat> source) => Soon(source.RunWith(Sink.Seq<T>(), Mat));

    protected static Source<int, NotUsed> Numbers(int from, int to) => Source.From(Enumerable.Range(from, to - from + 1));

    /// <summary>Runs a flow between two hand-driven ends.</summary>
    protected (Upstream<TIn> Up, Downstream<TOut> Down) Drive<TIn, TOut, TMat>(Flow<TIn, TOut, TMat> flow)
    {
        var up = new Upstream<TIn>();
        var down = new Downstream<TOut>();
        Source.FromPublisher(up).Via(flow).To(Sink.FromSubscriber(down)).Run(Mat);
        return (up, down);
    }

    /// <summary>Runs a source into a hand-driven end.</summary>
    protected Downstream<T> Drain<T, TMat>(Source<T, TMat> source)
    {
        var down = new Downstream<T>();
        source.To(Sink.FromSubscriber(down)).Run(Mat);
        return down;
    }

    /// <summary>A publisher that a test drives by hand.</summary>
    protected sealed class Upstream<T> : IPublisher<T>, ISubscription
    {
        private readonly Channel<long> _requests = Channel.CreateUnbounded<long>();
        private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<ISubscriber<T>> _subscriber = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _demand;

        public Task Cancelled => Soon(_cancelled.Task);

        public void Subscribe(ISubscriber<T> subscriber)
        {
            subscriber.OnSubscribe(this);
            _subscriber.SetResult(subscriber);
        }

        public void Request(long n) => _requests.Writer.TryWrite(n);

        public void Cancel() => _cancelled.TrySetResult();

        /// <summary>Sends elements, each as soon as it is asked for.</summary>
        public async Task Send(params T[] elements)
        {
            var subscriber = await Soon(_subscriber.Task);
            foreach (var element in elements)
            {
                while (_demand == 0) _demand += await Soon(_requests.Reader.ReadAsync().AsTask());
                _demand--;
                subscriber.OnNext(element);
            }
        }

        public async Task Complete() => (await Soon(_subscriber.Task)).OnComplete();

        public async Task Fail(Exception cause) => (await Soon(_subscriber.Task)).OnError(cause);
    }

    /// <summary>A subscriber that a test drives by hand.</summary>
    protected sealed class Downstream<T> : ISubscriber<T>
    {
        private readonly Channel<object> _events = Channel.CreateUnbounded<object>();
        private readonly TaskCompletionSource<ISubscription> _subscription = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private sealed record Next(T Element);

        public void OnSubscribe(ISubscription subscription) => _subscription.SetResult(subscription);

        public void OnNext(T element) => _events.Writer.TryWrite(new Next(element));

        public void OnError(Exception cause) => _events.Writer.TryWrite(cause);

        public void OnComplete() => _events.Writer.TryWrite("complete");

        public async Task Request(long n) => (await Soon(_subscription.Task)).Request(n);

        public async Task Cancel() => (await Soon(_subscription.Task)).Cancel();

        private Task<object> Event() => Soon(_events.Reader.ReadAsync().AsTask());

        /// <summary>The next signal, which must be an element.</summary>
        public async Task<T> Take() => Assert.IsType<Next>(await Event()).Element;

        /// <summary>Asks for exactly these elements and expects them.</summary>
        public async Task Expect(params T[] elements)
        {
            await Request(elements.Length);
            foreach (var element in elements) Assert.Equal(element, await Take());
        }

        /// <summary>The next signal must be completion.</summary>
        public async Task ExpectComplete() => Assert.Equal("complete", await Event());

        /// <summary>The next signal must be failure.</summary>
        public async Task<Exception> ExpectError() => Assert.IsAssignableFrom<Exception>(await Event());
    }
}

/// <summary>A test of streams in virtual time.</summary>
public abstract class VirtualTimeStreamTest : StreamTest
{
    protected VirtualTimeStreamTest(string hocon = "") : base(
        ConfigurationFactory.ParseString("akka.loglevel = OFF\nakka.stdout-loglevel = OFF\n" + hocon).WithFallback(TestConfigs.TestSchedulerConfig))
    {
    }

    protected TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    protected static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
