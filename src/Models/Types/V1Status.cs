#nullable disable
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActorKube.Models;

namespace k8s.Models;

/// <content>What a delete is answered with: a status, or the object itself while it is still going.</content>
public sealed partial record V1Status
{
    /// <summary>Whether the server answered with an object where a status was asked for; <see cref="ObjectView{T}"/> reads it.</summary>
    public bool HasObject => UnknownJson is not null && Kind is not (null or "" or "Status");

    /// <summary>The object that the server answered with.</summary>
    /// <typeparam name="T">Its class.</typeparam>
    /// <exception cref="InvalidOperationException">The answer was a status: <see cref="HasObject"/> is false.</exception>
    /// <exception cref="KubeFormatException">The object is no <typeparamref name="T"/>; says where.</exception>
    /// <example><code>
    /// var answer = KubernetesJson.Deserialize&lt;V1Status>(body);
    /// if (answer.HasObject) Console.WriteLine($"still going since {answer.ObjectView&lt;V1Pod>().DeletionTimestamp()}");
    /// </code></example>
    public T ObjectView<T>() => HasObject
        ? KubeJson.Deserialize<T>(KubeJson.Serialize(this))
        : throw new InvalidOperationException("The server answered with a status and not with an object: ask HasObject first.");

    /// <summary>Reads what was answered where a status was asked for. An object of another kind is kept whole: fields that a status has too could have another shape, and count as unknown.</summary>
    internal static V1Status ReadAnswer(ReadOnlySpan<byte> utf8)
    {
        var kind = KubeObject.Parse(utf8, KubeObjectOptions.Everything);
        if (kind.Kind is "" or "Status") return KubeJson.Deserialize<V1Status>(utf8);
        var fields = KubeJson.Deserialize<Dictionary<string, JsonElement>>(utf8);
        fields.Remove("apiVersion");
        fields.Remove("kind");
        return new V1Status { ApiVersion = kind.ApiVersion, Kind = kind.Kind, UnknownJson = fields };
    }

    internal string Describe()
    {
        var reason = string.IsNullOrEmpty(Reason) && Code is { } code and not 0 ? ((HttpStatusCode)code).ToString() : Reason;
        return (string.IsNullOrEmpty(Message), string.IsNullOrEmpty(reason)) switch
        {
            (true, true) => Status ?? nameof(V1Status),
            (true, false) => reason,
            (false, true) => Message,
            _ => $"{reason} - {Message}",
        };
    }

    /// <summary>For System.Text.Json: reads an object that is no status as one that <see cref="HasObject"/>. <see cref="KubernetesJson"/> does so by itself.</summary>
    public sealed class V1StatusObjectViewConverter : JsonConverter<V1Status>
    {
        /// <inheritdoc/>
        public override V1Status Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return ReadAnswer(KubeJson.Serialize(JsonElement.ParseValue(ref reader)));
            }
            catch (KubeFormatException fault)
            {
                throw new JsonException(fault.Problem, fault);
            }
        }

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, V1Status value, JsonSerializerOptions options) => KubeJson.Write(writer, value);
    }
}
