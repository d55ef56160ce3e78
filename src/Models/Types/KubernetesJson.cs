using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Xml;
using ActorKube.Models;
using k8s.Models;

namespace k8s;

/// <summary>
/// JSON under the names that KubernetesClient's users know; <see cref="KubeJson"/> is what it stands on. With options of its own, a call goes through System.Text.Json with those, and its errors are
/// System.Text.Json's; generated types read and write the same under any options. Thread-safe.
/// </summary>
/// <example><code>
/// var pod = KubernetesJson.Deserialize&lt;V1Pod>(text);
/// string again = KubernetesJson.Serialize(pod);
/// </code></example>
public static class KubernetesJson
{
    /// <summary>
    /// Changes how hand-written classes are read and written, by everything in this process: <see cref="KubeJson.Options"/>. To be called when the program starts; what has been asked for the options before keeps the old ones.
    /// </summary>
    /// <param name="configure">Changes a copy of the options, which then takes their place.</param>
    /// <example><code>KubernetesJson.AddJsonOptions(o => o.Converters.Insert(0, new JsonStringEnumConverter(JsonNamingPolicy.CamelCase)));</code></example>
    public static void AddJsonOptions(Action<JsonSerializerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        KubeJson.Configure(configure);
    }

    /// <summary>Reads an object. Where a <see cref="V1Status"/> is asked for and the JSON is an object of another kind, the status <see cref="V1Status.HasObject"/>.</summary>
    /// <exception cref="KubeFormatException">The text is not JSON, or a value has the wrong shape; says where.</exception>
    public static TValue Deserialize<TValue>(string json, JsonSerializerOptions? jsonSerializerOptions = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Read<TValue>(Encoding.UTF8.GetBytes(json), jsonSerializerOptions);
    }

    /// <inheritdoc cref="Deserialize{TValue}(string, JsonSerializerOptions)"/>
    public static TValue Deserialize<TValue>(Stream json, JsonSerializerOptions? jsonSerializerOptions = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        using var bytes = new MemoryStream();
        json.CopyTo(bytes);
        return Read<TValue>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), jsonSerializerOptions);
    }

    /// <inheritdoc cref="Deserialize{TValue}(string, JsonSerializerOptions)"/>
    public static TValue Deserialize<TValue>(JsonDocument json, JsonSerializerOptions? jsonSerializerOptions = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Deserialize<TValue>(json.RootElement, jsonSerializerOptions);
    }

    /// <inheritdoc cref="Deserialize{TValue}(string, JsonSerializerOptions)"/>
    public static TValue Deserialize<TValue>(JsonElement json, JsonSerializerOptions? jsonSerializerOptions = null) => Read<TValue>(KubeJson.Serialize(json), jsonSerializerOptions);

    /// <inheritdoc cref="Deserialize{TValue}(string, JsonSerializerOptions)"/>
    public static TValue Deserialize<TValue>(JsonNode json, JsonSerializerOptions? jsonSerializerOptions = null) => Read<TValue>(KubeJson.Serialize(json), jsonSerializerOptions);

    /// <summary>Writes an object as text.</summary>
    public static string Serialize(object value, JsonSerializerOptions? jsonSerializerOptions = null) =>
        jsonSerializerOptions is null ? KubeJson.SerializeToString(value) : JsonSerializer.Serialize(value, jsonSerializerOptions);

    /// <inheritdoc cref="Serialize(object, JsonSerializerOptions)"/>
    public static string Serialize(JsonDocument value, JsonSerializerOptions? jsonSerializerOptions = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Serialize(value.RootElement, jsonSerializerOptions);
    }

    /// <inheritdoc cref="Serialize(object, JsonSerializerOptions)"/>
    public static string Serialize(JsonElement value, JsonSerializerOptions? jsonSerializerOptions = null) => Serialize((object)value, jsonSerializerOptions);

    /// <inheritdoc cref="Serialize(object, JsonSerializerOptions)"/>
    public static string Serialize(JsonNode value, JsonSerializerOptions? jsonSerializerOptions = null) => Serialize((object)value, jsonSerializerOptions);

    private static TValue Read<TValue>(ReadOnlySpan<byte> utf8, JsonSerializerOptions? options)
    {
        if (options is not null) return JsonSerializer.Deserialize<TValue>(utf8, options)!;
        return typeof(TValue) == typeof(V1Status) ? (TValue)(object)V1Status.ReadAnswer(utf8) : KubeJson.Deserialize<TValue>(utf8);
    }

    /// <summary>Lengths of time of hand-written classes as ISO 8601 has them, such as <c>PT1H30M</c>; <see cref="Duration"/> is Go's and Kubernetes' own form.</summary>
    public sealed class Iso8601TimeSpanConverter : JsonConverter<TimeSpan>
    {
        /// <inheritdoc/>
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            try
            {
                // .NET's own form is what earlier versions wrote.
                return TimeSpan.TryParseExact(text, "c", System.Globalization.CultureInfo.InvariantCulture, out var plain) ? plain : XmlConvert.ToTimeSpan(text ?? "");
            }
            catch (Exception fault) when (fault is FormatException or OverflowException)
            {
                throw new JsonException("Expected a length of time as ISO 8601 has it, such as PT1H30M", fault);
            }
        }

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(XmlConvert.ToString(value));
    }

    /// <summary>Points in time, to the microsecond, as RFC 3339 in UTC.</summary>
    public sealed class KubernetesDateTimeOffsetConverter : JsonConverter<DateTimeOffset>
    {
        /// <inheritdoc/>
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && KubeTime.TryParse(reader.GetString(), out var time)
                ? time
                : throw new JsonException("Expected a point in time as RFC 3339 has it, such as 2025-01-31T12:00:00Z");

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(KubeTime.Format(value.UtcDateTime, micro: value.Ticks % TimeSpan.TicksPerSecond != 0));
    }

    /// <summary>As <see cref="KubernetesDateTimeOffsetConverter"/>, for times without an offset of their own, which are taken as UTC.</summary>
    public sealed class KubernetesDateTimeConverter : JsonConverter<DateTime>
    {
        private static readonly KubernetesDateTimeOffsetConverter Offset = new();

        /// <inheritdoc/>
        public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Offset.Read(ref reader, typeof(DateTimeOffset), options).UtcDateTime;

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
            writer.WriteStringValue(KubeTime.Format(value, micro: value.Ticks % TimeSpan.TicksPerSecond != 0));
    }
}
