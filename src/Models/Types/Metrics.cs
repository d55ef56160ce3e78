// What the metrics server serves, as KubernetesClient has it; written by hand, because no API server's OpenAPI document has it.
#nullable disable
using System.Text.Json.Serialization;
using ActorKube.Models;

namespace k8s.Models;

/// <summary>What a pod has lately used: <c>metrics.k8s.io/v1beta1</c>, served as <c>pods</c> in namespaces.</summary>
/// <example><code>var used = metrics.Containers.Sum(container => container.Usage["cpu"].ToDecimal());</code></example>
[KubernetesEntity(Group = "metrics.k8s.io", ApiVersion = "v1beta1", Kind = "PodMetrics", PluralName = "pods")]
public class PodMetrics : KubernetesObject, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The pod's name, namespace and labels.</summary>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; }

    /// <summary>The end of the time that was looked at.</summary>
    [JsonPropertyName("timestamp")]
    public DateTime? Timestamp { get; set; }

    /// <summary>The length of the time that was looked at, in Go's form: <c>30s</c>.</summary>
    [JsonPropertyName("window")]
    public string Window { get; set; }

    /// <summary>What each container used.</summary>
    [JsonPropertyName("containers")]
    public List<ContainerMetrics> Containers { get; set; }
}

/// <summary>What a container has lately used.</summary>
public class ContainerMetrics
{
    /// <summary>The container's name.</summary>
    [JsonPropertyName("name")]
    public string Name { get; set; }

    /// <summary>Amounts by resource: <c>cpu</c>, <c>memory</c>.</summary>
    [JsonPropertyName("usage")]
    public IDictionary<string, ResourceQuantity> Usage { get; set; }
}

/// <summary>What a node has lately used: <c>metrics.k8s.io/v1beta1</c>, served as <c>nodes</c> of the cluster.</summary>
[KubernetesEntity(Group = "metrics.k8s.io", ApiVersion = "v1beta1", Kind = "NodeMetrics", PluralName = "nodes")]
[EntityScope(EntityScope.Cluster)]
public class NodeMetrics : KubernetesObject, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The node's name and labels.</summary>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; }

    /// <summary>The end of the time that was looked at.</summary>
    [JsonPropertyName("timestamp")]
    public DateTime? Timestamp { get; set; }

    /// <summary>The length of the time that was looked at, in Go's form: <c>30s</c>.</summary>
    [JsonPropertyName("window")]
    public string Window { get; set; }

    /// <summary>Amounts by resource: <c>cpu</c>, <c>memory</c>.</summary>
    [JsonPropertyName("usage")]
    public IDictionary<string, ResourceQuantity> Usage { get; set; }
}

/// <summary>A list of <see cref="PodMetrics"/>.</summary>
public class PodMetricsList : KubernetesObject, IMetadata<V1ObjectMeta>
{
    /// <summary>The list's metadata.</summary>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; }

    /// <summary>The pods.</summary>
    [JsonPropertyName("items")]
    public IEnumerable<PodMetrics> Items { get; set; }
}

/// <summary>A list of <see cref="NodeMetrics"/>.</summary>
public class NodeMetricsList : KubernetesObject, IMetadata<V1ObjectMeta>
{
    /// <summary>The list's metadata.</summary>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; }

    /// <summary>The nodes.</summary>
    [JsonPropertyName("items")]
    public IEnumerable<NodeMetrics> Items { get; set; }
}
