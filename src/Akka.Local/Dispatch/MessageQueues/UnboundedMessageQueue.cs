#nullable disable
using Akka.Actor;

namespace Akka.Dispatch.MessageQueues;

/// <summary>The queue of an ordinary mailbox: many writers, one reader, no lock.</summary>
public class UnboundedMessageQueue : IMessageQueue, IUnboundedMessageQueueSemantics
{
    private EnvelopeRings _rings;

    public bool HasMessages => _rings.HasMessages;

    public int Count => _rings.Count;

    public void Enqueue(IActorRef receiver, Envelope envelope) => _rings.Put(envelope.Message, envelope.Sender);

    public bool TryDequeue(out Envelope envelope) => _rings.TryTake(out envelope);

    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope))
            deadletters.Enqueue(owner, envelope);
    }
}
