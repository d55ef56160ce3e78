#nullable disable
using Akka.Actor;

namespace Akka.Dispatch.MessageQueues;

/// <summary>Lets the owner put messages in front of any queue. Only the owner's own thread does so.</summary>
public class DequeWrapperMessageQueue : IMessageQueue, IDequeBasedMessageQueueSemantics
{
    // ReSharper disable once InconsistentNaming: the name is part of the API.
    protected readonly IMessageQueue MessageQueue;

    private Stack<Envelope> _front;

    public DequeWrapperMessageQueue(IMessageQueue messageQueue) => MessageQueue = messageQueue;

    public bool HasMessages => _front is { Count: > 0 } || MessageQueue.HasMessages;

    public int Count => (_front?.Count ?? 0) + MessageQueue.Count;

    public void Enqueue(IActorRef receiver, Envelope envelope) => MessageQueue.Enqueue(receiver, envelope);

    public bool TryDequeue(out Envelope envelope) =>
        _front is { Count: > 0 } ? _front.TryPop(out envelope) : MessageQueue.TryDequeue(out envelope);

    public void EnqueueFirst(Envelope envelope) => (_front ??= new Stack<Envelope>()).Push(envelope);

    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope))
            deadletters.Enqueue(owner, envelope);
    }
}

/// <summary>An unbounded queue for an actor with a stash.</summary>
public class UnboundedDequeMessageQueue : DequeWrapperMessageQueue, IUnboundedDequeBasedMessageQueueSemantics
{
    public UnboundedDequeMessageQueue() : base(new UnboundedMessageQueue()) { }
}

/// <summary>A bounded queue for an actor with a stash.</summary>
public class BoundedDequeMessageQueue : DequeWrapperMessageQueue, IBoundedDequeBasedMessageQueueSemantics
{
    public BoundedDequeMessageQueue(int boundedCapacity, TimeSpan pushTimeOut) : base(new BoundedMessageQueue(boundedCapacity, pushTimeOut)) =>
        PushTimeOut = pushTimeOut;

    public TimeSpan PushTimeOut { get; }
}
