using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Actors;

/// <summary>Which objects a cache holds. Equal specs share one reflector and one cache.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Namespace">Its namespace; null for all, and for resources without one.</param>
/// <param name="LabelSelector">Objects with these labels only.</param>
/// <param name="FieldSelector">Objects with these fields only, such as <c>status.phase!=Succeeded</c>.</param>
/// <param name="MetadataOnly">Of each object its metadata alone (<c>PartialObjectMetadata</c>): the server leaves the rest out, so large objects cost little.</param>
public sealed record CacheSpec(ResourceDefinition Resource, string? Namespace = null, string? LabelSelector = null, string? FieldSelector = null, bool MetadataOnly = false)
{
    /// <summary>The objects of a kind that has a class.</summary>
    /// <param name="namespace">Their namespace; null for all, and for kinds without one.</param>
    /// <param name="labelSelector">Objects with these labels only, as kubectl has it: <c>app=web,tier!=test</c>.</param>
    /// <param name="fieldSelector">Objects with these fields only, of those that the server can select by.</param>
    /// <exception cref="ArgumentException">The class does not say which kind it is.</exception>
    public static CacheSpec Of<T>(string? @namespace = null, string? labelSelector = null, string? fieldSelector = null)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new(ResourceDefinition.For<T>(), @namespace, labelSelector, fieldSelector);

    /// <summary>For people and logs, and as the name of the actor: <c>pods.v1</c>, <c>ats.v1alpha1.example.com[default][app=x]</c>.</summary>
    public override string ToString()
    {
        var kind = Resource.Kind;
        var name = kind.Group.Length == 0 ? $"{Resource.Plural}.{kind.Version}" : $"{Resource.Plural}.{kind.Version}.{kind.Group}";
        return name + Part(Namespace) + Part(LabelSelector) + Part(FieldSelector) + Part(MetadataOnly ? "metadata" : null);
    }

    static string Part(string? value) => string.IsNullOrEmpty(value) ? "" : $"[{value}]";
}
