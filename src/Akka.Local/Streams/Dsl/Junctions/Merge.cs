using System.Collections.Immutable;
using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>
/// Several streams into one, each element as it comes. Fails when any input fails; completes when all inputs have, or, if eager, when one
/// has.
/// </summary>
public class Merge<TIn, TOut> : GraphStage<UniformFanInShape<TIn, TOut>> where TIn : TOut
{
    private readonly bool _eagerComplete;

    /// <param name="inputPorts">How many inputs there are.</param>
    /// <param name="eagerComplete">Whether the first input to complete ends the whole.</param>
    public Merge(int inputPorts, bool eagerComplete = false)
    {
        if (inputPorts < 1) throw new ArgumentException("A merge needs one input at least", nameof(inputPorts));
        _eagerComplete = eagerComplete;
        Shape = new UniformFanInShape<TIn, TOut>(new Outlet<TOut>("Merge.out"),
            [.. Enumerable.Range(0, inputPorts).Select(i => new Inlet<TIn>($"Merge.in{i}"))]);
    }

    public Outlet<TOut> Out => Shape.Out;

    public Inlet<TIn> In(int id) => Shape.In(id);

    public override UniformFanInShape<TIn, TOut> Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName("Merge");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, _eagerComplete);

    public override string ToString() => "Merge";

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly UniformFanInShape<TIn, TOut> _shape;
        private readonly Queue<Inlet<TIn>> _pending = new();
        private int _running;

        public Logic(UniformFanInShape<TIn, TOut> shape, bool eagerComplete) : base(shape)
        {
            _shape = shape;
            _running = shape.N;
            foreach (var inlet in shape.Ins)
                SetHandler(inlet, () =>
                {
                    if (IsAvailable(shape.Out) && _pending.Count == 0)
                    {
                        Push(shape.Out, Grab(inlet));
                        TryPull(inlet);
                    }
                    else _pending.Enqueue(inlet);
                }, () =>
                {
                    if (eagerComplete)
                    {
                        foreach (var other in shape.Ins)
                            if (!IsAvailable(other)) Cancel(other);
                        _running = 0;
                    }
                    else _running--;

                    if (_running == 0 && _pending.Count == 0) CompleteStage();
                });
            SetHandler(shape.Out, this);
        }

        public override void PreStart()
        {
            foreach (var inlet in _shape.Ins) TryPull(inlet);
        }

        public override void OnPull()
        {
            if (!_pending.TryDequeue(out var inlet)) return;
            Push(_shape.Out, Grab(inlet));
            if (_running == 0 && _pending.Count == 0) CompleteStage();
            else TryPull(inlet);
        }
    }
}

/// <inheritdoc cref="Merge{TIn,TOut}"/>
public sealed class Merge<T> : Merge<T, T>
{
    /// <inheritdoc cref="Merge{TIn,TOut}(int, bool)"/>
    public Merge(int inputPorts, bool eagerComplete = false) : base(inputPorts, eagerComplete) { }
}

/// <summary>A merge that prefers one input: while it has elements, the others wait.</summary>
public sealed class MergePreferred<T> : GraphStage<MergePreferred<T>.MergePreferredShape>
{
    /// <summary>The secondary inputs, then the preferred one.</summary>
    public sealed class MergePreferredShape : UniformFanInShape<T, T>
    {
        private readonly int _secondaryPorts;

        public MergePreferredShape(int secondaryPorts, IInit init) : base(secondaryPorts, init)
        {
            _secondaryPorts = secondaryPorts;
            Preferred = NewInlet<T>("preferred");
        }

        public MergePreferredShape(int secondaryPorts, string name) : this(secondaryPorts, new InitName(name)) { }

        public Inlet<T> Preferred { get; }

        protected override FanInShape<T> Construct(IInit init) => new MergePreferredShape(_secondaryPorts, init);
    }

    private readonly bool _eagerClose;

    /// <param name="secondaryPorts">How many inputs there are besides the preferred one.</param>
    /// <param name="eagerClose">Whether the first input to complete ends the whole.</param>
    public MergePreferred(int secondaryPorts, bool eagerClose = false)
    {
        if (secondaryPorts < 1) throw new ArgumentException("A merge needs one secondary input at least", nameof(secondaryPorts));
        _eagerClose = eagerClose;
        Shape = new MergePreferredShape(secondaryPorts, "MergePreferred");
    }

    public Inlet<T> Preferred => Shape.Preferred;

    public Outlet<T> Out => Shape.Out;

    public Inlet<T> In(int id) => Shape.In(id);

    public override MergePreferredShape Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName("MergePreferred");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new PickingMergeLogic<T>(Shape, [Shape.Preferred, .. Shape.Ins], Shape.Out, _eagerClose,
            ready => ready.Contains(0) ? 0 : ready[0]);
}

/// <summary>A merge that takes from inputs in proportion to their priorities while several have elements.</summary>
public sealed class MergePrioritized<T> : GraphStage<UniformFanInShape<T, T>>
{
    private readonly int[] _priorities;
    private readonly bool _eagerComplete;

