using System.Text.Json;
using System.Text.Json.Serialization;

namespace k8s.Models;

/// <summary>For System.Text.Json: a quantity in JSON: written as a string in canonical form; read from a string or, as Kubernetes does, from a bare number.</summary>
public sealed class ResourceQuantityJsonConverter : JsonConverter<ResourceQuantity>
{
    /// <inheritdoc/>
    public override ResourceQuantity? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return reader.TokenType switch
            {
                JsonTokenType.String => ResourceQuantity.Parse(reader.GetString()!.Trim()),
                JsonTokenType.Number when !reader.HasValueSequence => ResourceQuantity.Parse(reader.ValueSpan),
                JsonTokenType.Number => ResourceQuantity.Parse(System.Buffers.BuffersExtensions.ToArray(reader.ValueSequence)),
                _ => throw new JsonException($"A quantity is a string such as \"100m\" or a number, but a {reader.TokenType} was found."),
            };
        }
        catch (FormatException malformed)
        {
            throw new JsonException(malformed.Message, malformed);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ResourceQuantity value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
