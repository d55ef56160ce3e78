using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;
using Akka.Util;

namespace Akka.Streams.Implementation.Stages;

/// <summary>
/// Every operator once, as a flow of its own. The operators of sources, flows and substreams differ only in what they append it to.
/// </summary>
internal static class Operators
{
    public static IGraph<FlowShape<TIn, TOut>, NotUsed> Select<TIn, TOut>(Func<TIn, TOut> mapper) =>
        new Select<TIn, TOut>(Required(mapper));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> SelectAsync<TIn, TOut>(int parallelism, Func<TIn, Task<TOut>> mapper) =>
        new SelectAsync<TIn, TOut>(AtLeastOne(parallelism, nameof(parallelism)), Required(mapper));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> SelectAsyncUnordered<TIn, TOut>(int parallelism, Func<TIn, Task<TOut>> mapper) =>
        new SelectAsyncUnordered<TIn, TOut>(AtLeastOne(parallelism, nameof(parallelism)), Required(mapper));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> SelectMany<TIn, TOut>(Func<TIn, IEnumerable<TOut>> concat)
    {
        Required(concat);
        return new StatefulSelectMany<TIn, TOut>(() => concat).WithAttributes(Attributes.CreateName("selectMany"));
    }

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> StatefulSelectMany<TIn, TOut>(Func<Func<TIn, IEnumerable<TOut>>> factory) =>
        new StatefulSelectMany<TIn, TOut>(Required(factory));

    public static IGraph<FlowShape<T, T>, NotUsed> SelectError<T>(Func<Exception, Exception> selector) => new SelectError<T>(Required(selector));

