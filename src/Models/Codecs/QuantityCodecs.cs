using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>Quantities: text in JSON (numbers are read as well), a message with one text in protobuf.</summary>
internal sealed class QuantityCodec : Codec<ResourceQuantity>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => CrdSchemaBuilder.Quantity();

    public override ResourceQuantity Zero => ResourceQuantity.Zero;

    public override ResourceQuantity ReadJson(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number)) throw JsonShape.Unexpected(ref reader, "a quantity, as text or a number");
        try
        {
            return reader.HasValueSequence || reader.ValueIsEscaped ? ResourceQuantity.Parse(reader.GetString()!) : ResourceQuantity.Parse(reader.ValueSpan);
        }
        catch (FormatException fault)
        {
            throw JsonShape.Invalid(ref reader, fault.Message);
        }
    }

    public override void WriteJson(Utf8JsonWriter writer, ResourceQuantity value) => writer.WriteStringValue(value.ToString());

    public override ResourceQuantity ReadProtobuf(ref ProtobufReader reader, WireType wire, ResourceQuantity earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        var message = reader.ReadMessage();
        var value = ResourceQuantity.Zero;
        while (message.TryReadTag(out var number, out var inner))
        {
            if (number != 1 || inner != WireType.Bytes)
            {
                message.Skip(inner);
                continue;
            }
            var text = message.ReadBytes();
            try
            {
                if (!text.IsEmpty) value = ResourceQuantity.Parse(text);
            }
            catch (FormatException fault)
            {
                throw message.Fault(fault.Message.TrimEnd('.'));
            }
        }
        return value;
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, ResourceQuantity value)
    {
        var before = writer.Length;
        writer.String(value.ToString());
        writer.Tag(1, WireType.Bytes);
        writer.Close(number, before);
    }
}

/// <summary>A number or text, each written back as what it was.</summary>
internal sealed class IntOrStringCodec : Codec<IntOrString>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => CrdSchemaBuilder.IntOrString();

    private const long IsInt = 0, IsString = 1;

    public override IntOrString Zero => IntOrString.FromInt(0);

    public override IntOrString ReadJson(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String) return IntOrString.FromString(reader.GetString()!);
        if (reader.TokenType != JsonTokenType.Number) throw JsonShape.Unexpected(ref reader, "a number or text");
        var value = JsonIntegers.Read(ref reader);
        return value is >= int.MinValue and <= int.MaxValue ? IntOrString.FromInt((int)value) : throw JsonShape.Invalid(ref reader, "The number does not fit into 32 bits");
    }

    public override void WriteJson(Utf8JsonWriter writer, IntOrString value)
    {
        if (value.IsInt) writer.WriteNumberValue(value.IntValue);
        else writer.WriteStringValue(value.Value);
    }

    public override IntOrString ReadProtobuf(ref ProtobufReader reader, WireType wire, IntOrString earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        var message = reader.ReadMessage();
        var (kind, number, text) = (IsInt, 0, "");
        while (message.TryReadTag(out var field, out var inner))
        {
            if (field == 1 && inner == WireType.Varint) kind = (long)message.ReadVarint();
            else if (field == 2 && inner == WireType.Varint) number = (int)message.ReadVarint();
            else if (field == 3 && inner == WireType.Bytes) text = message.ReadString();
            else message.Skip(inner);
        }
        return kind == IsString ? IntOrString.FromString(text) : IntOrString.FromInt(number);
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, IntOrString value)
    {
        var before = writer.Length;
        writer.String(value.IsInt ? "" : value.Value);
        writer.Tag(3, WireType.Bytes);
        writer.Varint(value.IsInt ? (ulong)value.IntValue : 0);
        writer.Tag(2, WireType.Varint);
        writer.Varint((ulong)(value.IsInt ? IsInt : IsString));
        writer.Tag(1, WireType.Varint);
        writer.Close(number, before);
    }
}
