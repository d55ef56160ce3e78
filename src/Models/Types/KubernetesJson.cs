using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace k8s;

/// <summary>JSON under the names that KubernetesClient's users know; <see cref="KubeJson"/> is what it stands on. Thread-safe.</summary>
public static class KubernetesJson
{
    /// <summary>Reads an object.</summary>
    /// <exception cref="KubeFormatException">The text is not JSON, or a value has the wrong shape; says where.</exception>
    public static TValue Deserialize<TValue>(string json) => KubeJson.Deserialize<TValue>(json);

    /// <inheritdoc cref="Deserialize{TValue}(string)"/>
    public static TValue Deserialize<TValue>(Stream json)
    {
        ArgumentNullException.ThrowIfNull(json);
        using var bytes = new MemoryStream();
        json.CopyTo(bytes);
        return KubeJson.Deserialize<TValue>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <inheritdoc cref="Deserialize{TValue}(string)"/>
    public static TValue Deserialize<TValue>(JsonElement json) => KubeJson.Deserialize<TValue>(KubeJson.Serialize(json));

    /// <inheritdoc cref="Deserialize{TValue}(string)"/>
    public static TValue Deserialize<TValue>(JsonNode json) => KubeJson.Deserialize<TValue>(KubeJson.Serialize(json));

    /// <summary>Writes an object as text.</summary>
    public static string Serialize(object value) => KubeJson.SerializeToString(value);
}
