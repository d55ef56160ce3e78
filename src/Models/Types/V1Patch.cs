using ActorKube.Models;

namespace k8s.Models;

/// <summary>A patch under the names that KubernetesClient's users know. Transport's clients take it wherever they take a patch.</summary>
/// <example><code>new V1Patch("""{"spec":{"replicas":3}}""", V1Patch.PatchType.MergePatch)</code></example>
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
