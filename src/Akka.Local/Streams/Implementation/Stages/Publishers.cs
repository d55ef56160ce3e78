using Akka.Pattern;
using Akka.Streams.Stage;
using Reactive.Streams;

namespace Akka.Streams.Implementation.Stages;

/// <summary>A signal from a publisher to the stream.</summary>
internal abstract record SubscriberSignal<T>
{
    public sealed record Subscribed(ISubscription Subscription) : SubscriberSignal<T>;

    public sealed record Next(T Element) : SubscriberSignal<T>;

    public sealed record Ended(Exception? Cause) : SubscriberSignal<T>;
}

/// <summary>
/// The stream's end of a foreign publisher: requests as many elements as its buffer holds, then again whenever half of it is free. Its
/// subscriber methods may be called from any thread.
/// </summary>
internal sealed class SubscriberLogic<T> : OutGraphStageLogic, ISubscriber<T>
{
    private readonly Outlet<T> _out;
    private readonly IPublisher<T>? _publisher;
    private readonly StageInbox<SubscriberSignal<T>> _inbox;
    private readonly RingBuffer<T> _buffer;
    private readonly int _size;
    private readonly int _batch;
    private int _outstanding;
    private ISubscription? _subscription;
    private bool _completed;

    public SubscriberLogic(SourceShape<T> shape, IPublisher<T>? publisher, Attributes attributes) : base(0, 1)
    {
        _out = shape.Outlet;
        _publisher = publisher;
        _size = attributes.GetAttribute<Attributes.InputBuffer>()?.Max ?? 16;
        _batch = Math.Max(1, _size / 2);
        _buffer = new RingBuffer<T>(_size);
        _inbox = new StageInbox<SubscriberSignal<T>>(this, Handle, signal =>
        {
            if (signal is SubscriberSignal<T>.Subscribed late) late.Subscription.Cancel();
        });
        SetHandler(_out, this);
    }

    public void OnSubscribe(ISubscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        _inbox.Post(new SubscriberSignal<T>.Subscribed(subscription));
    }

    public void OnNext(T element)
    {
        if (element is null) throw new ArgumentNullException(nameof(element), "A stream's elements must not be null");
        _inbox.Post(new SubscriberSignal<T>.Next(element));
    }

    public void OnError(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        _inbox.Post(new SubscriberSignal<T>.Ended(cause));
    }

    public void OnComplete() => _inbox.Post(new SubscriberSignal<T>.Ended(null));

    public override void PreStart() => _publisher?.Subscribe(this);

    private void Handle(SubscriberSignal<T> signal)
    {
        switch (signal)
        {
            case SubscriberSignal<T>.Subscribed { Subscription: var subscription }:
                if (_subscription is not null)
                {
                    subscription.Cancel();
                    break;
                }

                _subscription = subscription;
                _outstanding = _size;
                subscription.Request(_size);
                break;
            case SubscriberSignal<T>.Next { Element: var element }:
                if (_outstanding == 0)
                {
                    FailStage(new IllegalStateException("Input buffer overrun: the publisher sent more than was requested"));
                    break;
                }

                _outstanding--;
                if (!IsAvailable(_out)) _buffer.Enqueue(element);
                else
                {
                    Push(_out, element);
                    RequestMore();
                }

                break;
            case SubscriberSignal<T>.Ended { Cause: { } cause }:
                _completed = true;
                FailStage(cause);
                break;
            default:
                _completed = true;
                if (_buffer.IsEmpty) CompleteStage();
                break;
        }
    }

    private void RequestMore()
    {
        if (_completed) return;
        var free = _size - _outstanding - _buffer.Count;
        if (free < _batch) return;
        _outstanding += free;
        _subscription!.Request(free);
    }

    public override void OnPull()
    {
        if (_buffer.IsEmpty) return;
        Push(_out, _buffer.Dequeue());
        if (_completed && _buffer.IsEmpty) CompleteStage();
        else RequestMore();
    }

    public override void PostStop()
    {
        if (!_completed) _subscription?.Cancel();
        _inbox.Stop();
    }
}

internal sealed class PublisherSource<T>(IPublisher<T> publisher) : SourceStage<T>("publisherSource")
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new SubscriberLogic<T>(Shape, publisher, inheritedAttributes);
}

internal sealed class SubscriberSource<T>() : SourceStage<T, ISubscriber<T>>("subscriberSource")
{
    public override ILogicAndMaterializedValue<ISubscriber<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new SubscriberLogic<T>(Shape, null, inheritedAttributes);
        return new LogicAndMaterializedValue<ISubscriber<T>>(logic, logic);
    }
}

/// <summary>
/// The stream's end of foreign subscribers: pulls when there is one at least and each has requested. With several it is as fast as the
/// slowest, and cancels when the last has; with one it cancels when that one does.
/// </summary>
internal sealed class PublisherLogic<T> : InGraphStageLogic, IPublisher<T>
{
    private readonly Inlet<T> _in;
    private readonly bool _fanOut;
    private readonly StageInbox<Action> _inbox;
    private readonly List<Subscription> _subscriptions = [];
    private bool _hadSubscriber;
    private bool _ended;
    private Exception? _cause;

