namespace ActorKube.Transport;

/// <summary>
/// Takes the envelope off a watch event in protobuf: <c>WatchEvent{ type = 1; object = 2 { raw = 1 } }</c>, numbers from apimachinery's <c>generated.proto</c>. The object
/// inside has Kubernetes' own envelope.
/// </summary>
internal static class ProtobufWatchFrame
{
    /// <inheritdoc cref="WatchFrame.Split"/>
    public static string? Split(ReadOnlySpan<byte> frame, out WatchEventType type, out ReadOnlySpan<byte> @object)
    {
        type = WatchEventType.Error;
        @object = default;
        ReadOnlySpan<byte> name = default, extension = default;
        if (!TryFields(frame, ref name, ref extension)) return "the event is not protobuf";
        ReadOnlySpan<byte> raw = default, ignored = default;
        if (!TryFields(extension, ref raw, ref ignored)) return "the event's object is not protobuf";
        if (name.IsEmpty) return "the event has no type";
        if (!WatchFrame.TryParseType(name, out type)) return "the event's type is unknown";
        @object = raw;
        return @object.IsEmpty ? "the event has no object" : null;
    }

    /// <summary>The first two fields, both of length-delimited kind; others are passed over.</summary>
    static bool TryFields(ReadOnlySpan<byte> message, ref ReadOnlySpan<byte> first, ref ReadOnlySpan<byte> second)
    {
        while (!message.IsEmpty)
        {
            if (!TryVarint(ref message, out var tag)) return false;
            switch (tag & 7)
            {
                case 0:
                    if (!TryVarint(ref message, out _)) return false;
                    break;
                case 1 or 5:
                    var size = (tag & 7) == 1 ? 8 : 4;
                    if (message.Length < size) return false;
                    message = message[size..];
                    break;
                case 2:
                    if (!TryVarint(ref message, out var length) || length > (ulong)message.Length) return false;
                    var value = message[..(int)length];
                    if (tag >> 3 == 1) first = value;
                    else if (tag >> 3 == 2) second = value;
                    message = message[(int)length..];
                    break;
                default:
                    return false;
            }
        }
        return true;
    }

    static bool TryVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var at = 0; at < bytes.Length && at < 10; at++)
        {
            value |= (ulong)(bytes[at] & 0x7F) << (7 * at);
            if ((bytes[at] & 0x80) != 0) continue;
            bytes = bytes[(at + 1)..];
            return true;
        }
        return false;
    }
}
