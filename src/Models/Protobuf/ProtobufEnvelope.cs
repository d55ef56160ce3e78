using System.Text;

namespace ActorKube.Models;

/// <summary>
/// The envelope of <c>application/vnd.kubernetes.protobuf</c>: four magic bytes and a <c>runtime.Unknown</c> that names the type of the
/// message inside. The rule: apimachinery's <c>runtime/serializer/protobuf</c>.
/// </summary>
internal readonly record struct ProtobufEnvelope(string ApiVersion, string Kind, ByteRange Raw, ByteRange ContentType)
{
    public static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    public static bool IsPresent(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic);

    /// <summary>Whether what is inside is JSON: what servers do with kinds that have no protobuf form.</summary>
    public bool IsJson(ReadOnlySpan<byte> bytes) => ContentType.Of(bytes).SequenceEqual("application/json"u8);

    public static ProtobufEnvelope Open(ReadOnlySpan<byte> bytes)
    {
        if (!IsPresent(bytes)) throw new KubeFormatException("Not Kubernetes' protobuf: it does not start with 'k8s' and a zero", 0);
        var reader = new ProtobufReader(bytes[Magic.Length..], Magic.Length);
        var envelope = new ProtobufEnvelope("", "", default, default);
        var hasMessage = false;
        while (reader.TryReadTag(out var number, out var wire))
        {
            switch (number, wire)
            {
                case (1, WireType.Bytes):
                    var (apiVersion, kind) = TypeMeta(reader.ReadMessage());
                    envelope = envelope with { ApiVersion = apiVersion, Kind = kind };
                    break;
                case (2, WireType.Bytes):
                    envelope = envelope with { Raw = Range(ref reader) };
                    hasMessage = true;
                    break;
                case (4, WireType.Bytes):
                    envelope = envelope with { ContentType = Range(ref reader) };
                    break;
                default:
                    reader.Skip(wire);
                    break;
            }
        }
        return hasMessage ? envelope : throw reader.Fault("the envelope has no message");
    }

    /// <summary>Puts a message into its envelope.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> message, string apiVersion, string kind)
    {
        var writer = new ProtobufWriter(message.Length + 256);
        // contentEncoding and contentType, empty as Go writes them.
        writer.Bytes([]);
        writer.Tag(4, WireType.Bytes);
        writer.Bytes([]);
        writer.Tag(3, WireType.Bytes);
        writer.Bytes(message);
        writer.Tag(2, WireType.Bytes);
        var before = writer.Length;
        writer.String(kind);
        writer.Tag(2, WireType.Bytes);
        writer.String(apiVersion);
        writer.Tag(1, WireType.Bytes);
        writer.Close(1, before);
        writer.Raw(Magic);
        var sealedBytes = writer.Written.ToArray();
        writer.Dispose();
        return sealedBytes;
    }

    private static (string ApiVersion, string Kind) TypeMeta(ProtobufReader reader)
    {
        var (apiVersion, kind) = ("", "");
        while (reader.TryReadTag(out var number, out var wire))
        {
            if (number == 1 && wire == WireType.Bytes) apiVersion = Interned.Get(reader.ReadBytes());
            else if (number == 2 && wire == WireType.Bytes) kind = Interned.Get(reader.ReadBytes());
            else reader.Skip(wire);
        }
        return (apiVersion, kind);
    }

    private static ByteRange Range(ref ProtobufReader reader)
    {
        var length = reader.ReadBytes().Length;
        return new ByteRange(Magic.Length + reader.Position - length, length);
    }
}
