using Akka.Actor;

namespace Akka.TestKit;

/// <inheritdoc cref="TestActorRefBase{TActor}" />
public class TestActorRef<TActor> : TestActorRefBase<TActor>
    where TActor : ActorBase
{
    /// <inheritdoc />
    public TestActorRef(ActorSystem system, Props actorProps, IActorRef? supervisor = null, string? name = null)
        : base(system, actorProps, supervisor, name)
    {
    }
}
