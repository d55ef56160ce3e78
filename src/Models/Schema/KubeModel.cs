using System.Text.Json;
using k8s;

namespace ActorKube.Models;

/// <summary>
/// The base of every generated Kubernetes type. It keeps the fields that the type does not know, so that an object written by a
/// newer server survives read-modify-write.
/// </summary>
public abstract class KubeModel : IValidate
{
    private protected KubeModel()
    {
    }

    /// <summary>Fields of the JSON form that this type does not know; null where there were none.</summary>
    internal Dictionary<string, JsonElement>? UnknownJson { get; set; }

    /// <summary>Fields of the protobuf form that this type does not know, tags included; null where there were none.</summary>
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
}
