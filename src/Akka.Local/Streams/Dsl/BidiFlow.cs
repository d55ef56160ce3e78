using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>Two flows in opposite directions, seen as one: a layer of a protocol.</summary>
public class BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat> : IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat>
{
    private readonly IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> _graph;

    internal BidiFlow(IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> graph) => _graph = graph;

    public BidiShape<TIn1, TOut1, TIn2, TOut2> Shape => _graph.Shape;

    Blueprint IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>>.Blueprint => _graph.Blueprint;

    public IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> WithAttributes(Attributes attributes) =>
        new BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat>(_graph.WithAttributes(attributes));

    public IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> AddAttributes(Attributes attributes) =>
        new BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat>(_graph.AddAttributes(attributes));

    public IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));

    public IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());

    /// <summary>Puts this layer above another one.</summary>
    public BidiFlow<TIn1, TOut12, TIn21, TOut2, TMat> Atop<TOut12, TIn21, TMat2>(BidiFlow<TOut1, TOut12, TIn21, TIn2, TMat2> bidi) =>
        AtopMat(bidi, Keep.Left);

    /// <summary>The same, with the materialized values combined.</summary>
    public BidiFlow<TIn1, TOut12, TIn21, TOut2, TMat3> AtopMat<TOut12, TIn21, TMat2, TMat3>(
        BidiFlow<TOut1, TOut12, TIn21, TIn2, TMat2> bidi, Func<TMat, TMat2, TMat3> combine) =>
        new(GraphDsl.Create(_graph, bidi, combine, (builder, above, below) =>
        {
            builder.From(above.Outlet1).To(below.Inlet1);
            builder.From(below.Outlet2).To(above.Inlet2);
            return new BidiShape<TIn1, TOut12, TIn21, TOut2>(above.Inlet1, below.Outlet1, below.Inlet2, above.Outlet2);
        }));

    /// <summary>Closes the bottom of this layer with a flow.</summary>
    public Flow<TIn1, TOut2, TMat> Join<TMat2>(Flow<TOut1, TIn2, TMat2> flow) => JoinMat(flow, Keep.Left);

    /// <summary>The same, with the materialized values combined.</summary>
    public Flow<TIn1, TOut2, TMat3> JoinMat<TMat2, TMat3>(Flow<TOut1, TIn2, TMat2> flow, Func<TMat, TMat2, TMat3> combine) =>
        Flow.FromGraph(GraphDsl.Create(_graph, flow, combine, (builder, above, below) =>
        {
            builder.From(above.Outlet1).To(below.Inlet);
            builder.From(below.Outlet).To(above.Inlet2);
            return new FlowShape<TIn1, TOut2>(above.Inlet1, above.Outlet2);
        }));

    /// <summary>The same layer upside down.</summary>
    public BidiFlow<TIn2, TOut2, TIn1, TOut1, TMat> Reversed() =>
        new(GraphDsl.Create(_graph, (_, shape) => (BidiShape<TIn2, TOut2, TIn1, TOut1>)shape.Reversed()));
}

/// <summary>Makes bidirectional flows.</summary>
public static class BidiFlow
{
    /// <summary>A graph that has the shape of a bidirectional flow, as one.</summary>
    public static BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat> FromGraph<TIn1, TOut1, TIn2, TOut2, TMat>(
        IGraph<BidiShape<TIn1, TOut1, TIn2, TOut2>, TMat> graph) =>
        graph as BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat> ?? new BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat>(graph);

    /// <summary>Two flows, one for each direction, with their materialized values combined.</summary>
    public static BidiFlow<TIn1, TOut1, TIn2, TOut2, TMat> FromFlowsMat<TIn1, TOut1, TIn2, TOut2, TMat1, TMat2, TMat>(
        IGraph<FlowShape<TIn1, TOut1>, TMat1> flow1, IGraph<FlowShape<TIn2, TOut2>, TMat2> flow2, Func<TMat1, TMat2, TMat> combine) =>
        FromGraph(GraphDsl.Create(flow1, flow2, combine, (_, top, bottom) => BidiShape.FromFlows(top, bottom)));

    /// <summary>Two flows, one for each direction.</summary>
    public static BidiFlow<TIn1, TOut1, TIn2, TOut2, NotUsed> FromFlows<TIn1, TOut1, TIn2, TOut2, TMat1, TMat2>(
        IGraph<FlowShape<TIn1, TOut1>, TMat1> flow1, IGraph<FlowShape<TIn2, TOut2>, TMat2> flow2) =>
        FromFlowsMat(flow1, flow2, Keep.None);

    /// <summary>Two functions, one for each direction.</summary>
    public static BidiFlow<TIn1, TOut1, TIn2, TOut2, NotUsed> FromFunction<TIn1, TOut1, TIn2, TOut2>(Func<TIn1, TOut1> outbound,
        Func<TIn2, TOut2> inbound) => FromFlows(Flow.FromFunction(outbound), Flow.FromFunction(inbound));

    /// <summary>Fails both directions when neither has seen an element for a while.</summary>
    public static BidiFlow<TIn, TIn, TOut, TOut, NotUsed> BidirectionalIdleTimeout<TIn, TOut>(TimeSpan timeout) =>
        FromGraph(new IdleTimeoutBidi<TIn, TOut>(timeout));
}
