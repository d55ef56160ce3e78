#nullable disable
using Akka.Actor;

namespace Akka.Event;

/// <summary>Marks messages that are no news as dead letters: they are published as <see cref="SuppressedDeadLetter"/>.</summary>
public interface IDeadLetterSuppression;

/// <summary>A message that did not reach its receiver, or that its receiver did not want.</summary>
public abstract class AllDeadLetters : IWrappedMessage
{
    protected AllDeadLetters(object message, IActorRef sender, IActorRef recipient)
    {
        Message = message;
        Sender = sender;
        Recipient = recipient;
    }

    public object Message { get; }

    public IActorRef Sender { get; }

    public IActorRef Recipient { get; }

    public override string ToString() => $"{GetType().Name} from {Sender} to {Recipient}: <{Message}>";
}

/// <summary>A message to an actor that has stopped or never was.</summary>
public sealed class DeadLetter : AllDeadLetters
{
    public DeadLetter(object message, IActorRef sender, IActorRef recipient) : base(message, sender, recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
    }
}

/// <summary>A dead letter that is no news.</summary>
public sealed class SuppressedDeadLetter : AllDeadLetters
{
    public SuppressedDeadLetter(IDeadLetterSuppression message, IActorRef sender, IActorRef recipient) : base(message, sender, recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
    }
}

/// <summary>A message that was dropped on purpose, as where a buffer was full.</summary>
public sealed class Dropped : AllDeadLetters
{
    public Dropped(object message, string reason, IActorRef sender, IActorRef recipient) : base(message, sender, recipient) => Reason = reason;

    public Dropped(object message, string reason, IActorRef recipient) : this(message, reason, ActorRefs.NoSender, recipient) { }

    public string Reason { get; }
}

/// <summary>A message no behaviour of its receiver handled.</summary>
public sealed class UnhandledMessage(object message, IActorRef sender, IActorRef recipient) : AllDeadLetters(message, sender, recipient);
