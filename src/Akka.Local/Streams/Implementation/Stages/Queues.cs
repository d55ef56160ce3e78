using Akka.Pattern;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;
using Akka.Util;

namespace Akka.Streams.Implementation.Stages;

internal sealed class QueueSource<T>(int maxBuffer, OverflowStrategy strategy) : SourceStage<T, ISourceQueueWithComplete<T>>("queueSource")
{
    public override ILogicAndMaterializedValue<ISourceQueueWithComplete<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(Shape, maxBuffer, strategy);
        return new LogicAndMaterializedValue<ISourceQueueWithComplete<T>>(logic, logic);
    }

    private abstract record Input;

    private sealed record Offer(T Element) : Input
    {
        public TaskCompletionSource<IQueueOfferResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Completion, or failure where there is a cause.</summary>
    private sealed record End(Exception? Cause) : Input;

    private sealed class Logic : OutGraphStageLogic, ISourceQueueWithComplete<T>
    {
        private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Outlet<T> _out;
        private readonly int _maxBuffer;
        private readonly OverflowStrategy _strategy;
        private readonly StageInbox<Input> _inbox;
        private readonly RingBuffer<T> _buffer;
        private Offer? _pending;
        private bool _terminating;

        public Logic(SourceShape<T> shape, int maxBuffer, OverflowStrategy strategy) : base(0, 1)
        {
            _out = shape.Outlet;
            _maxBuffer = maxBuffer;
            _strategy = strategy;
            _buffer = new RingBuffer<T>(Math.Max(1, maxBuffer));
            _inbox = new StageInbox<Input>(this, Handle, Reject);
            SetHandler(_out, this);
        }

        public Task<IQueueOfferResult> OfferAsync(T element)
        {
            var offer = new Offer(element);
            _inbox.Post(offer);
            return offer.Result.Task;
        }

        public Task WatchCompletionAsync() => _completion.Task;

        public void Complete() => _inbox.Post(new End(null));

        void ISourceQueueWithComplete<T>.Fail(Exception ex) => _inbox.Post(new End(ex));

        private static void Reject(Input input)
        {
            if (input is Offer offer) offer.Result.TrySetException(new StreamDetachedException());
        }

        private void Handle(Input input)
        {
            switch (input)
            {
                case Offer offer:
                    OnOffer(offer);
                    break;
                case End { Cause: { } cause }:
                    _completion.TrySetException(cause);
                    FailStage(cause);
                    break;
                default:
                    _terminating = true;
                    CompleteIfDone();
                    break;
            }
        }

        private void OnOffer(Offer offer)
        {
            if (IsAvailable(_out))
            {
                Push(_out, offer.Element);
                offer.Result.TrySetResult(QueueOfferResult.Enqueued.Instance);
            }
            else if (_maxBuffer > 0 && !_buffer.IsFull) Enqueue(offer);
            else if (_maxBuffer == 0 && _pending is null) _pending = offer;
            else OnOverflow(offer);
        }

        private void Enqueue(Offer offer)
        {
            _buffer.Enqueue(offer.Element);
            offer.Result.TrySetResult(QueueOfferResult.Enqueued.Instance);
        }

        private void OnOverflow(Offer offer)
        {
            switch (_strategy)
            {
                case OverflowStrategy.DropHead or OverflowStrategy.DropBuffer when _maxBuffer == 0:
                    _pending!.Result.TrySetResult(QueueOfferResult.Dropped.Instance);
                    _pending = offer;
                    break;
                case OverflowStrategy.DropHead:
                    _buffer.DropHead();
                    Enqueue(offer);
                    break;
                case OverflowStrategy.DropTail when _maxBuffer > 0:
                    _buffer.DropTail();
                    Enqueue(offer);
                    break;
                case OverflowStrategy.DropBuffer:
                    _buffer.Clear();
                    Enqueue(offer);
                    break;
                case OverflowStrategy.DropTail or OverflowStrategy.DropNew:
                    offer.Result.TrySetResult(QueueOfferResult.Dropped.Instance);
                    break;
                case OverflowStrategy.Fail:
                    var overflow = new BufferOverflowException($"Buffer overflow (max capacity was: {_maxBuffer})!");
                    offer.Result.TrySetResult(new QueueOfferResult.Failure(overflow));
                    _completion.TrySetException(overflow);
                    FailStage(overflow);
                    break;
                default:
                    if (_pending is null) _pending = offer;
                    else
                        offer.Result.TrySetException(new IllegalStateException(
                            "You have to wait for previous offer to be resolved to send another request."));
                    break;
            }
        }

        public override void OnPull()
        {
            if (!_buffer.IsEmpty)
            {
                Push(_out, _buffer.Dequeue());
                if (_pending is { } pending)
                {
                    _pending = null;
                    Enqueue(pending);
                }
            }
            else if (_pending is { } pending)
            {
                _pending = null;
                Push(_out, pending.Element);
                pending.Result.TrySetResult(QueueOfferResult.Enqueued.Instance);
            }

            CompleteIfDone();
        }

        private void CompleteIfDone()
        {
            if (!_terminating || !_buffer.IsEmpty || _pending is not null) return;
            _completion.TrySetResult();
            CompleteStage();
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            _pending?.Result.TrySetResult(QueueOfferResult.QueueClosed.Instance);
            _pending = null;
            _completion.TrySetResult();
            CompleteStage();
        }

        public override void PostStop()
        {
            _completion.TrySetException(new StreamDetachedException());
            _pending?.Result.TrySetException(new StreamDetachedException());
            _inbox.Stop();
        }
    }
}

