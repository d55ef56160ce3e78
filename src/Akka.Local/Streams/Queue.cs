using Akka.Util;

namespace Akka.Streams;

/// <summary>Takes elements for a running stream. Thread-safe.</summary>
public interface ISourceQueue<in T>
{
    /// <summary>
    /// Offers one element. The task tells what became of it; where the queue makes the offerer wait, it is done when the element is in.
    /// It fails when an earlier offer is still waiting, and with <see cref="StreamDetachedException"/> when the stream has ended.
    /// </summary>
    Task<IQueueOfferResult> OfferAsync(T element);

    /// <summary>Done when the stream has ended; failed when it has failed.</summary>
    Task WatchCompletionAsync();
}

/// <summary>A source queue that can end the stream.</summary>
public interface ISourceQueueWithComplete<in T> : ISourceQueue<T>
{
    /// <summary>Completes the stream once what is in the queue has been taken.</summary>
    void Complete();

    /// <summary>Fails the stream at once.</summary>
    void Fail(Exception ex);

    /// <inheritdoc cref="ISourceQueue{T}.WatchCompletionAsync"/>
    new Task WatchCompletionAsync();
}

/// <summary>Gives the elements of a running stream. Thread-safe, but one pull at a time.</summary>
public interface ISinkQueue<T>
{
    /// <summary>The next element, or none when the stream has completed; fails when it has failed.</summary>
    Task<Option<T>> PullAsync();
}

/// <summary>What became of an offered element.</summary>
public interface IQueueOfferResult;

/// <summary>What can become of an offered element.</summary>
public sealed class QueueOfferResult
{
    /// <summary>It is in the queue, or already on its way.</summary>
    public sealed class Enqueued : IQueueOfferResult
    {
        public static readonly Enqueued Instance = new();

        private Enqueued() { }
    }

    /// <summary>It was dropped, for the queue was full.</summary>
    public sealed class Dropped : IQueueOfferResult
    {
        public static readonly Dropped Instance = new();

        private Dropped() { }
    }

    /// <summary>The stream has failed.</summary>
    public sealed class Failure : IQueueOfferResult
    {
        public Failure(Exception cause) => Cause = cause;

        public Exception Cause { get; }
    }

    /// <summary>The stream was cancelled before the element was taken.</summary>
    public sealed class QueueClosed : IQueueOfferResult
    {
        public static readonly QueueClosed Instance = new();

        private QueueClosed() { }
    }
}
