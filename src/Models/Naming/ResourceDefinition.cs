using System.Collections.Concurrent;
using System.Reflection;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>What a client must know of a kind to talk about it.</summary>
/// <param name="Kind">Group, version and kind.</param>
/// <param name="Plural">The name the server serves it under, such as <c>deployments</c>.</param>
/// <param name="Namespaced">Whether its objects live in namespaces.</param>
/// <example><code>var pods = ResourceDefinition.For&lt;V1Pod&gt;();</code></example>
public sealed record ResourceDefinition(GroupVersionKind Kind, string Plural, bool Namespaced)
{
    private static readonly ConcurrentDictionary<Type, ResourceDefinition?> Known = new();

    /// <summary>Group, version and plural.</summary>
    public GroupVersionResource Resource => Kind.GroupVersion.WithResource(Plural);

    /// <summary>
    /// What a class says of itself with <see cref="KubernetesEntityAttribute"/>; namespaced unless an <see cref="EntityScopeAttribute"/> says otherwise.
    /// </summary>
    /// <exception cref="ArgumentException">The class has no such attribute, or the attribute names no kind, version or plural.</exception>
    public static ResourceDefinition For<T>() => For(typeof(T));

    /// <inheritdoc cref="For{T}"/>
    public static ResourceDefinition For(Type type) => TryFor(type) is { Plural.Length: > 0 } definition
        ? definition
        : throw new ArgumentException($"{type} is not a resource that a server serves: put [KubernetesEntity(Group = …, ApiVersion = …, Kind = …, PluralName = …)] on it.");

    /// <summary>A built-in kind; null for kinds that are not built in or not served under a name of their own.</summary>
    public static ResourceDefinition? ForBuiltIn(GroupVersionKind kind) =>
        BuiltInKinds.Find(kind) is { Plural: { } plural } known ? new ResourceDefinition(kind, plural, known.Namespaced) : null;

    /// <summary>Every built-in kind that a server serves under a name of its own, ordered by group, version and kind.</summary>
    public static IEnumerable<ResourceDefinition> BuiltIn =>
        BuiltInKinds.All.Where(kind => kind.Plural is not null).Select(kind => new ResourceDefinition(kind.Kind, kind.Plural!, kind.Namespaced));

    /// <inheritdoc/>
    public override string ToString() => Resource.ToString();

    /// <summary>As <see cref="For(Type)"/>, but null where the class says nothing, and with an empty plural where it has none.</summary>
    internal static ResourceDefinition? TryFor(Type type) => Known.GetOrAdd(type, static type =>
    {
        if (type.GetCustomAttribute<KubernetesEntityAttribute>() is not { Kind.Length: > 0, ApiVersion.Length: > 0 } entity) return null;
        var kind = new GroupVersionKind(entity.Group ?? "", entity.ApiVersion, entity.Kind);
        var namespaced = type.GetCustomAttribute<EntityScopeAttribute>()?.Scope != EntityScope.Cluster;
        return new ResourceDefinition(kind, entity.PluralName ?? "", namespaced);
    });
}
