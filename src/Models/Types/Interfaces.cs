// The interfaces that KubernetesClient's users know; like the generated types they say nothing about null,
// because every field of a Kubernetes object may be absent.
#nullable disable
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

/// <summary>Something that has metadata.</summary>
/// <typeparam name="T">The type of the metadata.</typeparam>
public interface IMetadata<T>
{
    /// <summary>The metadata; null where the object has none.</summary>
    T Metadata { get; set; }
}

/// <summary>An object that says what is wanted.</summary>
/// <typeparam name="T">The type of the specification.</typeparam>
public interface ISpec<T>
{
    /// <summary>What is wanted; null where the object says nothing.</summary>
    T Spec { get; set; }
}

/// <summary>An object that says what has been seen.</summary>
/// <typeparam name="T">The type of the status.</typeparam>
public interface IStatus<T>
{
    /// <summary>What a controller has seen; null until one has reported.</summary>
    T Status { get; set; }
}

/// <summary>Something that can say whether it is complete.</summary>
public interface IValidate
{
    /// <summary>Looks whether every field that is required is there.</summary>
    /// <exception cref="System.ArgumentNullException">One is missing; says which.</exception>
    void Validate();
}

/// <summary>A list of objects.</summary>
/// <typeparam name="T">The type of the objects.</typeparam>
public interface IItems<T>
{
    /// <summary>The objects, in the server's order.</summary>
    IList<T> Items { get; set; }
}

/// <summary>A base for hand-written resource classes: adds <c>apiVersion</c> and <c>kind</c>.</summary>
/// <example><code>public sealed class Backup : KubernetesObject, IKubernetesObject&lt;V1ObjectMeta>, ISpec&lt;BackupSpec> …</code></example>
public abstract class KubernetesObject : IKubernetesObject
{
    /// <inheritdoc/>
    [System.Text.Json.Serialization.JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; }

    /// <inheritdoc/>
    [System.Text.Json.Serialization.JsonPropertyName("kind")]
    public string Kind { get; set; }
}
