#nullable disable
using Akka.Actor;

namespace Akka.Routing;

/// <summary>Chooses routees.</summary>
public abstract class RoutingLogic
{
    protected RoutingLogic() { }

    public abstract Routee Select(object message, Routee[] routees);
}

/// <summary>One that a router may send to. The base type is nobody.</summary>
public class Routee
{
    public static readonly Routee NoRoutee = new();

    public static Routee FromActorRef(IActorRef actorRef) => new ActorRefRoutee(actorRef);

    public virtual void Send(object message, IActorRef sender) { }

    public virtual Task<object> Ask(object message, TimeSpan? timeout) => Task.FromException<object>(new ActorNotFoundException("There is no routee."));
}

/// <summary>A routee that is an actor.</summary>
public class ActorRefRoutee : Routee
{
    public ActorRefRoutee(IActorRef actor) => Actor = actor;

    public IActorRef Actor { get; }

    public override void Send(object message, IActorRef sender) => Actor.Tell(message, sender);

    public override Task<object> Ask(object message, TimeSpan? timeout) => Actor.Ask(message, timeout);

    protected bool Equals(ActorRefRoutee other) => Equals(Actor, other.Actor);

    public override bool Equals(object obj) => obj is ActorRefRoutee other && Equals(other);

    public override int GetHashCode() => Actor?.GetHashCode() ?? 0;
}

/// <summary>A routee that is a selection.</summary>
public class ActorSelectionRoutee : Routee
{
    public ActorSelectionRoutee(ActorSelection actor) => Selection = actor;

    public ActorSelection Selection { get; }

    public override void Send(object message, IActorRef sender) => Selection.Tell(message, sender);

    public override Task<object> Ask(object message, TimeSpan? timeout) => Selection.Ask(message, timeout);

    protected bool Equals(ActorSelectionRoutee other) => Equals(Selection, other.Selection);

    public override bool Equals(object obj) => obj is ActorSelectionRoutee other && Equals(other);

    public override int GetHashCode() => Selection?.GetHashCode() ?? 0;
}

/// <summary>Several routees as one.</summary>
public class SeveralRoutees : Routee
{
    private readonly Routee[] _routees;

    public SeveralRoutees(Routee[] routees) => _routees = routees;

    public override void Send(object message, IActorRef sender)
    {
        foreach (var routee in _routees)
            routee.Send(message, sender);
    }
}

/// <summary>Routees and the logic that chooses among them. Immutable; usable inside any actor.</summary>
public class Router
{
    private readonly Routee[] _routees;

    public Router(RoutingLogic logic, params Routee[] routees)
    {
        RoutingLogic = logic;
        _routees = routees ?? [];
    }

    public Router(RoutingLogic logic, IActorRef routee, params IActorRef[] routees)
        : this(logic, routees.Prepend(routee).Select(Routee.FromActorRef).ToArray()) { }

    public IEnumerable<Routee> Routees => _routees;

    public RoutingLogic RoutingLogic { get; }

    /// <summary>Sends to whom the logic chooses; a <see cref="Broadcast"/> goes to all, an envelope is taken off.</summary>
    public virtual void Route(object message, IActorRef sender)
    {
        if (message is Broadcast broadcast)
            Send(new SeveralRoutees(_routees), UnWrap(broadcast), sender);
        else
            Send(RoutingLogic.Select(message, _routees), message, sender);
    }

    public virtual Router WithRoutees(params Routee[] routees) => new(RoutingLogic, routees);

    public virtual Router AddRoutee(Routee routee) => new(RoutingLogic, [.. _routees, routee]);

    public Router AddRoutee(IActorRef routee) => AddRoutee(new ActorRefRoutee(routee));

    public Router AddRoutee(ActorSelection routee) => AddRoutee(new ActorSelectionRoutee(routee));

    public virtual Router RemoveRoutee(Routee routee) => new(RoutingLogic, _routees.Where(r => !r.Equals(routee)).ToArray());

    public Router RemoveRoutee(IActorRef routee) => RemoveRoutee(new ActorRefRoutee(routee));

    public Router RemoveRoutee(ActorSelection routee) => RemoveRoutee(new ActorSelectionRoutee(routee));

    protected virtual void Send(Routee routee, object message, IActorRef sender)
    {
        if (ReferenceEquals(routee, Routee.NoRoutee))
            ((sender as IInternalActorRef)?.Provider.DeadLetters ?? ActorCell.Current?.System.DeadLetters ?? ActorRefs.Nobody).Tell(UnWrap(message), sender);
        else
            routee.Send(UnWrap(message), sender);
    }

    protected object UnWrap(object message) => message is RouterEnvelope envelope ? envelope.Message : message;
}

/// <summary>A message for all routees.</summary>
public class Broadcast(object message) : RouterEnvelope(message);
