using System.Collections.Immutable;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>
/// What a hub and its consumers share. They live in different actors, so all of it is behind one lock, held only for a few steps; nobody is
/// called while it is held.
/// </summary>
internal abstract class HubState<T>
{
    protected readonly Lock Lock = new();
    protected readonly List<HubConsumer<T>> Consumers = [];
    private Exception? _failure;

    /// <summary>The producer has ended; what is left may still be taken.</summary>
    public bool Ended { get; private set; }

    /// <summary>Tells the producer that it may be able to go on. Set when the hub starts.</summary>
    public Action Unblock { get; set; } = static () => { };

    /// <summary>The producer waits for <see cref="Unblock"/>.</summary>
    protected bool IsBlocked;

    public void Register(HubConsumer<T> consumer)
    {
        bool unblock;
        lock (Lock)
        {
            OnRegister(consumer);
            Consumers.Add(consumer);
            unblock = TakeBlocked();
        }

        if (unblock) Unblock();
    }

    public void Unregister(HubConsumer<T> consumer)
    {
        bool unblock;
        lock (Lock)
        {
            if (!Consumers.Remove(consumer)) return;
            OnUnregister(consumer);
            unblock = TakeBlocked() || Ended;
        }

        if (unblock) Unblock();
    }

    /// <summary>The next element for a consumer.</summary>
    /// <returns>Whether there is one; if not, the consumer is woken when there is news.</returns>
    public bool TryTake(HubConsumer<T> consumer, out T element, out bool ended, out Exception? failure)
    {
        bool unblock;
        lock (Lock)
        {
            failure = _failure;
            ended = false;
            element = default!;
            if (failure is not null) return false;
            if (!Take(consumer, out element))
            {
                ended = Ended;
                consumer.IsWaiting = !ended;
                return false;
            }

            ended = Ended && IsDrained(consumer);
            unblock = TakeBlocked();
        }

        if (unblock) Unblock();
        return true;
    }

    /// <summary>For a consumer without demand: ends it if the hub has and nothing is left for it.</summary>
    public void CompleteIfEnded(HubConsumer<T> consumer, Action complete, Action<Exception> fail)
    {
        bool ended;
        Exception? failure;
        lock (Lock)
        {
            failure = _failure;
            ended = Ended && IsDrained(consumer);
        }

        if (failure is not null) fail(failure);
        else if (ended) complete();
    }

    public void End(Exception? failure)
    {
        HubConsumer<T>[] consumers;
        lock (Lock)
        {
            if (Ended) return;
            Ended = true;
            _failure = failure;
            consumers = [.. Consumers];
        }

        foreach (var consumer in consumers) consumer.Wake();
    }

    /// <summary>Whether nothing is left to be taken by anybody.</summary>
    public bool IsDone
    {
        get
        {
            lock (Lock) return Consumers.Count == 0;
        }
    }

    protected abstract void OnRegister(HubConsumer<T> consumer);

    protected abstract void OnUnregister(HubConsumer<T> consumer);

    protected abstract bool Take(HubConsumer<T> consumer, out T element);

    protected abstract bool IsDrained(HubConsumer<T> consumer);

    /// <summary>Whether the producer could take one element more.</summary>
    protected abstract bool HasRoom { get; }

    private bool TakeBlocked()
    {
        if (!IsBlocked || !HasRoom) return false;
        IsBlocked = false;
        return true;
    }

    /// <summary>Whether to pull; if not, the producer is told when that changes.</summary>
    public bool CanPull()
    {
        lock (Lock)
        {
            if (HasRoom) return true;
            IsBlocked = true;
            return false;
        }
    }
}

/// <summary>One run of a hub's source.</summary>
internal sealed class HubConsumer<T> : OutGraphStageLogic
{
    private readonly Outlet<T> _out;
    private readonly HubState<T> _hub;
    private readonly Action _wake;

