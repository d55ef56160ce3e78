using System.Collections.Immutable;
using Akka.Actor;
using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;
using Akka.Util;

namespace Akka.Streams.Dsl;

/// <summary>A part of a stream with one open output.</summary>
public sealed class Source<TOut, TMat> : IFlow<TOut, TMat>, IGraph<SourceShape<TOut>, TMat>
{
    private readonly Blueprint _blueprint;
    private SourceShape<TOut>? _shape;

    internal Source(Blueprint blueprint) => _blueprint = blueprint;

    public SourceShape<TOut> Shape => _shape ??= new SourceShape<TOut>(new Outlet<TOut>($"{_blueprint}.out"));

    Blueprint IGraph<SourceShape<TOut>>.Blueprint => _blueprint;

    /// <summary>Closes the graph with a sink; keeps this materialized value.</summary>
    public IRunnableGraph<TMat> To<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink) => new RunnableGraph<TMat>(this.Then(sink));

    /// <summary>Closes the graph with a sink and combines the materialized values.</summary>
    public IRunnableGraph<TMat3> ToMaterialized<TMat2, TMat3>(IGraph<SinkShape<TOut>, TMat2> sink, Func<TMat, TMat2, TMat3> combine) =>
        new RunnableGraph<TMat3>(this.Then(sink, combine));

    /// <summary>Appends a flow; keeps this materialized value.</summary>
    public Source<T2, TMat> Via<T2, TMat2>(IGraph<FlowShape<TOut, T2>, TMat2> flow) => new(this.Then(flow));

    IFlow<T, TMat> IFlow<TOut, TMat>.Via<T, TMat2>(IGraph<FlowShape<TOut, T>, TMat2> flow) => Via(flow);

    /// <summary>Appends a flow and combines the materialized values.</summary>
    public Source<TOut2, TMat3> ViaMaterialized<TOut2, TMat2, TMat3>(IGraph<FlowShape<TOut, TOut2>, TMat2> flow,
        Func<TMat, TMat2, TMat3> combine) => new(this.Then(flow, combine));

    IFlow<T2, TMat3> IFlow<TOut, TMat>.ViaMaterialized<T2, TMat2, TMat3>(IGraph<FlowShape<TOut, T2>, TMat2> flow,
        Func<TMat, TMat2, TMat3> combine) => ViaMaterialized(flow, combine);

    /// <summary>The same source with another materialized value.</summary>
    public Source<TOut, TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc) => new(_blueprint.Map(mapFunc));

    IFlow<TOut, TMat2> IFlow<TOut, TMat>.MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc) => MapMaterializedValue(mapFunc);

    /// <summary>
    /// Runs this source now and gives its materialized value together with a source that continues it, which may be run any number of times
    /// and is cancelled when all its runs have ended.
    /// </summary>
    public (TMat, Source<TOut, NotUsed>) PreMaterialize(IMaterializer materializer)
    {
        var (value, publisher) = ToMaterialized(Sink.AsPublisher<TOut>(true), Keep.Both).Run(materializer);
        return (value, Source.FromPublisher(publisher));
    }

    /// <inheritdoc cref="PreMaterialize(IMaterializer)"/>
    public (TMat, Source<TOut, NotUsed>) PreMaterialize(ActorSystem actorSystem) => PreMaterialize(actorSystem.Materializer());

    /// <summary>The elements of another source after these. One element of each is asked for ahead.</summary>
    public Source<TOut, TMat3> ConcatMaterialized<TMat2, TMat3>(IGraph<SourceShape<TOut>, TMat2> that,
        Func<TMat, TMat2, TMat3> materializedFunction) => ViaMaterialized(Operators.Concat(that), materializedFunction);

    /// <summary>
    /// Sends each element to an actor and gives its answers, in order, up to <paramref name="parallelism"/> at a time. Fails when an answer
    /// is late, is no <typeparamref name="TOut2"/>, or when the actor stops.
    /// </summary>
    public Source<TOut2, TMat> Ask<TOut2>(IActorRef actorRef, TimeSpan timeout, int parallelism = 2) =>
        Via(Operators.Ask<TOut, TOut2>(actorRef, timeout, parallelism));

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.WithAttributes"/>
    public Source<TOut, TMat> WithAttributes(Attributes attributes) => new(_blueprint.WithAttributes(attributes));

    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.WithAttributes(Attributes attributes) => WithAttributes(attributes);

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.AddAttributes"/>
    public Source<TOut, TMat> AddAttributes(Attributes attributes) => WithAttributes(_blueprint.Attributes.And(attributes));

    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.AddAttributes(Attributes attributes) => AddAttributes(attributes);

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.Named"/>
    public Source<TOut, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));

    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.Named(string name) => Named(name);

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.Async"/>
    public Source<TOut, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());

    IGraph<SourceShape<TOut>, TMat> IGraph<SourceShape<TOut>, TMat>.Async() => Async();

    /// <summary>Runs this into a sink and gives the sink's value.</summary>
    public TMat2 RunWith<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink, IMaterializer materializer) =>
        ToMaterialized(sink, Keep.Right).Run(materializer);

    /// <inheritdoc cref="RunWith{TMat2}(IGraph{SinkShape{TOut},TMat2}, IMaterializer)"/>
    public TMat2 RunWith<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink, ActorSystem materializer) => RunWith(sink, materializer.Materializer());

    /// <summary>Runs this and gives all elements folded.</summary>
    public Task<TOut2> RunAggregate<TOut2>(TOut2 zero, Func<TOut2, TOut, TOut2> aggregate, IMaterializer materializer) =>
        RunWith(Sink.Aggregate(zero, aggregate), materializer);

    /// <inheritdoc cref="RunAggregate{TOut2}(TOut2, Func{TOut2,TOut,TOut2}, IMaterializer)"/>
    public Task<TOut2> RunAggregate<TOut2>(TOut2 zero, Func<TOut2, TOut, TOut2> aggregate, ActorSystem materializer) =>
        RunAggregate(zero, aggregate, materializer.Materializer());

    /// <summary>Runs this and gives all elements folded asynchronously, one step at a time.</summary>
    public Task<TOut2> RunAggregateAsync<TOut2>(TOut2 zero, Func<TOut2, TOut, Task<TOut2>> aggregate, IMaterializer materializer) =>
        RunWith(Sink.AggregateAsync(zero, aggregate), materializer);

    /// <inheritdoc cref="RunAggregateAsync{TOut2}(TOut2, Func{TOut2,TOut,Task{TOut2}}, IMaterializer)"/>
    public Task<TOut2> RunAggregateAsync<TOut2>(TOut2 zero, Func<TOut2, TOut, Task<TOut2>> aggregate, ActorSystem materializer) =>
        RunAggregateAsync(zero, aggregate, materializer.Materializer());

    /// <summary>Runs this and gives all elements folded, beginning with the first; fails if there is none.</summary>
    public Task<TOut> RunSum(Func<TOut, TOut, TOut> reduce, IMaterializer materializer) => RunWith(Sink.Sum(reduce), materializer);

    /// <inheritdoc cref="RunSum(Func{TOut,TOut,TOut}, IMaterializer)"/>
    public Task<TOut> RunSum(Func<TOut, TOut, TOut> reduce, ActorSystem materializer) => RunSum(reduce, materializer.Materializer());

    /// <summary>Runs this and calls a function with each element. The task ends with the stream.</summary>
    public Task RunForeach(Action<TOut> action, IMaterializer materializer) => RunWith(Sink.ForEach(action), materializer);

    /// <inheritdoc cref="RunForeach(Action{TOut}, IMaterializer)"/>
    public Task RunForeach(Action<TOut> action, ActorSystem materializer) => RunForeach(action, materializer.Materializer());

    /// <summary>
    /// A sequence that runs this source anew each time it is enumerated, asks only for what is taken, and cancels when the enumeration ends
    /// early.
    /// </summary>
    public IAsyncEnumerable<TOut> RunAsAsyncEnumerable(IMaterializer materializer) =>
        new AsyncEnumerableRun<TOut, TMat>(this, materializer, Attributes.CreateInputBuffer(1, 1));

    /// <inheritdoc cref="RunAsAsyncEnumerable(IMaterializer)"/>
    public IAsyncEnumerable<TOut> RunAsAsyncEnumerable(ActorSystem materializer) => RunAsAsyncEnumerable(materializer.Materializer());

    /// <summary>The same, with elements fetched ahead.</summary>
    public IAsyncEnumerable<TOut> RunAsAsyncEnumerableBuffer(IMaterializer materializer, int minBuffer = 4, int maxBuffer = 16) =>
        new AsyncEnumerableRun<TOut, TMat>(this, materializer, Attributes.CreateInputBuffer(minBuffer, maxBuffer));

    /// <inheritdoc cref="RunAsAsyncEnumerableBuffer(IMaterializer, int, int)"/>
    public IAsyncEnumerable<TOut> RunAsAsyncEnumerableBuffer(ActorSystem materializer, int minBuffer = 4, int maxBuffer = 16) =>
        RunAsAsyncEnumerableBuffer(materializer.Materializer(), minBuffer, maxBuffer);

    public override string ToString() => $"Source({Shape}, {_blueprint})";
}

