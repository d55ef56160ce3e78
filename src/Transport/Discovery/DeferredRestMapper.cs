using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>
/// A mapper that asks the server when first used, and once more when a name is not found and what is known is not fresh: the resource may have been added since.
/// </summary>
/// <param name="discovery">What asks the server; a cache is worth having.</param>
public sealed class DeferredRestMapper(IDiscoveryClient discovery) : IRestMapper
{
    volatile RestMapper? _mapper;

    /// <summary>Forgets what is known: the next use asks the server.</summary>
    public void Reset()
    {
        discovery.Invalidate();
        _mapper = null;
    }

    /// <inheritdoc/>
    public ValueTask<ResourceDefinition> ResourceForAsync(GroupVersionResource partial, CancellationToken cancellation = default) =>
        AskAsync(mapper => mapper.ResourceForAsync(partial, cancellation), cancellation);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ResourceDefinition>> ResourcesForAsync(GroupVersionResource partial, CancellationToken cancellation = default) =>
        AskAsync(mapper => mapper.ResourcesForAsync(partial, cancellation), cancellation);

    /// <inheritdoc/>
    public ValueTask<ResourceDefinition> MappingAsync(GroupKind kind, IReadOnlyList<string>? versions = null, CancellationToken cancellation = default) =>
        AskAsync(mapper => mapper.MappingAsync(kind, versions, cancellation), cancellation);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ResourceDefinition>> MappingsAsync(GroupKind kind, IReadOnlyList<string>? versions = null, CancellationToken cancellation = default) =>
        AskAsync(mapper => mapper.MappingsAsync(kind, versions, cancellation), cancellation);

    /// <inheritdoc/>
    public ValueTask<string> SingularForAsync(GroupVersionResource partial, CancellationToken cancellation = default) =>
        AskAsync(mapper => mapper.SingularForAsync(partial, cancellation), cancellation);

    async ValueTask<T> AskAsync<T>(Func<RestMapper, ValueTask<T>> ask, CancellationToken cancellation)
    {
        var known = _mapper;
        if (known is not null)
        {
            try
            {
                return await ask(known).ConfigureAwait(false);
            }
            catch (NoResourceMatchException)
            {
                Reset();
            }
        }
        var mapper = RestMapper.From(await discovery.GetApiAsync(cancellation).ConfigureAwait(false));
        _mapper = mapper;
        try
        {
            return await ask(mapper).ConfigureAwait(false);
        }
        catch (NoResourceMatchException) when (!discovery.IsFresh)
        {
            // It came from a cache that is older than this process's interest in it.
            Reset();
            _mapper = mapper = RestMapper.From(await discovery.GetApiAsync(cancellation).ConfigureAwait(false));
            return await ask(mapper).ConfigureAwait(false);
        }
    }
}
