using Akka.Actor;
using Akka.TestKit;
using Reactive.Streams;

namespace Akka.Streams.TestKit;

/// <summary>Publishers that a test drives.</summary>
public static class TestPublisher
{
    /// <summary>What a subscriber did.</summary>
    public interface IPublisherEvent : INoSerializationVerificationNeeded;

    public struct Subscribe : IPublisherEvent
    {
        public readonly ISubscription Subscription;

        public Subscribe(ISubscription subscription) => Subscription = subscription;
    }

    public struct CancelSubscription : IPublisherEvent
    {
        public readonly ISubscription Subscription;

        public CancelSubscription(ISubscription subscription) => Subscription = subscription;
    }

    public struct RequestMore : IPublisherEvent
    {
        public readonly long NrOfElements;
        public readonly ISubscription Subscription;

        public RequestMore(ISubscription subscription, long nrOfElements)
        {
            Subscription = subscription;
            NrOfElements = nrOfElements;
        }
    }

    /// <summary>A publisher whose every signal is sent by the test.</summary>
    public class ManualProbe<T> : IPublisher<T>
    {
        private StreamTestKit.PublisherProbeSubscription<T>? _subscription;

        internal ManualProbe(TestKitBase testKit, bool autoOnSubscribe = true)
        {
            Probe = testKit.CreateTestProbe();
            AutoOnSubscribe = autoOnSubscribe;
        }

        public bool AutoOnSubscribe { get; }

        public TestProbe Probe { get; }

        /// <summary>The subscription, once it has been expected.</summary>
        public StreamTestKit.PublisherProbeSubscription<T> Subscription => _subscription ?? throw new InvalidOperationException(
            "There is no subscription yet: call ExpectSubscription or EnsureSubscription first");

        private protected bool IsSubscribed => _subscription is not null;

        public void Subscribe(ISubscriber<T> subscriber)
        {
            var subscription = new StreamTestKit.PublisherProbeSubscription<T>(subscriber, Probe);
            Probe.Ref.Tell(new TestPublisher.Subscribe(subscription), ActorRefs.NoSender);
            if (AutoOnSubscribe) subscriber.OnSubscribe(subscription);
        }

        public StreamTestKit.PublisherProbeSubscription<T> ExpectSubscription(CancellationToken cancellationToken = default) =>
            _subscription = (StreamTestKit.PublisherProbeSubscription<T>)
                Probe.ExpectMsg<Subscribe>(cancellationToken: cancellationToken).Subscription;

        public ManualProbe<T> ExpectRequest(ISubscription subscription, int nrOfElements, CancellationToken cancellationToken = default)
        {
            Probe.ExpectMsg<RequestMore>(r => r.NrOfElements == nrOfElements && r.Subscription == subscription,
                cancellationToken: cancellationToken);
            return this;
        }

        public ManualProbe<T> ExpectNoMsg(CancellationToken cancellationToken = default)
        {
            Probe.ExpectNoMsg(cancellationToken);
            return this;
        }

        public ManualProbe<T> ExpectNoMsg(TimeSpan duration, CancellationToken cancellationToken = default)
        {
            Probe.ExpectNoMsg(duration, cancellationToken);
            return this;
        }

        public IPublisherEvent ExpectEvent(CancellationToken cancellationToken = default) =>
            Probe.ExpectMsg<IPublisherEvent>(cancellationToken: cancellationToken);
    }

    /// <summary>A publisher that keeps count of what was asked for and sends no more than that.</summary>
    public class Probe<T> : ManualProbe<T>
    {
        internal Probe(TestKitBase testKit, long initialPendingRequests) : base(testKit) => Pending = initialPendingRequests;

        /// <summary>How many elements may be sent without waiting for a request.</summary>
        public long Pending { get; private set; }

        public void EnsureSubscription(CancellationToken cancellationToken = default)
        {
            if (!IsSubscribed) ExpectSubscription(cancellationToken);
        }

        public Probe<T> SendNext(T element, CancellationToken cancellationToken = default)
        {
            EnsureSubscription(cancellationToken);
            if (Pending == 0) Pending = Subscription.ExpectRequest(cancellationToken);
            Pending--;
            Subscription.SendNext(element);
            return this;
        }

        /// <summary>Sends whether it was asked for or not.</summary>
        public Probe<T> UnsafeSendNext(T element, CancellationToken cancellationToken = default)
        {
            EnsureSubscription(cancellationToken);
            Subscription.SendNext(element);
            return this;
        }

        public Probe<T> SendComplete(CancellationToken cancellationToken = default)
        {
            EnsureSubscription(cancellationToken);
            Subscription.SendComplete();
            return this;
        }

        public Probe<T> SendError(Exception e, CancellationToken cancellationToken = default)
        {
            EnsureSubscription(cancellationToken);
            Subscription.SendError(e);
            return this;
        }

        public long ExpectRequest(CancellationToken cancellationToken = default)
        {
            EnsureSubscription(cancellationToken);
            var requested = Subscription.ExpectRequest(cancellationToken);
            Pending += requested;
            return requested;
        }

        public Probe<T> ExpectCancellation(CancellationToken cancellationToken = default)
        {
            EnsureSubscription(cancellationToken);
            Subscription.ExpectCancellation(cancellationToken);
            return this;
        }
    }

    public static ManualProbe<T> CreateManualPublisherProbe<T>(this TestKitBase testKit, bool autoOnSubscribe = true) =>
        new(testKit, autoOnSubscribe);

    public static Probe<T> CreatePublisherProbe<T>(this TestKitBase testKit, long initialPendingRequests = 0) =>
        new(testKit, initialPendingRequests);
}
