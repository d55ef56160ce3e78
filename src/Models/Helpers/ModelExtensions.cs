// As the types they extend, these say nothing about null: every field of a Kubernetes object may be absent.
#nullable disable
using ActorKube.Models;

namespace k8s.Models;

/// <summary>Shorthand for the metadata of objects, under the names that KubernetesClient's users know. Missing metadata reads as null.</summary>
public static partial class ModelExtensions
{
    /// <summary>The group of the object's <c>apiVersion</c>: empty for the core group, null where the object does not say.</summary>
    public static string ApiGroup(this IKubernetesObject obj) => obj.ApiGroupAndVersion().Item1;

    /// <summary>The version of the object's <c>apiVersion</c>, without the group; null where the object does not say.</summary>
    public static string ApiGroupVersion(this IKubernetesObject obj) => obj.ApiGroupAndVersion().Item2;

    /// <summary>Group and version of the object's <c>apiVersion</c>; nulls where the object does not say.</summary>
    public static (string, string) ApiGroupAndVersion(this IKubernetesObject obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj.ApiVersion is null) return (null, null);
        var slash = obj.ApiVersion.IndexOf('/');
        return slash < 0 ? ("", obj.ApiVersion) : (obj.ApiVersion[..slash], obj.ApiVersion[(slash + 1)..]);
    }

    /// <summary>As <see cref="ApiGroupAndVersion"/>.</summary>
    public static void GetApiGroupAndVersion(this IKubernetesObject obj, out string group, out string version) => (group, version) = obj.ApiGroupAndVersion();

    /// <summary>What asks for the next page of a list.</summary>
    public static string Continue(this IMetadata<V1ListMeta> list) => list?.Metadata?.ContinueProperty;

    /// <summary>The version of the collection that a list shows.</summary>
    public static string ResourceVersion(this IMetadata<V1ListMeta> list) => list?.Metadata?.ResourceVersion;

    /// <summary>The list's metadata, made if it was missing.</summary>
    public static V1ListMeta EnsureMetadata(this IMetadata<V1ListMeta> obj) => obj.Metadata ??= new V1ListMeta();

    /// <summary>The object's metadata, made if it was missing.</summary>
    public static V1ObjectMeta EnsureMetadata(this IMetadata<V1ObjectMeta> obj) => obj.Metadata ??= new V1ObjectMeta();

    /// <summary>The annotations, made if they were missing.</summary>
    public static IDictionary<string, string> EnsureAnnotations(this V1ObjectMeta meta) => meta.Annotations ??= new Dictionary<string, string>();

    /// <summary>The labels, made if they were missing.</summary>
    public static IDictionary<string, string> EnsureLabels(this V1ObjectMeta meta) => meta.Labels ??= new Dictionary<string, string>();

    /// <summary>The finalizers, made if they were missing.</summary>
    public static IList<string> EnsureFinalizers(this V1ObjectMeta meta) => meta.Finalizers ??= new List<string>();

    /// <summary>The object's name.</summary>
    public static string Name(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.Name;

    /// <summary>The object's namespace.</summary>
    public static string Namespace(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.NamespaceProperty;

    /// <summary>The namespace.</summary>
    public static string Namespace(this V1ObjectMeta meta) => meta?.NamespaceProperty;

    /// <summary>Sets the namespace.</summary>
    public static void SetNamespace(this V1ObjectMeta meta, string ns)
    {
        ArgumentNullException.ThrowIfNull(meta);
        meta.NamespaceProperty = ns;
    }

    /// <summary>Namespace and name: what caches are keyed by.</summary>
    public static NamespacedName Key(this IMetadata<V1ObjectMeta> obj) => new(obj?.Metadata?.NamespaceProperty ?? "", obj?.Metadata?.Name ?? "");

    /// <summary>The object's identity.</summary>
    public static string Uid(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.Uid;

    /// <summary>The object's version.</summary>
    public static string ResourceVersion(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.ResourceVersion;

    /// <summary>How often what is wanted has changed.</summary>
    public static long? Generation(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.Generation;

    /// <summary>When the server created the object.</summary>
    public static DateTime? CreationTimestamp(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.CreationTimestamp;

    /// <summary>When the object was asked to go.</summary>
    public static DateTime? DeletionTimestamp(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.DeletionTimestamp;

    /// <summary>The labels.</summary>
    public static IDictionary<string, string> Labels(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.Labels;

    /// <summary>The annotations.</summary>
    public static IDictionary<string, string> Annotations(this IMetadata<V1ObjectMeta> obj) => obj?.Metadata?.Annotations;

    /// <summary>One label; null where there is none.</summary>
    public static string GetLabel(this IMetadata<V1ObjectMeta> obj, string key) => Find(obj.Labels(), key);

    /// <summary>One annotation; null where there is none.</summary>
    public static string GetAnnotation(this IMetadata<V1ObjectMeta> obj, string key) => Find(obj.Annotations(), key);

    /// <summary>Sets a label; null removes it.</summary>
    public static void SetLabel(this IMetadata<V1ObjectMeta> obj, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (value is not null) obj.EnsureMetadata().EnsureLabels()[key] = value;
        else obj.Metadata?.Labels?.Remove(key);
    }

    /// <summary>Sets an annotation; null removes it.</summary>
    public static void SetAnnotation(this IMetadata<V1ObjectMeta> obj, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (value is not null) obj.EnsureMetadata().EnsureAnnotations()[key] = value;
        else obj.Metadata?.Annotations?.Remove(key);
    }

    private static string Find(IDictionary<string, string> map, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return map is not null && map.TryGetValue(key, out var value) ? value : null;
    }
}
