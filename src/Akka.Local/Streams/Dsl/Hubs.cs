using System.Collections.Immutable;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>A source with any number of sinks that come and go: what producers send to it arrives in one stream.</summary>
public static class MergeHub
{
    private const int DefaultBufferSize = 16;

    /// <summary>One producer has failed. It is detached; the hub goes on.</summary>
    public sealed class ProducerFailed : Exception
    {
        public ProducerFailed(string message, Exception cause) : base(message, cause) { }
    }

    /// <summary>
    /// A source that materializes to a sink, which may be run any number of times while the source runs. Completing or failing a producer
    /// does not end the source; when the source ends, all producers are cancelled.
    /// </summary>
    /// <param name="perProducerBufferSize">How many elements each producer may be ahead.</param>
    public static Source<T, Sink<T, NotUsed>> Source<T>(int perProducerBufferSize)
    {
        if (perProducerBufferSize <= 0) throw new ArgumentException("Buffer size must be positive", nameof(perProducerBufferSize));
        return Dsl.Source.FromGraph(new MergeHubSource<T>(perProducerBufferSize));
    }

    /// <inheritdoc cref="Source{T}(int)"/>
    public static Source<T, Sink<T, NotUsed>> Source<T>() => Source<T>(DefaultBufferSize);
}

/// <summary>A sink with any number of sources that come and go: each of them gets every element.</summary>
public class BroadcastHub
{
    private const int DefaultBufferSize = 256;

    /// <summary>
    /// A sink that materializes to a source, which may be run any number of times, also before and after the sink's stream has ended. As
    /// fast as the slowest consumer; without a consumer it waits with a full buffer. A consumer begins with the oldest element that another
    /// one still has to take; the first gets all that is buffered.
    /// </summary>
    /// <param name="bufferSize">How far consumers may be apart: a power of two, less than 4096.</param>
    public static Sink<T, Source<T, NotUsed>> Sink<T>(int bufferSize)
    {
        if (bufferSize <= 0) throw new ArgumentException("Buffer size must be positive", nameof(bufferSize));
        if (bufferSize >= 4096) throw new ArgumentException("Buffer size larger then 4095 is not allowed", nameof(bufferSize));
        if ((bufferSize & (bufferSize - 1)) != 0) throw new ArgumentException("Buffer size must be a power of two", nameof(bufferSize));
        return Dsl.Sink.FromGraph(new BroadcastHubSink<T>(bufferSize));
    }

    /// <inheritdoc cref="Sink{T}(int)"/>
    public static Sink<T, Source<T, NotUsed>> Sink<T>() => Sink<T>(DefaultBufferSize);
}

/// <summary>A sink with any number of sources that come and go: each element goes to the one that a function names.</summary>
public static class PartitionHub
{
    /// <summary>What a stateful partitioner can ask about the consumers. Only valid during the call.</summary>
    public interface IConsumerInfo
    {
        /// <summary>Every consumer, in the order of their arrival.</summary>
        ImmutableArray<long> ConsumerIds { get; }

        /// <summary>How many consumers there are.</summary>
        int Size { get; }

        /// <summary>The consumer at a place in the order of arrival.</summary>
        long ConsumerByIndex(int index);

        /// <summary>How many elements wait for a consumer.</summary>
        int QueueSize(long consumerId);
    }

    /// <summary>
    /// A sink that materializes to a source, which may be run any number of times. Each element goes to the consumer whose place
    /// <paramref name="partitioner"/> names, given the number of consumers and the element; a negative place drops the element.
    /// </summary>
    /// <param name="partitioner">Names a place among the consumers.</param>
    /// <param name="startAfterNrOfConsumers">How many consumers there must be before the first element is taken.</param>
    /// <param name="bufferSize">How many elements may wait for all consumers together.</param>
    public static Sink<T, Source<T, NotUsed>> Sink<T>(Func<int, T, int> partitioner, int startAfterNrOfConsumers, int bufferSize = 256) =>
        StatefulSink<T>(() => (info, element) =>
        {
            var index = partitioner(info.Size, element);
            return index < 0 ? -1 : info.ConsumerByIndex(index);
        }, startAfterNrOfConsumers, bufferSize);

    /// <summary>The same with a partitioner that is made anew for each run, may keep state, and names a consumer's id.</summary>
    public static Sink<T, Source<T, NotUsed>> StatefulSink<T>(Func<Func<IConsumerInfo, T, long>> partitioner, int startAfterNrOfConsumers,
        int bufferSize = 256)
    {
        if (bufferSize <= 0) throw new ArgumentException("Buffer size must be positive", nameof(bufferSize));
        return Dsl.Sink.FromGraph(new PartitionHubSink<T>(partitioner, startAfterNrOfConsumers, bufferSize));
    }
}
