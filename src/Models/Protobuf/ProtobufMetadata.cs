using System.Text;

namespace ActorKube.Models;

/// <summary>
/// Reads an object's metadata from its protobuf message in one forward pass. Whole objects of the API have their metadata as field 1;
/// the numbers are those of <c>metav1.ObjectMeta</c>.
/// </summary>
internal static class ProtobufMetadata
{
    public const int LabelsField = 11, AnnotationsField = 12;
    private const int MetadataField = 1, OwnersField = 13, FinalizersField = 14, ManagedFieldsField = 17;

    public static ObjectMetadata Scan(ReadOnlySpan<byte> message)
    {
        var found = new ObjectMetadata { ApiVersion = "", Kind = "", Name = "", Namespace = "" };
        var range = MetadataRange(message);
        if (range.IsNone) return found;
        found.MetadataEnd = range.End;
        var reader = new ProtobufReader(range.Of(message), range.Start);
        while (reader.TryReadTag(out var number, out var wire))
        {
            switch (number, wire)
            {
                case (1, WireType.Bytes): found.Name = reader.ReadString(); break;
                case (3, WireType.Bytes): found.Namespace = Interned.Get(reader.ReadBytes()); break;
                case (5, WireType.Bytes): found.Uid = Range(ref reader, range.Start); break;
                case (6, WireType.Bytes): found.ResourceVersion = Range(ref reader, range.Start); break;
                case (7, WireType.Varint): found.Generation = (long)reader.ReadVarint(); break;
                case (8, WireType.Bytes): found.CreationTimestamp = Range(ref reader, range.Start); break;
                case (9, WireType.Bytes): found.DeletionTimestamp = Range(ref reader, range.Start); break;
                case (LabelsField, WireType.Bytes): found.Labels = Repeated(ref reader, range); break;
                case (AnnotationsField, WireType.Bytes): found.Annotations = Repeated(ref reader, range); break;
                case (OwnersField, WireType.Bytes): found.OwnerReferences = Repeated(ref reader, range); break;
                case (FinalizersField, WireType.Bytes): found.Finalizers = Repeated(ref reader, range); break;
                default: reader.Skip(wire); break;
            }
        }
        return found;
    }

    /// <summary>The message without <c>metadata.managedFields</c>; false where it has none.</summary>
    /// <param name="message">The message.</param>
    /// <param name="room">How many bytes to leave free behind it.</param>
    /// <param name="without">The message without them, and the room.</param>
    public static bool TryDropManagedFields(ReadOnlySpan<byte> message, int room, out byte[] without)
    {
        without = [];
        var range = MetadataRange(message, out var field);
        var dropped = 0;
        var reader = new ProtobufReader(range.Of(message), range.Start);
        for (var start = 0; reader.TryReadTag(out var number, out var wire); start = reader.Position)
        {
            reader.Skip(wire);
            if (number == ManagedFieldsField) dropped += reader.Position - start;
        }
        if (dropped == 0) return false;
        // The length of the metadata is written anew, whatever it took before.
        var kept = range.Length - dropped;
        without = new byte[message.Length - (range.End - field) + 1 + VarintLength(kept) + kept + room];
        var at = field;
        message[..at].CopyTo(without);
        without[at++] = MetadataField << 3 | (int)WireType.Bytes;
        for (var rest = (uint)kept; ; rest >>= 7)
        {
            without[at++] = (byte)(rest >= 0x80 ? rest | 0x80 : rest);
            if (rest < 0x80) break;
        }
        reader = new ProtobufReader(range.Of(message), range.Start);
        for (var start = 0; reader.TryReadTag(out var number, out var wire); start = reader.Position)
        {
            reader.Skip(wire);
            if (number == ManagedFieldsField) continue;
            var other = reader.Between(start, reader.Position);
            other.CopyTo(without.AsSpan(at));
            at += other.Length;
        }
        message[range.End..].CopyTo(without.AsSpan(at));
        return true;
    }

    public static Dictionary<string, string> Map(ReadOnlySpan<byte> message, ByteRange range, int field)
    {
        var map = new Dictionary<string, string>();
        var reader = new ProtobufReader(range.Of(message), range.Start);
        while (reader.TryReadTag(out var number, out var wire))
        {
            if (number != field || wire != WireType.Bytes)
            {
                reader.Skip(wire);
                continue;
            }
            var entry = reader.ReadMessage();
            var (key, value) = ("", "");
            while (entry.TryReadTag(out var part, out var inner))
            {
                if (part == 1 && inner == WireType.Bytes) key = entry.ReadString();
                else if (part == 2 && inner == WireType.Bytes) value = entry.ReadString();
                else entry.Skip(inner);
            }
            map[key] = value;
        }
        return map;
    }

