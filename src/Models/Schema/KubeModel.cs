using System.Text.Json;

namespace ActorKube.Models;

/// <summary>
/// The base of every generated Kubernetes type. It keeps the fields that the type does not know, so that an object written by a
/// newer server survives read-modify-write.
/// </summary>
public abstract class KubeModel
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
}
