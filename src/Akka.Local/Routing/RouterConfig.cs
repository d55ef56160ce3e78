#nullable disable
using Akka.Actor;
using Akka.Util;

namespace Akka.Routing;

/// <summary>How a router spreads messages.</summary>
public abstract class RouterConfig : ISurrogated, IEquatable<RouterConfig>
{
    protected RouterConfig() { }

    protected RouterConfig(string routerDispatcher) => RouterDispatcher = routerDispatcher;

    public virtual string RouterDispatcher { get; }

    public virtual bool StopRouterWhenAllRouteesRemoved => true;

    public abstract Router CreateRouter(ActorSystem system);

    public abstract ActorBase CreateRouterActor();

    public virtual bool IsManagementMessage(object message) =>
        message is IAutoReceivedMessage or RouterManagementMessage;

    public virtual RouterConfig WithFallback(RouterConfig routerConfig) => this;

    public virtual void VerifyConfig(ActorPath path) { }

    public abstract ISurrogate ToSurrogate(ActorSystem system);

    public bool Equals(RouterConfig other) => other is not null && (ReferenceEquals(this, other)
        || (GetType() == other.GetType() && RouterDispatcher == other.RouterDispatcher));

}

/// <summary>No router: an ordinary actor.</summary>
public class NoRouter : RouterConfig
{
    protected NoRouter() { }

    public static NoRouter Instance { get; } = new();

    public override string RouterDispatcher => throw new NotSupportedException("NoRouter has no dispatcher.");

    public override Router CreateRouter(ActorSystem system) => throw new NotSupportedException("NoRouter makes no router.");

    public override ActorBase CreateRouterActor() => throw new NotSupportedException("NoRouter makes no router actor.");

    public override RouterConfig WithFallback(RouterConfig routerConfig) => routerConfig;

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);

    public Props Props(Props routeeProps) => routeeProps.WithRouter(this);
}

/// <summary>Messages to a router itself.</summary>
public abstract class RouterManagementMessage
{
    protected RouterManagementMessage() { }
}

/// <summary>A message around a message for a router's routees.</summary>
public class RouterEnvelope : IWrappedMessage
{
    public RouterEnvelope(object message) => Message = message;

    public object Message { get; }
}