    /// <summary>A label's value; of repeated keys the last one's.</summary>
    public static bool TryFindLabel(ReadOnlySpan<byte> message, ByteRange range, ReadOnlySpan<byte> wanted, out ReadOnlySpan<byte> value)
    {
        value = default;
        var found = false;
        var reader = new ProtobufReader(range.Of(message), range.Start);
        while (reader.TryReadTag(out var number, out var wire))
        {
            if (number != LabelsField || wire != WireType.Bytes)
            {
                reader.Skip(wire);
                continue;
            }
            var entry = reader.ReadMessage();
            ReadOnlySpan<byte> key = default, text = default;
            while (entry.TryReadTag(out var part, out var inner))
            {
                if (part == 1 && inner == WireType.Bytes) key = entry.ReadBytes();
                else if (part == 2 && inner == WireType.Bytes) text = entry.ReadBytes();
                else entry.Skip(inner);
            }
            if (!key.SequenceEqual(wanted)) continue;
            found = true;
            value = text;
        }
        return found;
    }

    public static string[] List(ReadOnlySpan<byte> message, ByteRange range)
    {
        var list = new List<string>();
        var reader = new ProtobufReader(range.Of(message), range.Start);
        while (reader.TryReadTag(out var number, out var wire))
        {
            if (number == FinalizersField && wire == WireType.Bytes) list.Add(reader.ReadString());
            else reader.Skip(wire);
        }
        return [.. list];
    }

    public static OwnerReference[] Owners(ReadOnlySpan<byte> message, ByteRange range)
    {
        var list = new List<OwnerReference>();
        var reader = new ProtobufReader(range.Of(message), range.Start);
        while (reader.TryReadTag(out var number, out var wire))
        {
            if (number == OwnersField && wire == WireType.Bytes) list.Add(Owner(reader.ReadMessage()));
            else reader.Skip(wire);
        }
        return [.. list];
    }

    public static DateTimeOffset Time(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        long seconds = 0;
        while (reader.TryReadTag(out var number, out var wire))
        {
            if (number == 1 && wire == WireType.Varint) seconds = (long)reader.ReadVarint();
            else reader.Skip(wire);
        }
        return seconds is >= -62135596800 and <= 253402300799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : throw reader.Fault("a point in time is out of range");
    }

    private static OwnerReference Owner(ProtobufReader reader)
    {
        var owner = new OwnerReference("", "", "", "", false, false);
        while (reader.TryReadTag(out var number, out var wire))
        {
            switch (number, wire)
            {
                case (1, WireType.Bytes): owner = owner with { Kind = Interned.Get(reader.ReadBytes()) }; break;
                case (3, WireType.Bytes): owner = owner with { Name = reader.ReadString() }; break;
                case (4, WireType.Bytes): owner = owner with { Uid = reader.ReadString() }; break;
                case (5, WireType.Bytes): owner = owner with { ApiVersion = Interned.Get(reader.ReadBytes()) }; break;
                case (6, WireType.Varint): owner = owner with { Controller = reader.ReadVarint() != 0 }; break;
                case (7, WireType.Varint): owner = owner with { BlockOwnerDeletion = reader.ReadVarint() != 0 }; break;
                default: reader.Skip(wire); break;
            }
        }
        return owner;
    }

    private static ByteRange MetadataRange(ReadOnlySpan<byte> message) => MetadataRange(message, out _);

    private static ByteRange MetadataRange(ReadOnlySpan<byte> message, out int field)
    {
        var reader = new ProtobufReader(message);
        for (field = 0; reader.TryReadTag(out var number, out var wire); field = reader.Position)
        {
            if (number == MetadataField && wire == WireType.Bytes) return Range(ref reader, 0);
            reader.Skip(wire);
        }
        return default;
    }

    private static ByteRange Range(ref ProtobufReader reader, int offset)
    {
        var length = reader.ReadBytes().Length;
        return new ByteRange(offset + reader.Position - length, length);
    }

    private static ByteRange Repeated(ref ProtobufReader reader, ByteRange metadata)
    {
        reader.ReadBytes();
        return metadata;
    }

    private static int VarintLength(int value)
    {
        var length = 1;
        for (; value >= 0x80; value >>= 7) length++;
        return length;
    }
}
