using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>From names that people and files use to resources. Thread-safe.</summary>
public interface IRestMapper
{
    /// <summary>The resource that a name means. Version and group may be empty; the name may be the plural, the singular or a short name, in any case.</summary>
    /// <exception cref="NoResourceMatchException">There is none.</exception>
    /// <exception cref="AmbiguousResourceException">There are several, and nothing says which goes first.</exception>
    ValueTask<ResourceDefinition> ResourceForAsync(GroupVersionResource partial, CancellationToken cancellation = default);

    /// <summary>All resources that a name may mean, the best first.</summary>
    /// <exception cref="NoResourceMatchException">There is none.</exception>
    ValueTask<IReadOnlyList<ResourceDefinition>> ResourcesForAsync(GroupVersionResource partial, CancellationToken cancellation = default);

    /// <summary>The resource that serves a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="versions">The versions wanted, the best first; null or empty for the server's preferred one.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="NoResourceMatchException">There is none.</exception>
    /// <exception cref="AmbiguousResourceException">Several resources serve that kind in one version.</exception>
    ValueTask<ResourceDefinition> MappingAsync(GroupKind kind, IReadOnlyList<string>? versions = null, CancellationToken cancellation = default);

    /// <summary>All resources that serve a kind, the best first.</summary>
    /// <inheritdoc cref="MappingAsync"/>
    ValueTask<IReadOnlyList<ResourceDefinition>> MappingsAsync(GroupKind kind, IReadOnlyList<string>? versions = null, CancellationToken cancellation = default);

    /// <summary>The name for one of a resource, such as <c>pod</c>.</summary>
    /// <inheritdoc cref="ResourceForAsync"/>
    ValueTask<string> SingularForAsync(GroupVersionResource partial, CancellationToken cancellation = default);

    /// <summary>The kind of the resource that a name means.</summary>
    /// <inheritdoc cref="ResourceForAsync"/>
    async ValueTask<GroupVersionKind> KindForAsync(GroupVersionResource partial, CancellationToken cancellation = default) =>
        (await ResourceForAsync(partial, cancellation).ConfigureAwait(false)).Kind;

    /// <summary>The kinds of all resources that a name may mean, the best first.</summary>
    /// <inheritdoc cref="ResourcesForAsync"/>
    async ValueTask<IReadOnlyList<GroupVersionKind>> KindsForAsync(GroupVersionResource partial, CancellationToken cancellation = default) =>
        [.. (await ResourcesForAsync(partial, cancellation).ConfigureAwait(false)).Select(resource => resource.Kind)];
}

/// <summary>No resource has this name or kind.</summary>
public sealed class NoResourceMatchException(string message) : Exception(message);

/// <summary>Several resources have this name or kind.</summary>
public sealed class AmbiguousResourceException : Exception
{
    internal AmbiguousResourceException(string asked, IReadOnlyList<ResourceDefinition> candidates)
        : base($"\"{asked}\" may mean {string.Join(" or ", candidates.Select(candidate => $"{candidate.Plural}.{candidate.Kind.Version}.{candidate.Kind.Group}".TrimEnd('.')))}. "
            + "Say the group too.") => Candidates = candidates;

    /// <summary>What may be meant.</summary>
    public IReadOnlyList<ResourceDefinition> Candidates { get; }
}