/// <summary>A sink queue that can also be given up.</summary>
internal interface ICancellableSinkQueue<T> : ISinkQueue<T>
{
    void Cancel();
}

internal sealed class QueueSink<T>() : SinkStage<T, ISinkQueue<T>>("queueSink")
{
    public override ILogicAndMaterializedValue<ISinkQueue<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var maxBuffer = inheritedAttributes.GetAttribute<Attributes.InputBuffer>()?.Max ?? 16;
        if (maxBuffer <= 0) throw new ArgumentException("Buffer must be greater than zero", nameof(inheritedAttributes));
        var logic = new Logic(Shape, maxBuffer);
        return new LogicAndMaterializedValue<ISinkQueue<T>>(logic, logic);
    }

    private sealed class Logic : InGraphStageLogic, ICancellableSinkQueue<T>
    {
        private readonly Inlet<T> _in;
        private readonly RingBuffer<T> _buffer;

        // A null is the wish to cancel.
        private readonly StageInbox<TaskCompletionSource<Option<T>>?> _inbox;
        private TaskCompletionSource<Option<T>>? _request;
        private bool _ended;
        private Exception? _failure;

        public Logic(SinkShape<T> shape, int maxBuffer) : base(1, 0)
        {
            _in = shape.Inlet;
            _buffer = new RingBuffer<T>(maxBuffer);
            _inbox = new StageInbox<TaskCompletionSource<Option<T>>?>(this, Handle,
                request => request?.TrySetException(new StreamDetachedException()));
            SetHandler(_in, this);
        }

        public Task<Option<T>> PullAsync()
        {
            var request = new TaskCompletionSource<Option<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
            _inbox.Post(request);
            return request.Task;
        }

        public void Cancel() => _inbox.Post(null);

        public override void PreStart()
        {
            // What is buffered can be taken after upstream has ended.
            SetKeepGoing(true);
            Pull(_in);
        }

        private void Handle(TaskCompletionSource<Option<T>>? request)
        {
            if (request is null)
            {
                CancelStage(SubscriptionWithCancelException.NoMoreElementsNeeded.Instance);
                return;
            }

            if (_request is not null)
            {
                request.TrySetException(new IllegalStateException(
                    "You have to wait for previous future to be resolved to send another request"));
                return;
            }

            _request = request;
            var wasFull = _buffer.IsFull;
            Answer();
            if (wasFull && !IsClosed(_in) && !HasBeenPulled(_in)) Pull(_in);
        }

        private void Answer()
        {
            if (_request is not { } request) return;
            if (!_buffer.IsEmpty) request.TrySetResult(Option<T>.Create(_buffer.Dequeue()));
            else if (!_ended) return;
            else if (_failure is not null)
            {
                request.TrySetException(_failure);
                FailStage(_failure);
            }
            else
            {
                request.TrySetResult(Option<T>.None);
                CompleteStage();
            }

            _request = null;
        }

        public override void OnPush()
        {
            _buffer.Enqueue(Grab(_in));
            Answer();
            if (!_buffer.IsFull) Pull(_in);
        }

        public override void OnUpstreamFinish()
        {
            _ended = true;
            Answer();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _ended = true;
            _failure = e;
            Answer();
        }

        public override void PostStop()
        {
            _request?.TrySetException(new StreamDetachedException());
            _inbox.Stop();
        }
    }
}

/// <summary>A source as an asynchronous sequence. Each enumeration is a run of its own.</summary>
internal sealed class AsyncEnumerableRun<T, TMat>(Source<T, TMat> source, IMaterializer materializer, Attributes attributes) : IAsyncEnumerable<T>
{
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var queue = source.RunWith(Sink.Queue<T>().AddAttributes(attributes), materializer);
        return new Enumerator((ICancellableSinkQueue<T>)queue, cancellationToken);
    }

    private sealed class Enumerator(ICancellableSinkQueue<T> queue, CancellationToken cancellation) : IAsyncEnumerator<T>
    {
        private bool _ended;

        public T Current { get; private set; } = default!;

        public async ValueTask<bool> MoveNextAsync()
        {
            if (_ended) return false;
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var pulled = queue.PullAsync();
                var next = await (pulled.IsCompleted ? pulled : pulled.WaitAsync(cancellation)).ConfigureAwait(false);
                if (next.HasValue)
                {
                    Current = next.Value;
                    return true;
                }

                _ended = true;
                return false;
            }
            catch
            {
                _ended = true;
                queue.Cancel();
                throw;
            }
        }

        public ValueTask DisposeAsync()
        {
            if (!_ended) queue.Cancel();
            _ended = true;
            return ValueTask.CompletedTask;
        }
    }
}
