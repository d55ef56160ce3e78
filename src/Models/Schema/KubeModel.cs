using System.Text.Json;
using k8s;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>
/// The base of every generated Kubernetes type. It keeps the fields that the type does not know, so that an object written by a
/// newer server survives read-modify-write.
/// </summary>
/// <remarks>
/// The types are records, as KubernetesClient has them. <c>pod with { Spec = … }</c> is a shallow copy: what is within is shared with the original; <see cref="KubeModelExtensions.DeepCopy"/> shares nothing.
/// Equality is a record's: field by field, and lists and maps are equal only when they are the same ones; <see cref="KubeModelExtensions.SemanticallyEquals"/> compares what they hold. The hash changes
/// with the fields: key a dictionary by <see cref="ModelExtensions.Key"/> or by uid, not by an object.
/// </remarks>
/// <example><code>var paused = deployment with { Spec = deployment.Spec with { Paused = true } };</code></example>
public abstract record KubeModel : IValidate
{
    private protected KubeModel()
    {
    }

    /// <summary>Fields of the JSON form that this type does not know; null where there were none. Shared by copies: nobody changes it once it has been read.</summary>
    internal IReadOnlyDictionary<string, JsonElement>? UnknownJson { get; set; }

    /// <summary>Fields of the protobuf form that this type does not know, tags included; null where there were none. Shared by copies: nobody changes it once it has been read.</summary>
    internal byte[]? UnknownProtobuf { get; set; }

    /// <summary>The field table of this object's class.</summary>
    internal abstract ModelSchema FieldTable { get; }

    /// <summary>
    /// Looks whether every field that the API requires is there, in this object and in all within it. A small part of what a server asks for; its own answer to a dry run is the whole of it.
    /// </summary>
    /// <exception cref="ArgumentNullException">A required field is missing; the parameter's name is its path, such as <c>spec.containers[0].name</c>.</exception>
    public void Validate()
    {
        if (FieldTable.FindMissing(this) is { } path) throw new ArgumentNullException(path, $"{GetType().Name} needs {path}.");
    }

    /// <summary>
    /// For people: the type, and namespace and name where the object has them; of a <see cref="V1Status"/> reason and message. Values of other fields, which may be secret, are never in it.
    /// </summary>
    public sealed override string ToString() => this switch
    {
        V1Status status => status.Describe(),
        IMetadata<V1ObjectMeta> { Metadata: { } metadata } => Named(metadata),
        V1ObjectMeta metadata => Named(metadata),
        _ => GetType().Name,
    };

    private string Named(V1ObjectMeta metadata)
    {
        var key = new NamespacedName(metadata.NamespaceProperty ?? "", metadata.Name ?? metadata.GenerateName ?? "");
        return key.Name.Length == 0 ? GetType().Name : $"{GetType().Name} {key}";
    }
}
