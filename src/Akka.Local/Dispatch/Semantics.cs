#nullable disable
using Akka.Actor;
using Akka.Dispatch.MessageQueues;

namespace Akka.Dispatch;

/// <summary>Marks what a message queue can do.</summary>
public interface ISemantics;

/// <summary>Takes any number of messages.</summary>
public interface IUnboundedMessageQueueSemantics : ISemantics;

/// <summary>Takes a limited number of messages; a sender waits for room at most <see cref="PushTimeOut"/>.</summary>
public interface IBoundedMessageQueueSemantics : ISemantics
{
    TimeSpan PushTimeOut { get; }
}

/// <summary>Can take a message in front, for stashes.</summary>
public interface IDequeBasedMessageQueueSemantics : ISemantics
{
    void EnqueueFirst(Envelope envelope);
}

/// <summary>Unbounded, and takes messages in front.</summary>
public interface IUnboundedDequeBasedMessageQueueSemantics : IDequeBasedMessageQueueSemantics, IUnboundedMessageQueueSemantics;

/// <summary>Bounded, and takes messages in front.</summary>
public interface IBoundedDequeBasedMessageQueueSemantics : IDequeBasedMessageQueueSemantics, IBoundedMessageQueueSemantics;

/// <summary>Several consumers may dequeue.</summary>
public interface IMultipleConsumerSemantics : ISemantics;

/// <summary>Says which queue an actor needs; put it on the actor's class.</summary>
public interface IRequiresMessageQueue<T> where T : ISemantics;

/// <summary>Says which queue a mailbox type produces.</summary>
public interface IProducesMessageQueue<TQueue> where TQueue : IMessageQueue;

/// <summary>A mailbox type whose senders may wait for room.</summary>
public interface IProducesPushTimeoutSemanticsMailbox
{
    TimeSpan PushTimeout { get; }
}