/// <summary>Makes sources.</summary>
public static class Source
{
    private static Source<T, TMat> Of<T, TMat>(IGraph<SourceShape<T>, TMat> stage) => new(stage.Blueprint);

    /// <summary>The shape of a source with a name.</summary>
    public static SourceShape<T> Shape<T>(string name) => new(new Outlet<T>($"{name}.out"));

    /// <summary>A graph that has the shape of a source, as a source.</summary>
    public static Source<T, TMat> FromGraph<T, TMat>(IGraph<SourceShape<T>, TMat> source) => source as Source<T, TMat> ?? Of(source);

    /// <summary>The elements of a sequence, which is enumerated anew in each run.</summary>
    public static Source<T, NotUsed> From<T>(IEnumerable<T> enumerable)
    {
        ArgumentNullException.ThrowIfNull(enumerable);
        return Of(new EnumeratorSource<T>("enumerableSource", enumerable.GetEnumerator));
    }

    /// <summary>The elements of an asynchronous sequence, which is made anew in each run, and disposed of when the stream ends.</summary>
    public static Source<T, NotUsed> From<T>(Func<IAsyncEnumerable<T>> asyncEnumerable) => Of(new AsyncEnumerableSource<T>(asyncEnumerable));

    /// <summary>The elements of an enumerator, which is made anew in each run.</summary>
    public static Source<T, NotUsed> FromEnumerator<T>(Func<IEnumerator<T>> enumeratorFactory) =>
        Of(new EnumeratorSource<T>("enumerator", enumeratorFactory));

