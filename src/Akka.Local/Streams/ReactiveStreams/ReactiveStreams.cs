namespace Reactive.Streams;

/// <summary>What a subscriber holds of a running subscription. Both methods may be called from any thread.</summary>
public interface ISubscription
{
    /// <summary>Asks for <paramref name="n"/> more elements; fewer than one is a protocol error.</summary>
    void Request(long n);

    /// <summary>Asks the publisher to stop; elements already on their way may still arrive.</summary>
    void Cancel();
}

/// <summary>The receiving end of a Reactive Streams subscription; its methods are called one after the other.</summary>
public interface ISubscriber<in T>
{
    /// <summary>Comes first, once; nothing is sent before the subscriber requests.</summary>
    void OnSubscribe(ISubscription subscription);

    /// <summary>The stream failed; nothing follows.</summary>
    void OnError(Exception cause);

    /// <summary>The stream ended; nothing follows.</summary>
    void OnComplete();

    /// <summary>One element, never more of them than were requested.</summary>
    void OnNext(T element);
}

/// <summary>The sending end: a possibly unbounded number of elements, sent on request.</summary>
public interface IPublisher<out T>
{
    /// <summary>Starts a subscription for <paramref name="subscriber"/>.</summary>
    void Subscribe(ISubscriber<T> subscriber);
}

/// <summary>Both ends at once: a processing step.</summary>
public interface IProcessor<in T1, out T2> : ISubscriber<T1>, IPublisher<T2>;
