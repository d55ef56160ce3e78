using System.Collections.Immutable;

namespace Akka.Streams;

/// <summary>Several inputs, one output. A derived shape registers its inputs with <see cref="NewInlet{T}"/> in its constructor.</summary>
public abstract class FanInShape<TOut> : Shape
{
    /// <summary>How a shape comes to its ports: by name (fresh ones) or from given ones.</summary>
    public interface IInit
    {
        Outlet<TOut> Outlet { get; }
        IEnumerable<Inlet> Inlets { get; }
        string Name { get; }
    }

    /// <summary>Fresh ports, named after <see cref="Name"/>.</summary>
    public sealed class InitName : IInit
    {
        public InitName(string name)
        {
            Name = name ?? throw new ArgumentNullException(nameof(name));
            Outlet = new Outlet<TOut>($"{name}.out");
        }

        public Outlet<TOut> Outlet { get; }
        public IEnumerable<Inlet> Inlets => [];
        public string Name { get; }
    }

    /// <summary>Given ports.</summary>
    public sealed class InitPorts : IInit
    {
        public InitPorts(Outlet<TOut> outlet, IEnumerable<Inlet> inlets)
        {
            Outlet = outlet ?? throw new ArgumentNullException(nameof(outlet));
            Inlets = inlets ?? throw new ArgumentNullException(nameof(inlets));
        }

        public Outlet<TOut> Outlet { get; }
        public IEnumerable<Inlet> Inlets { get; }
        public string Name => "FanIn";
    }

    private readonly string _name;
    private readonly Queue<Inlet> _given;
    private ImmutableArray<Inlet> _inlets = [];

    protected FanInShape(Outlet<TOut> outlet, IEnumerable<Inlet> registered, string name)
    {
        Out = outlet;
        Outlets = [outlet];
        _name = name;
        _given = new Queue<Inlet>(registered);
    }

    protected FanInShape(IInit init) : this(init.Outlet, init.Inlets, init.Name) { }

    /// <summary>The output.</summary>
    public Outlet<TOut> Out { get; }

    public override ImmutableArray<Inlet> Inlets => _inlets;

    public override ImmutableArray<Outlet> Outlets { get; }

    /// <summary>A shape of the derived kind.</summary>
    protected abstract FanInShape<TOut> Construct(IInit init);

    /// <summary>Registers the next input, taking a given port where there is one.</summary>
    protected Inlet<T> NewInlet<T>(string name)
    {
        var inlet = _given.TryDequeue(out var given) ? (Inlet<T>)given : new Inlet<T>($"{_name}.{name}");
        _inlets = _inlets.Add(inlet);
        return inlet;
    }

    public override Shape DeepCopy() =>
        Construct(new InitPorts((Outlet<TOut>)Out.CarbonCopy(), [.. Inlets.Select(i => i.CarbonCopy())]));

    public sealed override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, outlets);
        return Construct(new InitPorts((Outlet<TOut>)outlets[0], inlets));
    }
}

/// <summary>Any number of inputs of one type, one output.</summary>
public class UniformFanInShape<TIn, TOut> : FanInShape<TOut>
{
    /// <summary>How many inputs there are.</summary>
    public readonly int N;

    public UniformFanInShape(int n, IInit init) : base(init)
    {
        N = n;
        Ins = [.. Enumerable.Range(0, n).Select(i => NewInlet<TIn>($"in{i}"))];
    }

    public UniformFanInShape(int n) : this(n, new InitName("UniformFanIn")) { }

    public UniformFanInShape(int n, string name) : this(n, new InitName(name)) { }

    public UniformFanInShape(Outlet<TOut> outlet, params Inlet<TIn>[] inlets) : this(inlets.Length, new InitPorts(outlet, inlets)) { }

    /// <summary>The inputs, in order.</summary>
    public IImmutableList<Inlet<TIn>> Ins { get; }

    /// <summary>Input number <paramref name="n"/>, from zero.</summary>
    public Inlet<TIn> In(int n) => Ins[n];

