using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.Transport;

/// <summary>A change to an object, in one of the four languages servers understand.</summary>
public sealed class Patch
{
    Patch(PatchType type, ReadOnlyMemory<byte> body) => (Type, Body) = (type, body);

    /// <summary>The language.</summary>
    public PatchType Type { get; }

    /// <summary>The patch as UTF-8.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>A JSON merge patch (RFC 7386): fields to set, null to remove, lists whole.</summary>
    public static Patch Merge(JsonNode patch) => new(PatchType.Merge, Encoding.UTF8.GetBytes(patch.ToJsonString()));

    /// <inheritdoc cref="Merge(JsonNode)"/>
    public static Patch Merge(string json) => new(PatchType.Merge, Encoding.UTF8.GetBytes(json));

    /// <summary>A JSON patch (RFC 6902): a list of operations.</summary>
    public static Patch Json(JsonArray operations) => new(PatchType.Json, Encoding.UTF8.GetBytes(operations.ToJsonString()));

    /// <inheritdoc cref="Json(JsonArray)"/>
    public static Patch Json(string json) => new(PatchType.Json, Encoding.UTF8.GetBytes(json));

    /// <summary>A strategic merge patch: as a merge patch, but lists are merged by their keys. Built-in kinds only.</summary>
    public static Patch StrategicMerge(JsonNode patch) => new(PatchType.StrategicMerge, Encoding.UTF8.GetBytes(patch.ToJsonString()));

    /// <inheritdoc cref="StrategicMerge(JsonNode)"/>
    public static Patch StrategicMerge(string json) => new(PatchType.StrategicMerge, Encoding.UTF8.GetBytes(json));

    /// <summary>An apply configuration: the fields its manager wants, whole. JSON or YAML.</summary>
    public static Patch Apply(ReadOnlyMemory<byte> configuration) => new(PatchType.Apply, configuration);

    /// <summary>A patch in bytes that came from elsewhere.</summary>
    public static Patch From(PatchType type, ReadOnlyMemory<byte> body) => new(type, body);

    /// <summary>A patch as users of the KubernetesClient package write it.</summary>
    public static implicit operator Patch(k8s.Models.V1Patch patch)
    {
        ArgumentNullException.ThrowIfNull(patch);
        return new Patch(
            patch.Type switch
            {
                k8s.Models.V1Patch.PatchType.JsonPatch => PatchType.Json,
                k8s.Models.V1Patch.PatchType.MergePatch => PatchType.Merge,
                k8s.Models.V1Patch.PatchType.StrategicMergePatch => PatchType.StrategicMerge,
                _ => PatchType.Apply,
            },
            patch.ToUtf8());
    }

    internal string ContentType => Type switch
    {
        PatchType.Merge => "application/merge-patch+json",
        PatchType.Json => "application/json-patch+json",
        PatchType.StrategicMerge => "application/strategic-merge-patch+json",
        PatchType.Apply => "application/apply-patch+yaml",
        _ => throw new ArgumentOutOfRangeException(nameof(Type), Type, "There are four kinds of patch.")
    };
}

/// <summary>The languages of patches.</summary>
public enum PatchType
{
    /// <summary>RFC 7386.</summary>
    Merge,
    /// <summary>RFC 6902.</summary>
    Json,
    /// <summary>Kubernetes' own, for built-in kinds.</summary>
    StrategicMerge,
    /// <summary>Server-side apply.</summary>
    Apply
}
