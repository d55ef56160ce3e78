using System.Collections.Immutable;
using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Waits for one element from each input and for demand, then combines. What all zips have in common.</summary>
internal abstract class ZipLogic<TOut> : OutGraphStageLogic
{
    private readonly Outlet<TOut> _out;
    private readonly List<Action> _pulls = [];
    private int _missing;
    private bool _willEnd;

    protected ZipLogic(Shape shape, Outlet<TOut> outlet) : base(shape)
    {
        _out = outlet;
        SetHandler(outlet, this);
    }

    /// <summary>Grabs one element from each input.</summary>
    protected abstract TOut Zip();

    protected void Add<T>(Inlet<T> inlet)
    {
        _pulls.Add(() => Pull(inlet));
        SetHandler(inlet, () =>
        {
            if (--_missing == 0) PushZipped();
        }, () =>
        {
            // With an element at hand there is one pair more; without one there never will be.
            if (!IsAvailable(inlet)) CompleteStage();
            _willEnd = true;
        });
    }

    public override void PreStart() => PullAll();

    // Elements may come before the first pull, so the count goes below zero and back.
    public override void OnPull()
    {
        _missing += _pulls.Count;
        if (_missing == 0) PushZipped();
    }

    private void PushZipped()
    {
        Push(_out, Zip());
        if (_willEnd) CompleteStage();
        else PullAll();
    }

    private void PullAll()
    {
        foreach (var pull in _pulls) pull();
    }
}

/// <summary>Makes zips.</summary>
public sealed class ZipWith
{
    public static readonly ZipWith Instance = new();

    private ZipWith() { }

    /// <inheritdoc cref="ZipWith{TIn0, TIn1, TOut}"/>
    public static ZipWith<TIn0, TIn1, TOut> Apply<TIn0, TIn1, TOut>(Func<TIn0, TIn1, TOut> zipper) => new(zipper);

    /// <inheritdoc cref="ZipWith{TIn0, TIn1, TIn2, TOut}"/>
    public static ZipWith<TIn0, TIn1, TIn2, TOut> Apply<TIn0, TIn1, TIn2, TOut>(Func<TIn0, TIn1, TIn2, TOut> zipper) => new(zipper);

    /// <inheritdoc cref="ZipWith{TIn0, TIn1, TIn2, TIn3, TOut}"/>
    public static ZipWith<TIn0, TIn1, TIn2, TIn3, TOut> Apply<TIn0, TIn1, TIn2, TIn3, TOut>(Func<TIn0, TIn1, TIn2, TIn3, TOut> zipper) => new(zipper);
}

/// <summary>Takes one element of each of two inputs and pairs them.</summary>
public sealed class Zip<T1, T2> : ZipWith<T1, T2, (T1, T2)>
{
    public Zip() : base((first, second) => (first, second)) { }

    public override string ToString() => "Zip";
}

/// <summary>Takes one element of each of 2 inputs and combines them. Completes when one input has and the others' rest cannot be paired.</summary>
public class ZipWith<TIn0, TIn1, TOut> : GraphStage<FanInShape<TIn0, TIn1, TOut>>
{
    public ZipWith(Func<TIn0, TIn1, TOut> zipper)
    {
        Zipper = zipper;
        Shape = new FanInShape<TIn0, TIn1, TOut>("ZipWith");
    }

    public Inlet<TIn0> In0 => Shape.In0;

    public Inlet<TIn1> In1 => Shape.In1;

    public Outlet<TOut> Out => Shape.Out;

    public Func<TIn0, TIn1, TOut> Zipper { get; }

    public sealed override FanInShape<TIn0, TIn1, TOut> Shape { get; }

    protected sealed override Attributes InitialAttributes => Attributes.CreateName("ZipWith");

    protected sealed override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, Zipper);

    private sealed class Logic : ZipLogic<TOut>
    {
        private readonly FanInShape<TIn0, TIn1, TOut> _shape;
        private readonly Func<TIn0, TIn1, TOut> _zipper;

        public Logic(FanInShape<TIn0, TIn1, TOut> shape, Func<TIn0, TIn1, TOut> zipper) : base(shape, shape.Out)
        {
            _shape = shape;
            _zipper = zipper;
            Add(shape.In0);
            Add(shape.In1);
        }

        protected override TOut Zip() =>
            _zipper(Grab(_shape.In0), Grab(_shape.In1));
    }
}

/// <summary>Takes one element of each of 3 inputs and combines them. Completes when one input has and the others' rest cannot be paired.</summary>
public class ZipWith<TIn0, TIn1, TIn2, TOut> : GraphStage<FanInShape<TIn0, TIn1, TIn2, TOut>>
{
    public ZipWith(Func<TIn0, TIn1, TIn2, TOut> zipper)
    {
        Zipper = zipper;
        Shape = new FanInShape<TIn0, TIn1, TIn2, TOut>("ZipWith");
    }

    public Inlet<TIn0> In0 => Shape.In0;

    public Inlet<TIn1> In1 => Shape.In1;

    public Inlet<TIn2> In2 => Shape.In2;

    public Outlet<TOut> Out => Shape.Out;

    public Func<TIn0, TIn1, TIn2, TOut> Zipper { get; }

    public sealed override FanInShape<TIn0, TIn1, TIn2, TOut> Shape { get; }

