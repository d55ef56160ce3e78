#nullable disable
using System.Text.Json.Serialization;

namespace k8s.Models;

/// <summary>A list of objects of any class, under the name that KubernetesClient's users know; built-in kinds have lists of their own, such as <see cref="V1PodList"/>.</summary>
/// <typeparam name="T">The class of the objects.</typeparam>
public class KubernetesList<T> : IMetadata<V1ListMeta>, IItems<T>
    where T : IKubernetesObject
{
    /// <summary>An empty list, to be read into.</summary>
    public KubernetesList()
    {
    }

    /// <summary>A list.</summary>
    public KubernetesList(IList<T> items, string apiVersion = null, string kind = null, V1ListMeta metadata = null) =>
        (Items, ApiVersion, Kind, Metadata) = (items, apiVersion, kind, metadata);

    /// <summary>Group and version.</summary>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; }

    /// <summary>The objects, in the server's order.</summary>
    [JsonPropertyName("items")]
    public IList<T> Items { get; set; }

    /// <summary>The kind of the list, such as <c>BackupList</c>.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get; set; }

    /// <summary>The version of the list, and how to go on with its next page.</summary>
    [JsonPropertyName("metadata")]
    public V1ListMeta Metadata { get; set; }
}
