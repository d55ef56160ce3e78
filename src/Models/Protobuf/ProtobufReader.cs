using System.Buffers.Binary;
using System.Text;

namespace ActorKube.Models;

/// <summary>How a protobuf field's value is laid out; the numbers are the format's.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>Reads protobuf's wire format from one contiguous message. Every fault is a <see cref="KubeFormatException"/> with its position.</summary>
internal ref struct ProtobufReader
{
    private const int MaxNesting = 1000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _base;
    private readonly int _nesting;
    private int _position;

    public ProtobufReader(ReadOnlySpan<byte> bytes, int @base = 0, int nesting = 0)
    {
        _bytes = bytes;
        _base = @base;
        _nesting = nesting;
        if (nesting > MaxNesting) throw Fault($"messages are nested deeper than {MaxNesting} levels");
    }

    /// <summary>Where the next read happens, from the start of this message.</summary>
    public readonly int Position => _position;

    public readonly bool AtEnd => _position >= _bytes.Length;

    /// <summary>The bytes of this message between two positions.</summary>
    public readonly ReadOnlySpan<byte> Between(int start, int end) => _bytes[start..end];

    /// <summary>Reads a field's number and wire type; false at the end of the message.</summary>
    public bool TryReadTag(out int number, out WireType wire)
    {
        if (AtEnd)
        {
            number = 0;
            wire = default;
            return false;
        }
        var tag = ReadVarint();
        number = (int)(tag >> 3);
        wire = (WireType)(tag & 7);
        if (number <= 0 || tag > uint.MaxValue) throw Fault("not a protobuf field number");
        return true;
    }

    public ulong ReadVarint()
    {
        // Most numbers are tags and lengths of one byte.
        if ((uint)_position < (uint)_bytes.Length && _bytes[_position] is < 0x80 and var single)
        {
            _position++;
            return single;
        }
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (AtEnd) throw Fault("the message ends inside a number");
            var b = _bytes[_position++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
        throw Fault("a number has more than ten bytes");
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadVarint();
        if (length > (ulong)(_bytes.Length - _position)) throw Fault("the message ends inside a value");
        var value = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return value;
    }

    /// <summary>Reads a nested message; its faults are reported at positions of the whole.</summary>
    public ProtobufReader ReadMessage()
    {
        var value = ReadBytes();
        return new ProtobufReader(value, _base + _position - value.Length, _nesting + 1);
    }

    public string ReadString() => Text(ReadBytes());

    /// <summary>A text of those that objects have in common.</summary>
    public string ReadRecurringString()
    {
        var value = ReadBytes();
        return RecurringStrings.Shared.Find(value, out var place) ?? RecurringStrings.Shared.Keep(Text(value), place);
    }

    private string Text(ReadOnlySpan<byte> value)
    {
        try
        {
            return Strict.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            throw Fault("a string is not valid UTF-8");
        }
    }

    public double ReadDouble()
    {
        if (_bytes.Length - _position < 8) throw Fault("the message ends inside a number");
        var value = BinaryPrimitives.ReadDoubleLittleEndian(_bytes[_position..]);
        _position += 8;
        return value;
    }

    public void Skip(WireType wire)
    {
        switch (wire)
        {
            case WireType.Varint: ReadVarint(); break;
            case WireType.Fixed64: Advance(8); break;
            case WireType.Bytes: ReadBytes(); break;
            case WireType.Fixed32: Advance(4); break;
            default: throw Fault($"wire type {(int)wire} is not one that Kubernetes uses");
        }
    }

    public readonly void Expect(WireType expected, WireType found)
    {
        if (expected != found) throw Fault($"a field has wire type {(int)found} where {(int)expected} was expected");
    }

    public readonly KubeFormatException Fault(string problem) => new($"Not valid protobuf: {problem}.", _base + _position);

    private void Advance(int count)
    {
        if (_bytes.Length - _position < count) throw Fault("the message ends inside a number");
        _position += count;
    }
}