    protected sealed override Attributes InitialAttributes => Attributes.CreateName("ZipWith");

    protected sealed override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, Zipper);

    private sealed class Logic : ZipLogic<TOut>
    {
        private readonly FanInShape<TIn0, TIn1, TIn2, TOut> _shape;
        private readonly Func<TIn0, TIn1, TIn2, TOut> _zipper;

        public Logic(FanInShape<TIn0, TIn1, TIn2, TOut> shape, Func<TIn0, TIn1, TIn2, TOut> zipper) : base(shape, shape.Out)
        {
            _shape = shape;
            _zipper = zipper;
            Add(shape.In0);
            Add(shape.In1);
            Add(shape.In2);
        }

        protected override TOut Zip() =>
            _zipper(Grab(_shape.In0), Grab(_shape.In1), Grab(_shape.In2));
    }
}

/// <summary>Takes one element of each of 4 inputs and combines them. Completes when one input has and the others' rest cannot be paired.</summary>
public class ZipWith<TIn0, TIn1, TIn2, TIn3, TOut> : GraphStage<FanInShape<TIn0, TIn1, TIn2, TIn3, TOut>>
{
    public ZipWith(Func<TIn0, TIn1, TIn2, TIn3, TOut> zipper)
    {
        Zipper = zipper;
        Shape = new FanInShape<TIn0, TIn1, TIn2, TIn3, TOut>("ZipWith");
    }

    public Inlet<TIn0> In0 => Shape.In0;

    public Inlet<TIn1> In1 => Shape.In1;

    public Inlet<TIn2> In2 => Shape.In2;

    public Inlet<TIn3> In3 => Shape.In3;

    public Outlet<TOut> Out => Shape.Out;

    public Func<TIn0, TIn1, TIn2, TIn3, TOut> Zipper { get; }

    public sealed override FanInShape<TIn0, TIn1, TIn2, TIn3, TOut> Shape { get; }

    protected sealed override Attributes InitialAttributes => Attributes.CreateName("ZipWith");

    protected sealed override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, Zipper);

    private sealed class Logic : ZipLogic<TOut>
    {
        private readonly FanInShape<TIn0, TIn1, TIn2, TIn3, TOut> _shape;
        private readonly Func<TIn0, TIn1, TIn2, TIn3, TOut> _zipper;

        public Logic(FanInShape<TIn0, TIn1, TIn2, TIn3, TOut> shape, Func<TIn0, TIn1, TIn2, TIn3, TOut> zipper) : base(shape, shape.Out)
        {
            _shape = shape;
            _zipper = zipper;
            Add(shape.In0);
            Add(shape.In1);
            Add(shape.In2);
            Add(shape.In3);
        }

        protected override TOut Zip() =>
            _zipper(Grab(_shape.In0), Grab(_shape.In1), Grab(_shape.In2), Grab(_shape.In3));
    }
}

/// <summary>Makes zips of any number of inputs.</summary>
public static class ZipWithN
{
    /// <inheritdoc cref="ZipWithN{TIn,TOut}"/>
    public static IGraph<UniformFanInShape<TIn, TOut>> Create<TIn, TOut>(Func<IImmutableList<TIn>, TOut> zipper, int n) =>
        new ZipWithN<TIn, TOut>(zipper, n);
}

/// <summary>Takes one element of each of any number of inputs and combines them.</summary>
public class ZipWithN<TIn, TOut> : GraphStage<UniformFanInShape<TIn, TOut>>
{
    private readonly Func<IImmutableList<TIn>, TOut> _zipper;

    public ZipWithN(Func<IImmutableList<TIn>, TOut> zipper, int n)
    {
        _zipper = zipper;
        Shape = new UniformFanInShape<TIn, TOut>(n, "ZipWithN");
    }

    public IImmutableList<Inlet<TIn>> Inlets => Shape.Ins;

    public Outlet<TOut> Out => Shape.Out;

    public Inlet<TIn> In(int i) => Shape.In(i);

    public override UniformFanInShape<TIn, TOut> Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName("ZipWithN");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, _zipper);

    public override string ToString() => "ZipWithN";

    private sealed class Logic : ZipLogic<TOut>
    {
        private readonly UniformFanInShape<TIn, TOut> _shape;
        private readonly Func<IImmutableList<TIn>, TOut> _zipper;

        public Logic(UniformFanInShape<TIn, TOut> shape, Func<IImmutableList<TIn>, TOut> zipper) : base(shape, shape.Out)
        {
            _shape = shape;
            _zipper = zipper;
            foreach (var inlet in shape.Ins) Add(inlet);
        }

        protected override TOut Zip() => _zipper(ImmutableList.CreateRange(_shape.Ins.Select(Grab)));
    }
}

/// <summary>Makes zips of any number of inputs.</summary>
public static class ZipN
{
    /// <inheritdoc cref="ZipN{T}"/>
    public static IGraph<UniformFanInShape<T, IImmutableList<T>>> Create<T>(int n) => new ZipN<T>(n);
}

/// <summary>Takes one element of each of any number of inputs and gives them as a list.</summary>
public sealed class ZipN<T> : ZipWithN<T, IImmutableList<T>>
{
    public ZipN(int n) : base(elements => elements, n) { }

    protected override Attributes InitialAttributes => Attributes.CreateName("ZipN");

    public override string ToString() => "ZipN";
}