    /// <summary>The elements of an enumerator again and again, which is made anew each time. An empty one fails the stream.</summary>
    public static Source<T, NotUsed> Cycle<T>(Func<IEnumerator<T>> enumeratorFactory) =>
        Of(new EnumeratorSource<T>("cycle", () => Cycled(enumeratorFactory)));

    private static IEnumerator<T> Cycled<T>(Func<IEnumerator<T>> factory)
    {
        while (true)
        {
            using var round = factory();
            if (!round.MoveNext()) throw new ArgumentException("Empty IEnumerator is not allowed");
            do yield return round.Current;
            while (round.MoveNext());
        }
    }

    /// <summary>One element.</summary>
    public static Source<T, NotUsed> Single<T>(T element) => Of(new SingleSource<T>(element));

    /// <summary>The same element, without end.</summary>
    public static Source<T, NotUsed> Repeat<T>(T element) => Of(new RepeatSource<T>(element));

    /// <summary>No element: completes at once.</summary>
    public static Source<T, NotUsed> Empty<T>() => Of(new EndedSource<T>("emptySource", null));

    /// <summary>No element: fails at once.</summary>
    public static Source<T, NotUsed> Failed<T>(Exception cause) =>
        Of(new EndedSource<T>("failedSource", cause ?? throw new ArgumentNullException(nameof(cause))));

    /// <summary>No element, and no end.</summary>
    public static Source<T, NotUsed> Never<T>() => Of(new NeverSource<T>());

    /// <summary>A task's result as the one element; its failure as the stream's.</summary>
    public static Source<T, NotUsed> FromTask<T>(Task<T> task) => Of(new TaskSource<T>(task));

    /// <summary>
    /// One element, or none, once the task source it materializes to is completed: with the element, or with null (a value type's default)
    /// for none. It is completed by the stream if that is cancelled first.
    /// </summary>
    public static Source<T, TaskCompletionSource<T>> Maybe<T>() => Of(new MaybeSource<T>());

    /// <summary>The same element at intervals, until the handle it materializes to is cancelled. Ticks without demand are lost.</summary>
    public static Source<T, ICancelable> Tick<T>(TimeSpan initialDelay, TimeSpan interval, T tick) =>
        Of(new TickSource<T>(initialDelay, interval, tick));

    /// <summary>Elements computed from a state, until the function gives none.</summary>
    public static Source<TElem, NotUsed> Unfold<TState, TElem>(TState state, Func<TState, Option<(TState, TElem)>> unfold) =>
        Of(new Unfold<TState, TElem>(state, unfold));

    /// <summary>Elements computed from a state asynchronously, one step at a time, until a step gives none.</summary>
    public static Source<TElem, NotUsed> UnfoldAsync<TState, TElem>(TState state, Func<TState, Task<Option<(TState, TElem)>>> unfoldAsync) =>
        Of(new UnfoldAsync<TState, TElem>(state, unfoldAsync));

    /// <summary>Elements computed from a state, without end.</summary>
    public static Source<TElem, NotUsed> UnfoldInfinite<TState, TElem>(TState state, Func<TState, (TState, TElem)> unfold) =>
        Of(new Unfold<TState, TElem>(state, s => unfold(s)));

    /// <summary>
    /// Elements read from a resource that is opened in each run and closed, once, however the stream ends. Asks the supervision strategy
    /// about exceptions of <paramref name="read"/>; a restart opens the resource anew.
    /// </summary>
    public static Source<T, NotUsed> UnfoldResource<T, TSource>(Func<TSource> create, Func<TSource, Option<T>> read, Action<TSource> close) =>
        Of(new UnfoldResource<T, TSource>(create, read, close));

