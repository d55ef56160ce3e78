#nullable disable
using Akka.Actor;
using Akka.Actor.Internal;

namespace Akka.Routing;

/// <summary>Makes the references of routers.</summary>
internal static class RoutedActors
{
    public static IInternalActorRef Make(ActorSystemImpl system, Props props, IInternalActorRef supervisor, ActorPath path) =>
        throw new NotSupportedException($"{props.RouterConfig.GetType()} at {path} cannot route.");
}
