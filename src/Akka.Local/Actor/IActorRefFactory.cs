#nullable disable
namespace Akka.Actor;

/// <summary>Makes actors and looks them up.</summary>
public interface IActorRefFactory
{
    /// <summary>Starts a child actor.</summary>
    /// <param name="props">How to make it.</param>
    /// <param name="name">Its name among its siblings; one is made up where null.</param>
    /// <exception cref="InvalidActorNameException">The name is malformed or taken.</exception>
    IActorRef ActorOf(Props props, string name = null);

    ActorSelection ActorSelection(ActorPath actorPath);

    ActorSelection ActorSelection(string actorPath);
}

/// <summary>Conveniences over <see cref="IActorRefFactory"/>.</summary>
public static class ActorRefFactoryExtensions
{
    public static IActorRef ActorOf<TActor>(this IActorRefFactory factory, string name = null) where TActor : ActorBase, new() =>
        factory.ActorOf(Props.Create<TActor>(), name);

    /// <summary>Selects by a path relative to <paramref name="anchorRef"/>.</summary>
    public static ActorSelection ActorSelection(this IActorRefFactory factory, IActorRef anchorRef, string actorPath) =>
        ActorRefFactoryShared.ActorSelection(anchorRef, actorPath);
}
