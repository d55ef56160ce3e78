using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ActorKube.Models;

/// <summary>
/// Writes protobuf's wire format from the end to the start, so that the length of a nested message is known when it is written
/// and nothing is measured twice: write the last field first, and a field's value before its tag.
/// </summary>
internal struct ProtobufWriter : IDisposable
{
    private byte[] _buffer;
    private int _start;

    public ProtobufWriter(int capacity)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
        _start = _buffer.Length;
    }

    /// <summary>How many bytes have been written; the difference between two readings is the length of what came between.</summary>
    public readonly int Length => _buffer.Length - _start;

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(_start);

    public void Tag(int number, WireType wire) => Varint((uint)number << 3 | (uint)wire);

    public void Varint(ulong value)
    {
        var length = 1;
        for (var rest = value >> 7; rest != 0; rest >>= 7) length++;
        var target = Take(length);
        for (var i = 0; i < length - 1; i++, value >>= 7) target[i] = (byte)(value | 0x80);
        target[length - 1] = (byte)value;
    }

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Take(8), value);

    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Raw(bytes);
        Varint((ulong)bytes.Length);
    }

    public void String(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, Take(length));
        Varint((ulong)length);
    }

    /// <summary>Closes a nested value whose content was written since <see cref="Length"/> was <paramref name="before"/>.</summary>
    public void Close(int number, int before)
    {
        Varint((ulong)(Length - before));
        Tag(number, WireType.Bytes);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = [];
        _start = 0;
    }

    private Span<byte> Take(int count)
    {
        if (_start < count) Grow(count);
        _start -= count;
        return _buffer.AsSpan(_start, count);
    }

    private void Grow(int count)
    {
        var used = Length;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, used + count));
        _buffer.AsSpan(_start).CopyTo(larger.AsSpan(larger.Length - used));
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = larger;
        _start = larger.Length - used;
    }
}
