using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Text.</summary>
/// <param name="emptyIsAbsent">Whether protobuf's empty text means that there is none: Go writes plain strings always.</param>
internal sealed class StringCodec(bool emptyIsAbsent) : Codec<string>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["type"] = "string" };

    public override string Zero => "";

    public override string ReadJson(ref Utf8JsonReader reader)
    {
        JsonShape.Expect(ref reader, JsonTokenType.String, "text");
        return RecurringStrings.Shared.Read(ref reader);
    }

    public override void WriteJson(Utf8JsonWriter writer, string value) => writer.WriteStringValue(value);

    public override string ReadProtobuf(ref ProtobufReader reader, WireType wire, string earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        var value = reader.ReadRecurringString();
        return emptyIsAbsent && value.Length == 0 ? null! : value;
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, string value)
    {
        writer.String(value);
        writer.Tag(number, WireType.Bytes);
    }
}

internal sealed class BoolCodec : Codec<bool>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["type"] = "boolean" };

    public override bool ReadJson(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw JsonShape.Unexpected(ref reader, "true or false"),
    };

    public override void WriteJson(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);

    public override bool ReadProtobuf(ref ProtobufReader reader, WireType wire, bool earlier)
    {
        reader.Expect(WireType.Varint, wire);
        return reader.ReadVarint() != 0;
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, bool value)
    {
        writer.Varint(value ? 1u : 0u);
        writer.Tag(number, WireType.Varint);
    }
}

internal sealed class Int32Codec : Codec<int>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["type"] = "integer", ["format"] = "int32" };

    public override int ReadJson(ref Utf8JsonReader reader)
    {
        var value = JsonIntegers.Read(ref reader);
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw JsonShape.Invalid(ref reader, "The number does not fit into 32 bits");
    }

    public override void WriteJson(Utf8JsonWriter writer, int value) => writer.WriteNumberValue(value);

    public override int ReadProtobuf(ref ProtobufReader reader, WireType wire, int earlier)
    {
        reader.Expect(WireType.Varint, wire);
        return (int)reader.ReadVarint();
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, int value)
    {
        writer.Varint((ulong)value);
        writer.Tag(number, WireType.Varint);
    }
}

internal sealed class Int64Codec : Codec<long>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["type"] = "integer", ["format"] = "int64" };

    public override long ReadJson(ref Utf8JsonReader reader) => JsonIntegers.Read(ref reader);

    public override void WriteJson(Utf8JsonWriter writer, long value) => writer.WriteNumberValue(value);

    public override long ReadProtobuf(ref ProtobufReader reader, WireType wire, long earlier)
    {
        reader.Expect(WireType.Varint, wire);
        return (long)reader.ReadVarint();
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, long value)
    {
        writer.Varint((ulong)value);
        writer.Tag(number, WireType.Varint);
    }
}

internal sealed class DoubleCodec : Codec<double>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["type"] = "number", ["format"] = "double" };

    public override double ReadJson(ref Utf8JsonReader reader)
    {
        JsonShape.Expect(ref reader, JsonTokenType.Number, "a number");
        return reader.TryGetDouble(out var value) && double.IsFinite(value) ? value : throw JsonShape.Invalid(ref reader, "The number is too large");
    }

    public override void WriteJson(Utf8JsonWriter writer, double value) => writer.WriteNumberValue(value);

    public override double ReadProtobuf(ref ProtobufReader reader, WireType wire, double earlier)
    {
        reader.Expect(WireType.Fixed64, wire);
        return reader.ReadDouble();
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, double value)
    {
        writer.Double(value);
        writer.Tag(number, WireType.Fixed64);
    }
}

/// <summary>Bytes: Base64 in JSON.</summary>
internal sealed class BytesCodec : Codec<byte[]>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["type"] = "string", ["format"] = "byte" };

    public override byte[] Zero => [];

    public override byte[] ReadJson(ref Utf8JsonReader reader)
    {
        JsonShape.Expect(ref reader, JsonTokenType.String, "Base64 text");
        if (reader.TryGetBytesFromBase64(out var value)) return value;
        // Go's decoder passes over line breaks within Base64; this one does not.
        try
        {
            return Convert.FromBase64String(reader.GetString()!.ReplaceLineEndings(""));
        }
        catch (FormatException)
        {
            throw JsonShape.Invalid(ref reader, "The text is not Base64");
        }
    }

    public override void WriteJson(Utf8JsonWriter writer, byte[] value) => writer.WriteBase64StringValue(value);

    public override byte[] ReadProtobuf(ref ProtobufReader reader, WireType wire, byte[] earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        return reader.ReadBytes().ToArray();
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, byte[] value)
    {
        writer.Bytes(value);
        writer.Tag(number, WireType.Bytes);
    }

    public override bool IsEmpty(byte[] value) => value.Length == 0;

    public override byte[] Copy(byte[] value) => [.. value];

    public override bool Same(byte[] left, byte[] right) => left.AsSpan().SequenceEqual(right);
}

/// <summary>A value type that may be absent.</summary>
/// <param name="value">How a present value is read and written.</param>
/// <param name="zeroIsAbsent">Whether protobuf's zero means that there is none: Go writes plain values always.</param>
internal sealed class NullableCodec<TValue>(Codec<TValue> value, bool zeroIsAbsent) : Codec<TValue?> where TValue : struct
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => value.OpenApi(objects);

    public override TValue? Zero => value.Zero;

    public override TValue? ReadJson(ref Utf8JsonReader reader) => value.ReadJson(ref reader);

    public override void WriteJson(Utf8JsonWriter writer, TValue? present) => value.WriteJson(writer, present!.Value);

    public override TValue? ReadProtobuf(ref ProtobufReader reader, WireType wire, TValue? earlier)
    {
        var read = value.ReadProtobuf(ref reader, wire, default);
        return zeroIsAbsent && EqualityComparer<TValue>.Default.Equals(read, default) ? null : read;
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, TValue? present) => value.WriteProtobuf(ref writer, number, present!.Value);

    public override bool Same(TValue? left, TValue? right) => value.Same(left!.Value, right!.Value);
}
