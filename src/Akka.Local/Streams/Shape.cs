using System.Collections.Immutable;

namespace Akka.Streams;

/// <summary>The open ports of a graph. A shape knows how to copy itself, so that one blueprint can be used many times.</summary>
public abstract class Shape : ICloneable
{
    protected Shape() { }

    /// <summary>Every input, in a fixed order.</summary>
    public abstract ImmutableArray<Inlet> Inlets { get; }

    /// <summary>Every output, in a fixed order.</summary>
    public abstract ImmutableArray<Outlet> Outlets { get; }

    /// <summary>A shape of the same kind with fresh ports.</summary>
    public abstract Shape DeepCopy();

    /// <summary>A shape of the same kind over the given ports, whose number and types must fit.</summary>
    public abstract Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets);

    /// <summary>Whether both shapes have the same ports, in any order.</summary>
    public bool HasSamePortsAs(Shape shape) =>
        Inlets.Length == shape.Inlets.Length && Outlets.Length == shape.Outlets.Length
        && Inlets.All(shape.Inlets.Contains) && Outlets.All(shape.Outlets.Contains);

    /// <summary>Whether both shapes are of one kind and have the same ports.</summary>
    public bool HasSamePortsAndShapeAs(Shape shape) => GetType() == shape.GetType() && HasSamePortsAs(shape);

    public object Clone() => DeepCopy();

    public sealed override string ToString() =>
        $"{GetType().Name}([{string.Join(", ", Inlets)}] [{string.Join(", ", Outlets)}])";

    private protected void RequirePorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        if (inlets.Length != Inlets.Length || outlets.Length != Outlets.Length)
            throw new ArgumentException(
                $"{GetType().Name} has {Inlets.Length} inlets and {Outlets.Length} outlets, but was given {inlets.Length} and {outlets.Length}");
    }
}

/// <summary>The shape of a graph that is ready to run: no open ports.</summary>
public class ClosedShape : Shape
{
    /// <summary>There is only one.</summary>
    public static readonly ClosedShape Instance = new();

    private ClosedShape() { }

    public override ImmutableArray<Inlet> Inlets => [];

    public override ImmutableArray<Outlet> Outlets => [];

    public override Shape DeepCopy() => this;

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, outlets);
        return this;
    }
}

/// <summary>Any number of ports, without a meaning of their own.</summary>
public class AmorphousShape : Shape
{
    public AmorphousShape(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        Inlets = inlets;
        Outlets = outlets;
    }

    public override ImmutableArray<Inlet> Inlets { get; }

    public override ImmutableArray<Outlet> Outlets { get; }

    public override Shape DeepCopy() =>
        new AmorphousShape([.. Inlets.Select(i => i.CarbonCopy())], [.. Outlets.Select(o => o.CarbonCopy())]);

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, outlets);
        return new AmorphousShape(inlets, outlets);
    }
}

/// <summary>One output, no input.</summary>
public sealed class SourceShape<TOut> : Shape
{
    public SourceShape(Outlet<TOut> outlet)
    {
        Outlet = outlet ?? throw new ArgumentNullException(nameof(outlet));
        Outlets = [outlet];
    }

    public readonly Outlet<TOut> Outlet;

    public override ImmutableArray<Inlet> Inlets => [];

    public override ImmutableArray<Outlet> Outlets { get; }

    public override Shape DeepCopy() => new SourceShape<TOut>((Outlet<TOut>)Outlet.CarbonCopy());

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, outlets);
        return new SourceShape<TOut>((Outlet<TOut>)outlets[0]);
    }

    public override bool Equals(object? obj) => obj is SourceShape<TOut> other && other.Outlet == Outlet;

    public override int GetHashCode() => Outlet.GetHashCode();
}

/// <summary>A shape with one input and one output, whatever their types.</summary>
public interface IFlowShape
{
    /// <summary>The input.</summary>
    Inlet Inlet { get; }

    /// <summary>The output.</summary>
    Outlet Outlet { get; }
}

/// <summary>One input, one output.</summary>
public sealed class FlowShape<TIn, TOut> : Shape, IFlowShape
{
    public FlowShape(Inlet<TIn> inlet, Outlet<TOut> outlet)
    {
        Inlet = inlet ?? throw new ArgumentNullException(nameof(inlet));
        Outlet = outlet ?? throw new ArgumentNullException(nameof(outlet));
        Inlets = [inlet];
        Outlets = [outlet];
    }

