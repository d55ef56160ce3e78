namespace ActorKube.Models;

/// <summary>Whether a kind's objects live in namespaces.</summary>
public enum EntityScope
{
    /// <summary>Each object is in a namespace.</summary>
    Namespaced,

    /// <summary>Objects belong to the whole cluster.</summary>
    Cluster,
}

/// <summary>Says whether a class's objects live in namespaces. Without it they do.</summary>
/// <param name="scope">The scope of the kind.</param>
/// <example><code>[KubernetesEntity(Group = "shop.example.com", ApiVersion = "v1", Kind = "Region", PluralName = "regions"), EntityScope(EntityScope.Cluster)]</code></example>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EntityScopeAttribute(EntityScope scope) : Attribute
{
    /// <summary>The scope of the kind.</summary>
    public EntityScope Scope { get; } = scope;
}
