using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ActorKube.Models.ApplyConfigurations;

namespace ActorKube.Models;

/// <summary>Lets System.Text.Json read and write a generated type through its field table.</summary>
internal sealed class ModelConverter<TModel> : JsonConverter<TModel> where TModel : KubeModel, new()
{
    private static readonly ModelSchema Schema = new TModel().FieldTable;

    public override TModel Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return (TModel)Schema.ReadJson(ref reader);
        }
        catch (KubeFormatException fault)
        {
            throw new JsonException(fault.Problem, fault);
        }
    }

    public override void Write(Utf8JsonWriter writer, TModel value, JsonSerializerOptions options) => Schema.WriteJson(writer, value);
}

/// <summary>Lets System.Text.Json read and write objects without a class.</summary>
internal sealed class UnstructuredConverter : JsonConverter<Unstructured>
{
    public override Unstructured Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNodes.Read(ref reader) is JsonObject root ? new Unstructured(root) : throw new JsonException("Expected an object");

    public override void Write(Utf8JsonWriter writer, Unstructured value, JsonSerializerOptions options) => value.Root.WriteTo(writer);
}

/// <summary>Points in time of hand-written classes, to the microsecond, as RFC 3339 in UTC.</summary>
internal sealed class KubeDateTimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        KubeDateTimeOffsetConverter.Read(ref reader).UtcDateTime;

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(KubeTime.Format(value, micro: value.Ticks % TimeSpan.TicksPerSecond != 0));
}

/// <inheritdoc cref="KubeDateTimeConverter"/>
internal sealed class KubeDateTimeOffsetConverter : JsonConverter<DateTimeOffset>
{
    public static DateTimeOffset Read(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && KubeTime.TryParse(reader.GetString(), out var time)
            ? time
            : throw new JsonException("Expected a point in time as RFC 3339 has it, such as 2025-01-31T12:00:00Z");

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(KubeTime.Format(value.UtcDateTime, micro: value.Ticks % TimeSpan.TicksPerSecond != 0));
}

/// <summary>Lets System.Text.Json write apply configurations that are within lists and maps.</summary>
internal sealed class ApplyConfigurationConverter : JsonConverter<ApplyConfiguration>
{
    public override bool CanConvert(Type typeToConvert) => typeof(ApplyConfiguration).IsAssignableFrom(typeToConvert);

    public override ApplyConfiguration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Apply configurations are written and never read: read the object itself.");

    public override void Write(Utf8JsonWriter writer, ApplyConfiguration value, JsonSerializerOptions options) => value.Root.WriteTo(writer);
}
