using System.Collections.Immutable;
using Akka.Actor;
using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;
using Akka.Util;
using Reactive.Streams;

namespace Akka.Streams.Dsl;

/// <summary>A part of a stream with one open input.</summary>
public sealed class Sink<TIn, TMat> : IGraph<SinkShape<TIn>, TMat>
{
    private readonly Blueprint _blueprint;
    private SinkShape<TIn>? _shape;

    internal Sink(Blueprint blueprint) => _blueprint = blueprint;

    public SinkShape<TIn> Shape => _shape ??= new SinkShape<TIn>(new Inlet<TIn>($"{_blueprint}.in"));

    Blueprint IGraph<SinkShape<TIn>>.Blueprint => _blueprint;

    /// <summary>A sink for elements that a function turns into this one's.</summary>
    public Sink<TIn2, TMat> ContraMap<TIn2>(Func<TIn2, TIn> function) => Flow.FromFunction(function).ToMaterialized(this, Keep.Right);

    /// <summary>Runs a source into this and gives the source's value.</summary>
    public TMat2 RunWith<TMat2>(IGraph<SourceShape<TIn>, TMat2> source, IMaterializer materializer) =>
        Source.FromGraph(source).To(this).Run(materializer);

    /// <summary>The same sink with another materialized value.</summary>
    public Sink<TIn, TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> fn) => new(_blueprint.Map(fn));

    /// <summary>Runs this sink now and gives its materialized value together with a sink that leads to it, to be run once.</summary>
    public (TMat, Sink<TIn, NotUsed>) PreMaterialize(IMaterializer materializer)
    {
        var (subscriber, value) = Source.AsSubscriber<TIn>().ToMaterialized(this, Keep.Both).Run(materializer);
        return (value, Sink.FromSubscriber(subscriber));
    }

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.WithAttributes"/>
    public Sink<TIn, TMat> WithAttributes(Attributes attributes) => new(_blueprint.WithAttributes(attributes));

    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.WithAttributes(Attributes attributes) => WithAttributes(attributes);

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.AddAttributes"/>
    public Sink<TIn, TMat> AddAttributes(Attributes attributes) => WithAttributes(_blueprint.Attributes.And(attributes));

    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.AddAttributes(Attributes attributes) => AddAttributes(attributes);

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.Named"/>
    public Sink<TIn, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));

    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.Named(string name) => Named(name);

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.Async"/>
    public Sink<TIn, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());

    IGraph<SinkShape<TIn>, TMat> IGraph<SinkShape<TIn>, TMat>.Async() => Async();

    public override string ToString() => $"Sink({Shape}, {_blueprint})";
}

/// <summary>Makes sinks. The tasks they materialize to end with the stream, and fail when it fails.</summary>
public static class Sink
{
    private static Sink<T, TMat> Of<T, TMat>(IGraph<SinkShape<T>, TMat> stage) => new(stage.Blueprint);

    /// <summary>The shape of a sink with a name.</summary>
    public static SinkShape<T> Shape<T>(string name) => new(new Inlet<T>($"{name}.in"));

    /// <summary>A graph that has the shape of a sink, as a sink.</summary>
    public static Sink<TIn, TMat> FromGraph<TIn, TMat>(IGraph<SinkShape<TIn>, TMat> graph) => graph as Sink<TIn, TMat> ?? Of(graph);

    /// <inheritdoc cref="FromGraph{TIn,TMat}"/>
    public static Sink<TIn, TMat> Wrap<TIn, TMat>(IGraph<SinkShape<TIn>, TMat> graph) => FromGraph(graph);

    /// <summary>Takes everything and keeps nothing.</summary>
    public static Sink<TIn, Task<Done>> Ignore<TIn>() => Of(new IgnoreSink<TIn>());

    /// <summary>Calls a function with each element. Asks the supervision strategy about exceptions.</summary>
    public static Sink<TIn, Task<Done>> ForEach<TIn>(Action<TIn> action) => Of(new ForEachSink<TIn>(action));

