#nullable disable
using Akka.Actor;

namespace Akka.Dispatch.SysMsg;

/// <summary>A message between the runtime's own parts. It overtakes user messages and reaches a suspended actor.</summary>
public interface ISystemMessage : INoSerializationVerificationNeeded;

/// <summary>Base of system messages. An instance is linked into one mailbox at a time: do not send one twice.</summary>
public abstract class SystemMessage : ISystemMessage
{
    /// <summary>The next older message of the mailbox this one is in.</summary>
    internal SystemMessage Next;

    protected SystemMessage() { }

    public bool Unlinked => Next is null;

    public void Unlink() => Next = null;
}

/// <summary>Waits while its receiver waits for children to stop.</summary>
internal interface IStashWhenWaitingForChildren;

/// <summary>Waits while its receiver has failed and its supervisor has not decided yet.</summary>
internal interface IStashWhenFailed;

/// <summary>The end mark of a closed mailbox.</summary>
public sealed class NoMessage : SystemMessage
{
    public override string ToString() => "NoMessage";
}

/// <summary>Makes the first incarnation.</summary>
public sealed class Create(ActorInitializationException failure = null) : SystemMessage
{
    public ActorInitializationException Failure { get; } = failure;

    public override bool Equals(object obj) => obj is Create other && Equals(Failure, other.Failure);

    public override int GetHashCode() => Failure?.GetHashCode() ?? 0;

    public override string ToString() => "<Create>";
}

/// <summary>Makes the next incarnation.</summary>
public sealed class Recreate(Exception cause) : SystemMessage, IStashWhenWaitingForChildren
{
    public Exception Cause { get; } = cause;

    public override string ToString() => $"<Recreate>{(Cause is null ? "" : " Cause: " + Cause)}";
}

/// <summary>Stops the processing of user messages, once for every <see cref="Resume"/> that is to follow.</summary>
public sealed class Suspend : SystemMessage, IStashWhenWaitingForChildren
{
    public override string ToString() => "<Suspend>";
}

/// <summary>Undoes one <see cref="Suspend"/>.</summary>
public sealed class Resume(Exception causedByFailure) : SystemMessage, IStashWhenWaitingForChildren
{
    public Exception CausedByFailure { get; set; } = causedByFailure;

    public override string ToString() => $"<Resume>{(CausedByFailure is null ? "" : " CausedByFailure: " + CausedByFailure)}";
}

/// <summary>Stops the actor after the message it is processing.</summary>
public sealed class Terminate : SystemMessage
{
    public override string ToString() => "<Terminate>";
}

/// <summary>Tells a supervisor that a child's processing threw.</summary>
public sealed class Failed(IActorRef child, Exception cause, long uid) : SystemMessage, IStashWhenFailed, IStashWhenWaitingForChildren
{
    public IActorRef Child { get; } = child;

    public Exception Cause { get; } = cause;

    /// <summary>The incarnation path's uid, so that a message about an older one of that name does no harm.</summary>
    public long Uid { get; } = uid;

    public override string ToString() => $"<Failed>: {Child} ({Uid}) Cause: {Cause}";
}

/// <summary>Asks <see cref="Watchee"/> to tell <see cref="Watcher"/> when it stops.</summary>
public class Watch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    public IInternalActorRef Watchee { get; } = watchee;

    public IInternalActorRef Watcher { get; } = watcher;

    protected bool Equals(Watch other) => Equals(Watchee, other.Watchee) && Equals(Watcher, other.Watcher);

    public override bool Equals(object obj) => obj is Watch other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Watchee, Watcher);

    public override string ToString() => $"<Watch>: {Watcher} wants to watch {Watchee}";
}

/// <summary>Undoes <see cref="Watch"/>.</summary>
public sealed class Unwatch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    public IInternalActorRef Watchee { get; } = watchee;

    public IInternalActorRef Watcher { get; } = watcher;

    public override bool Equals(object obj) => obj is Unwatch other && Equals(Watchee, other.Watchee) && Equals(Watcher, other.Watcher);

    public override int GetHashCode() => HashCode.Combine(Watchee, Watcher);

    public override string ToString() => $"<Unwatch>: {Watcher} wants to unwatch {Watchee}";
}

/// <summary>Says that an actor has stopped, to its parent and to those who watch it.</summary>
public sealed class DeathWatchNotification(IActorRef actor, bool existenceConfirmed, bool addressTerminated) : SystemMessage
{
    public IActorRef Actor { get; } = actor;

    public bool ExistenceConfirmed { get; } = existenceConfirmed;

    public bool AddressTerminated { get; } = addressTerminated;

    public override string ToString() => $"<DeathWatchNotification>: {Actor}, ExistenceConfirmed={ExistenceConfirmed}, AddressTerminated={AddressTerminated}";
}

/// <summary>A step of an asynchronous receive that is to run as the actor.</summary>
public sealed class ActorTask(Task task) : SystemMessage
{
    public Task Task { get; } = task;

    internal ActorTaskScheduler.Turn Turn { get; init; }
}

/// <summary>The end of an asynchronous receive: the mailbox opens again, or the supervisor decides about the failure.</summary>
internal sealed class ActorTaskCompleted(Exception failure, ActorTaskScheduler.Turn turn) : SystemMessage
{
    public Exception Failure { get; } = failure;

    public ActorTaskScheduler.Turn Turn { get; } = turn;
}
