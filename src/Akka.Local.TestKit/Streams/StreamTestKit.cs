using Akka.Actor;
using Akka.TestKit;
using Reactive.Streams;

namespace Akka.Streams.TestKit;

/// <summary>What publisher probes are made of.</summary>
public class StreamTestKit
{
    /// <summary>A subscription that a test drives: what the subscriber asks for can be expected, and it is sent what the test says.</summary>
    public sealed class PublisherProbeSubscription<T> : ISubscription
    {
        public PublisherProbeSubscription(ISubscriber<T> subscriber, TestProbe publisherProbe)
        {
            Subscriber = subscriber;
            PublisherProbe = publisherProbe;
        }

        public ISubscriber<T> Subscriber { get; }

        public TestProbe PublisherProbe { get; }

        public void Request(long n) => PublisherProbe.Ref.Tell(new TestPublisher.RequestMore(this, n), ActorRefs.NoSender);

        public void Cancel() => PublisherProbe.Ref.Tell(new TestPublisher.CancelSubscription(this), ActorRefs.NoSender);

        /// <summary>Expects a request for exactly this many.</summary>
        public void ExpectRequest(long n, CancellationToken cancellationToken = default) =>
            PublisherProbe.ExpectMsg<TestPublisher.RequestMore>(
                r => r.NrOfElements == n && r.Subscription == this, cancellationToken: cancellationToken);

        /// <summary>Expects a request and gives its number.</summary>
        public long ExpectRequest(CancellationToken cancellationToken = default) =>
            PublisherProbe.ExpectMsg<TestPublisher.RequestMore>(r => r.Subscription == this, cancellationToken: cancellationToken).NrOfElements;

        /// <summary>Expects cancellation, after any number of requests.</summary>
        public void ExpectCancellation(CancellationToken cancellationToken = default) => PublisherProbe.FishForMessage(
            message => message switch
            {
                TestPublisher.CancelSubscription cancel => cancel.Subscription == this,
                TestPublisher.RequestMore request when request.Subscription == this => false,
                _ => throw new InvalidOperationException($"Expected cancellation, but got {message}"),
            }, cancellationToken: cancellationToken);

        public void SendNext(T element) => Subscriber.OnNext(element);

        public void SendComplete() => Subscriber.OnComplete();

        public void SendError(Exception cause) => Subscriber.OnError(cause);

        public void SendOnSubscribe() => Subscriber.OnSubscribe(this);
    }
}
