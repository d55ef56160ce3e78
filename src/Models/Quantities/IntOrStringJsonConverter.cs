using System.Text.Json;
using System.Text.Json.Serialization;

namespace k8s.Models;

/// <summary>For System.Text.Json: a number or a string in JSON, each read as what it is and written back as what it was.</summary>
public sealed class IntOrStringJsonConverter : JsonConverter<IntOrString>
{
    /// <inheritdoc/>
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => IntOrString.FromString(reader.GetString()!),
        JsonTokenType.Number when reader.TryGetInt32(out var number) => IntOrString.FromInt(number),
        JsonTokenType.Number => throw new JsonException("An int-or-string is a whole number of 32 bits or a string, but a larger or fractional number was found."),
        _ => throw new JsonException($"An int-or-string is a number or a string, but a {reader.TokenType} was found."),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.IsInt) writer.WriteNumberValue(value.IntValue);
        else writer.WriteStringValue(value.Value);
    }
}