    /// <param name="priorities">One an input, at least 1; twice as high is chosen twice as often.</param>
    /// <param name="eagerComplete">Whether the first input to complete ends the whole.</param>
    public MergePrioritized(IEnumerable<int> priorities, bool eagerComplete = false)
    {
        _priorities = [.. priorities];
        if (_priorities.Length == 0) throw new ArgumentException("A merge needs one input at least", nameof(priorities));
        if (_priorities.Any(p => p <= 0)) throw new ArgumentException("Priorities should be positive integers", nameof(priorities));
        _eagerComplete = eagerComplete;
        Shape = new UniformFanInShape<T, T>(_priorities.Length, "MergePrioritized");
    }

    public IReadOnlyList<Inlet<T>> In => Shape.Ins;

    public Outlet<T> Out => Shape.Out;

    public override UniformFanInShape<T, T> Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName("MergePrioritized");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new PickingMergeLogic<T>(Shape, [.. Shape.Ins], Shape.Out, _eagerComplete, Pick);

    private int Pick(IReadOnlyList<int> ready)
    {
        var ticket = Random.Shared.Next(ready.Sum(i => _priorities[i]));
        foreach (var i in ready)
        {
            ticket -= _priorities[i];
            if (ticket < 0) return i;
        }

        return ready[^1];
    }
}

/// <summary>A merge that chooses, at each pull, among the inputs that have an element. They are listed longest waiting first.</summary>
internal sealed class PickingMergeLogic<T> : OutGraphStageLogic
{
    private readonly IReadOnlyList<Inlet<T>> _ins;
    private readonly Outlet<T> _out;
    private readonly Func<IReadOnlyList<int>, int> _pick;
    private readonly List<int> _ready = [];
    private int _running;

    public PickingMergeLogic(Shape shape, IReadOnlyList<Inlet<T>> ins, Outlet<T> outlet, bool eagerComplete,
        Func<IReadOnlyList<int>, int> pick) : base(shape)
    {
        _ins = ins;
        _out = outlet;
        _pick = pick;
        _running = ins.Count;
        for (var i = 0; i < ins.Count; i++)
        {
            var index = i;
            SetHandler(ins[i], () =>
            {
                _ready.Add(index);
                if (IsAvailable(_out)) PushPicked();
            }, () =>
            {
                if (eagerComplete)
                {
                    foreach (var other in _ins)
                        if (!IsAvailable(other)) Cancel(other);
                    _running = 0;
                }
                else _running--;

                if (_running == 0 && _ready.Count == 0) CompleteStage();
            });
        }

        SetHandler(outlet, this);
    }

    public override void PreStart()
    {
        foreach (var inlet in _ins) Pull(inlet);
    }

    public override void OnPull()
    {
        if (_ready.Count > 0) PushPicked();
    }

    private void PushPicked()
    {
        var picked = _pick(_ready);
        _ready.Remove(picked);
        Push(_out, Grab(_ins[picked]));
        if (_running == 0 && _ready.Count == 0) CompleteStage();
        else TryPull(_ins[picked]);
    }
}

/// <summary>Two sorted streams into one sorted stream.</summary>
public sealed class MergeSorted<T> : GraphStage<FanInShape<T, T, T>>
{
    public readonly Inlet<T> Left = new("left");
    public readonly Inlet<T> Right = new("right");
    public readonly Outlet<T> Out = new("out");

    private readonly Func<T, T, int> _compare;

    /// <param name="compare">Negative where the first argument goes first.</param>
    public MergeSorted(Func<T, T, int> compare)
    {
        _compare = compare;
        Shape = new FanInShape<T, T, T>(Out, Left, Right);
    }

    public override FanInShape<T, T, T> Shape { get; }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : GraphStageLogic
    {
        private readonly MergeSorted<T> _stage;
        private T _held = default!;

        public Logic(MergeSorted<T> stage) : base(stage.Shape)
        {
            _stage = stage;
            SetHandler(stage.Left, IgnoreTerminateInput);
            SetHandler(stage.Right, IgnoreTerminateInput);
            SetHandler(stage.Out, EagerTerminateOutput);
        }

        public override void PreStart()
        {
            // Both are asked at once, so that cycles get going.
            Pull(_stage.Right);
            Read(_stage.Left, left =>
            {
                _held = left;
                ReadRight();
            }, () => PassAlong(_stage.Right, _stage.Out));
        }

        private void ReadRight() => Read(_stage.Right, right => Dispatch(_held, right), () => PassRest(_stage.Left));

        private void ReadLeft() => Read(_stage.Left, left => Dispatch(left, _held), () => PassRest(_stage.Right));

        /// <summary>Sends the smaller one, keeps the other and reads on where the smaller one came from.</summary>
        private void Dispatch(T left, T right)
        {
            if (_stage._compare(left, right) < 0)
            {
                _held = right;
                Emit(_stage.Out, left, ReadLeft);
            }
            else
            {
                _held = left;
                Emit(_stage.Out, right, ReadRight);
            }
        }

        private void PassRest(Inlet<T> from) => Emit(_stage.Out, _held, () =>
        {
            _held = default!;
            PassAlong(from, _stage.Out, doPull: true);
        });
    }
}
