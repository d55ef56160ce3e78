using Akka.Actor;

namespace ActorKube.Actors;

/// <summary>
/// How a test kit learns that all that has happened is dealt with: every change that caches have told is taken, and no key is queued, running or waiting for its writes.
/// What waits for time alone counts as dealt with. Each question is answered by the actor that owns the answer, in the order of its mailbox.
/// </summary>
static class Settling
{
    /// <summary>To the guardian: which caches are there? Answered with <see cref="Caches"/>.</summary>
    public sealed record WhichCaches;

    /// <summary>The caches there are.</summary>
    public sealed record Caches(IReadOnlyList<ObjectCache> All);

    /// <summary>To the guardian: which controllers run? To a controller: which reconcilers have work? Answered with <see cref="Workers"/>.</summary>
    public sealed record WhichWorkers;

    /// <summary>The workers there are.</summary>
    public sealed record Workers(IReadOnlyList<IActorRef> All);

    /// <summary>To a cache: say when every subscriber has taken all there is. To a reconciler: say when only time can bring more work. Answered with <see cref="Idle"/>.</summary>
    public sealed record WhenIdle;

    /// <summary>There is nothing to do now.</summary>
    public sealed record Idle;
}
