using Akka.Actor;

namespace Akka.TestKit;

/// <summary>A message a test actor received, with its sender.</summary>
public abstract class MessageEnvelope
{
    /// <summary>What was sent; null for <see cref="NullMessageEnvelope"/>.</summary>
    public abstract object Message { get; }

    /// <summary>Who sent it.</summary>
    public abstract IActorRef Sender { get; }
}

/// <summary>An envelope that holds a message.</summary>
public class RealMessageEnvelope : MessageEnvelope
{
    readonly object _message;
    readonly IActorRef _sender;

    /// <param name="message">What was sent.</param>
    /// <param name="sender">Who sent it.</param>
    public RealMessageEnvelope(object message, IActorRef sender)
    {
        _message = message;
        _sender = sender;
    }

    /// <inheritdoc />
    public override object Message => _message;

    /// <inheritdoc />
    public override IActorRef Sender => _sender;

    /// <inheritdoc />
    public override string ToString() =>
        ReferenceEquals(_sender, ActorRefs.NoSender) ? $"<{_message}>" : $"<{_message} from {_sender}>";
}

/// <summary>Stands for "nothing has been received".</summary>
public sealed class NullMessageEnvelope : MessageEnvelope
{
    /// <summary>The only one there is.</summary>
    public static NullMessageEnvelope Instance = new();

    NullMessageEnvelope()
    {
    }

    /// <inheritdoc />
    public override object Message => null!;

    /// <inheritdoc />
    public override IActorRef Sender =>
        throw new IllegalActorStateException("There is no sender: the last receive found no message.");

    /// <inheritdoc />
    public override string ToString() => "<null>";
}
