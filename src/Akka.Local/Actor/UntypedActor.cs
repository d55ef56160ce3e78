#nullable disable
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>An actor with one method for all messages. What it does not handle it gives to <see cref="ActorBase.Unhandled"/> itself.</summary>
public abstract class UntypedActor : ActorBase
{
    protected UntypedActor() { }

    protected new static IUntypedActorContext Context => CurrentCell;

    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    protected abstract void OnReceive(object message);

    protected void Become(UntypedReceive receive) => Become(Handling(receive));

    protected void BecomeStacked(UntypedReceive receive) => BecomeStacked(Handling(receive));

    /// <summary>Runs an asynchronous action as the actor: no other message is taken until it ends.</summary>
    protected void RunTask(Func<Task> action) => ActorTaskScheduler.RunTask(action);

    protected void RunTask(Action action) => ActorTaskScheduler.RunTask(action);

    internal static Receive Handling(UntypedReceive receive) => message =>
    {
        receive(message);
        return true;
    };
}
