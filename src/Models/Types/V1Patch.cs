using System.Text.Json;
using System.Text.Json.Serialization;
using ActorKube.Models;

namespace k8s.Models;

/// <summary>A patch under the names that KubernetesClient's users know. Transport's clients take it wherever they take a patch.</summary>
/// <example><code>new V1Patch("""{"spec":{"replicas":3}}""", V1Patch.PatchType.MergePatch)</code></example>
[JsonConverter(typeof(V1PatchJsonConverter))]
public sealed record V1Patch
{
    /// <summary>A patch.</summary>
    /// <param name="body">JSON (or, for apply, YAML) text, or anything that <see cref="KubeJson"/> writes.</param>
    /// <param name="type">Its language.</param>
    /// <exception cref="ArgumentException">There is no body, or no language.</exception>
    public V1Patch(object body, PatchType type)
    {
        if (type == PatchType.Unknown) throw new ArgumentException("A patch says its language: JsonPatch, MergePatch, StrategicMergePatch or ApplyPatch.", nameof(type));
        ArgumentNullException.ThrowIfNull(body);
        (Content, Type) = (body, type);
    }

    /// <summary>The languages of patches.</summary>
    public enum PatchType
    {
        /// <summary>None: not a patch.</summary>
        Unknown = 0,

        /// <summary>RFC 6902.</summary>
        JsonPatch,

        /// <summary>RFC 7386.</summary>
        MergePatch,

        /// <summary>Kubernetes' own, for built-in kinds.</summary>
        StrategicMergePatch,

        /// <summary>Server-side apply.</summary>
        ApplyPatch,
    }

    /// <summary>The patch.</summary>
    public object Content { get; }

    /// <summary>Its language.</summary>
    public PatchType Type { get; }

    /// <summary>The patch as UTF-8, as it is sent.</summary>
    public byte[] ToUtf8() => Content is string text ? System.Text.Encoding.UTF8.GetBytes(text) : KubeJson.Serialize(Content);

    /// <summary>For logs: the language; never the content, which may be secret.</summary>
    public override string ToString() => $"V1Patch {Type}";
}

/// <summary>For System.Text.Json: a patch is written as what it holds. Patches are never read.</summary>
public sealed class V1PatchJsonConverter : JsonConverter<V1Patch>
{
    /// <inheritdoc/>
    public override V1Patch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Patches are written and never read: nothing in a patch says its language.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, V1Patch value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteRawValue(value.ToUtf8());
    }
}
