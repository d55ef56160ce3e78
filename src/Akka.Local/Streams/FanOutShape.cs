using System.Collections.Immutable;

namespace Akka.Streams;

/// <summary>One input, several outputs. A derived shape registers its outputs with <see cref="NewOutlet{T}"/> in its constructor.</summary>
public abstract class FanOutShape<TIn> : Shape
{
    /// <summary>How a shape comes to its ports: by name (fresh ones) or from given ones.</summary>
    public interface IInit
    {
        Inlet<TIn> Inlet { get; }
        IEnumerable<Outlet> Outlets { get; }
        string Name { get; }
    }

    /// <summary>Fresh ports, named after <see cref="Name"/>.</summary>
    public sealed class InitName : IInit
    {
        public InitName(string name)
        {
            Name = name ?? throw new ArgumentNullException(nameof(name));
            Inlet = new Inlet<TIn>($"{name}.in");
        }

        public Inlet<TIn> Inlet { get; }
        public IEnumerable<Outlet> Outlets => [];
        public string Name { get; }
    }

    /// <summary>Given ports.</summary>
    public sealed class InitPorts : IInit
    {
        public InitPorts(Inlet<TIn> inlet, IEnumerable<Outlet> outlets)
        {
            Inlet = inlet ?? throw new ArgumentNullException(nameof(inlet));
            Outlets = outlets ?? throw new ArgumentNullException(nameof(outlets));
        }

        public Inlet<TIn> Inlet { get; }
        public IEnumerable<Outlet> Outlets { get; }
        public string Name => "FanOut";
    }

    private readonly string _name;
    private readonly Queue<Outlet> _given;
    private ImmutableArray<Outlet> _outlets = [];

    protected FanOutShape(Inlet<TIn> inlet, IEnumerable<Outlet> registered, string name)
    {
        In = inlet;
        Inlets = [inlet];
        _name = name;
        _given = new Queue<Outlet>(registered);
    }

    protected FanOutShape(IInit init) : this(init.Inlet, init.Outlets, init.Name) { }

    /// <summary>The input.</summary>
    public Inlet<TIn> In { get; }

    public override ImmutableArray<Inlet> Inlets { get; }

    public override ImmutableArray<Outlet> Outlets => _outlets;

    /// <summary>A shape of the derived kind.</summary>
    protected abstract FanOutShape<TIn> Construct(IInit init);

    /// <summary>Registers the next output, taking a given port where there is one.</summary>
    protected Outlet<T> NewOutlet<T>(string name)
    {
        var outlet = _given.TryDequeue(out var given) ? (Outlet<T>)given : new Outlet<T>($"{_name}.{name}");
        _outlets = _outlets.Add(outlet);
        return outlet;
    }

    public override Shape DeepCopy() =>
        Construct(new InitPorts((Inlet<TIn>)In.CarbonCopy(), [.. Outlets.Select(o => o.CarbonCopy())]));

    public sealed override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, outlets);
        return Construct(new InitPorts((Inlet<TIn>)inlets[0], outlets));
    }
}

/// <summary>One input, any number of outputs of one type.</summary>
public class UniformFanOutShape<TIn, TOut> : FanOutShape<TIn>
{
    private readonly int _n;

    public UniformFanOutShape(int n, IInit init) : base(init)
    {
        _n = n;
        Outs = [.. Enumerable.Range(0, n).Select(i => NewOutlet<TOut>($"out{i}"))];
    }

    public UniformFanOutShape(int n) : this(n, new InitName("UniformFanOut")) { }

    public UniformFanOutShape(int n, string name) : this(n, new InitName(name)) { }

    public UniformFanOutShape(Inlet<TIn> inlet, params Outlet<TOut>[] outlets) : this(outlets.Length, new InitPorts(inlet, outlets)) { }

    /// <summary>The outputs, in order.</summary>
    public IImmutableList<Outlet<TOut>> Outs { get; }

    /// <summary>Output number <paramref name="n"/>, from zero.</summary>
    public Outlet<TOut> Out(int n) => Outs[n];

    protected override FanOutShape<TIn> Construct(IInit init) => new UniformFanOutShape<TIn, TOut>(_n, init);
}

/// <summary>One input, 2 outputs of their own types.</summary>
public class FanOutShape<TIn, T0, T1> : FanOutShape<TIn>
{
    public readonly Outlet<T0> Out0;
    public readonly Outlet<T1> Out1;

    public FanOutShape(Inlet<TIn> inlet, Outlet<T0> out0, Outlet<T1> out1)
        : this(new InitPorts(inlet, [out0, out1])) { }

    public FanOutShape(string name) : this(new InitName(name)) { }

    public FanOutShape(IInit init) : base(init)
    {
        Out0 = NewOutlet<T0>("out0");
        Out1 = NewOutlet<T1>("out1");
    }

    protected override FanOutShape<TIn> Construct(IInit init) => new FanOutShape<TIn, T0, T1>(init);
}

/// <summary>One input, 3 outputs of their own types.</summary>
public class FanOutShape<TIn, T0, T1, T2> : FanOutShape<TIn>
{
    public readonly Outlet<T0> Out0;
    public readonly Outlet<T1> Out1;
    public readonly Outlet<T2> Out2;

    public FanOutShape(Inlet<TIn> inlet, Outlet<T0> out0, Outlet<T1> out1, Outlet<T2> out2)
        : this(new InitPorts(inlet, [out0, out1, out2])) { }

    public FanOutShape(string name) : this(new InitName(name)) { }

    public FanOutShape(IInit init) : base(init)
    {
        Out0 = NewOutlet<T0>("out0");
        Out1 = NewOutlet<T1>("out1");
        Out2 = NewOutlet<T2>("out2");
    }

    protected override FanOutShape<TIn> Construct(IInit init) => new FanOutShape<TIn, T0, T1, T2>(init);
}

/// <summary>One input, 4 outputs of their own types.</summary>
public class FanOutShape<TIn, T0, T1, T2, T3> : FanOutShape<TIn>
{
    public readonly Outlet<T0> Out0;
    public readonly Outlet<T1> Out1;
    public readonly Outlet<T2> Out2;
    public readonly Outlet<T3> Out3;

    public FanOutShape(Inlet<TIn> inlet, Outlet<T0> out0, Outlet<T1> out1, Outlet<T2> out2, Outlet<T3> out3)
        : this(new InitPorts(inlet, [out0, out1, out2, out3])) { }

    public FanOutShape(string name) : this(new InitName(name)) { }

    public FanOutShape(IInit init) : base(init)
    {
        Out0 = NewOutlet<T0>("out0");
        Out1 = NewOutlet<T1>("out1");
        Out2 = NewOutlet<T2>("out2");
        Out3 = NewOutlet<T3>("out3");
    }

    protected override FanOutShape<TIn> Construct(IInit init) => new FanOutShape<TIn, T0, T1, T2, T3>(init);
}
