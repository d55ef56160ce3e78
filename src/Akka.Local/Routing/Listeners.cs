#nullable disable
using Akka.Actor;

namespace Akka.Routing;

/// <summary>Something others can listen to.</summary>
public interface IListeners
{
    ListenerSupport Listeners { get; }
}

/// <summary>Messages about listening.</summary>
public abstract class ListenerMessage
{
    protected ListenerMessage() { }
}

/// <summary>Begins to listen.</summary>
public sealed class Listen(IActorRef listener) : ListenerMessage
{
    public IActorRef Listener { get; } = listener;
}

/// <summary>Ends listening.</summary>
public sealed class Deafen(IActorRef listener) : ListenerMessage
{
    public IActorRef Listener { get; } = listener;
}

/// <summary>Runs a function for every listener.</summary>
public sealed class WithListeners(Action<IActorRef> listenerFunction) : ListenerMessage
{
    public Action<IActorRef> ListenerFunction { get; } = listenerFunction;
}

/// <summary>Listeners of one actor; to be used by that actor alone.</summary>
public class ListenerSupport
{
    protected readonly HashSet<IActorRef> Listeners = [];

    /// <summary>Handles <see cref="ListenerMessage"/>s.</summary>
    public Receive ListenerReceive => message =>
    {
        switch (message)
        {
            case Listen listen:
                Add(listen.Listener);
                return true;
            case Deafen deafen:
                Remove(deafen.Listener);
                return true;
            case WithListeners with:
                foreach (var listener in Listeners)
                    with.ListenerFunction(listener);
                return true;
            default:
                return false;
        }
    };

    public void Add(IActorRef actor) => Listeners.Add(actor);

    public void Remove(IActorRef actor) => Listeners.Remove(actor);

    public void Gossip(object message)
    {
        foreach (var listener in Listeners)
            listener.Tell(message);
    }

    public void Gossip(object message, IActorRef sender)
    {
        foreach (var listener in Listeners)
            listener.Tell(message, sender);
    }
}