    public HubConsumer(SourceShape<T> shape, HubState<T> hub) : base(0, 1)
    {
        _out = shape.Outlet;
        _hub = hub;
        _wake = GetAsyncCallback(OnNews);
        SetHandler(_out, this);
    }

    /// <summary>Where in the stream this consumer is, or how many elements wait for it; the hub's to use under its lock.</summary>
    public long Offset { get; set; }

    public Queue<T>? Queue { get; set; }

    public bool IsWaiting { get; set; }

    public void Wake() => _wake();

    public override void PreStart()
    {
        _hub.Register(this);
        // A hub that has ended is left at once, unless there is something to be taken.
        OnNews();
    }

    private void OnNews()
    {
        if (IsClosed(_out)) return;
        if (IsAvailable(_out)) OnPull();
        else _hub.CompleteIfEnded(this, CompleteStage, FailStage);
    }

    public override void OnPull()
    {
        if (_hub.TryTake(this, out var element, out var ended, out var failure)) Push(_out, element);
        if (failure is not null) FailStage(failure);
        else if (ended) CompleteStage();
    }

    public override void PostStop() => _hub.Unregister(this);
}

internal sealed class HubSource<T>(string name, HubState<T> hub) : SourceStage<T>(name)
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new HubConsumer<T>(Shape, hub);
}

/// <summary>The sink's side of a hub: pulls while the hub has room, and stays until the last consumer has taken what is left.</summary>
internal abstract class HubLogic<T> : InGraphStageLogic
{
    private readonly Inlet<T> _in;
    private readonly HubState<T> _hub;

    protected HubLogic(SinkShape<T> shape, HubState<T> hub) : base(1, 0)
    {
        _in = shape.Inlet;
        _hub = hub;
        hub.Unblock = GetAsyncCallback(OnUnblocked);
        SetHandler(_in, this);
    }

    protected abstract void Add(T element);

    public override void PreStart()
    {
        SetKeepGoing(true);
        PullIfPossible();
    }

    private void OnUnblocked()
    {
        if (!IsClosed(_in)) PullIfPossible();
        else if (_hub.IsDone) SetKeepGoing(false);
    }

    private void PullIfPossible()
    {
        if (!HasBeenPulled(_in) && _hub.CanPull()) Pull(_in);
    }

    public override void OnPush()
    {
        Add(Grab(_in));
        PullIfPossible();
    }

    public override void OnUpstreamFinish()
    {
        _hub.End(null);
        if (_hub.IsDone) SetKeepGoing(false);
    }

    public override void OnUpstreamFailure(Exception e)
    {
        _hub.End(e);
        FailStage(e);
    }

    public override void PostStop() => _hub.End(Interpreter.AbortCause ?? new AbruptStageTerminationException(this));
}

internal sealed class BroadcastHubSink<T>(int bufferSize) : SinkStage<T, Source<T, NotUsed>>("broadcastHub")
{
    public override ILogicAndMaterializedValue<Source<T, NotUsed>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var state = new State(bufferSize);
        var source = Source.FromGraph(new HubSource<T>("broadcastHubConsumer", state));
        return new LogicAndMaterializedValue<Source<T, NotUsed>>(new Logic(Shape, state), source);
    }

    private sealed class Logic(SinkShape<T> shape, State state) : HubLogic<T>(shape, state)
    {
        protected override void Add(T element) => state.Add(element);
    }

    /// <summary>The latest elements, by number. Everything before the slowest consumer is forgotten.</summary>
    private sealed class State(int bufferSize) : HubState<T>
    {
        private readonly T[] _ring = new T[bufferSize];
        private long _head;
        private long _tail;

        protected override bool HasRoom => _tail - _head < bufferSize;

        public void Add(T element)
        {
            List<HubConsumer<T>>? waiting = null;
            lock (Lock)
            {
                _ring[_tail++ & (bufferSize - 1)] = element;
                foreach (var consumer in Consumers)
                {
                    if (!consumer.IsWaiting) continue;
                    consumer.IsWaiting = false;
                    (waiting ??= []).Add(consumer);
                }
            }

            if (waiting is null) return;
            foreach (var consumer in waiting) consumer.Wake();
        }

        protected override void OnRegister(HubConsumer<T> consumer) => consumer.Offset = _head;

        protected override void OnUnregister(HubConsumer<T> consumer) =>
            // After the last one, the next consumer begins where that one was.
            MoveHead(Consumers.Count == 0 ? consumer.Offset : Consumers.Min(c => c.Offset));

        protected override bool Take(HubConsumer<T> consumer, out T element)
        {
            if (consumer.Offset == _tail)
            {
                element = default!;
                return false;
            }

            element = _ring[consumer.Offset & (bufferSize - 1)];
            if (consumer.Offset++ == _head) MoveHead(Consumers.Min(c => c.Offset));
            return true;
        }

        protected override bool IsDrained(HubConsumer<T> consumer) => consumer.Offset == _tail;

        private void MoveHead(long to)
        {
            for (; _head < to; _head++) _ring[_head & (bufferSize - 1)] = default!;
        }
    }
}

