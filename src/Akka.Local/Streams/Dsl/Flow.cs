using Akka.Actor;
using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>A part of a stream with one open input and one open output.</summary>
public sealed class Flow<TIn, TOut, TMat> : IFlow<TOut, TMat>, IGraph<FlowShape<TIn, TOut>, TMat>
{
    private readonly Blueprint _blueprint;
    private FlowShape<TIn, TOut>? _shape;

    internal Flow(Blueprint blueprint) => _blueprint = blueprint;

    public FlowShape<TIn, TOut> Shape =>
        _shape ??= new FlowShape<TIn, TOut>(new Inlet<TIn>($"{_blueprint}.in"), new Outlet<TOut>($"{_blueprint}.out"));

    Blueprint IGraph<FlowShape<TIn, TOut>>.Blueprint => _blueprint;

    /// <summary>Appends a flow; keeps this materialized value.</summary>
    public Flow<TIn, T2, TMat> Via<T2, TMat2>(IGraph<FlowShape<TOut, T2>, TMat2> flow) => new(this.Then(flow));

    IFlow<T, TMat> IFlow<TOut, TMat>.Via<T, TMat2>(IGraph<FlowShape<TOut, T>, TMat2> flow) => Via(flow);

    /// <summary>Appends a flow and combines the materialized values.</summary>
    public Flow<TIn, TOut2, TMat3> ViaMaterialized<TOut2, TMat2, TMat3>(IGraph<FlowShape<TOut, TOut2>, TMat2> flow,
        Func<TMat, TMat2, TMat3> combine) => new(this.Then(flow, combine));

    IFlow<T2, TMat3> IFlow<TOut, TMat>.ViaMaterialized<T2, TMat2, TMat3>(IGraph<FlowShape<TOut, T2>, TMat2> flow,
        Func<TMat, TMat2, TMat3> combine) => ViaMaterialized(flow, combine);

    /// <summary>Appends a sink; keeps this materialized value.</summary>
    public Sink<TIn, TMat> To<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink) => new(this.Then(sink));

    /// <summary>Appends a sink and combines the materialized values.</summary>
    public Sink<TIn, TMat3> ToMaterialized<TMat2, TMat3>(IGraph<SinkShape<TOut>, TMat2> sink, Func<TMat, TMat2, TMat3> combine) =>
        new(this.Then(sink, combine));

    /// <summary>The elements of another source after these. One element of each is asked for ahead.</summary>
    public Flow<TIn, TOut, TMat3> ConcatMaterialized<TMat2, TMat3>(IGraph<SourceShape<TOut>, TMat2> that,
        Func<TMat, TMat2, TMat3> materializedFunction) => ViaMaterialized(Operators.Concat(that), materializedFunction);

    /// <inheritdoc cref="Source{TOut,TMat}.Ask{TOut2}"/>
    public Flow<TIn, TOut2, TMat> Ask<TOut2>(IActorRef actorRef, TimeSpan timeout, int parallelism = 2) =>
        Via(Operators.Ask<TOut, TOut2>(actorRef, timeout, parallelism));

    /// <summary>The same flow with another materialized value.</summary>
    public Flow<TIn, TOut, TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc) => new(_blueprint.Map(mapFunc));

    IFlow<TOut, TMat2> IFlow<TOut, TMat>.MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc) => MapMaterializedValue(mapFunc);

    /// <summary>Runs this between a source and a sink and gives both values.</summary>
    public (TMat1, TMat2) RunWith<TMat1, TMat2>(IGraph<SourceShape<TIn>, TMat1> source, IGraph<SinkShape<TOut>, TMat2> sink,
        IMaterializer materializer) => Source.FromGraph(source).Via(this).ToMaterialized(sink, Keep.Both).Run(materializer);

    /// <summary>Leads the output through another flow back to the input: a cycle, ready to run.</summary>
    public IRunnableGraph<TMat> Join<TMat2>(IGraph<FlowShape<TOut, TIn>, TMat2> flow) => JoinMaterialized(flow, Keep.Left);

    /// <summary>The same, with the materialized values combined.</summary>
    public IRunnableGraph<TMat3> JoinMaterialized<TMat2, TMat3>(IGraph<FlowShape<TOut, TIn>, TMat2> flow, Func<TMat, TMat2, TMat3> combine) =>
        RunnableGraph.FromGraph(GraphDsl.Create(this, flow, combine, (builder, there, back) =>
        {
            builder.From(there.Outlet).To(back.Inlet);
            builder.From(back.Outlet).To(there.Inlet);
            return ClosedShape.Instance;
        }));

    /// <summary>Puts this flow behind a bidirectional one.</summary>
    public Flow<TIn2, TOut2, TMat> Join<TIn2, TOut2, TMat2>(IGraph<BidiShape<TOut, TOut2, TIn2, TIn>, TMat2> bidi) =>
        JoinMaterialized(bidi, Keep.Left);

    /// <summary>The same, with the materialized values combined.</summary>
    public Flow<TIn2, TOut2, TMatRes> JoinMaterialized<TIn2, TOut2, TMat2, TMatRes>(
        IGraph<BidiShape<TOut, TOut2, TIn2, TIn>, TMat2> bidi, Func<TMat, TMat2, TMatRes> combine) =>
        Flow.FromGraph(GraphDsl.Create(this, bidi, combine, (builder, flow, both) =>
        {
            builder.From(flow.Outlet).To(both.Inlet1);
            builder.From(both.Outlet2).To(flow.Inlet);
            return new FlowShape<TIn2, TOut2>(both.Inlet2, both.Outlet1);
        }));

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.WithAttributes"/>
    public Flow<TIn, TOut, TMat> WithAttributes(Attributes attributes) => new(_blueprint.WithAttributes(attributes));

    IGraph<FlowShape<TIn, TOut>, TMat> IGraph<FlowShape<TIn, TOut>, TMat>.WithAttributes(Attributes attributes) => WithAttributes(attributes);

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.AddAttributes"/>
    public Flow<TIn, TOut, TMat> AddAttributes(Attributes attributes) => WithAttributes(_blueprint.Attributes.And(attributes));

    IGraph<FlowShape<TIn, TOut>, TMat> IGraph<FlowShape<TIn, TOut>, TMat>.AddAttributes(Attributes attributes) => AddAttributes(attributes);

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.Named"/>
    public Flow<TIn, TOut, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));

    IGraph<FlowShape<TIn, TOut>, TMat> IGraph<FlowShape<TIn, TOut>, TMat>.Named(string name) => Named(name);

    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.Async"/>
    public Flow<TIn, TOut, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());

    IGraph<FlowShape<TIn, TOut>, TMat> IGraph<FlowShape<TIn, TOut>, TMat>.Async() => Async();

    public override string ToString() => $"Flow({Shape}, {_blueprint})";
}

