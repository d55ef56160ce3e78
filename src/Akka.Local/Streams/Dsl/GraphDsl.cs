using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;
using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Puts graphs together that are no straight lines: add parts to a builder, wire their ports, and return the open ones.</summary>
public static partial class GraphDsl
{
    /// <summary>Collects the parts and wires of one graph. Used inside of the building function only.</summary>
    public sealed class Builder<T>
    {
        private readonly List<(IGraph<Shape> Graph, Shape Shape)> _parts = [];
        private readonly Dictionary<InPort, OutPort> _upstreams = [];
        private readonly Dictionary<OutPort, InPort> _downstreams = [];
        private readonly HashSet<InPort> _ins = [];
        private readonly HashSet<OutPort> _outs = [];

        internal Builder() { }

        /// <summary>Adds a part; its materialized value is not used. The ports of the shape it gives are to be wired.</summary>
        public TShape Add<TShape, TMat>(IGraph<TShape, TMat> graph) where TShape : Shape => (TShape)AddPart(graph);

        /// <summary>An output that gives, once, the value that the whole graph materializes to.</summary>
        public Outlet<T> MaterializedValue => ((SourceShape<T>)AddPart(new MaterializedValueSource<T>())).Outlet;

        internal Shape AddPart(IGraph<Shape> graph)
        {
            var shape = graph.Shape.DeepCopy();
            _parts.Add((graph, shape));
            _ins.UnionWith(shape.Inlets);
            _outs.UnionWith(shape.Outlets);
            return shape;
        }

        /// <summary>Starts a wire at an output.</summary>
        public ForwardOps<TOut, T> From<TOut>(Outlet<TOut> outlet) => new(this, outlet);

        /// <inheritdoc cref="From{TOut}(Outlet{TOut})"/>
        public ForwardOps<TOut, T> From<TOut>(SourceShape<TOut> source) => new(this, source.Outlet);

        /// <summary>Adds a source and starts a wire there.</summary>
        public ForwardOps<TOut, T> From<TOut>(IGraph<SourceShape<TOut>, T> source) => new(this, Add(source).Outlet);

        /// <inheritdoc cref="From{TOut}(Outlet{TOut})"/>
        public ForwardOps<TOut, T> From<TIn, TOut>(FlowShape<TIn, TOut> flow) => new(this, flow.Outlet);

        /// <summary>Adds a flow and starts a wire at its output.</summary>
        public ForwardOps<TOut, T> From<TIn, TOut>(IGraph<FlowShape<TIn, TOut>, T> flow) => new(this, Add(flow).Outlet);

        /// <inheritdoc cref="From{TOut}(Outlet{TOut})"/>
        public ForwardOps<TOut, T> From<TIn, TOut>(UniformFanInShape<TIn, TOut> fanIn) => new(this, fanIn.Out);

        /// <summary>Starts a wire at the first output that has none yet.</summary>
        public ForwardOps<TOut, T> From<TIn, TOut>(UniformFanOutShape<TIn, TOut> fanOut) => new(this, FirstFree(fanOut));

        /// <summary>Starts a wire, backwards, at an input.</summary>
        public ReverseOps<TIn, T> To<TIn>(Inlet<TIn> inlet) => new(this, inlet);

        /// <inheritdoc cref="To{TIn}(Inlet{TIn})"/>
        public ReverseOps<TIn, T> To<TIn>(SinkShape<TIn> sink) => new(this, sink.Inlet);

        /// <summary>Adds a sink and starts a wire there, backwards.</summary>
        public ReverseOps<TIn, T> To<TIn, TMat>(IGraph<SinkShape<TIn>, TMat> sink) => new(this, Add(sink).Inlet);

        /// <inheritdoc cref="To{TIn}(Inlet{TIn})"/>
        public ReverseOps<TIn, T> To<TIn, TOut>(FlowShape<TIn, TOut> flow) => new(this, flow.Inlet);

        /// <summary>Adds a flow and starts a wire at its input, backwards.</summary>
        public ReverseOps<TIn, T> To<TIn, TOut, TMat>(IGraph<FlowShape<TIn, TOut>, TMat> flow) => new(this, Add(flow).Inlet);

