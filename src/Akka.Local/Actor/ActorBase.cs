#nullable disable
using Akka.Actor.Internal;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Handles a message; says whether it did.</summary>
public delegate bool Receive(object message);

/// <summary>Handles a message.</summary>
public delegate void UntypedReceive(object message);

/// <summary>
/// An actor: state of its own and a behaviour that takes one message at a time. Everything in it runs on one thread at a time;
/// what needs the context (<see cref="Context"/>, <see cref="Self"/>, <see cref="Sender"/>) may be used only while it runs.
/// </summary>
public abstract class ActorBase : IInternalActor
{
    private IActorRef _clearedSelf;

    protected ActorBase()
    {
        var cell = ActorCell.Current
            ?? throw new ActorInitializationException("Do not create actors using 'new', always create them using an ActorContext/System");
        if (this is IWithTimers timed)
            timed.Timers = new TimerScheduler(cell, this);
        cell.Begin(this);
    }

    /// <summary>What the running actor sees of its surroundings.</summary>
    /// <exception cref="NotSupportedException">No actor runs on this thread, as after <c>ConfigureAwait(false)</c> or inside <c>Task.Run</c>.</exception>
    protected static IActorContext Context => CurrentCell;

    protected static Receive EmptyReceive => static _ => false;

    protected IActorRef Self => _clearedSelf ?? CurrentCell.Self;

    /// <summary>Who sent the message being processed; the dead letters where nobody did.</summary>
    protected IActorRef Sender => CurrentCell.Sender;

    IActorContext IInternalActor.ActorContext => CurrentCell;

    internal static ActorCell CurrentCell => ActorCell.Current
        ?? throw new NotSupportedException("There is no active ActorContext, this is most likely due to use of async operations from within this actor.");

    internal bool IsCleared => _clearedSelf is not null;

    /// <summary>Wraps the handling of every message. Overrides must call the base.</summary>
    protected internal virtual bool AroundReceive(Receive receive, object message)
    {
        var handled = receive(message);
        if (!handled)
            Unhandled(message);
        return handled;
    }

    /// <summary>Handles a message; says whether it did.</summary>
    protected abstract bool Receive(object message);

    /// <summary>
    /// Called for what no behaviour handled: publishes <see cref="UnhandledMessage"/>, or throws <see cref="DeathPactException"/> for a <see cref="Terminated"/>.
    /// </summary>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated)
            throw new DeathPactException(terminated.ActorRef);
        CurrentCell.System.EventStream.Publish(new UnhandledMessage(message, Sender, Self));
    }

    protected void Become(Receive receive) => CurrentCell.Become(receive);

    protected void BecomeStacked(Receive receive) => CurrentCell.BecomeStacked(receive);

    protected void UnbecomeStacked() => CurrentCell.UnbecomeStacked();

    protected void SetReceiveTimeout(TimeSpan? timeout) => CurrentCell.SetReceiveTimeout(timeout);

    /// <summary>How this actor decides about its children's failures. Asked once an incarnation.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.DefaultStrategy;

    /// <summary>Called once, before the first message.</summary>
    protected virtual void PreStart() { }

    /// <summary>Called on the new incarnation, before its first message. Calls <see cref="PreStart"/> unless overridden.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();

    /// <summary>Called on the failed incarnation before it is replaced. Stops all children and calls <see cref="PostStop"/> unless overridden.</summary>
    /// <param name="reason">What it failed with.</param>
    /// <param name="message">The message it failed on, or null.</param>
    protected virtual void PreRestart(Exception reason, object message)
    {
        var cell = CurrentCell;
        foreach (var child in cell.GetChildren())
        {
            cell.Unwatch(child);
            cell.Stop(child);
        }

        PostStop();
    }

    /// <summary>Called after the last message, when the actor stops.</summary>
    protected virtual void PostStop() { }

    public virtual void AroundPreRestart(Exception cause, object message)
    {
        TimerScheduler.CancelAllOf(this);
        PreRestart(cause, message);
    }

    public virtual void AroundPreStart() => PreStart();

    public virtual void AroundPostRestart(Exception cause, object message) => PostRestart(cause);

    public virtual void AroundPostStop()
    {
        TimerScheduler.CancelAllOf(this);
        PostStop();
    }

    internal Receive OwnReceive() => Receive;

    internal SupervisorStrategy OwnStrategy() => SupervisorStrategy();

    /// <summary>What <see cref="AroundReceive"/> does with the actor's own receive, without a delegate.</summary>
    internal bool ReceiveDirectly(object message)
    {
        var handled = Receive(message);
        if (!handled)
            Unhandled(message);
        return handled;
    }

    internal void Clear(IActorRef self) => _clearedSelf = self;

    internal void Unclear() => _clearedSelf = null;
}

/// <summary>Gives the runtime an actor's context.</summary>
public interface IInternalActor
{
    IActorContext ActorContext { get; }
}

/// <summary>Marks actors whose every message is logged where <c>akka.actor.debug.receive</c> is on.</summary>
public interface ILogReceive;
