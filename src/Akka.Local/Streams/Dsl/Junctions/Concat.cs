using Akka.Streams.Implementation.Stages;
using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Makes concatenations.</summary>
public static class Concat
{
    /// <summary>
    /// A <see cref="Concat{TIn,TOut}"/> that asks each of its inputs for one element ahead, so that cycles through it get going.
    /// </summary>
    public static IGraph<UniformFanInShape<T, T>, NotUsed> Create<T>(int inputPorts = 2) =>
        Operators.WithDetachedInputs(new Concat<T, T>(inputPorts));
}

/// <summary>One stream after the other: takes from an input only when the ones before it have completed. Fails when any input fails.</summary>
public class Concat<TIn, TOut> : GraphStage<UniformFanInShape<TIn, TOut>> where TIn : TOut
{
    public Concat(int inputPorts = 2)
    {
        if (inputPorts <= 1) throw new ArgumentException("A Concat must have more than 1 input port", nameof(inputPorts));
        Shape = new UniformFanInShape<TIn, TOut>(inputPorts, "Concat");
    }

    public Outlet<TOut> Out => Shape.Out;

    public Inlet<TIn> In(int id) => Shape.In(id);

    public override UniformFanInShape<TIn, TOut> Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName("concat");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly UniformFanInShape<TIn, TOut> _shape;
        private int _active;

        public Logic(UniformFanInShape<TIn, TOut> shape) : base(shape)
        {
            _shape = shape;
            for (var i = 0; i < shape.N; i++)
            {
                var index = i;
                var inlet = shape.In(i);
                SetHandler(inlet, () => Push(shape.Out, Grab(inlet)), () =>
                {
                    if (index != _active) return;
                    while (_active < shape.N && IsClosed(shape.In(_active))) _active++;
                    if (_active == shape.N) CompleteStage();
                    else if (IsAvailable(shape.Out)) Pull(shape.In(_active));
                });
            }

            SetHandler(shape.Out, this);
        }

        public override void OnPull() => Pull(_shape.In(_active));
    }
}

/// <summary>Makes alternatives.</summary>
public static class OrElse
{
    /// <inheritdoc cref="OrElse{T}"/>
    public static IGraph<UniformFanInShape<T, T>, NotUsed> Create<T>() => new OrElse<T>();
}

/// <summary>The secondary stream instead of the primary one if that completes without an element; otherwise it is cancelled.</summary>
public sealed class OrElse<T> : GraphStage<UniformFanInShape<T, T>>
{
    public OrElse()
    {
        Out = new Outlet<T>("OrElse.out");
        Primary = new Inlet<T>("OrElse.primary");
        Secondary = new Inlet<T>("OrElse.secondary");
        Shape = new UniformFanInShape<T, T>(Out, Primary, Secondary);
    }

    public Inlet<T> Primary { get; }

    public Inlet<T> Secondary { get; }

    public Outlet<T> Out { get; }

    public override UniformFanInShape<T, T> Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName("OrElse");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    public override string ToString() => "OrElse";

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly OrElse<T> _stage;
        private Inlet<T> _current;
        private bool _primaryPushed;

        public Logic(OrElse<T> stage) : base(stage.Shape)
        {
            _stage = stage;
            _current = stage.Primary;
            SetHandler(stage.Primary, () =>
            {
                if (!_primaryPushed)
                {
                    _primaryPushed = true;
                    Cancel(stage.Secondary);
                }

                Push(stage.Out, Grab(stage.Primary));
            }, () =>
            {
                if (_primaryPushed || IsClosed(stage.Secondary))
                {
                    CompleteStage();
                    return;
                }

                _current = stage.Secondary;
                if (IsAvailable(stage.Out)) Pull(stage.Secondary);
            });
            SetHandler(stage.Secondary, () => Push(stage.Out, Grab(stage.Secondary)), () =>
            {
                if (IsClosed(stage.Primary)) CompleteStage();
            });
            SetHandler(stage.Out, this);
        }

        public override void OnPull() => Pull(_current);
    }
}

/// <summary>Makes interleavings.</summary>
public static class Interleave
{
    /// <inheritdoc cref="Interleave{TIn,TOut}"/>
    public static IGraph<UniformFanInShape<T, T>, NotUsed> Create<T>(int inputPorts, int segmentSize, bool eagerClose = false) =>
        Operators.WithDetachedInputs(new Interleave<T, T>(inputPorts, segmentSize, eagerClose));
}

/// <summary>A number of elements from each input in turn; inputs that have completed are passed over, or end the whole if eager.</summary>
public sealed class Interleave<TIn, TOut> : GraphStage<UniformFanInShape<TIn, TOut>> where TIn : TOut
{
    private readonly int _segmentSize;
    private readonly bool _eagerClose;

    internal Interleave(int inputPorts, int segmentSize, bool eagerClose = false)
    {
        if (inputPorts <= 1) throw new ArgumentException("Interleave input ports count must be greater than 1", nameof(inputPorts));
        if (segmentSize <= 0) throw new ArgumentException("Interleave segment size must be greater than 0", nameof(segmentSize));
        _segmentSize = segmentSize;
        _eagerClose = eagerClose;
        Shape = new UniformFanInShape<TIn, TOut>(inputPorts, "Interleave");
    }

    public Outlet<TOut> Out => Shape.Out;

    public Inlet<TIn> In(int id) => Shape.In(id);

    public override UniformFanInShape<TIn, TOut> Shape { get; }

    public override string ToString() => "Interleave";

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, _segmentSize, _eagerClose);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly UniformFanInShape<TIn, TOut> _shape;
        private int _current;
        private int _taken;
        private int _running;

        public Logic(UniformFanInShape<TIn, TOut> shape, int segmentSize, bool eagerClose) : base(shape)
        {
            _shape = shape;
            _running = shape.N;
            for (var i = 0; i < shape.N; i++)
            {
                var index = i;
                var inlet = shape.In(i);
                SetHandler(inlet, () =>
                {
                    Push(shape.Out, Grab(inlet));
                    if (++_taken == segmentSize) Switch();
                }, () =>
                {
                    if (eagerClose || --_running == 0)
                    {
                        CompleteStage();
                        return;
                    }

                    if (index != _current) return;
                    Switch();
                    if (IsAvailable(shape.Out)) Pull(shape.In(_current));
                });
            }

            SetHandler(shape.Out, this);
        }

        private void Switch()
        {
            _taken = 0;
            do _current = (_current + 1) % _shape.N;
            while (_running > 0 && IsClosed(_shape.In(_current)));
        }

        public override void OnPull() => Pull(_shape.In(_current));
    }
}
