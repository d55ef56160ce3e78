#nullable disable
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Util;

namespace Akka.Routing;

/// <summary>Takes the router from <c>akka.actor.deployment</c>; starting the actor fails where there is none for its path.</summary>
public class FromConfig : Pool
{
    public FromConfig() : base(0, DefaultSupervisorStrategy, Dispatchers.DefaultDispatcherId, false) { }

    public static FromConfig Instance { get; } = new();

    public Props Props() => Actor.Props.Empty.WithRouter(Instance);

    public override Router CreateRouter(ActorSystem system) => throw new NotSupportedException("FromConfig is replaced by the router that the settings name.");

    public override ActorBase CreateRouterActor() => throw new NotSupportedException("FromConfig is replaced by the router that the settings name.");

    public override int GetNrOfInstances(ActorSystem sys) => 0;

    public override void VerifyConfig(ActorPath path) =>
        throw new ConfigurationException($"Configuration missing for router [{path}] in 'akka.actor.deployment' section.");

    public override ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}
