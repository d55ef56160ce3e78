using System.Linq.Expressions;
using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Starts an actor under the system's user guardian.</summary>
    public IActorRef ActorOf(Props props) => _system.ActorOf(props, null!);

    /// <inheritdoc cref="ActorOf(Props)" />
    public IActorRef ActorOf(Props props, string? name) => _system.ActorOf(props, name!);

    /// <inheritdoc cref="ActorOf(Props)" />
    public IActorRef ActorOf<TActor>()
        where TActor : ActorBase, new() => ActorOf(Props.Create<TActor>(), null);

    /// <inheritdoc cref="ActorOf(Props)" />
    public IActorRef ActorOf<TActor>(string? name)
        where TActor : ActorBase, new() => ActorOf(Props.Create<TActor>(), name);

    /// <inheritdoc cref="ActorOf(Props)" />
    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory)
        where TActor : ActorBase => ActorOf(Props.Create(factory), null);

    /// <inheritdoc cref="ActorOf(Props)" />
    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory, string? name)
        where TActor : ActorBase => ActorOf(Props.Create(factory), name);

    /// <summary>Addresses actors by their path in the system under test.</summary>
    public ActorSelection ActorSelection(ActorPath actorPath) => _system.ActorSelection(actorPath);

    /// <inheritdoc cref="ActorSelection(ActorPath)" />
    public ActorSelection ActorSelection(string actorPath) => _system.ActorSelection(actorPath);

    /// <summary>Addresses actors by their path, relative to an actor.</summary>
    public ActorSelection ActorSelection(IActorRef anchorRef, string actorPath) => _system.ActorSelection(anchorRef, actorPath);
}
