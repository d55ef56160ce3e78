using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>A protobuf message under way, written field by field. What is empty or absent is not written, as proto3 has it.</summary>
internal sealed class ProtobufMessage
{
    private readonly ArrayBufferWriter<byte> _buffer = new(64);

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public void Text(int field, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Bytes(field, Encoding.UTF8.GetBytes(value));
        }
    }

    /// <summary>Text that is written even where it is empty: one of several that a field may hold.</summary>
    public void Always(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public void Nested(int field, ProtobufMessage value) => Bytes(field, value._buffer.WrittenSpan);

    /// <summary>The extensions (<c>x-…</c>) of a part of a document, each named, in this field.</summary>
    public void Extensions(int field, JsonObject tree)
    {
        foreach (var (name, value) in tree)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal) && value is not null)
            {
                Nested(field, Named(name, Any(value)));
            }
        }
    }

    /// <summary>A pair of a name and a value: how maps travel.</summary>
    public static ProtobufMessage Named(string name, ProtobufMessage value)
    {
        var result = new ProtobufMessage();
        result.Text(1, name);
        result.Nested(2, value);
        return result;
    }

    /// <summary>Values of any kind travel as YAML, of which JSON is a part.</summary>
    public static ProtobufMessage Any(JsonNode value)
    {
        var result = new ProtobufMessage();
        result.Text(2, value.ToJsonString(Json.Compact) + "\n");
        return result;
    }

    public void Varint(int field, ulong value)
    {
        Raw((ulong)field << 3);
        Raw(value);
    }

    public void Flag(int field, JsonNode? value)
    {
        if (value.AsBool() == true)
        {
            Varint(field, 1);
        }
    }

    public void Whole(int field, JsonNode? value)
    {
        if (value.AsLong() is { } number)
        {
            Varint(field, (ulong)number);
        }
    }

    public void Number(int field, JsonNode? value)
    {
        if (value is null || value.GetValueKind() != JsonValueKind.Number)
        {
            return;
        }
        var number = double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
        Raw(((ulong)field << 3) | 1);
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(8), number);
        _buffer.Advance(8);
    }

    private void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Raw(((ulong)field << 3) | 2);
        Raw((ulong)value.Length);
        _buffer.Write(value);
    }

    private void Raw(ulong value)
    {
        var span = _buffer.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        span[length++] = (byte)value;
        _buffer.Advance(length);
    }
}
