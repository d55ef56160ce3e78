#nullable disable
using Akka.Actor.Internal;
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>
/// Keeps messages aside for later. It is of one incarnation: at a restart, and at the end, what it holds goes back to the front of the mailbox.
/// </summary>
public interface IStash
{
    int Count { get; }

    bool IsEmpty { get; }

    bool NonEmpty { get; }

    bool IsFull { get; }

    /// <summary>How many messages it takes; 0 or less for any number.</summary>
    int Capacity { get; }

    /// <summary>Puts the message being processed aside.</summary>
    /// <exception cref="IllegalActorStateException">It is there already.</exception>
    /// <exception cref="StashOverflowException">The stash is full.</exception>
    void Stash();

    /// <summary>Moves the oldest message to the front of the mailbox.</summary>
    void Unstash();

    /// <summary>Moves all messages to the front of the mailbox, in their order.</summary>
    void UnstashAll();

    /// <summary>Moves those that <paramref name="predicate"/> accepts to the front of the mailbox and drops the others.</summary>
    void UnstashAll(Func<Envelope, bool> predicate);

    /// <summary>Empties the stash and returns what it held.</summary>
    IEnumerable<Envelope> ClearStash();

    /// <summary>Puts envelopes before those in the stash.</summary>
    void Prepend(IEnumerable<Envelope> envelopes);
}

/// <summary>An actor with a stash. The runtime sets it after the constructor.</summary>
public interface IActorStash
{
    IStash Stash { get; set; }
}

/// <summary>A stash over whatever mailbox is configured; it must be deque-based.</summary>
public interface IWithUnrestrictedStash : IActorStash;

/// <summary>A stash over a deque-based mailbox.</summary>
public interface IWithStash : IWithUnrestrictedStash, IRequiresMessageQueue<IDequeBasedMessageQueueSemantics>;

/// <summary>A stash over an unbounded deque-based mailbox.</summary>
public interface IWithUnboundedStash : IWithUnrestrictedStash, IRequiresMessageQueue<IUnboundedDequeBasedMessageQueueSemantics>;

/// <summary>A stash over a bounded deque-based mailbox.</summary>
public interface IWithBoundedStash : IWithUnrestrictedStash, IRequiresMessageQueue<IBoundedDequeBasedMessageQueueSemantics>;

/// <summary>An <see cref="UntypedActor"/> with a stash.</summary>
public abstract class UntypedActorWithStash : UntypedActor, IWithStash
{
    protected UntypedActorWithStash() { }

    public IStash Stash { get; set; }
}

/// <summary>An <see cref="UntypedActor"/> with a stash over an unbounded mailbox.</summary>
public abstract class UntypedActorWithUnboundedStash : UntypedActor, IWithUnboundedStash
{
    protected UntypedActorWithUnboundedStash() { }

    public IStash Stash { get; set; }
}

/// <summary>An <see cref="UntypedActor"/> with a stash over whatever mailbox is configured.</summary>
public abstract class UntypedActorWithUnrestrictedStash : UntypedActor, IWithUnrestrictedStash
{
    protected UntypedActorWithUnrestrictedStash() { }

    public IStash Stash { get; set; }
}

/// <summary>Makes stashes.</summary>
public static class StashFactory
{
    public static IStash CreateStash<T>(this IActorContext context) where T : ActorBase => CreateStash(context, typeof(T));

    public static IStash CreateStash(this IActorContext context, IActorStash actorInstance) => CreateStash(context, actorInstance.GetType());

    public static IStash CreateStash(this IActorContext context, Type actorType)
    {
        if (typeof(IWithBoundedStash).IsAssignableFrom(actorType))
            return new BoundedStashImpl(context);
        if (typeof(IWithUnboundedStash).IsAssignableFrom(actorType))
            return new UnboundedStashImpl(context);
        if (typeof(IWithUnrestrictedStash).IsAssignableFrom(actorType))
            return new UnrestrictedStashImpl(context);
        throw new ArgumentException($"{actorType} has a stash of an unknown kind: implement IWithStash, IWithUnboundedStash or IWithUnrestrictedStash.", nameof(actorType));
    }
}