    /// <inheritdoc cref="UnfoldResource{T,TSource}"/>
    public static Source<T, NotUsed> UnfoldResourceAsync<T, TSource>(Func<Task<TSource>> create, Func<TSource, Task<Option<T>>> read,
        Func<TSource, Task<Done>> close) => Of(new UnfoldResourceAsync<T, TSource>(create, read, close));

    /// <summary>
    /// What is offered to the queue it materializes to. A full buffer does with one element more what
    /// <paramref name="overflowStrategy"/> says; backpressure lets one offer wait.
    /// </summary>
    public static Source<T, ISourceQueueWithComplete<T>> Queue<T>(int bufferSize, OverflowStrategy overflowStrategy)
    {
        if (bufferSize < 0) throw new ArgumentException("Buffer size must be greater than or equal 0", nameof(bufferSize));
        return Of(new QueueSource<T>(bufferSize, overflowStrategy));
    }

    /// <summary>
    /// What is told to the actor it materializes to. Stop that actor with a <c>PoisonPill</c>, or tell it a <c>Status.Success</c>, to
    /// complete the stream; a <c>Status.Failure</c> fails it.
    /// </summary>
    public static Source<T, IActorRef> ActorRef<T>(int bufferSize, OverflowStrategy overflowStrategy)
    {
        if (bufferSize < 0) throw new ArgumentException("Buffer size must be greater than or equal 0", nameof(bufferSize));
        if (overflowStrategy == OverflowStrategy.Backpressure)
            throw new NotSupportedException("Backpressure overflow strategy is not supported");
        return Of(new ActorRefSource<T>(bufferSize, overflowStrategy));
    }

    /// <summary>The elements of a publisher.</summary>
    public static Source<T, NotUsed> FromPublisher<T>(Reactive.Streams.IPublisher<T> publisher) =>
        Of(new PublisherSource<T>(publisher));

    /// <summary>What is sent to the subscriber it materializes to.</summary>
    public static Source<T, Reactive.Streams.ISubscriber<T>> AsSubscriber<T>() => Of(new SubscriberSource<T>());

    /// <summary>A source that is made when there is first demand.</summary>
    public static Source<TOut, Task<TMat>> Lazily<TOut, TMat>(Func<Source<TOut, TMat>> create) => Of(new LazySource<TOut, TMat>(create));

    /// <summary>Several sources joined by a fan-in of one's choice.</summary>
    public static Source<TOut2, NotUsed> Combine<T, TOut2>(Source<T, NotUsed> first, Source<T, NotUsed> second,
        Func<int, IGraph<UniformFanInShape<T, TOut2>, NotUsed>> strategy, params Source<T, NotUsed>[] rest) =>
        FromGraph(GraphDsl.Create(builder =>
        {
            Source<T, NotUsed>[] all = [first, second, .. rest];
            var junction = builder.Add(strategy(all.Length));
            for (var i = 0; i < all.Length; i++) builder.From(builder.Add(all[i])).To(junction.In(i));
            return new SourceShape<TOut2>(junction.Out);
        }));

    /// <summary>Two sources joined by a fan-in of one's choice, with their materialized values combined.</summary>
    public static Source<TOut2, TMatOut> CombineMaterialized<T, TOut2, TMat1, TMat2, TMatOut>(Source<T, TMat1> first, Source<T, TMat2> second,
        Func<int, IGraph<UniformFanInShape<T, TOut2>, NotUsed>> strategy, Func<TMat1, TMat2, TMatOut> combineMaterializers) =>
        FromGraph(GraphDsl.Create(first, second, combineMaterializers, (builder, one, two) =>
        {
            var junction = builder.Add(strategy(2));
            builder.From(one).To(junction.In(0));
            builder.From(two).To(junction.In(1));
            return new SourceShape<TOut2>(junction.Out);
        }));

    /// <summary>Lists of one element of each source.</summary>
    public static Source<IImmutableList<T>, NotUsed> ZipN<T>(IEnumerable<Source<T, NotUsed>> sources) =>
        ZipWithN<T, IImmutableList<T>>(elements => elements, sources);

    /// <summary>One element of each source, combined.</summary>
    public static Source<TOut2, NotUsed> ZipWithN<T, TOut2>(Func<IImmutableList<T>, TOut2> zipper, IEnumerable<Source<T, NotUsed>> sources)
    {
        Source<T, NotUsed>[] all = [.. sources];
        if (all.Length == 0) return Empty<TOut2>();
        if (all.Length == 1) return all[0].Select(element => zipper(ImmutableList.Create(element)));
        return Combine(all[0], all[1], n => new ZipWithN<T, TOut2>(zipper, n), all[2..]);
    }
}
