using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;
using Akka.Util;

namespace Akka.TestKit;

/// <summary>
/// A ref to an actor that runs on the thread that sends to it, and whose instance a test may look at. Such a test sees neither
/// concurrency nor asynchrony; what an actor promises to others is better tested through messages.
/// </summary>
public abstract class TestActorRefBase<TActor> : IInternalActorRef
    where TActor : ActorBase
{
    readonly LocalActorRef _ref;

    /// <param name="system">The system it is to live in.</param>
    /// <param name="actorProps">What to start; runs on <see cref="CallingThreadDispatcher"/>, unless it names another.</param>
    /// <param name="supervisor">Whose child it is to be; null for the user guardian.</param>
    /// <param name="name">Its name; null for one of the system's choice.</param>
    protected TestActorRefBase(ActorSystem system, Props actorProps, IActorRef? supervisor = null, string? name = null)
    {
        var props = actorProps.Deploy.Dispatcher == Deploy.NoDispatcherGiven ? actorProps.WithDispatcher(CallingThreadDispatcher.Id) : actorProps;
        var parent = supervisor switch
        {
            null => (ActorRefWithCell)((ExtendedActorSystem)system).Guardian,
            TestProbe probe => (ActorRefWithCell)probe.TestActor,
            ActorRefWithCell withCell => withCell,
            _ => throw new ArgumentException($"{supervisor} cannot supervise: no actor is behind it.", nameof(supervisor)),
        };
        _ref = (LocalActorRef)((ActorCell)parent.Underlying).AttachChild(props, isSystemService: false, name!);
    }

    /// <summary>The ref as others know it.</summary>
    public IActorRef Ref => _ref;

    /// <summary>The instance: the present one, after a restart.</summary>
    /// <exception cref="IllegalActorStateException">The actor has terminated.</exception>
    public TActor UnderlyingActor => _ref.Cell.Actor as TActor
        ?? throw new IllegalActorStateException($"{_ref} has no instance of {typeof(TActor).Name}: it has terminated, or runs on a dispatcher that has not started it yet.");

    /// <inheritdoc />
    public ActorPath Path => _ref.Path;

    bool IActorRefScope.IsLocal => _ref.IsLocal;

    IInternalActorRef IInternalActorRef.Parent => _ref.Parent;

    IActorRefProvider IInternalActorRef.Provider => _ref.Provider;

#pragma warning disable CS0618 // the interface has it, so this must too
    bool IInternalActorRef.IsTerminated => _ref.IsTerminated;
#pragma warning restore CS0618

    internal ActorCell Cell => _ref.Cell;

    /// <summary>Has the actor receive a message on this thread, past its mailbox; its exceptions come out here and no supervisor is asked.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sender">Who sends it; null for nobody.</param>
    public void Receive(object message, IActorRef? sender = null)
    {
        var cell = Cell;
        var envelope = new Envelope(message, sender ?? cell.System.DeadLetters);
        cell.UseThreadContext(() => cell.ReceiveMessageForTest(envelope));
    }

    /// <summary>Tells from the test actor or the actor that runs on this thread.</summary>
    public void Tell(object message) => _ref.Tell(message);

    /// <inheritdoc />
    public void Tell(object message, IActorRef sender) => _ref.Tell(message, sender);

    /// <summary>Forwards what the actor on this thread has received.</summary>
    public void Forward(object message) => _ref.Forward(message);

    /// <summary>Makes the actor watch another.</summary>
    public void Watch(IActorRef subject) => Cell.UseThreadContext(() => Cell.Watch(subject));

    /// <summary>Makes the actor watch another no longer.</summary>
    public void Unwatch(IActorRef subject) => Cell.UseThreadContext(() => Cell.Unwatch(subject));

    /// <inheritdoc />
    public void SendSystemMessage(ISystemMessage message) => _ref.SendSystemMessage(message);

    /// <summary>The sender of a system message carries no meaning.</summary>
    public void SendSystemMessage(ISystemMessage message, IActorRef sender) => _ref.SendSystemMessage(message);

    IActorRef IInternalActorRef.GetChild(IReadOnlyList<string> name) => _ref.GetChild(name);

    void IInternalActorRef.Resume(Exception causedByFailure) => _ref.Resume(causedByFailure);

    void IInternalActorRef.Start() => _ref.Start();

    void IInternalActorRef.Stop() => _ref.Stop();

    void IInternalActorRef.Restart(Exception cause) => _ref.Restart(cause);

    void IInternalActorRef.Suspend() => _ref.Suspend();

    ISurrogate ISurrogated.ToSurrogate(ActorSystem system) => ((ISurrogated)_ref).ToSurrogate(system);

    /// <inheritdoc />
    public int CompareTo(object? obj) => ((IComparable)_ref).CompareTo(obj);

    int IComparable<IActorRef>.CompareTo(IActorRef? other) => ((IComparable<IActorRef>)_ref).CompareTo(other);

    /// <inheritdoc />
    public bool Equals(IActorRef? other) => _ref.Equals(other);

    /// <inheritdoc />
    public override bool Equals(object? obj) => _ref.Equals(obj is TestActorRefBase<TActor> other ? other._ref : obj);

    /// <inheritdoc />
    public override int GetHashCode() => _ref.GetHashCode();

    /// <inheritdoc />
    public override string ToString() => $"TestActor[{_ref.Path}]";

    /// <summary>Whether both are the same actor.</summary>
    public static bool operator ==(TestActorRefBase<TActor>? testActorRef, IActorRef? actorRef) => Equals(testActorRef?._ref, Unwrap(actorRef));

    /// <summary>Whether both are not the same actor.</summary>
    public static bool operator !=(TestActorRefBase<TActor>? testActorRef, IActorRef? actorRef) => !(testActorRef == actorRef);

    /// <inheritdoc cref="op_Equality(TestActorRefBase{TActor}, IActorRef)" />
    public static bool operator ==(IActorRef? actorRef, TestActorRefBase<TActor>? testActorRef) => testActorRef == actorRef;

    /// <inheritdoc cref="op_Inequality(TestActorRefBase{TActor}, IActorRef)" />
    public static bool operator !=(IActorRef? actorRef, TestActorRefBase<TActor>? testActorRef) => !(testActorRef == actorRef);

    /// <summary>The ref as others know it.</summary>
    public static IActorRef ToActorRef(TestActorRefBase<TActor> actorRef) => actorRef._ref;

    static IActorRef? Unwrap(IActorRef? actorRef) => actorRef is TestActorRefBase<TActor> test ? test._ref : actorRef;
}
