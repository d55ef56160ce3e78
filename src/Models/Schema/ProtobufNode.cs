using System.Buffers;

namespace ActorKube.Models;

/// <summary>
/// One protobuf message's fields by number: the message of a type itself, or one that is embedded in it (a Go struct embedded in
/// another), whose fields belong to the same object.
/// </summary>
internal sealed class ProtobufNode<T> where T : KubeModel
{
    private (ModelField<T>? Field, ProtobufNode<T>? Embedded)[] _byNumber = [];

    public static ProtobufNode<T> Build(IReadOnlyList<ModelField<T>> fields)
    {
        var root = new ProtobufNode<T>();
        foreach (var field in fields)
        {
            if (field.Path.Number == 0) continue;
            var node = root;
            foreach (var outer in field.Path.Outer ?? []) node = node.Slot(outer).Embedded ??= new ProtobufNode<T>();
            node.Slot(field.Path.Number).Field = field;
        }
        return root;
    }

    public void Read(ref ProtobufReader reader, T target)
    {
        ArrayBufferWriter<byte>? unknown = null;
        Read(ref reader, target, ref unknown);
        if (unknown is not null) target.UnknownProtobuf = target.UnknownProtobuf is { } already ? [.. already, .. unknown.WrittenSpan] : unknown.WrittenSpan.ToArray();
    }

    private void Read(ref ProtobufReader reader, T target, ref ArrayBufferWriter<byte>? unknown)
    {
        var start = reader.Position;
        while (reader.TryReadTag(out var number, out var wire))
        {
            var (field, embedded) = number < _byNumber.Length ? _byNumber[number] : default;
            if (field is not null)
            {
                field.ReadProtobuf(ref reader, wire, target);
            }
            else if (embedded is not null)
            {
                reader.Expect(WireType.Bytes, wire);
                var inner = reader.ReadMessage();
                ArrayBufferWriter<byte>? below = null;
                embedded.Read(ref inner, target, ref below);
                // Kept in the message that it was in: another occurrence of an embedded message is merged by whoever reads it.
                if (below is not null) Wrap(unknown ??= new ArrayBufferWriter<byte>(), number, below.WrittenSpan);
            }
            else
            {
                reader.Skip(wire);
                (unknown ??= new ArrayBufferWriter<byte>()).Write(reader.Between(start, reader.Position));
            }
            start = reader.Position;
        }
    }

    private static void Wrap(ArrayBufferWriter<byte> target, int number, ReadOnlySpan<byte> message)
    {
        Varint(target, (uint)number << 3 | (uint)WireType.Bytes);
        Varint(target, (uint)message.Length);
        target.Write(message);
    }

    private static void Varint(ArrayBufferWriter<byte> target, uint value)
    {
        for (; value > 0x7F; value >>= 7) target.Write([(byte)(value | 0x80)]);
        target.Write([(byte)value]);
    }

    public void Write(ref ProtobufWriter writer, T source)
    {
        for (var number = _byNumber.Length - 1; number > 0; number--)
        {
            var (field, embedded) = _byNumber[number];
            if (field is not null)
            {
                field.WriteProtobuf(ref writer, number, source);
            }
            else if (embedded is not null)
            {
                var before = writer.Length;
                embedded.Write(ref writer, source);
                if (writer.Length > before) writer.Close(number, before);
            }
        }
    }

    private ref (ModelField<T>? Field, ProtobufNode<T>? Embedded) Slot(int number)
    {
        if (number >= _byNumber.Length) Array.Resize(ref _byNumber, number + 1);
        return ref _byNumber[number];
    }
}
