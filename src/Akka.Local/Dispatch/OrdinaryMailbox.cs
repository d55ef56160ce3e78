#nullable disable
using Akka.Actor;
using Akka.Dispatch.MessageQueues;

namespace Akka.Dispatch;

/// <summary>
/// The mailbox of an actor that asks for no particular one: an unbounded queue and the mailbox around it in one object, since there may be a million of them.
/// </summary>
internal sealed class OrdinaryMailbox : Mailbox, IMessageQueue, IUnboundedMessageQueueSemantics
{
    private EnvelopeRings _rings;

    bool IMessageQueue.HasMessages => _rings.HasMessages;

    int IMessageQueue.Count => _rings.Count;

    internal override bool HasMessages => _rings.HasMessages;

    internal override int NumberOfMessages => _rings.Count;

    bool IMessageQueue.TryDequeue(out Envelope envelope) => _rings.TryTake(out envelope);

    void IMessageQueue.Enqueue(IActorRef receiver, Envelope envelope) => _rings.Put(envelope.Message, envelope.Sender);

    void IMessageQueue.CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (_rings.TryTake(out var envelope))
            deadletters.Enqueue(owner, envelope);
    }

    internal override void Enqueue(IActorRef receiver, Envelope envelope) => _rings.Put(envelope.Message, envelope.Sender);

    internal override bool TryDequeue(out Envelope envelope) => _rings.TryTake(out envelope);
}