internal sealed class PartitionHubSink<T>(Func<Func<PartitionHub.IConsumerInfo, T, long>> partitioner, int startAfterNrOfConsumers,
    int bufferSize) : SinkStage<T, Source<T, NotUsed>>("partitionHub")
{
    public override ILogicAndMaterializedValue<Source<T, NotUsed>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var state = new State(partitioner(), startAfterNrOfConsumers, bufferSize);
        var source = Source.FromGraph(new HubSource<T>("partitionHubConsumer", state));
        return new LogicAndMaterializedValue<Source<T, NotUsed>>(new Logic(Shape, state), source);
    }

    private sealed class Logic(SinkShape<T> shape, State state) : HubLogic<T>(shape, state)
    {
        protected override void Add(T element) => state.Add(element);
    }

    /// <summary>A queue for each consumer; together they are bounded.</summary>
    private sealed class State(Func<PartitionHub.IConsumerInfo, T, long> partitioner, int startAfter, int bufferSize)
        : HubState<T>, PartitionHub.IConsumerInfo
    {
        private long _lastId = -1;
        private int _waiting;
        private bool _started;

        protected override bool HasRoom =>
            (_started |= Consumers.Count >= startAfter) && Consumers.Count > 0 && _waiting < bufferSize;

        public ImmutableArray<long> ConsumerIds => [.. Consumers.Select(c => c.Offset)];

        public int Size => Consumers.Count;

        public long ConsumerByIndex(int index) => Consumers[index].Offset;

        public int QueueSize(long consumerId) => Find(consumerId)?.Queue!.Count ?? 0;

        private HubConsumer<T>? Find(long id) => Consumers.Find(c => c.Offset == id);

        public void Add(T element)
        {
            HubConsumer<T>? wake = null;
            lock (Lock)
            {
                // All consumers may have gone since the element was asked for: then it has nowhere to go.
                if (Consumers.Count == 0) return;
                var id = partitioner(this, element);
                if (id < 0 || Find(id) is not { } consumer) return;
                consumer.Queue!.Enqueue(element);
                _waiting++;
                if (consumer.IsWaiting)
                {
                    consumer.IsWaiting = false;
                    wake = consumer;
                }
            }

            wake?.Wake();
        }

        protected override void OnRegister(HubConsumer<T> consumer)
        {
            consumer.Offset = ++_lastId;
            consumer.Queue = new Queue<T>();
        }

        protected override void OnUnregister(HubConsumer<T> consumer) => _waiting -= consumer.Queue!.Count;

        protected override bool Take(HubConsumer<T> consumer, out T element)
        {
            if (!consumer.Queue!.TryDequeue(out element!)) return false;
            _waiting--;
            return true;
        }

        protected override bool IsDrained(HubConsumer<T> consumer) => consumer.Queue!.Count == 0;
    }
}
