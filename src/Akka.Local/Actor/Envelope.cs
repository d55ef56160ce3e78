#nullable disable
namespace Akka.Actor;

/// <summary>A message and who sent it.</summary>
public readonly struct Envelope
{
    public Envelope(object message, IActorRef sender)
    {
        Message = message;
        Sender = sender;
    }

    /// <param name="message">The message.</param>
    /// <param name="sender">Its sender; where there is none, the dead letters of <paramref name="system"/>.</param>
    /// <param name="system">The receiver's system.</param>
    public Envelope(object message, IActorRef sender, ActorSystem system)
    {
        Message = message;
        Sender = sender ?? system.DeadLetters;
    }

    public IActorRef Sender { get; }

    public object Message { get; }

    public override string ToString() => $"<{Message}> from {Sender?.ToString() ?? "NoSender"}";
}
