using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Models;

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

    /// <summary>The JSON merge patch that makes one state of an object out of another: controller-runtime's <c>client.MergeFrom</c>.</summary>
    /// <param name="before">The object as it was read; of a generated class or one's own, unstructured, or as received.</param>
    /// <param name="after">The object as it is wanted.</param>
    /// <param name="optimisticLock">Whether the server refuses the patch with a conflict if the object has changed since it was read.</param>
    /// <exception cref="ArgumentException">There is no resource version to lock on.</exception>
    /// <example><code>
    /// var before = deployment.DeepCopy();
    /// deployment.Spec.Replicas = 3;
    /// await deployments.PatchAsync("web", Patch.MergeFrom(before, deployment, optimisticLock: true));
    /// </code></example>
    public static Patch MergeFrom<T>(T before, T after, bool optimisticLock = false) where T : class
    {
        var (old, now) = (Tree(before), Tree(after));
        return Merge(optimisticLock ? JsonMergePatch.DiffWithOptimisticLock(old, now) : JsonMergePatch.Diff(old, now)!);
    }

    /// <summary>The strategic merge patch that makes one state of an object of a built-in kind out of another: its lists change element by element.</summary>
    /// <exception cref="ArgumentException">The kind is not built in: its server takes no such patch. Or there is no resource version to lock on.</exception>
    /// <inheritdoc cref="MergeFrom{T}"/>
    public static Patch StrategicMergeFrom<T>(T before, T after, bool optimisticLock = false) where T : class
    {
        var (old, now) = (Tree(before), Tree(after));
        var kind = new Unstructured(now).GroupVersionKind;
        var schema = MergeSchema.For(kind) ?? throw new ArgumentException($"{kind} is not built in: servers take strategic merge patches of built-in kinds only. Use MergeFrom.", nameof(after));
        return StrategicMerge(optimisticLock ? StrategicMergePatch.DiffWithOptimisticLock(old, now, schema) : StrategicMergePatch.Diff(old, now, schema));
    }

    /// <summary>The JSON patch that makes one state of an object out of another.</summary>
    /// <inheritdoc cref="MergeFrom{T}"/>
    public static Patch JsonFrom<T>(T before, T after, bool optimisticLock = false) where T : class
    {
        var (old, now) = (Tree(before), Tree(after));
        var operations = JsonPatch.Diff(old, now);
        if (optimisticLock)
        {
            var version = new Unstructured(old).ResourceVersion;
            if (version.Length == 0) throw new ArgumentException("The object has no metadata.resourceVersion to lock on: take it from the server before changing it.", nameof(before));
            operations.Insert(0, new JsonObject { ["op"] = "test", ["path"] = "/metadata/resourceVersion", ["value"] = version });
        }
        return Json(operations);
    }

    static JsonObject Tree(object value) => (value as KubeObject ?? KubeObject.From(value)).ToUnstructured().Root;

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
