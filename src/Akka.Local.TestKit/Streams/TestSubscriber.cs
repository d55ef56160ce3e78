using Akka.Actor;
using Akka.TestKit;
using Reactive.Streams;

namespace Akka.Streams.TestKit;

/// <summary>Subscribers that a test drives.</summary>
public static class TestSubscriber
{
    /// <summary>What a publisher did.</summary>
    public interface ISubscriberEvent : INoSerializationVerificationNeeded;

    public struct OnSubscribe : ISubscriberEvent
    {
        public readonly ISubscription Subscription;

        public OnSubscribe(ISubscription subscription) => Subscription = subscription;

        public override string ToString() => $"TestSubscriber.OnSubscribe({Subscription})";
    }

    public struct OnNext<T> : ISubscriberEvent
    {
        public readonly T Element;

        public OnNext(T element) => Element = element;

        public override string ToString() => $"TestSubscriber.OnNext({Element})";
    }

    public sealed class OnComplete : ISubscriberEvent
    {
        public static readonly OnComplete Instance = new();

        private OnComplete() { }

        public override string ToString() => "TestSubscriber.OnComplete";
    }

    public struct OnError : ISubscriberEvent
    {
        public readonly Exception Cause;

        public OnError(Exception cause) => Cause = cause;

        public override string ToString() => $"TestSubscriber.OnError({Cause.Message})";
    }

    /// <summary>A subscriber that asks for nothing by itself and lets every signal be expected.</summary>
    public class ManualProbe<T> : ISubscriber<T>
    {
        private readonly TestProbe _probe;
        private ISubscription? _subscription;

        internal ManualProbe(TestKitBase testKit) => _probe = testKit.CreateTestProbe();

        /// <summary>The subscription, once it has been expected.</summary>
        public ISubscription Subscription => _subscription ?? throw new InvalidOperationException(
            "There is no subscription yet: call ExpectSubscription or EnsureSubscription first");

        private protected bool IsSubscribed => _subscription is not null;

        private void Tell(ISubscriberEvent happened) => _probe.Ref.Tell(happened, ActorRefs.NoSender);

        public void OnSubscribe(ISubscription subscription) => Tell(new OnSubscribe(subscription));

        public void OnError(Exception cause) => Tell(new OnError(cause));

        public void OnComplete() => Tell(TestSubscriber.OnComplete.Instance);

        public void OnNext(T element) => Tell(new OnNext<T>(element));

        public ISubscription ExpectSubscription(CancellationToken cancellationToken = default) =>
            _subscription = _probe.ExpectMsg<OnSubscribe>(cancellationToken: cancellationToken).Subscription;

        public ISubscriberEvent ExpectEvent(CancellationToken cancellationToken = default) =>
            _probe.ExpectMsg<ISubscriberEvent>(cancellationToken: cancellationToken);

        public ISubscriberEvent ExpectEvent(TimeSpan max, CancellationToken cancellationToken = default) =>
            _probe.ExpectMsg<ISubscriberEvent>(max, cancellationToken: cancellationToken);

        public T ExpectNext(CancellationToken cancellationToken = default) => ExpectNext(null, cancellationToken);

        public T ExpectNext(TimeSpan? timeout, CancellationToken cancellationToken = default) =>
            _probe.ExpectMsg<OnNext<T>>(timeout, cancellationToken: cancellationToken).Element;

        public ManualProbe<T> ExpectNext(T element, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
        {
            _probe.ExpectMsg<OnNext<T>>(next => EqualityComparer<T>.Default.Equals(next.Element, element), timeout,
                $"OnNext({element})", cancellationToken);
            return this;
        }

        public ManualProbe<T> ExpectNext(params T[] elems)
        {
            foreach (var element in elems) ExpectNext(element, null, CancellationToken.None);
            return this;
        }

        public ManualProbe<T> ExpectComplete(CancellationToken cancellationToken = default) => ExpectComplete(null, cancellationToken);

        public ManualProbe<T> ExpectComplete(TimeSpan? timeout, CancellationToken cancellationToken = default)
        {
            _probe.ExpectMsg<OnComplete>(timeout, cancellationToken: cancellationToken);
            return this;
        }

        public Exception ExpectError(CancellationToken cancellationToken = default) =>
            _probe.ExpectMsg<OnError>(cancellationToken: cancellationToken).Cause;

        public ManualProbe<T> ExpectNoMsg(CancellationToken cancellationToken = default)
        {
            _probe.ExpectNoMsg(cancellationToken);
            return this;
        }

        public ManualProbe<T> ExpectNoMsg(TimeSpan remaining, CancellationToken cancellationToken = default)
        {
            _probe.ExpectNoMsg(remaining, cancellationToken);
            return this;
        }

        public ManualProbe<T> ExpectSubscriptionAndComplete(CancellationToken cancellationToken = default) =>
            ExpectSubscriptionAndComplete(true, cancellationToken);

        /// <summary>Expects a stream that completes without an element, asking for one first if told so.</summary>
        public ManualProbe<T> ExpectSubscriptionAndComplete(bool signalDemand, CancellationToken cancellationToken = default)
        {
            var subscription = ExpectSubscription(cancellationToken);
            if (signalDemand) subscription.Request(1);
            return ExpectComplete(cancellationToken);
        }

        public Exception ExpectSubscriptionAndError(CancellationToken cancellationToken = default) =>
            ExpectSubscriptionAndError(true, cancellationToken);

        /// <summary>Expects a stream that fails without an element, asking for one first if told so.</summary>
        public Exception ExpectSubscriptionAndError(bool signalDemand, CancellationToken cancellationToken = default)
        {
            var subscription = ExpectSubscription(cancellationToken);
            if (signalDemand) subscription.Request(1);
            return ExpectError(cancellationToken);
        }
    }

    /// <summary>A subscriber that expects its subscription by itself.</summary>
    public class Probe<T> : ManualProbe<T>
    {
        internal Probe(TestKitBase testKit) : base(testKit) { }

        public Probe<T> EnsureSubscription(CancellationToken cancellationToken = default)
        {
            if (!IsSubscribed) ExpectSubscription(cancellationToken);
            return this;
        }

        public Probe<T> Request(long n)
        {
            EnsureSubscription();
            Subscription.Request(n);
            return this;
        }

        /// <summary>Asks for one element and expects this one.</summary>
        public Probe<T> RequestNext(T element)
        {
            Request(1);
            ExpectNext(element, null, CancellationToken.None);
            return this;
        }

        /// <summary>Asks for one element and gives it.</summary>
        public T RequestNext()
        {
            Request(1);
            return ExpectNext(CancellationToken.None);
        }

        /// <inheritdoc cref="RequestNext()"/>
        public T RequestNext(TimeSpan timeout)
        {
            Request(1);
            return ExpectNext(timeout, CancellationToken.None);
        }

        public Probe<T> Cancel()
        {
            EnsureSubscription();
            Subscription.Cancel();
            return this;
        }
    }

    public static ManualProbe<T> CreateManualSubscriberProbe<T>(this TestKitBase testKit) => new(testKit);

    public static Probe<T> CreateSubscriberProbe<T>(this TestKitBase testKit) => new(testKit);
}
