using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>
/// Every element to every output, as fast as the slowest takes them. Cancels when all outputs have, or, if eager, when one has.
/// </summary>
public sealed class Broadcast<T> : GraphStage<UniformFanOutShape<T, T>>
{
    public readonly Inlet<T> In;

    private readonly bool _eagerCancel;

    public Broadcast(int outputPorts, bool eagerCancel = false)
    {
        if (outputPorts < 1) throw new ArgumentException("A Broadcast must have one or more output ports", nameof(outputPorts));
        _eagerCancel = eagerCancel;
        Shape = new UniformFanOutShape<T, T>(outputPorts, "Broadcast");
        In = Shape.In;
    }

    public Outlet<T> Out(int id) => Shape.Out(id);

    public override UniformFanOutShape<T, T> Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName("Broadcast");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, _eagerCancel);

    public override string ToString() => "Broadcast";

    private sealed class Logic : InGraphStageLogic
    {
        private readonly UniformFanOutShape<T, T> _shape;
        private readonly bool[] _pending;
        private int _pendingCount;
        private int _running;

        public Logic(UniformFanOutShape<T, T> shape, bool eagerCancel) : base(shape)
        {
            _shape = shape;
            _running = _pendingCount = shape.Outs.Count;
            _pending = new bool[_running];
            Array.Fill(_pending, true);
            SetHandler(shape.In, this);
            for (var i = 0; i < _pending.Length; i++)
            {
                var index = i;
                SetHandler(shape.Out(i), () => Ready(index), cause =>
                {
                    if (eagerCancel || --_running == 0) CancelStage(cause);
                    else if (_pending[index]) Ready(index);
                });
            }
        }

        private void Ready(int index)
        {
            _pending[index] = false;
            if (--_pendingCount == 0 && !HasBeenPulled(_shape.In)) Pull(_shape.In);
        }

        public override void OnPush()
        {
            var element = Grab(_shape.In);
            _pendingCount = _running;
            for (var i = 0; i < _pending.Length; i++)
            {
                var outlet = _shape.Out(i);
                if (IsClosed(outlet)) continue;
                _pending[i] = true;
                Push(outlet, element);
            }
        }
    }
}

/// <summary>Each element to one output, whichever asks first. Cancels when all outputs have.</summary>
public sealed class Balance<T> : GraphStage<UniformFanOutShape<T, T>>
{
    private readonly bool _waitForAllDownstreams;

    /// <param name="outputPorts">How many outputs there are.</param>
    /// <param name="waitForAllDownstreams">Whether to start only when every output has asked once.</param>
    public Balance(int outputPorts, bool waitForAllDownstreams = false)
    {
        if (outputPorts < 1) throw new ArgumentException("A Balance must have one or more output ports", nameof(outputPorts));
        _waitForAllDownstreams = waitForAllDownstreams;
        Shape = new UniformFanOutShape<T, T>(outputPorts, "Balance");
    }

    public Inlet<T> In => Shape.In;

    public Outlet<T> Out(int id) => Shape.Out(id);

    public override UniformFanOutShape<T, T> Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName("Balance");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, _waitForAllDownstreams);

    public override string ToString() => "Balance";

    private sealed class Logic : InGraphStageLogic
    {
        private readonly UniformFanOutShape<T, T> _shape;
        private readonly Queue<Outlet<T>> _waiting = new();
        private int _missingPulls;
        private int _running;

        public Logic(UniformFanOutShape<T, T> shape, bool waitForAll) : base(shape)
        {
            _shape = shape;
            _running = shape.Outs.Count;
            _missingPulls = waitForAll ? _running : 0;
            SetHandler(shape.In, this);
            foreach (var outlet in shape.Outs)
            {
                var hasPulled = false;
                SetHandler(outlet, () =>
                {
                    if (!hasPulled)
                    {
                        hasPulled = true;
                        if (_missingPulls > 0) _missingPulls--;
                    }

                    _waiting.Enqueue(outlet);
                    PullIfPossible();
                }, cause =>
                {
                    if (--_running == 0)
                    {
                        CancelStage(cause);
                        return;
                    }

                    if (hasPulled || _missingPulls == 0) return;
                    _missingPulls--;
                    PullIfPossible();
                });
            }
        }

        private void PullIfPossible()
        {
            if (_missingPulls > 0 || _waiting.Count == 0) return;
            if (IsAvailable(_shape.In)) OnPush();
            else if (!HasBeenPulled(_shape.In)) TryPull(_shape.In);
        }

        public override void OnPush()
        {
            while (_waiting.TryDequeue(out var outlet))
            {
                if (IsClosed(outlet)) continue;
                Push(outlet, Grab(_shape.In));
                while (_waiting.TryPeek(out var next) && IsClosed(next)) _waiting.Dequeue();
                if (_waiting.Count > 0) TryPull(_shape.In);
                return;
            }
        }
    }
}

/// <summary>A partitioner named an output that does not exist.</summary>
public sealed class PartitionOutOfBoundsException : Exception
{
    public PartitionOutOfBoundsException(string message) : base(message) { }
}

