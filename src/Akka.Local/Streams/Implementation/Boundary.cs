using System.Numerics;
using System.Runtime.InteropServices;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>The bounded wire between two islands.</summary>
internal abstract class Boundary
{
    /// <summary>The end that stands in the upstream island, as a sink.</summary>
    public abstract BoundaryLogic Producer { get; }

    /// <summary>The end that stands in the downstream island, as a source.</summary>
    public abstract BoundaryLogic Consumer { get; }
}

/// <summary>One end of a boundary.</summary>
internal abstract class BoundaryLogic(int inCount, int outCount) : GraphStageLogic(inCount, outCount)
{
    private Signal? _signal;

    /// <summary>The island's actor has stopped: ends this side with <paramref name="cause"/>.</summary>
    public virtual void Abort(Exception cause) { }

    protected abstract void OnSignal();

    /// <summary>Tells this end, from the other end's thread, to look at the shared state.</summary>
    public void Notify() => Island.Post(_signal ??= new Signal(this));

    private sealed class Signal(BoundaryLogic logic) : IslandEvent
    {
        private static readonly Action<BoundaryLogic> Handle = l => l.OnSignal();

        public override GraphInterpreter Interpreter => logic.Interpreter;

        public override void Run() => logic.Interpreter.RunAsyncInput(logic, Handle, logic);
    }
}

/// <summary>The two ends' positions, on cache lines of their own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct BoundaryCounters
{
    [FieldOffset(0)] public long Read;
    [FieldOffset(128)] public long Written;
}

/// <summary>
/// A ring with one writer and one reader. A side that cannot go on parks; the other side wakes it when there is something to do: the
/// reader as soon as there is an element, the writer only when half of the ring is free again, so that neither is woken for every element.
/// Ends overtake elements when they are failures or cancellations, as everywhere in Akka.
/// </summary>
internal sealed class Boundary<T> : Boundary
{
    private readonly T[] _ring;
    private readonly int _mask;
    private readonly int _capacity;
    private readonly ProducerLogic _producer;
    private readonly ConsumerLogic _consumer;
    private BoundaryCounters _at;

    private Exception? _failure;
    private Exception? _cancellation;
    private volatile bool _ended;
    private volatile bool _cancelled;
    private int _producerParked;
    private int _consumerParked;

    public Boundary(int capacity)
    {
        if (capacity <= 0 || !BitOperations.IsPow2(capacity))
            throw new ArgumentException($"The input buffer of an asynchronous boundary must be a power of two, but was {capacity}");
        _ring = new T[capacity];
        _mask = capacity - 1;
        _capacity = capacity;
        _producer = new ProducerLogic(this);
        _consumer = new ConsumerLogic(this);
    }

    public override BoundaryLogic Producer => _producer;

    public override BoundaryLogic Consumer => _consumer;

    private long Count => Volatile.Read(ref _at.Written) - Volatile.Read(ref _at.Read);

    private sealed class ProducerLogic : BoundaryLogic, IInHandler
    {
        private static readonly Inlet<T> In = new("boundary.in") { Id = 0 };

        private readonly Boundary<T> _boundary;

        public ProducerLogic(Boundary<T> boundary) : base(1, 0)
        {
            _boundary = boundary;
            SetHandler(In, this);
        }

        public override void PreStart() => Pull(In);

        public void OnPush()
        {
            var b = _boundary;
            var written = b._at.Written;
            b._ring[written & b._mask] = Grab(In);
            // A full fence: the reader either sees the element or we see that it is parked.
            Interlocked.Exchange(ref b._at.Written, written + 1);
            if (b._consumerParked == 1 && Interlocked.Exchange(ref b._consumerParked, 0) == 1) b._consumer.Notify();

            if (b.Count < b._capacity) Pull(In);
            else Park();
        }

        private void Park()
        {
            var b = _boundary;
            Interlocked.Exchange(ref b._producerParked, 1);
            if (b.Count <= b._capacity / 2 && Interlocked.Exchange(ref b._producerParked, 0) == 1) Pull(In);
        }

        public void OnUpstreamFinish()
        {
            _boundary._ended = true;
            _boundary._consumer.Notify();
        }

        public void OnUpstreamFailure(Exception e)
        {
            _boundary._failure = e;
            _boundary._ended = true;
            _boundary._consumer.Notify();
        }

        protected override void OnSignal()
        {
            if (IsClosed(In)) return;
            if (_boundary._cancelled) Cancel(In, _boundary._cancellation!);
            else if (!HasBeenPulled(In) && _boundary.Count < _boundary._capacity) Pull(In);
        }

        public override void PostStop()
        {
            if (_boundary._ended || _boundary._cancelled) return;
            OnUpstreamFailure(Interpreter.AbortCause ?? new AbruptStageTerminationException(this));
        }
    }

    private sealed class ConsumerLogic : BoundaryLogic, IOutHandler
    {
        private static readonly Outlet<T> Out = new("boundary.out") { Id = 0 };

        private readonly Boundary<T> _boundary;

        public ConsumerLogic(Boundary<T> boundary) : base(0, 1)
        {
            _boundary = boundary;
            SetHandler(Out, this);
        }

        public void OnPull()
        {
            var b = _boundary;
            if (b._failure is not null && b._ended)
            {
                Fail(Out, b._failure);
                return;
            }

            var read = b._at.Read;
            if (read == Volatile.Read(ref b._at.Written) && !Wait(read)) return;

            ref var slot = ref b._ring[read & b._mask];
            var element = slot;
            slot = default!;
            Interlocked.Exchange(ref b._at.Read, read + 1);
            if (b._producerParked == 1 && b.Count <= b._capacity / 2 && Interlocked.Exchange(ref b._producerParked, 0) == 1)
                b._producer.Notify();
            Push(Out, element);
            if (b._ended && b._failure is null && read + 1 == Volatile.Read(ref b._at.Written)) Complete(Out);
        }

        /// <summary>Parks until there is an element.</summary>
        /// <returns>Whether one came in the meantime.</returns>
        private bool Wait(long read)
        {
            var b = _boundary;
            if (b._ended)
            {
                if (read != Volatile.Read(ref b._at.Written)) return true;
                Complete(Out);
                return false;
            }

            Interlocked.Exchange(ref b._consumerParked, 1);
            return read != Volatile.Read(ref b._at.Written) && Interlocked.Exchange(ref b._consumerParked, 0) == 1;
        }

        protected override void OnSignal()
        {
            if (IsClosed(Out)) return;
            if (_boundary._ended && _boundary._failure is { } failure) Fail(Out, failure);
            else if (IsAvailable(Out)) OnPull();
            else if (_boundary._ended && _boundary.Count == 0) Complete(Out);
        }

        public void OnDownstreamFinish(Exception cause)
        {
            _boundary._cancellation = cause;
            _boundary._cancelled = true;
            _boundary._producer.Notify();
        }

        public override void Abort(Exception cause)
        {
            if (!IsClosed(Out)) Fail(Out, cause);
        }

        public override void PostStop()
        {
            if (_boundary._ended && _boundary.Count == 0 || _boundary._cancelled || _boundary._failure is not null) return;
            OnDownstreamFinish(Interpreter.AbortCause ?? SubscriptionWithCancelException.StageWasCompleted.Instance);
        }
    }
}