    public Inlet<TIn> Inlet { get; }

    public Outlet<TOut> Outlet { get; }

    Inlet IFlowShape.Inlet => Inlet;

    Outlet IFlowShape.Outlet => Outlet;

    public override ImmutableArray<Inlet> Inlets { get; }

    public override ImmutableArray<Outlet> Outlets { get; }

    public override Shape DeepCopy() => new FlowShape<TIn, TOut>((Inlet<TIn>)Inlet.CarbonCopy(), (Outlet<TOut>)Outlet.CarbonCopy());

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, outlets);
        return new FlowShape<TIn, TOut>((Inlet<TIn>)inlets[0], (Outlet<TOut>)outlets[0]);
    }
}

/// <summary>One input, no output.</summary>
public sealed class SinkShape<TIn> : Shape
{
    public SinkShape(Inlet<TIn> inlet)
    {
        Inlet = inlet ?? throw new ArgumentNullException(nameof(inlet));
        Inlets = [inlet];
    }

    public readonly Inlet<TIn> Inlet;

    public override ImmutableArray<Inlet> Inlets { get; }

    public override ImmutableArray<Outlet> Outlets => [];

    public override Shape DeepCopy() => new SinkShape<TIn>((Inlet<TIn>)Inlet.CarbonCopy());

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, outlets);
        return new SinkShape<TIn>((Inlet<TIn>)inlets[0]);
    }

    public override bool Equals(object? obj) => obj is SinkShape<TIn> other && other.Inlet == Inlet;

    public override int GetHashCode() => Inlet.GetHashCode();
}

/// <summary>Makes bidirectional shapes.</summary>
public static class BidiShape
{
    /// <summary>Two flow shapes seen as one: <paramref name="top"/> forwards, <paramref name="bottom"/> backwards.</summary>
    public static BidiShape<TIn1, TOut1, TIn2, TOut2> FromFlows<TIn1, TOut1, TIn2, TOut2>(FlowShape<TIn1, TOut1> top,
        FlowShape<TIn2, TOut2> bottom) => new(top.Inlet, top.Outlet, bottom.Inlet, bottom.Outlet);
}

/// <summary>Two flows in opposite directions.</summary>
public sealed class BidiShape<TIn1, TOut1, TIn2, TOut2> : Shape
{
    public BidiShape(Inlet<TIn1> in1, Outlet<TOut1> out1, Inlet<TIn2> in2, Outlet<TOut2> out2)
    {
        Inlet1 = in1 ?? throw new ArgumentNullException(nameof(in1));
        Outlet1 = out1 ?? throw new ArgumentNullException(nameof(out1));
        Inlet2 = in2 ?? throw new ArgumentNullException(nameof(in2));
        Outlet2 = out2 ?? throw new ArgumentNullException(nameof(out2));
        Inlets = [in1, in2];
        Outlets = [out1, out2];
    }

    public BidiShape(FlowShape<TIn1, TOut1> top, FlowShape<TIn2, TOut2> bottom)
        : this(top.Inlet, top.Outlet, bottom.Inlet, bottom.Outlet) { }

    public readonly Inlet<TIn1> Inlet1;
    public readonly Inlet<TIn2> Inlet2;
    public readonly Outlet<TOut1> Outlet1;
    public readonly Outlet<TOut2> Outlet2;

    public override ImmutableArray<Inlet> Inlets { get; }

    public override ImmutableArray<Outlet> Outlets { get; }

    /// <summary>The same ports with the two directions swapped.</summary>
    public Shape Reversed() => new BidiShape<TIn2, TOut2, TIn1, TOut1>(Inlet2, Outlet2, Inlet1, Outlet1);

    public override Shape DeepCopy() => new BidiShape<TIn1, TOut1, TIn2, TOut2>(
        (Inlet<TIn1>)Inlet1.CarbonCopy(), (Outlet<TOut1>)Outlet1.CarbonCopy(),
        (Inlet<TIn2>)Inlet2.CarbonCopy(), (Outlet<TOut2>)Outlet2.CarbonCopy());

    public override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, outlets);
        return new BidiShape<TIn1, TOut1, TIn2, TOut2>(
            (Inlet<TIn1>)inlets[0], (Outlet<TOut1>)outlets[0], (Inlet<TIn2>)inlets[1], (Outlet<TOut2>)outlets[1]);
    }
}