/// <summary>
/// Each element to the output that a function names; what is for an output that has cancelled is dropped. As slow as the output that the
/// next element is for. Cancels when all outputs have.
/// </summary>
public sealed class Partition<T> : GraphStage<UniformFanOutShape<T, T>>
{
    public readonly Inlet<T> In;

    private readonly Func<T, int> _partitioner;

    public Partition(int outputPorts, Func<T, int> partitioner)
    {
        _partitioner = partitioner;
        Shape = new UniformFanOutShape<T, T>(outputPorts, "partition");
        In = Shape.In;
    }

    public Outlet<T> Out(int id) => Shape.Out(id);

    public override UniformFanOutShape<T, T> Shape { get; }

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, _partitioner);

    public override string ToString() => $"Partition({Shape.Outs.Count})";

    private sealed class Logic : InGraphStageLogic
    {
        private readonly UniformFanOutShape<T, T> _shape;
        private readonly Func<T, int> _partitioner;
        private T _pending = default!;
        private int _pendingFor = -1;
        private int _running;

        public Logic(UniformFanOutShape<T, T> shape, Func<T, int> partitioner) : base(shape)
        {
            _shape = shape;
            _partitioner = partitioner;
            _running = shape.Outs.Count;
            SetHandler(shape.In, this);
            for (var i = 0; i < _running; i++)
            {
                var index = i;
                var outlet = shape.Out(i);
                SetHandler(outlet, () =>
                {
                    if (_pendingFor < 0)
                    {
                        if (!HasBeenPulled(shape.In)) Pull(shape.In);
                    }
                    else if (_pendingFor == index)
                    {
                        Push(outlet, TakePending());
                        if (IsClosed(shape.In)) CompleteStage();
                        else PullIfWanted();
                    }
                }, cause =>
                {
                    if (--_running == 0) CancelStage(cause);
                    else if (_pendingFor == index)
                    {
                        TakePending();
                        if (IsClosed(shape.In)) CompleteStage();
                        else PullIfWanted();
                    }
                });
            }
        }

        private T TakePending()
        {
            var pending = _pending;
            _pending = default!;
            _pendingFor = -1;
            return pending;
        }

        private void PullIfWanted()
        {
            if (!HasBeenPulled(_shape.In) && _shape.Outs.Any(IsAvailable)) Pull(_shape.In);
        }

        public override void OnPush()
        {
            var element = Grab(_shape.In);
            var index = _partitioner(element);
            if (index < 0 || index >= _shape.Outs.Count)
            {
                FailStage(new PartitionOutOfBoundsException(
                    $"partitioner must return an index in the range [0,{_shape.Outs.Count - 1}]. returned: [{index}] for input [{element}]."));
                return;
            }

            var outlet = _shape.Out(index);
            if (IsAvailable(outlet)) Push(outlet, element);
            else if (!IsClosed(outlet))
            {
                _pending = element;
                _pendingFor = index;
                return;
            }

            PullIfWanted();
        }

        public override void OnUpstreamFinish()
        {
            if (_pendingFor < 0) CompleteStage();
        }
    }
}

/// <summary>Makes taps.</summary>
public static class WireTap
{
    /// <inheritdoc cref="WireTap{T}"/>
    public static WireTap<T> Create<T>() => new();
}

/// <summary>
/// Lets somebody listen in without slowing the stream down: the tap gets an element only if it is ready, at most the latest it has missed.
/// </summary>
public sealed class WireTap<T> : GraphStage<FanOutShape<T, T, T>>
{
    public WireTap()
    {
        In = new Inlet<T>("WireTap.in");
        OutMain = new Outlet<T>("WireTap.outMain");
        OutTap = new Outlet<T>("WireTap.outTap");
        Shape = new FanOutShape<T, T, T>(In, OutMain, OutTap);
    }

    public Inlet<T> In { get; }

    public Outlet<T> OutMain { get; }

    public Outlet<T> OutTap { get; }

    public override FanOutShape<T, T, T> Shape { get; }

    protected override Attributes InitialAttributes => Attributes.CreateName("WireTap");

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    public override string ToString() => "WireTap";

    private sealed class Logic : InGraphStageLogic
    {
        private readonly WireTap<T> _stage;
        private T _missed = default!;
        private bool _hasMissed;

        public Logic(WireTap<T> stage) : base(stage.Shape)
        {
            _stage = stage;
            SetHandler(stage.In, this);
            SetHandler(stage.OutMain, () => Pull(stage.In), CancelStage);
            SetHandler(stage.OutTap, () =>
            {
                if (!_hasMissed) return;
                _hasMissed = false;
                var missed = _missed;
                _missed = default!;
                Push(stage.OutTap, missed);
            }, _ =>
            {
                _hasMissed = false;
                _missed = default!;
            });
        }

        public override void OnPush()
        {
            var element = Grab(_stage.In);
            Push(_stage.OutMain, element);
            if (IsAvailable(_stage.OutTap)) Push(_stage.OutTap, element);
            else if (!IsClosed(_stage.OutTap))
            {
                _missed = element;
                _hasMissed = true;
            }
        }
    }
}
