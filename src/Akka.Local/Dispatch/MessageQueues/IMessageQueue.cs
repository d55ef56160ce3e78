#nullable disable
using Akka.Actor;

namespace Akka.Dispatch.MessageQueues;

/// <summary>A mailbox's user messages. Any thread enqueues; one at a time dequeues.</summary>
public interface IMessageQueue
{
    bool HasMessages { get; }

    int Count { get; }

    void Enqueue(IActorRef receiver, Envelope envelope);

    bool TryDequeue(out Envelope envelope);

    /// <summary>Moves what is left to the dead letters, when the owner has stopped.</summary>
    void CleanUp(IActorRef owner, IMessageQueue deadletters);
}
