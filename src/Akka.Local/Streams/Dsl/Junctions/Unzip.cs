using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Waits until every open output has asked, then takes one element apart. Cancels when all outputs have.</summary>
internal abstract class UnzipLogic<TIn> : InGraphStageLogic
{
    private readonly Inlet<TIn> _in;
    private readonly List<bool> _pending = [];
    private int _pendingCount;
    private int _running;

    protected UnzipLogic(FanOutShape<TIn> shape) : base(shape)
    {
        _in = shape.In;
        SetHandler(_in, this);
    }

    /// <summary>Sends each output its part with <see cref="PushIfOpen{T}"/>.</summary>
    protected abstract void Send(TIn element);

    protected void Add<T>(Outlet<T> outlet)
    {
        var index = _pending.Count;
        _pending.Add(true);
        _pendingCount++;
        _running++;
        SetHandler(outlet, () => Ready(index), cause =>
        {
            if (--_running == 0) CancelStage(cause);
            else if (_pending[index]) Ready(index);
        });
    }

    private void Ready(int index)
    {
        _pending[index] = false;
        if (--_pendingCount == 0 && !HasBeenPulled(_in)) Pull(_in);
    }

    public override void OnPush()
    {
        _pendingCount = _running;
        Send(Grab(_in));
    }

    protected void PushIfOpen<T>(Outlet<T> outlet, int index, T element)
    {
        if (IsClosed(outlet)) return;
        _pending[index] = true;
        Push(outlet, element);
    }
}

/// <summary>Takes pairs apart.</summary>
public sealed class UnZip<T1, T2> : UnzipWith<KeyValuePair<T1, T2>, T1, T2>
{
    public UnZip() : base(pair => (pair.Key, pair.Value)) { }

    public override string ToString() => "Unzip";
}

/// <summary>Takes each element apart and gives the parts to 2 outputs, as fast as the slowest takes them.</summary>
public class UnzipWith<TIn, T0, T1> : GraphStage<FanOutShape<TIn, T0, T1>>
{
    private readonly Func<TIn, (T0, T1)> _unzipper;

    public UnzipWith(Func<TIn, (T0, T1)> unzipper)
    {
        _unzipper = unzipper;
        Shape = new FanOutShape<TIn, T0, T1>("UnzipWith");
    }

    public Inlet<TIn> In => Shape.In;

    public Outlet<T0> Out0 => Shape.Out0;

    public Outlet<T1> Out1 => Shape.Out1;

    public sealed override FanOutShape<TIn, T0, T1> Shape { get; }

    protected sealed override Attributes InitialAttributes => Attributes.CreateName("UnzipWith");

    protected sealed override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, _unzipper);

    private sealed class Logic : UnzipLogic<TIn>
    {
        private readonly FanOutShape<TIn, T0, T1> _shape;
        private readonly Func<TIn, (T0, T1)> _unzipper;

        public Logic(FanOutShape<TIn, T0, T1> shape, Func<TIn, (T0, T1)> unzipper) : base(shape)
        {
            _shape = shape;
            _unzipper = unzipper;
            Add(shape.Out0);
            Add(shape.Out1);
        }

        protected override void Send(TIn element)
        {
            var parts = _unzipper(element);
            PushIfOpen(_shape.Out0, 0, parts.Item1);
            PushIfOpen(_shape.Out1, 1, parts.Item2);
        }
    }
}

/// <summary>Takes each element apart and gives the parts to 3 outputs, as fast as the slowest takes them.</summary>
public class UnzipWith<TIn, T0, T1, T2> : GraphStage<FanOutShape<TIn, T0, T1, T2>>
{
    private readonly Func<TIn, (T0, T1, T2)> _unzipper;

    public UnzipWith(Func<TIn, (T0, T1, T2)> unzipper)
    {
        _unzipper = unzipper;
        Shape = new FanOutShape<TIn, T0, T1, T2>("UnzipWith");
    }

    public Inlet<TIn> In => Shape.In;

    public Outlet<T0> Out0 => Shape.Out0;

    public Outlet<T1> Out1 => Shape.Out1;

    public Outlet<T2> Out2 => Shape.Out2;

    public sealed override FanOutShape<TIn, T0, T1, T2> Shape { get; }

    protected sealed override Attributes InitialAttributes => Attributes.CreateName("UnzipWith");

    protected sealed override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(Shape, _unzipper);

    private sealed class Logic : UnzipLogic<TIn>
    {
        private readonly FanOutShape<TIn, T0, T1, T2> _shape;
        private readonly Func<TIn, (T0, T1, T2)> _unzipper;

        public Logic(FanOutShape<TIn, T0, T1, T2> shape, Func<TIn, (T0, T1, T2)> unzipper) : base(shape)
        {
            _shape = shape;
            _unzipper = unzipper;
            Add(shape.Out0);
            Add(shape.Out1);
            Add(shape.Out2);
        }

        protected override void Send(TIn element)
        {
            var parts = _unzipper(element);
            PushIfOpen(_shape.Out0, 0, parts.Item1);
            PushIfOpen(_shape.Out1, 1, parts.Item2);
            PushIfOpen(_shape.Out2, 2, parts.Item3);
        }
    }
}
