namespace ActorKube.Models;

/// <summary>
/// One frame of a watch: what happened, and the bytes of the object that it happened to. A view over the caller's bytes; nothing is copied
/// until <see cref="ToObject"/>.
/// </summary>
/// <example><code>
/// var frame = WatchFrame.ParseJson(line);
/// if (frame.Type is "ADDED" or "MODIFIED") Keep(frame.ToObject());
/// </code></example>
public readonly ref struct WatchFrame
{
    private WatchFrame(string type, ReadOnlySpan<byte> @object, KubeEncoding encoding)
    {
        Type = type;
        Object = @object;
        Encoding = encoding;
    }

    /// <summary>What happened: <c>ADDED</c>, <c>MODIFIED</c>, <c>DELETED</c>, <c>BOOKMARK</c>, <c>ERROR</c>.</summary>
    public string Type { get; }

    /// <summary>The object: JSON, or protobuf with its envelope.</summary>
    public ReadOnlySpan<byte> Object { get; }

    /// <summary>How <see cref="Object"/> is encoded.</summary>
    public KubeEncoding Encoding { get; }

    /// <summary>Reads a frame of a JSON watch: one line, with or without its end.</summary>
    /// <exception cref="KubeFormatException">The bytes are not a frame, or it names no type or object; says where.</exception>
    public static WatchFrame ParseJson(ReadOnlySpan<byte> frame)
    {
        var scanner = new JsonScanner(frame);
        var type = "";
        ByteRange value = default;
        if (scanner.EnterObject())
        {
            do
            {
                var name = scanner.Name();
                if (name.SequenceEqual("type"u8)) type = Interned.Get(scanner.Text().Of(frame));
                else if (name.SequenceEqual("object"u8)) value = scanner.Value();
                else scanner.Value();
            }
            while (scanner.Next((byte)'}'));
        }
        scanner.End();
        return Check(type, value.Of(frame), KubeEncoding.Json);
    }

    /// <summary>Reads a frame of a protobuf watch, without the four bytes of its length.</summary>
    /// <exception cref="KubeFormatException">The bytes are not a frame, or it names no type or object; says where.</exception>
    public static WatchFrame ParseProtobuf(ReadOnlySpan<byte> frame)
    {
        // The numbers are those of metav1.WatchEvent and runtime.RawExtension.
        var reader = new ProtobufReader(frame);
        var type = "";
        ReadOnlySpan<byte> value = default;
        while (reader.TryReadTag(out var number, out var wire))
        {
            if (number == 1 && wire == WireType.Bytes)
            {
                type = Interned.Get(reader.ReadBytes());
            }
            else if (number == 2 && wire == WireType.Bytes)
            {
                var extension = reader.ReadMessage();
                while (extension.TryReadTag(out var part, out var inner))
                {
                    if (part == 1 && inner == WireType.Bytes) value = extension.ReadBytes();
                    else extension.Skip(inner);
                }
            }
            else
            {
                reader.Skip(wire);
            }
        }
        return Check(type, value, KubeEncoding.Protobuf);
    }

    /// <summary>Takes over the object.</summary>
    /// <exception cref="KubeFormatException">The bytes are not an object; says where, counted from the object's first byte.</exception>
    public KubeObject ToObject(KubeObjectOptions? options = null) =>
        Encoding == KubeEncoding.Json ? KubeObject.Parse(Object, options) : KubeObject.ParseProtobuf(Object, options);

    private static WatchFrame Check(string type, ReadOnlySpan<byte> value, KubeEncoding encoding)
    {
        if (type.Length == 0) throw new KubeFormatException("A watch's frame names no type", 0);
        if (value.IsEmpty) throw new KubeFormatException($"A watch's frame of type {(System.Text.Ascii.IsValid(type) ? type : "?")} has no object", 0);
        return new WatchFrame(type, value, encoding);
    }
}
