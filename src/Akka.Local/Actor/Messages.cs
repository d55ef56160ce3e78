#nullable disable
using Akka.Event;

namespace Akka.Actor;

/// <summary>Marks messages the runtime handles itself before the actor's own receive.</summary>
public interface IAutoReceivedMessage;

/// <summary>Marks messages that only code of the same system should send.</summary>
public interface IPossiblyHarmful;

/// <summary>Marks messages that never leave the process.</summary>
public interface INoSerializationVerificationNeeded;

/// <summary>Marks messages that do not reset an actor's receive timeout.</summary>
public interface INotInfluenceReceiveTimeout;

/// <summary>A message around a message.</summary>
public interface IWrappedMessage
{
    object Message { get; }
}

/// <summary>Takes wrappers off.</summary>
public static class WrappedMessage
{
    public static object Unwrap(object message)
    {
        while (message is IWrappedMessage wrapped)
            message = wrapped.Message;
        return message;
    }
}

/// <summary>Stops the actor when its turn in the mailbox comes.</summary>
public sealed class PoisonPill : IAutoReceivedMessage, IPossiblyHarmful, IDeadLetterSuppression
{
    private PoisonPill() { }

    public static PoisonPill Instance { get; } = new();

    public override string ToString() => "<PoisonPill>";
}

/// <summary>Makes the actor throw <see cref="ActorKilledException"/>, which its supervisor decides about.</summary>
public sealed class Kill : IAutoReceivedMessage
{
    private Kill() { }

    public static Kill Instance { get; } = new();

    public override string ToString() => "<Kill>";
}

/// <summary>Asks whoever gets it for <see cref="ActorIdentity"/>; every actor answers by itself.</summary>
public sealed class Identify(object messageId) : IAutoReceivedMessage, INotInfluenceReceiveTimeout
{
    public object MessageId { get; } = messageId;

    public override bool Equals(object obj) => obj is Identify other && Equals(MessageId, other.MessageId);

    public override int GetHashCode() => MessageId?.GetHashCode() ?? 0;

    public override string ToString() => $"<Identify>: {MessageId}";
}

/// <summary>The answer to <see cref="Identify"/>. <see cref="Subject"/> is null where no such actor lives.</summary>
public sealed class ActorIdentity(object messageId, IActorRef subject)
{
    public object MessageId { get; } = messageId;

    public IActorRef Subject { get; } = subject;

    public override bool Equals(object obj) => obj is ActorIdentity other && Equals(MessageId, other.MessageId) && Equals(Subject, other.Subject);

    public override int GetHashCode() => HashCode.Combine(MessageId, Subject);

    public override string ToString() => $"<ActorIdentity>: {Subject} - MessageId={MessageId}";
}

/// <summary>A watched actor has stopped. Sent once per watch.</summary>
public sealed class Terminated(IActorRef actorRef, bool existenceConfirmed, bool addressTerminated)
    : IAutoReceivedMessage, IPossiblyHarmful, IDeadLetterSuppression, INoSerializationVerificationNeeded, IEquatable<Terminated>
{
    public IActorRef ActorRef { get; } = actorRef;

    public bool AddressTerminated { get; } = addressTerminated;

    /// <summary>False where the actor had been dead before it was watched.</summary>
    public bool ExistenceConfirmed { get; } = existenceConfirmed;

    public bool Equals(Terminated other) => other is not null && Equals(ActorRef, other.ActorRef)
        && AddressTerminated == other.AddressTerminated && ExistenceConfirmed == other.ExistenceConfirmed;

    public override bool Equals(object obj) => obj is Terminated other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(ActorRef, AddressTerminated, ExistenceConfirmed);

    public override string ToString() => $"<Terminated>: {ActorRef} - ExistenceConfirmed={ExistenceConfirmed}";
}

/// <summary>No message came for as long as <see cref="IActorContext.SetReceiveTimeout"/> allows.</summary>
public class ReceiveTimeout : IPossiblyHarmful
{
    private ReceiveTimeout() { }

    public static ReceiveTimeout Instance { get; } = new();
}

/// <summary>A reply that says whether something worked.</summary>
public abstract class Status
{
    protected Status() { }

    /// <summary>It worked.</summary>
    public sealed class Success(object status) : Status
    {
        public static readonly Success Instance = new(null);

        public readonly object Status = status;

        public override string ToString() => $"Success: {Status ?? "<null>"}";
    }

    /// <summary>It did not. An ask that gets this fails with <see cref="Cause"/>.</summary>
    public sealed class Failure : Status
    {
        public readonly Exception Cause;
        public readonly object State;

        public Failure(Exception cause) => Cause = cause;

        public Failure(Exception cause, object state)
        {
            Cause = cause;
            State = state;
        }

        public override string ToString() => State is null ? $"Failure: {Cause}" : $"Failure[{State}]: {Cause}";
    }
}
