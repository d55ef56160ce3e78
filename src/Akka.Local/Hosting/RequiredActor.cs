using Akka.Actor;

namespace Akka.Hosting;

/// <summary>
/// A dependency on the actor that is registered under <typeparamref name="TActor"/>, for services the container creates: possibly before
/// the actor is there.
/// </summary>
public interface IRequiredActor<TActor>
{
    /// <summary>The actor.</summary>
    /// <exception cref="MissingActorRegistryEntryException">It is not registered, or not yet.</exception>
    IActorRef ActorRef { get; }

    /// <summary>The actor, as soon as it is registered.</summary>
    Task<IActorRef> GetAsync(CancellationToken cancellationToken = default);
}

/// <inheritdoc cref="IRequiredActor{TActor}" />
public sealed class RequiredActor<TActor> : IRequiredActor<TActor>
{
    readonly IReadOnlyActorRegistry _registry;
    IActorRef? _actor;

    /// <param name="registry">Where the actor is registered.</param>
    public RequiredActor(IReadOnlyActorRegistry registry) => _registry = registry;

    /// <inheritdoc />
    public IActorRef ActorRef => _actor ??= _registry.Get<TActor>();

    /// <inheritdoc />
    public async Task<IActorRef> GetAsync(CancellationToken cancellationToken = default) =>
        _actor ??= await _registry.GetAsync<TActor>(cancellationToken).ConfigureAwait(false);
}