    protected override FanInShape<TOut> Construct(IInit init) => new UniformFanInShape<TIn, TOut>(N, init);
}

/// <summary>2 inputs of their own types, one output.</summary>
public class FanInShape<T0, T1, TOut> : FanInShape<TOut>
{
    public readonly Inlet<T0> In0;
    public readonly Inlet<T1> In1;

    public FanInShape(Outlet<TOut> outlet, Inlet<T0> in0, Inlet<T1> in1)
        : this(new InitPorts(outlet, [in0, in1])) { }

    public FanInShape(string name) : this(new InitName(name)) { }

    public FanInShape(IInit init) : base(init)
    {
        In0 = NewInlet<T0>("in0");
        In1 = NewInlet<T1>("in1");
    }

    protected override FanInShape<TOut> Construct(IInit init) => new FanInShape<T0, T1, TOut>(init);
}

/// <summary>3 inputs of their own types, one output.</summary>
public class FanInShape<T0, T1, T2, TOut> : FanInShape<TOut>
{
    public readonly Inlet<T0> In0;
    public readonly Inlet<T1> In1;
    public readonly Inlet<T2> In2;

    public FanInShape(Outlet<TOut> outlet, Inlet<T0> in0, Inlet<T1> in1, Inlet<T2> in2)
        : this(new InitPorts(outlet, [in0, in1, in2])) { }

    public FanInShape(string name) : this(new InitName(name)) { }

    public FanInShape(IInit init) : base(init)
    {
        In0 = NewInlet<T0>("in0");
        In1 = NewInlet<T1>("in1");
        In2 = NewInlet<T2>("in2");
    }

    protected override FanInShape<TOut> Construct(IInit init) => new FanInShape<T0, T1, T2, TOut>(init);
}

/// <summary>4 inputs of their own types, one output.</summary>
public class FanInShape<T0, T1, T2, T3, TOut> : FanInShape<TOut>
{
    public readonly Inlet<T0> In0;
    public readonly Inlet<T1> In1;
    public readonly Inlet<T2> In2;
    public readonly Inlet<T3> In3;

    public FanInShape(Outlet<TOut> outlet, Inlet<T0> in0, Inlet<T1> in1, Inlet<T2> in2, Inlet<T3> in3)
        : this(new InitPorts(outlet, [in0, in1, in2, in3])) { }

    public FanInShape(string name) : this(new InitName(name)) { }

    public FanInShape(IInit init) : base(init)
    {
        In0 = NewInlet<T0>("in0");
        In1 = NewInlet<T1>("in1");
        In2 = NewInlet<T2>("in2");
        In3 = NewInlet<T3>("in3");
    }

    protected override FanInShape<TOut> Construct(IInit init) => new FanInShape<T0, T1, T2, T3, TOut>(init);
}

/// <summary>5 inputs of their own types, one output.</summary>
public class FanInShape<T0, T1, T2, T3, T4, TOut> : FanInShape<TOut>
{
    public readonly Inlet<T0> In0;
    public readonly Inlet<T1> In1;
    public readonly Inlet<T2> In2;
    public readonly Inlet<T3> In3;
    public readonly Inlet<T4> In4;

    public FanInShape(Outlet<TOut> outlet, Inlet<T0> in0, Inlet<T1> in1, Inlet<T2> in2, Inlet<T3> in3, Inlet<T4> in4)
        : this(new InitPorts(outlet, [in0, in1, in2, in3, in4])) { }

    public FanInShape(string name) : this(new InitName(name)) { }

    public FanInShape(IInit init) : base(init)
    {
        In0 = NewInlet<T0>("in0");
        In1 = NewInlet<T1>("in1");
        In2 = NewInlet<T2>("in2");
        In3 = NewInlet<T3>("in3");
        In4 = NewInlet<T4>("in4");
    }

    protected override FanInShape<TOut> Construct(IInit init) => new FanInShape<T0, T1, T2, T3, T4, TOut>(init);
}
