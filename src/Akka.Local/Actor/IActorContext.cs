#nullable disable
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>Watches other actors.</summary>
public interface ICanWatch
{
    /// <summary>Asks for one <see cref="Terminated"/> when <paramref name="subject"/> stops, or at once if it has stopped already.</summary>
    IActorRef Watch(IActorRef subject);

    /// <summary>Asks for <paramref name="message"/> in place of <see cref="Terminated"/>.</summary>
    IActorRef WatchWith(IActorRef subject, object message);

    /// <summary>Takes the request back. From here on no <see cref="Terminated"/> of <paramref name="subject"/> arrives, not even one that is on its way.</summary>
    IActorRef Unwatch(IActorRef subject);
}

/// <summary>What an actor sees of its surroundings. Only the actor itself may use it, and only while it runs.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    IActorRef Self { get; }

    Props Props { get; }

    IActorRef Sender { get; }

    ActorSystem System { get; }

    IActorRef Parent { get; }

    MessageDispatcher Dispatcher { get; }

    TimeSpan? ReceiveTimeout { get; }

    /// <summary>Replaces the behaviour.</summary>
    void Become(Receive receive);

    /// <summary>Puts a behaviour over the present one.</summary>
    void BecomeStacked(Receive receive);

    /// <summary>Goes back to the behaviour below.</summary>
    void UnbecomeStacked();

    /// <summary>The child of that name, or nobody.</summary>
    IActorRef Child(string name);

    IEnumerable<IActorRef> GetChildren();

    /// <summary>Asks for <see cref="Actor.ReceiveTimeout"/> whenever nothing came for so long; null ends it.</summary>
    void SetReceiveTimeout(TimeSpan? timeout);

    /// <summary>Stops <paramref name="child"/> after the message it is processing.</summary>
    void Stop(IActorRef child);
}

/// <summary>The context of an <see cref="UntypedActor"/>.</summary>
public interface IUntypedActorContext : IActorContext
{
    void Become(UntypedReceive receive);

    void BecomeStacked(UntypedReceive receive);
}

/// <summary>What a reference with an actor behind it sees of the actor.</summary>
public interface ICell
{
    IActorRef Self { get; }

    ActorSystem System { get; }

    Internal.ActorSystemImpl SystemImpl { get; }

    IInternalActorRef Parent { get; }

    bool IsLocal { get; }

    bool HasMessages { get; }

    int NumberOfMessages { get; }

    bool IsTerminated { get; }

    Props Props { get; }

    void Start();

    void Suspend();

    void Resume(Exception causedByFailure);

    void Restart(Exception cause);

    void Stop();

    IInternalActorRef GetSingleChild(string name);

    IInternalActorRef GetChildByName(string name);

    IEnumerable<IInternalActorRef> GetChildren();

    void SendMessage(IActorRef sender, object message);

    void SendSystemMessage(Dispatch.SysMsg.ISystemMessage message);
}
