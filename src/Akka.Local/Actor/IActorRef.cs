#nullable disable
using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;
using Akka.Util;

namespace Akka.Actor;

/// <summary>Something that takes messages. Telling never blocks and never throws for what the receiver does.</summary>
public interface ICanTell
{
    /// <summary>Sends at most once. Messages from one sender to one receiver arrive in order.</summary>
    void Tell(object message, IActorRef sender);
}

/// <summary>A handle on one incarnation of an actor. Equality goes by path and uid. Safe on every thread.</summary>
public interface IActorRef : ICanTell, IEquatable<IActorRef>, IComparable<IActorRef>, ISurrogated, IComparable
{
    ActorPath Path { get; }
}

/// <summary>Says whether a reference is of this process.</summary>
public interface IActorRefScope
{
    bool IsLocal { get; }
}

/// <summary>What the runtime itself asks of a reference.</summary>
public interface IInternalActorRef : IActorRef, IActorRefScope
{
    IInternalActorRef Parent { get; }

    IActorRefProvider Provider { get; }

    bool IsTerminated { get; }

    /// <summary>Walks down by names; <c>..</c> goes up, an empty name stays.</summary>
    IActorRef GetChild(IReadOnlyList<string> name);

    void Resume(Exception causedByFailure = null);

    void Start();

    void Stop();

    void Restart(Exception cause);

    void Suspend();

    void SendSystemMessage(ISystemMessage message);
}

/// <summary>Common ground of references: equality, order and text go by path and uid.</summary>
public abstract class ActorRefBase : IActorRef
{
    protected ActorRefBase() { }

    public abstract ActorPath Path { get; }

    public void Tell(object message, IActorRef sender) => TellInternal(message, sender);

    protected abstract void TellInternal(object message, IActorRef sender);

    public bool Equals(IActorRef other) => other is not null
        && (ReferenceEquals(this, other) || (Path.Uid == other.Path.Uid && Path.Equals(other.Path)));

    public override bool Equals(object obj) => obj is IActorRef other && Equals(other);

    public override int GetHashCode()
    {
        var path = Path;
        return HashCode.Combine(path.Uid, path.GetHashCode());
    }

    public int CompareTo(IActorRef other)
    {
        if (other is null)
            return 1;
        var order = Path.CompareTo(other.Path);
        return order != 0 ? order : Path.Uid.CompareTo(other.Path.Uid);
    }

    public int CompareTo(object obj) => obj switch
    {
        null => 1,
        IActorRef other => CompareTo(other),
        _ => throw new ArgumentException($"An IActorRef compares with an IActorRef, not with a {obj.GetType()}.", nameof(obj)),
    };

    public virtual ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);

    public override string ToString() => Path.Uid == ActorCell.UndefinedUid ? $"[{Path}]" : $"[{Path}#{Path.Uid}]";
}

/// <summary>Base of every reference of this runtime.</summary>
public abstract class InternalActorRefBase : ActorRefBase, IInternalActorRef
{
    protected InternalActorRefBase() { }

    public abstract IInternalActorRef Parent { get; }

    public abstract IActorRefProvider Provider { get; }

    public abstract bool IsTerminated { get; }

    public abstract bool IsLocal { get; }

    public abstract IActorRef GetChild(IReadOnlyList<string> name);

    public abstract void Resume(Exception causedByFailure = null);

    public abstract void Start();

    public abstract void Stop();

    public abstract void Restart(Exception cause);

    public abstract void Suspend();

    public abstract void SendSystemMessage(ISystemMessage message);
}

/// <summary>A reference without an actor behind it: ignores what it is not told to handle.</summary>
public abstract class MinimalActorRef : InternalActorRefBase
{
    protected MinimalActorRef() { }

    public override IInternalActorRef Parent => ActorRefs.Nobody;

    public override bool IsLocal => true;

    public override bool IsTerminated => false;

    public override IActorRef GetChild(IReadOnlyList<string> name) =>
        name.All(string.IsNullOrEmpty) ? this : ActorRefs.Nobody;

    public override void Resume(Exception causedByFailure = null) { }

    public override void Start() { }

    public override void Stop() { }

    public override void Restart(Exception cause) { }

    public override void Suspend() { }

    public override void SendSystemMessage(ISystemMessage message) { }

    protected override void TellInternal(object message, IActorRef sender) { }
}

/// <summary>The reference to nobody: what is told to it is gone.</summary>
public sealed class Nobody : MinimalActorRef
{
    public static readonly Nobody Instance = new();

    private readonly ActorPath _path = new RootActorPath(Address.AllSystems, "/Nobody");

    private Nobody() { }

    public override ActorPath Path => _path;

    public override IActorRefProvider Provider => throw new NotSupportedException("Nobody has no provider.");

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}

/// <summary>Well-known references.</summary>
public static class ActorRefs
{
    /// <summary>No sender. It is null; an actor sees the dead letters as its sender instead.</summary>
    public static readonly IActorRef NoSender = null;

    public static readonly Nobody Nobody = Nobody.Instance;
}

/// <summary>Questions to references that may be null.</summary>
public static class ActorRefExtensions
{
    public static bool IsNobody(this IActorRef actorRef) => actorRef is null or Actor.Nobody;

    public static IActorRef GetOrElse(this IActorRef actorRef, Func<IActorRef> elseValue) =>
        actorRef.IsNobody() ? elseValue() : actorRef;
}

/// <summary>Telling in the name of the actor that is running.</summary>
public static class ActorRefImplicitSenderExtensions
{
    /// <summary>Tells with the running actor as the sender, or with none outside of actors.</summary>
    public static void Tell(this IActorRef receiver, object message) =>
        receiver.Tell(message, ActorCell.GetCurrentSelfOrNoSender());

    /// <summary>Tells with the running actor's own sender as the sender.</summary>
    public static void Forward(this IActorRef receiver, object message) =>
        receiver.Tell(message, ActorCell.GetCurrentSenderOrNoSender());
}