    public PublisherLogic(SinkShape<T> shape, bool fanOut, ISubscriber<T>? subscriber) : base(1, 0)
    {
        _in = shape.Inlet;
        _fanOut = fanOut;
        _inbox = new StageInbox<Action>(this, action => action(), action => action());
        SetHandler(_in, this);
        if (subscriber is not null) Subscribe(subscriber);
    }

    private sealed class Subscription(PublisherLogic<T> logic, ISubscriber<T> subscriber) : ISubscription
    {
        public ISubscriber<T> Subscriber => subscriber;

        public long Demand { get; set; }

        public void Request(long n) => logic._inbox.Post(() => logic.OnRequest(this, n));

        public void Cancel() => logic._inbox.Post(() => logic.OnCancel(this));
    }

    public void Subscribe(ISubscriber<T> subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        _inbox.Post(() => OnSubscribe(subscriber));
    }

    public override void PreStart() => SetKeepGoing(true);

    private void OnSubscribe(ISubscriber<T> subscriber)
    {
        if (!_fanOut && _hadSubscriber)
        {
            subscriber.OnSubscribe(Nothing.Instance);
            subscriber.OnError(new IllegalStateException(
                "Sink.AsPublisher(fanout = false) only supports one subscriber (which is allowed, see reactive-streams specification, rule 1.12)"));
            return;
        }

        _hadSubscriber = true;
        if (_ended || IsStopped)
        {
            subscriber.OnSubscribe(Nothing.Instance);
            SendEnd(subscriber);
            if (!_fanOut && !IsStopped) CompleteStage();
            return;
        }

        var subscription = new Subscription(this, subscriber);
        _subscriptions.Add(subscription);
        subscriber.OnSubscribe(subscription);
    }

    private void OnRequest(Subscription subscription, long n)
    {
        if (IsStopped || !_subscriptions.Contains(subscription)) return;
        if (n < 1)
        {
            var cause = new ArgumentException("number of requested elements must be > 0 (see reactive-streams specification, rule 3.9)");
            subscription.Subscriber.OnError(cause);
            Remove(subscription, cause);
            return;
        }

        // More than ever comes is as good as without limit.
        subscription.Demand = subscription.Demand + n < 0 ? long.MaxValue : subscription.Demand + n;
        PullIfWanted();
    }

    private void OnCancel(Subscription subscription)
    {
        if (!IsStopped) Remove(subscription, SubscriptionWithCancelException.NoMoreElementsNeeded.Instance);
    }

    private void Remove(Subscription subscription, Exception cause)
    {
        if (!_subscriptions.Remove(subscription)) return;
        if (_subscriptions.Count == 0) CancelStage(cause);
        else PullIfWanted();
    }

    private void PullIfWanted()
    {
        if (IsClosed(_in) || HasBeenPulled(_in) || _subscriptions.Count == 0) return;
        foreach (var subscription in _subscriptions)
            if (subscription.Demand == 0) return;
        Pull(_in);
    }

    public override void OnPush()
    {
        var element = Grab(_in);
        // A subscriber may cancel inside of its method, but that comes back as an event.
        foreach (var subscription in _subscriptions)
        {
            subscription.Demand--;
            subscription.Subscriber.OnNext(element);
        }

        PullIfWanted();
    }

    private void SendEnd(ISubscriber<T> subscriber)
    {
        if (_cause is null) subscriber.OnComplete();
        else subscriber.OnError(_cause);
    }

    private void End(Exception? cause)
    {
        _ended = true;
        _cause = cause;
        foreach (var subscription in _subscriptions) SendEnd(subscription.Subscriber);
        _subscriptions.Clear();
        // Who subscribes later still learns how it ended, so nothing is kept running for it; only a first subscriber is waited for.
        if (_hadSubscriber || _fanOut) CompleteStage();
    }

    public override void OnUpstreamFinish() => End(null);

    public override void OnUpstreamFailure(Exception e) => End(e);

    public override void PostStop()
    {
        if (!_ended)
        {
            var cause = Interpreter.AbortCause;
            if (cause is not null)
            {
                _ended = true;
                _cause = cause;
                foreach (var subscription in _subscriptions) subscription.Subscriber.OnError(cause);
            }

            _subscriptions.Clear();
            _ended = true;
        }

        _inbox.Stop();
    }

    /// <summary>A subscription that is over as soon as it begins.</summary>
    private sealed class Nothing : ISubscription
    {
        public static readonly Nothing Instance = new();

        public void Request(long n) { }

        public void Cancel() { }
    }
}

internal sealed class PublisherSink<T>(bool fanOut) : SinkStage<T, IPublisher<T>>(fanOut ? "fanoutPublisherSink" : "publisherSink")
{
    public override ILogicAndMaterializedValue<IPublisher<T>> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new PublisherLogic<T>(Shape, fanOut, null);
        return new LogicAndMaterializedValue<IPublisher<T>>(logic, logic);
    }
}

internal sealed class SubscriberSink<T>(ISubscriber<T> subscriber) : SinkStage<T, NotUsed>("subscriberSink")
{
    public override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<NotUsed>(new PublisherLogic<T>(Shape, false, subscriber), NotUsed.Instance);
}