    /// <summary>Calls an asynchronous function with each element, up to <paramref name="parallelism"/> at a time.</summary>
    public static Sink<TIn, Task<Done>> ForEachAsync<TIn>(int parallelism, Func<TIn, Task> action) =>
        Flow.Create<TIn>().SelectAsyncUnordered(parallelism, async element =>
        {
            await action(element).ConfigureAwait(false);
            return NotUsed.Instance;
        }).ToMaterialized(Ignore<NotUsed>(), Keep.Right);

    /// <summary>Calls a function with each element on the thread pool, up to <paramref name="parallelism"/> at a time.</summary>
    public static Sink<TIn, Task<Done>> ForEachParallel<TIn>(int parallelism, Action<TIn> action) =>
        ForEachAsync<TIn>(parallelism, element => Task.Run(() => action(element)));

    /// <summary>All elements.</summary>
    public static Sink<TIn, Task<IImmutableList<TIn>>> Seq<TIn>() => Of(new SeqSink<TIn>());

    /// <summary>The first element; fails if there is none.</summary>
    public static Sink<TIn, Task<TIn>> First<TIn>() => Of(new OneElementSink<TIn>(first: true, orDefault: false));

    /// <summary>The first element, or the type's default.</summary>
    public static Sink<TIn, Task<TIn>> FirstOrDefault<TIn>() => Of(new OneElementSink<TIn>(first: true, orDefault: true));

    /// <summary>The last element; fails if there is none.</summary>
    public static Sink<TIn, Task<TIn>> Last<TIn>() => Of(new OneElementSink<TIn>(first: false, orDefault: false));

    /// <summary>The last element, or the type's default.</summary>
    public static Sink<TIn, Task<TIn>> LastOrDefault<TIn>() => Of(new OneElementSink<TIn>(first: false, orDefault: true));

