using System.Collections.Concurrent;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>
/// The source of a merge hub. Each producer may have a number of elements in the hub's queue and is told when some of them have been taken,
/// so that the queue holds no more than that for each producer.
/// </summary>
internal sealed class MergeHubSource<T>(int perProducerBufferSize) : SourceStage<T, Sink<T, NotUsed>>("mergeHub")
{
    public override ILogicAndMaterializedValue<Sink<T, NotUsed>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var hub = new Logic(Shape);
        var sink = Sink.FromGraph(new ProducerSink(hub, perProducerBufferSize));
        return new LogicAndMaterializedValue<Sink<T, NotUsed>>(hub, sink);
    }

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Outlet<T> _out;
        private readonly ConcurrentQueue<(ProducerLogic Producer, T Element)> _queue = new();
        private readonly ConcurrentDictionary<ProducerLogic, bool> _producers = new();
        private readonly Action _wake;
        private volatile bool _stopped;
        private int _needsWake;

        public Logic(SourceShape<T> shape) : base(0, 1)
        {
            _out = shape.Outlet;
            _wake = GetAsyncCallback(Deliver);
            SetHandler(_out, this);
        }

        /// <summary>Adds a producer, unless the hub has ended.</summary>
        public bool Register(ProducerLogic producer)
        {
            _producers[producer] = true;
            return !_stopped;
        }

        public void Unregister(ProducerLogic producer) => _producers.TryRemove(producer, out _);

        public void Enqueue(ProducerLogic producer, T element)
        {
            _queue.Enqueue((producer, element));
            if (Interlocked.Exchange(ref _needsWake, 0) == 1) _wake();
        }

        public override void OnPull() => Deliver();

        private void Deliver()
        {
            if (!IsAvailable(_out)) return;
            if (!_queue.TryDequeue(out var next))
            {
                Interlocked.Exchange(ref _needsWake, 1);
                // A producer may have come between the look and the mark.
                if (!_queue.TryDequeue(out next)) return;
                Interlocked.Exchange(ref _needsWake, 0);
            }

            next.Producer.OnTaken();
            Push(_out, next.Element);
        }

        public override void PostStop()
        {
            _stopped = true;
            foreach (var producer in _producers.Keys) producer.HubStopped();
            _queue.Clear();
        }
    }

    private sealed class ProducerSink(Logic hub, int bufferSize) : SinkStage<T, NotUsed>("mergeHubProducer")
    {
        public override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
            new LogicAndMaterializedValue<NotUsed>(new ProducerLogic(Shape, hub, bufferSize), NotUsed.Instance);
    }

    private sealed class ProducerLogic : InGraphStageLogic
    {
        private readonly Inlet<T> _in;
        private readonly Logic _hub;
        private readonly int _batch;
        private readonly Action<int> _grant;
        private readonly Action _hubStopped;
        private int _credits;
        private int _taken;

        public ProducerLogic(SinkShape<T> shape, Logic hub, int bufferSize) : base(1, 0)
        {
            _in = shape.Inlet;
            _hub = hub;
            _credits = bufferSize;
            _batch = Math.Max(1, bufferSize / 2);
            _grant = GetAsyncCallback<int>(credits =>
            {
                _credits += credits;
                if (!IsClosed(_in) && !HasBeenPulled(_in)) Pull(_in);
            });
            _hubStopped = GetAsyncCallback(CompleteStage);
            SetHandler(_in, this);
        }

        public override void PreStart()
        {
            if (_hub.Register(this)) Pull(_in);
            else CompleteStage();
        }

        /// <summary>Called by the hub when it has taken an element of this producer.</summary>
        public void OnTaken()
        {
            if (++_taken < _batch) return;
            var taken = _taken;
            _taken = 0;
            _grant(taken);
        }

        public void HubStopped() => _hubStopped();

        public override void OnPush()
        {
            _hub.Enqueue(this, Grab(_in));
            if (--_credits > 0) Pull(_in);
        }

        public override void OnUpstreamFailure(Exception e) =>
            throw new MergeHub.ProducerFailed("Upstream producer failed with exception, removing from MergeHub now", e);

        public override void PostStop() => _hub.Unregister(this);
    }
}
