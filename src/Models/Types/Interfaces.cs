// The interfaces that KubernetesClient's users know; like the generated types they say nothing about null,
// because every field of a Kubernetes object may be absent.
#nullable disable
using k8s.Models;

namespace k8s;

/// <summary>What every object of the Kubernetes API carries: its own type.</summary>
public interface IKubernetesObject
{
    /// <summary>Group and version, such as <c>apps/v1</c>; see <c>ActorKube.Models.GroupVersion</c>.</summary>
    string ApiVersion { get; set; }

    /// <summary>The kind, such as <c>Deployment</c>.</summary>
    string Kind { get; set; }
}

/// <summary>An object with metadata: <see cref="Models.V1ObjectMeta"/> for objects, <see cref="Models.V1ListMeta"/> for lists.</summary>
/// <typeparam name="TMetadata">The type of the metadata.</typeparam>
public interface IKubernetesObject<TMetadata> : IKubernetesObject, IMetadata<TMetadata>;

/// <summary>Something that can say whether it is complete.</summary>
public interface IValidate
{
    /// <summary>Looks whether every field that is required is there.</summary>
    /// <exception cref="System.ArgumentNullException">One is missing; says which.</exception>
    void Validate();
}

/// <summary>Kind and version of an object: a base for hand-written resource classes, and what to read an object as of which nothing is known yet.</summary>
/// <example><code>
/// var kind = KubernetesJson.Deserialize&lt;KubernetesObject>(json).Kind;
///
/// public sealed class Voucher : KubernetesObject, IKubernetesObject&lt;V1ObjectMeta>
/// {
///     public V1ObjectMeta Metadata { get; set; }
/// }
/// </code></example>
public class KubernetesObject : IKubernetesObject
{
    /// <inheritdoc/>
    [System.Text.Json.Serialization.JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; }

    /// <inheritdoc/>
    [System.Text.Json.Serialization.JsonPropertyName("kind")]
    public string Kind { get; set; }
}