    /// <summary>All elements folded. Asks the supervision strategy about exceptions.</summary>
    public static Sink<TIn, Task<TOut>> Aggregate<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> aggregate) =>
        Flow.Create<TIn>().Aggregate(zero, aggregate).ToMaterialized(First<TOut>(), Keep.Right).Named("AggregateSink");

    /// <summary>All elements folded asynchronously, one step at a time.</summary>
    public static Sink<TIn, Task<TOut>> AggregateAsync<TIn, TOut>(TOut zero, Func<TOut, TIn, Task<TOut>> aggregate) =>
        Flow.Create<TIn>().AggregateAsync(zero, aggregate).ToMaterialized(First<TOut>(), Keep.Right).Named("AggregateAsyncSink");

    /// <summary>All elements folded, beginning with the first; fails if there is none.</summary>
    public static Sink<TIn, Task<TIn>> Sum<TIn>(Func<TIn, TIn, TIn> reduce) =>
        Flow.Create<TIn>().Sum(reduce).ToMaterialized(First<TIn>(), Keep.Right).Named("SumSink");

    /// <summary>Cancels at once.</summary>
    public static Sink<TIn, NotUsed> Cancelled<TIn>() => Of(new CancelledSink<TIn>());

    /// <summary>Takes everything and calls back when the stream has ended.</summary>
    public static Sink<TIn, NotUsed> OnComplete<TIn>(Action success, Action<Exception> failure) =>
        Of(new OnCompleteSink<TIn>(success, failure));

    /// <summary>Tells each element to an actor, as fast as they come; says good-bye with a message, and fails with a Status.Failure.</summary>
    public static Sink<TIn, NotUsed> ActorRef<TIn>(IActorRef actorRef, object onCompleteMessage) =>
        ActorRef<TIn>(actorRef, onCompleteMessage, cause => new Status.Failure(cause));

    /// <summary>Tells each element to an actor, as fast as they come; says good-bye with a message.</summary>
    public static Sink<TIn, NotUsed> ActorRef<TIn>(IActorRef actorRef, object onCompleteMessage, Func<Exception, object> onFailureMessage) =>
        Of(new ActorRefSink<TIn>(actorRef, onCompleteMessage, onFailureMessage));

    /// <summary>
    /// Tells each element to an actor after it has acknowledged the one before. It gets <paramref name="onInitMessage"/> first, answers
    /// every message with <paramref name="ackMessage"/>, and is told how the stream ended. The stream is cancelled when it stops.
    /// </summary>
    public static Sink<TIn, NotUsed> ActorRefWithAck<TIn>(IActorRef actorRef, object onInitMessage, object ackMessage,
        object onCompleteMessage, Func<Exception, object>? onFailureMessage = null) =>
        Of(new ActorRefWithAckSink<TIn>(actorRef, onInitMessage, ackMessage, onCompleteMessage,
            onFailureMessage ?? (cause => new Status.Failure(cause))));

    /// <summary>Elements are pulled from the queue it materializes to. The input buffer attribute says how many are fetched ahead.</summary>
    public static Sink<TIn, ISinkQueue<TIn>> Queue<TIn>() => Of(new QueueSink<TIn>());

    /// <summary>A publisher of the elements: for one subscriber, or, fanned out, for any number, as fast as the slowest.</summary>
    public static Sink<TIn, IPublisher<TIn>> AsPublisher<TIn>(bool fanout) => fanout ? FanoutPublisher<TIn>() : Publisher<TIn>();

    /// <summary>A publisher of the elements, for one subscriber.</summary>
    public static Sink<TIn, IPublisher<TIn>> Publisher<TIn>() => Of(new PublisherSink<TIn>(fanOut: false));

    /// <summary>A publisher of the elements, for any number of subscribers, as fast as the slowest.</summary>
    public static Sink<TIn, IPublisher<TIn>> FanoutPublisher<TIn>() => Of(new PublisherSink<TIn>(fanOut: true));

    /// <summary>Hands the elements to a subscriber.</summary>
    public static Sink<TIn, NotUsed> FromSubscriber<TIn>(ISubscriber<TIn> subscriber) => Of(new SubscriberSink<TIn>(subscriber));

    /// <summary>A sink that is made when the first element comes; none if there is no element.</summary>
    public static Sink<TIn, Task<Option<TMat>>> LazyInitAsync<TIn, TMat>(Func<Task<Sink<TIn, TMat>>> sinkFactory) =>
        Of(new LazySink<TIn, TMat>(_ => sinkFactory(), null));

    /// <summary>A sink that is made from the first element; <paramref name="fallback"/> gives the value if there is none.</summary>
    public static Sink<TIn, Task<TMat>> LazySink<TIn, TMat>(Func<TIn, Task<Sink<TIn, TMat>>> sinkFactory, Func<TMat> fallback) =>
        Of(new LazySink<TIn, TMat>(sinkFactory, fallback)).MapMaterializedValue(Unwrap);

    private static async Task<TMat> Unwrap<TMat>(Task<Option<TMat>> value) => (await value.ConfigureAwait(false)).Value;

    /// <summary>Several sinks joined by a fan-out of one's choice.</summary>
    public static Sink<TIn, NotUsed> Combine<TIn, TOut, TMat>(Func<int, IGraph<UniformFanOutShape<TIn, TOut>, TMat>> strategy,
        Sink<TOut, NotUsed> first, Sink<TOut, NotUsed> second, params Sink<TOut, NotUsed>[] rest) =>
        FromGraph(GraphDsl.Create(builder =>
        {
            Sink<TOut, NotUsed>[] all = [first, second, .. rest];
            var junction = builder.Add(strategy(all.Length));
            for (var i = 0; i < all.Length; i++) builder.From(junction.Out(i)).To(builder.Add(all[i]));
            return new SinkShape<TIn>(junction.In);
        }));
}