        /// <summary>Starts a wire, backwards, at the first input that has none yet.</summary>
        public ReverseOps<TIn, T> To<TIn, TOut>(UniformFanInShape<TIn, TOut> fanOut) => new(this, FirstFree(fanOut));

        /// <inheritdoc cref="To{TIn}(Inlet{TIn})"/>
        public ReverseOps<TIn, T> To<TIn, TOut>(UniformFanOutShape<TIn, TOut> fanOut) => new(this, fanOut.In);

        internal Inlet<TIn> FirstFree<TIn, TOut>(UniformFanInShape<TIn, TOut> junction) =>
            junction.Ins.FirstOrDefault(i => !_upstreams.ContainsKey(i))
            ?? throw new ArgumentException($"No more inlets on junction {junction}", nameof(junction));

        internal Outlet<TOut> FirstFree<TIn, TOut>(UniformFanOutShape<TIn, TOut> junction) =>
            junction.Outs.FirstOrDefault(o => !_downstreams.ContainsKey(o))
            ?? throw new ArgumentException($"No more outlets on junction {junction}", nameof(junction));

        internal void Wire(Outlet from, Inlet to)
        {
            if (_downstreams.ContainsKey(from)) throw new ArgumentException($"The output port [{from}] is already connected");
            if (!_outs.Contains(from)) throw new ArgumentException($"The output port [{from}] is not part of the underlying graph");
            if (_upstreams.ContainsKey(to)) throw new ArgumentException($"The input port [{to}] is already connected");
            if (!_ins.Contains(to)) throw new ArgumentException($"The input port [{to}] is not part of the underlying graph");
            _downstreams[from] = to;
            _upstreams[to] = from;
        }

        /// <summary>Makes the blueprint. The shape must name every port that has no wire.</summary>
        internal Blueprint Build(Shape shape, Func<object?[], object?> combine)
        {
            var openIns = _ins.Where(i => !_upstreams.ContainsKey(i)).ToHashSet();
            var openOuts = _outs.Where(o => !_downstreams.ContainsKey(o)).ToHashSet();
            if (!openIns.SetEquals(shape.Inlets) || !openOuts.SetEquals(shape.Outlets))
                throw new ArgumentException(
                    $"The inlets [{string.Join(", ", shape.Inlets)}] and outlets [{string.Join(", ", shape.Outlets)}] of the returned " +
                    $"shape must correspond to the unconnected inlets [{string.Join(", ", openIns)}] and outlets " +
                    $"[{string.Join(", ", openOuts)}] of the graph");

            var ins = new Dictionary<InPort, int>();
            var outs = new Dictionary<OutPort, int>();
            for (var i = 0; i < shape.Inlets.Length; i++) ins[shape.Inlets[i]] = ~i;
            for (var i = 0; i < shape.Outlets.Length; i++) outs[shape.Outlets[i]] = ~i;
            var wires = 0;
            foreach (var (from, to) in _downstreams)
            {
                outs[from] = wires;
                ins[to] = wires++;
            }

            return new CompositeBlueprint(
                [.. _parts.Select(p => new CompositeBlueprint.Part(p.Graph.Blueprint,
                    [.. p.Shape.Inlets.Select(i => ins[i])], [.. p.Shape.Outlets.Select(o => outs[o])]))],
                wires, combine, Attributes.None);
        }
    }

    /// <summary>A wire that has begun at an output.</summary>
    public sealed class ForwardOps<TOut, TMat>
    {
        internal readonly Builder<TMat> Builder;

        public ForwardOps(Builder<TMat> builder, Outlet<TOut> outlet)
        {
            Builder = builder;
            Out = outlet;
        }

        public Outlet<TOut> Out { get; }
    }

    /// <summary>A wire that has begun, backwards, at an input.</summary>
    public sealed class ReverseOps<TIn, TMat>
    {
        internal readonly Builder<TMat> Builder;

        public ReverseOps(Builder<TMat> builder, Inlet<TIn> inlet)
        {
            Builder = builder;
            In = inlet;
        }