/// <summary>Makes flows.</summary>
public static class Flow
{
    /// <summary>A flow that gives what it takes: where the operators of a flow begin.</summary>
    public static Flow<T, T, NotUsed> Identity<T>() => FromGraph(new Identity<T>());

    /// <inheritdoc cref="Identity{T}()"/>
    public static Flow<T, T, NotUsed> Create<T>() => Identity<T>();

    /// <summary>A function as a flow.</summary>
    public static Flow<TIn, TOut, NotUsed> FromFunction<TIn, TOut>(Func<TIn, TOut> function) => Create<TIn>().Select(function);

    /// <summary>A graph that has the shape of a flow, as a flow.</summary>
    public static Flow<TIn, TOut, TMat> FromGraph<TIn, TOut, TMat>(IGraph<FlowShape<TIn, TOut>, TMat> graph) =>
        graph as Flow<TIn, TOut, TMat> ?? new Flow<TIn, TOut, TMat>(graph.Blueprint);

    /// <summary>A sink and a source, unconnected, seen as a flow: they end independently.</summary>
    public static Flow<TIn, TOut, TMat> FromSinkAndSource<TIn, TOut, TMat1, TMat2, TMat>(IGraph<SinkShape<TIn>, TMat1> sink,
        IGraph<SourceShape<TOut>, TMat2> source, Func<TMat1, TMat2, TMat> combine) =>
        FromGraph(GraphDsl.Create(sink, source, combine, (_, into, from) => new FlowShape<TIn, TOut>(into.Inlet, from.Outlet)));

    /// <inheritdoc cref="FromSinkAndSource{TIn,TOut,TMat1,TMat2,TMat}"/>
    public static Flow<TIn, TOut, NotUsed> FromSinkAndSource<TIn, TOut, TMat>(IGraph<SinkShape<TIn>, TMat> sink,
        IGraph<SourceShape<TOut>, TMat> source) => FromSinkAndSource(sink, source, Keep.None);
}
