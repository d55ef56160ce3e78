#nullable disable
using System.Reflection;
using k8s.Models;

namespace k8s;

/// <summary>What a class says of its kind, under the names that KubernetesClient's users know.</summary>
public static class Extensions
{
    /// <summary>The attribute that names an object's kind.</summary>
    /// <exception cref="InvalidOperationException">The class has none.</exception>
    public static KubernetesEntityAttribute GetKubernetesTypeMetadata<T>(this T obj) where T : IKubernetesObject => obj.GetType().GetKubernetesTypeMetadata();

    /// <summary>The attribute that names the kind of a class.</summary>
    /// <exception cref="InvalidOperationException">The class has none.</exception>
    public static KubernetesEntityAttribute GetKubernetesTypeMetadata(this Type currentType) => currentType.GetCustomAttribute<KubernetesEntityAttribute>()
        ?? throw new InvalidOperationException($"{currentType} does not say which kind it is: put [KubernetesEntity(Group = …, ApiVersion = …, Kind = …)] on it.");

    /// <summary>Gives an object the <c>apiVersion</c> and kind of its class, and metadata where it has none.</summary>
    /// <returns>The same object.</returns>
    /// <exception cref="InvalidOperationException">The class does not say which kind it is.</exception>
    /// <example><code>var pod = new V1Pod().Initialize();   // apiVersion: v1, kind: Pod</code></example>
    public static T Initialize<T>(this T obj) where T : IKubernetesObject
    {
        var kind = obj.GetKubernetesTypeMetadata();
        obj.ApiVersion = kind.Group.Length > 0 ? $"{kind.Group}/{kind.ApiVersion}" : kind.ApiVersion;
        obj.Kind = kind.Kind.Length > 0 ? kind.Kind : obj.GetType().Name;
        if (obj is IMetadata<V1ObjectMeta> { Metadata: null } named) named.Metadata = new V1ObjectMeta();
        return obj;
    }
}