        public Inlet<TIn> In { get; }
    }
}

/// <summary>Leads a wire on.</summary>
public static class ForwardOps
{
    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat>(this GraphDsl.ForwardOps<TOut, TMat> ops, Inlet<TIn> inlet) where TIn : TOut
    {
        ops.Builder.Wire(ops.Out, inlet);
        return ops.Builder;
    }

    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat>(this GraphDsl.ForwardOps<TOut, TMat> ops, SinkShape<TIn> sink) where TIn : TOut =>
        ops.To(sink.Inlet);

    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat>(this GraphDsl.ForwardOps<TOut, TMat> ops, FlowShape<TIn, TOut> flow)
        where TIn : TOut => ops.To(flow.Inlet);

    public static GraphDsl.Builder<TMat> To<TIn, TOut, TMat, TMat2>(this GraphDsl.ForwardOps<TOut, TMat> ops, IGraph<SinkShape<TIn>, TMat2> sink)
        where TIn : TOut => ops.To(ops.Builder.Add(sink).Inlet);

    public static GraphDsl.Builder<TMat> To<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops,
        UniformFanInShape<TIn, TOut2> junction) where TIn : TOut1 => ops.To(ops.Builder.FirstFree(junction));

    public static GraphDsl.Builder<TMat> To<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops,
        UniformFanOutShape<TIn, TOut2> junction) where TIn : TOut1 => ops.To(junction.In);

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops,
        FlowShape<TIn, TOut2> flow) where TIn : TOut1
    {
        ops.To(flow.Inlet);
        return new GraphDsl.ForwardOps<TOut2, TMat>(ops.Builder, flow.Outlet);
    }

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops,
        IGraph<FlowShape<TIn, TOut2>, NotUsed> flow) where TIn : TOut1 => ops.Via(ops.Builder.Add(flow));

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops,
        UniformFanInShape<TIn, TOut2> junction) where TIn : TOut1
    {
        ops.To(ops.Builder.FirstFree(junction));
        return new GraphDsl.ForwardOps<TOut2, TMat>(ops.Builder, junction.Out);
    }

    public static GraphDsl.ForwardOps<TOut2, TMat> Via<TIn, TOut1, TOut2, TMat>(this GraphDsl.ForwardOps<TOut1, TMat> ops,
        UniformFanOutShape<TIn, TOut2> junction) where TIn : TOut1
    {
        ops.To(junction.In);
        return new GraphDsl.ForwardOps<TOut2, TMat>(ops.Builder, ops.Builder.FirstFree(junction));
    }
}

/// <summary>Leads a wire on, backwards.</summary>
public static class ReverseOps
{
    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(this GraphDsl.ReverseOps<TIn, TMat> ops, Outlet<TOut> outlet) where TIn : TOut
    {
        ops.Builder.Wire(outlet, ops.In);
        return ops.Builder;
    }

    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(this GraphDsl.ReverseOps<TIn, TMat> ops, SourceShape<TOut> source)
        where TIn : TOut => ops.From(source.Outlet);

    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(this GraphDsl.ReverseOps<TIn, TMat> ops, IGraph<SourceShape<TOut>, TMat> source)
        where TIn : TOut => ops.From(ops.Builder.Add(source).Outlet);

    public static GraphDsl.Builder<TMat> From<TIn, TOut, TMat>(this GraphDsl.ReverseOps<TIn, TMat> ops, FlowShape<TIn, TOut> flow)
        where TIn : TOut => ops.From(flow.Outlet);
}

/// <summary>Gives the materialized value of the graph it stands in, once.</summary>
internal sealed class MaterializedValueSource<T>() : SourceStage<T, object>("matValueSource")
{
    public override ILogicAndMaterializedValue<object> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape);
        return new LogicAndMaterializedValue<object>(logic, logic);
    }

    private sealed class Logic(SourceShape<T> shape) : SourceLogic<T>(shape), IMaterializedValueStage
    {
        private T _value = default!;

        public void SetValue(object? value) => _value = (T)value!;

        public override void OnPull()
        {
            Push(Out, _value);
            CompleteStage();
        }
    }
}