    public static IGraph<FlowShape<T, T>, NotUsed> Where<T>(Predicate<T> predicate) => new Where<T>(Required(predicate));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> Collect<TIn, TOut>(Func<TIn, bool> isDefined, Func<TIn, TOut> collector) =>
        new Collect<TIn, TOut>(Required(isDefined), Required(collector));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> Scan<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> scan) =>
        new Scan<TIn, TOut>(zero, Required(scan));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> ScanAsync<TIn, TOut>(TOut zero, Func<TOut, TIn, Task<TOut>> scan) =>
        new FoldAsync<TIn, TOut>(emitsEach: true, zero, Required(scan));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> Aggregate<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> fold) =>
        new Aggregate<TIn, TOut>(zero, Required(fold));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> AggregateAsync<TIn, TOut>(TOut zero, Func<TOut, TIn, Task<TOut>> fold) =>
        new FoldAsync<TIn, TOut>(emitsEach: false, zero, Required(fold));

    public static IGraph<FlowShape<T, T>, NotUsed> Sum<T>(Func<T, T, T> reduce) => new Reduce<T>(Required(reduce));

    public static IGraph<FlowShape<T, T>, NotUsed> Intersperse<T>(T inject) =>
        new Intersperse<T>(false, default!, NotNull(inject, nameof(inject)), default!);

    public static IGraph<FlowShape<T, T>, NotUsed> Intersperse<T>(T start, T inject, T end) =>
        new Intersperse<T>(true, NotNull(start, nameof(start)), NotNull(inject, nameof(inject)), NotNull(end, nameof(end)));

    public static IGraph<FlowShape<T, T>, NotUsed> Take<T>(long n) => new Take<T>(n);

    public static IGraph<FlowShape<T, T>, NotUsed> TakeWhile<T>(Predicate<T> predicate, bool inclusive) =>
        new TakeWhile<T>(Required(predicate), inclusive);

    public static IGraph<FlowShape<T, T>, NotUsed> TakeWithin<T>(TimeSpan duration) => new TakeWithin<T>(duration);

    public static IGraph<FlowShape<T, T>, NotUsed> Skip<T>(long n) => new Skip<T>(n);

    public static IGraph<FlowShape<T, T>, NotUsed> SkipWhile<T>(Predicate<T> predicate) => new SkipWhile<T>(Required(predicate));

    public static IGraph<FlowShape<T, T>, NotUsed> SkipWithin<T>(TimeSpan duration) => new SkipWithin<T>(duration);

    public static IGraph<FlowShape<T, T>, NotUsed> LimitWeighted<T>(long max, Func<T, long> cost) => new LimitWeighted<T>(max, Required(cost));

    public static IGraph<FlowShape<T, IEnumerable<T>>, NotUsed> Grouped<T>(int n) => new Grouped<T>(AtLeastOne(n, nameof(n)));

    public static IGraph<FlowShape<T, IEnumerable<T>>, NotUsed> GroupedWithin<T>(int n, TimeSpan timeout) =>
        GroupedWeightedWithin<T>(long.MaxValue, n, timeout, static _ => 0);

    public static IGraph<FlowShape<T, IEnumerable<T>>, NotUsed> GroupedWeightedWithin<T>(long maxWeight, int maxNumber, TimeSpan interval,
        Func<T, long> cost)
    {
        if (maxWeight <= 0) throw new ArgumentException("maxWeight must be > 0", nameof(maxWeight));
        AtLeastOne(maxNumber, nameof(maxNumber));
        if (interval <= TimeSpan.Zero) throw new ArgumentException("Timeout must be > 0", nameof(interval));
        return new GroupedWeightedWithin<T>(maxWeight, maxNumber, interval, Required(cost));
    }

    public static IGraph<FlowShape<T, IEnumerable<T>>, NotUsed> Sliding<T>(int n, int step) =>
        new Sliding<T>(AtLeastOne(n, nameof(n)), AtLeastOne(step, nameof(step)));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> Batch<TIn, TOut>(long max, Func<TIn, TOut> seed, Func<TOut, TIn, TOut> aggregate) =>
        new Batch<TIn, TOut>(max, static _ => 1, Required(seed), Required(aggregate));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> BatchWeighted<TIn, TOut>(long max, Func<TIn, long> cost, Func<TIn, TOut> seed,
        Func<TOut, TIn, TOut> aggregate) => new Batch<TIn, TOut>(max, Required(cost), Required(seed), Required(aggregate));

    public static IGraph<FlowShape<T, T>, NotUsed> Conflate<T>(Func<T, T, T> aggregate) => ConflateWithSeed(static e => e, aggregate);

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> ConflateWithSeed<TIn, TOut>(Func<TIn, TOut> seed, Func<TOut, TIn, TOut> aggregate) =>
        new Batch<TIn, TOut>(1, static _ => 0, Required(seed), Required(aggregate)).WithAttributes(Attributes.CreateName("conflate"));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> Expand<TIn, TOut>(Func<TIn, IEnumerator<TOut>> extrapolate) =>
        new Expand<TIn, TOut>(Required(extrapolate));

    public static IGraph<FlowShape<T, T>, NotUsed> Buffer<T>(int size, OverflowStrategy strategy) =>
        new Buffer<T>(AtLeastOne(size, nameof(size)), strategy);

    public static IGraph<FlowShape<T, T>, NotUsed> Throttle<T>(int cost, TimeSpan per, int maximumBurst, Func<T, int> calculateCost,
        ThrottleMode mode)
    {
        if (cost <= 0) throw new ArgumentException("Throttle elements must be > 0", nameof(cost));
        if (per <= TimeSpan.Zero) throw new ArgumentException("Throttle per timeout must be > 0", nameof(per));
        if (mode == ThrottleMode.Enforcing && maximumBurst < 0)
            throw new ArgumentException("Throttle maximumBurst must be > 0 in Enforcing mode", nameof(maximumBurst));
        if (per.Ticks < cost) throw new ArgumentException("Rates larger than 1 unit / tick are not supported", nameof(cost));
        return new Throttle<T>(cost, per, maximumBurst, Required(calculateCost), mode);
    }

    public static IGraph<FlowShape<T, T>, NotUsed> Delay<T>(TimeSpan of, DelayOverflowStrategy? strategy) =>
        new Delay<T>(of, strategy ?? DelayOverflowStrategy.DropTail);

    public static IGraph<FlowShape<T, T>, NotUsed> Detach<T>() => new Detacher<T>();

    public static IGraph<FlowShape<T, T>, NotUsed> InitialDelay<T>(TimeSpan delay) => new DelayInitial<T>(delay);

    public static IGraph<FlowShape<T, T>, NotUsed> Timeout<T>(TimeoutKind kind, TimeSpan timeout) => new Timeout<T>(kind, timeout);

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> KeepAlive<TIn, TOut>(TimeSpan timeout, Func<TOut> inject) where TIn : TOut =>
        new IdleInject<TIn, TOut>(timeout, Required(inject));

    public static IGraph<FlowShape<T, T>, NotUsed> Recover<T>(Func<Exception, Option<T>> partialFunc) => new Recover<T>(Required(partialFunc));

    public static IGraph<FlowShape<T, T>, NotUsed> RecoverWithRetries<T, TMat>(
        Func<Exception, IGraph<SourceShape<T>, TMat>?> partialFunc, int attempts) =>
        new RecoverWith<T, TMat>(Required(partialFunc), attempts);

    public static IGraph<FlowShape<T, T>, NotUsed> Log<T>(string name, Func<T, object>? extract, ILoggingAdapter? log) =>
        new Log<T>(name, extract, log);

    public static IGraph<FlowShape<T, T>, NotUsed> Watch<T>(IActorRef actor) => new Watch<T>(Required(actor));

    public static IGraph<FlowShape<T, T>, Task<Done>> WatchTermination<T>() => new TerminationWatcher<T>();

    public static IGraph<FlowShape<T, T>, IFlowMonitor> Monitor<T>() => new MonitorFlow<T>();

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> Ask<TIn, TOut>(IActorRef actor, TimeSpan timeout, int parallelism) =>
        Flow.FromGraph(Watch<TIn>(actor))
            .SelectAsync(parallelism, element => actor.Ask<TOut>(element!, timeout))
            .Named("ask");

    public static IGraph<FlowShape<T, (T, long)>, NotUsed> ZipWithIndex<T>() => StatefulSelectMany<T, (T, long)>(() =>
    {
        long index = 0;
        return element => [(element, index++)];
    });

    /// <summary>A flow whose output joins another source's in a fan-in.</summary>
    private static IGraph<FlowShape<TIn, TOut>, TMat> Join<TIn, TOther, TOut, TMat, TShape>(IGraph<SourceShape<TOther>, TMat> other,
        IGraph<TShape, NotUsed> junction, Func<TShape, (Inlet<TIn> This, Inlet Other, Outlet<TOut> Out)> ports) where TShape : Shape =>
        GraphDsl.Create(Required(other), (builder, source) =>
        {
            var (self, second, outlet) = ports(builder.Add(junction));
            builder.Wire(source.Outlet, second);
            return new FlowShape<TIn, TOut>(self, outlet);
        });

    public static IGraph<FlowShape<T1, TOut>, TMat> ZipWith<T1, T2, TOut, TMat>(IGraph<SourceShape<T2>, TMat> other,
        Func<T1, T2, TOut> combine) =>
        Join(other, new ZipWith<T1, T2, TOut>(Required(combine)), (FanInShape<T1, T2, TOut> s) => (s.In0, (Inlet)s.In1, s.Out));

    public static IGraph<FlowShape<TIn, TOut>, TMat> Merge<TIn, TOut, TMat>(IGraph<SourceShape<TOut>, TMat> other, bool eagerComplete)
        where TIn : TOut =>
        Join(other, new Merge<TIn, TOut>(2, eagerComplete), (UniformFanInShape<TIn, TOut> s) => (s.In(0), (Inlet)s.In(1), s.Out));

    public static IGraph<FlowShape<TIn, TOut>, TMat> Interleave<TIn, TOut, TMat>(IGraph<SourceShape<TOut>, TMat> other, int segmentSize)
        where TIn : TOut =>
        Join(other, new Interleave<TIn, TOut>(2, segmentSize), (UniformFanInShape<TIn, TOut> s) => (s.In(0), (Inlet)s.In(1), s.Out));

    public static IGraph<FlowShape<T, T>, TMat> MergeSorted<T, TMat>(IGraph<SourceShape<T>, TMat> other, Func<T, T, int> compare) =>
        Join(other, new MergeSorted<T>(Required(compare)), (FanInShape<T, T, T> s) => (s.In0, (Inlet)s.In1, s.Out));

    public static IGraph<FlowShape<T, T>, TMat> Concat<T, TMat>(IGraph<SourceShape<T>, TMat> other) =>
        Join(other, Dsl.Concat.Create<T>(), (UniformFanInShape<T, T> s) => (s.In(0), (Inlet)s.In(1), s.Out));

    public static IGraph<FlowShape<TIn, TOut>, TMat> Prepend<TIn, TOut, TMat>(IGraph<SourceShape<TOut>, TMat> that) where TIn : TOut =>
        Join(that, new Concat<TIn, TOut>(), (UniformFanInShape<TIn, TOut> s) => (s.In(1), (Inlet)s.In(0), s.Out));

    public static IGraph<FlowShape<T, T>, TMat> OrElse<T, TMat>(IGraph<SourceShape<T>, TMat> secondary) =>
        Join(secondary, new OrElse<T>(), (UniformFanInShape<T, T> s) => (s.In(0), (Inlet)s.In(1), s.Out));

    /// <summary>A fan-in whose inputs are each asked for one element ahead.</summary>
    public static IGraph<UniformFanInShape<T, T>, NotUsed> WithDetachedInputs<T>(GraphStage<UniformFanInShape<T, T>> junction) =>
        GraphDsl.Create(builder =>
        {
            var shape = builder.Add(junction);
            Inlet<T>[] ins = [.. shape.Ins.Select(inlet =>
            {
                var detacher = builder.Add(new Detacher<T>());
                builder.From(detacher).To(inlet);
                return detacher.Inlet;
            })];
            return new UniformFanInShape<T, T>(shape.Out, ins);
        });

    /// <summary>A flow with a second output that leads to a sink.</summary>
    private static IGraph<FlowShape<T, T>, TMat> Split<T, TMat, TShape>(IGraph<SinkShape<T>, TMat> that,
        IGraph<TShape, NotUsed> junction, Func<TShape, (Inlet<T> In, Outlet<T> Out, Outlet<T> Side)> ports) where TShape : Shape =>
        GraphDsl.Create(Required(that), (builder, sink) =>
        {
            var (inlet, outlet, side) = ports(builder.Add(junction));
            builder.From(side).To(sink);
            return new FlowShape<T, T>(inlet, outlet);
        });

    public static IGraph<FlowShape<T, T>, TMat> AlsoTo<T, TMat>(IGraph<SinkShape<T>, TMat> that, bool propagateFailure) =>
        Split(that, new Broadcast<T>(2, eagerCancel: propagateFailure), (UniformFanOutShape<T, T> s) => (s.In, s.Out(0), s.Out(1)));

    public static IGraph<FlowShape<T, T>, TMat> DivertTo<T, TMat>(IGraph<SinkShape<T>, TMat> that, Func<T, bool> when)
    {
        Required(when);
        return Split(that, new Partition<T>(2, element => when(element) ? 1 : 0), (UniformFanOutShape<T, T> s) => (s.In, s.Out(0), s.Out(1)));
    }

    public static IGraph<FlowShape<T, T>, TMat> WireTap<T, TMat>(IGraph<SinkShape<T>, TMat> that) =>
        Split(that, Dsl.WireTap.Create<T>(), (FanOutShape<T, T, T> s) => (s.In, s.Out0, s.Out1));

    public static IGraph<FlowShape<TIn, TOut>, NotUsed> FlattenMerge<TIn, TOut, TMat>(int breadth,
        Func<TIn, IGraph<SourceShape<TOut>, TMat>> flatten)
    {
        Required(flatten);
        return Flow.FromFunction(flatten).Via(new FlattenMerge<IGraph<SourceShape<TOut>, TMat>, TOut, TMat>(AtLeastOne(breadth, nameof(breadth))));
    }

    public static IGraph<FlowShape<T, (IImmutableList<T>, Source<T, NotUsed>)>, NotUsed> PrefixAndTail<T>(int n) => new PrefixAndTail<T>(n);

    public static IGraph<FlowShape<T, Source<T, NotUsed>>, NotUsed> GroupBy<T, TKey>(int maxSubstreams, Func<T, TKey> groupingFunc,
        bool allowClosedSubstreamRecreation) =>
        new GroupBy<T, TKey>(AtLeastOne(maxSubstreams, nameof(maxSubstreams)), Required(groupingFunc), allowClosedSubstreamRecreation);

    public static IGraph<FlowShape<T, Source<T, NotUsed>>, NotUsed> Split<T>(SplitDecision decision, Func<T, bool> predicate,
        SubstreamCancelStrategy cancelStrategy) => new Split<T>(decision, Required(predicate), cancelStrategy);

    private static T Required<T>(T argument, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(argument))] string? name = null)
        where T : class => argument ?? throw new ArgumentNullException(name);

    private static T NotNull<T>(T element, string name) =>
        element is null ? throw new ArgumentNullException(name, "A stream's elements must not be null") : element;

    private static int AtLeastOne(int value, string name) =>
        value > 0 ? value : throw new ArgumentException($"{name} must be greater than 0, but was {value}", name);
}
