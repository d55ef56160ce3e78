using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Answers in protobuf. The message of a stored object is made when somebody first wants it, and then kept as long as that state: whoever only
/// speaks JSON never pays for it. Lists and watch frames are put together from those messages.
/// </summary>
internal static class ProtobufForm
{
    public const string MediaType = KubeProtobuf.MediaType;
    public const string WatchMediaType = MediaType + ";stream=watch";

    private static readonly ConditionalWeakTable<StoredObject, byte[]> Messages = [];
    private static readonly GroupVersionKind ObjectMeta = new("", "v1", "Pod");

    /// <summary>A tree in its envelope; null where its kind has no protobuf form, as Tables and custom resources have none.</summary>
    public static byte[]? Of(JsonObject tree)
    {
        var version = GroupVersion.Parse(tree.Text("apiVersion") is { Length: > 0 } given ? given : "v1");
        var kind = tree.Text("kind") ?? "";
        if (version.Group == "meta.k8s.io" && kind is "PartialObjectMetadata")
        {
            return KubeProtobuf.Seal(Metadata(tree), tree.Text("apiVersion")!, kind);
        }
        if (version.Group == "meta.k8s.io" && kind is "PartialObjectMetadataList")
        {
            return KubeProtobuf.Seal(List(tree.Metadata(), [.. tree.List("items").Objects().Select(i => (ReadOnlyMemory<byte>)Metadata(i))]), tree.Text("apiVersion")!, kind);
        }
        return KubeProtobuf.MessageFromJson(version.WithKind(kind), Json.Bytes(tree)) is { } message ? KubeProtobuf.Seal(message, tree.Text("apiVersion") ?? "", kind) : null;
    }

    /// <summary>The aggregated discovery document, whose versions have one form.</summary>
    public static byte[] Discovery(JsonObject document, ReadOnlySpan<byte> json) => KubeProtobuf.Seal(
        KubeProtobuf.MessageFromJson(new GroupVersionKind("apidiscovery.k8s.io", "v2", "APIGroupDiscoveryList"), json)!, document.Text("apiVersion")!, document.Text("kind")!);

    /// <summary>A stored object of a built-in kind in its envelope.</summary>
    public static byte[] Of(ApiResource row, StoredObject stored) => KubeProtobuf.Seal(Message(row, stored), row.ApiVersion, row.Kind);

    /// <summary>A list of stored objects in its envelope.</summary>
    public static byte[] List(ApiResource row, IReadOnlyList<StoredObject> items, JsonObject metadata) =>
        KubeProtobuf.Seal(List(metadata, [.. items.Select(i => (ReadOnlyMemory<byte>)Message(row, i))]), row.ApiVersion, row.ListKind);

    /// <summary>Whether an object's message has been made.</summary>
    public static bool IsMade(StoredObject stored) => Messages.TryGetValue(stored, out _);

    private static byte[] Message(ApiResource row, StoredObject stored)
    {
        if (row.Conversion is not null)
        {
            return Convert(row, Json.Bytes(ObjectService.View(row, stored)));
        }
        if (!Messages.TryGetValue(stored, out var message))
        {
            Messages.AddOrUpdate(stored, message = Convert(row, stored.Json.Span));
        }
        return message;
    }

    private static byte[] Convert(ApiResource row, ReadOnlySpan<byte> json) => KubeProtobuf.MessageFromJson(new GroupVersionKind(row.Group, row.Version, row.Kind), json)
        ?? throw Errors.NotAcceptable();

    /// <summary>Every list's message: its metadata is field 1, its items are field 2.</summary>
    private static byte[] List(JsonObject metadata, IReadOnlyList<ReadOnlyMemory<byte>> items)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + items.Sum(i => i.Length + 6));
        // Any list kind reads the metadata of every list.
        var head = KubeProtobuf.MessageFromJson(new GroupVersionKind("", "v1", "PodList"), Json.Bytes(new JsonObject { ["metadata"] = metadata.DeepClone(), ["items"] = new JsonArray() }))!;
        buffer.Write(head);
        foreach (var item in items)
        {
            Field(buffer, 2, item.Span);
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The message of a PartialObjectMetadata: its one field is the metadata, which is field 1 in every kind.</summary>
    private static byte[] Metadata(JsonObject tree)
    {
        var whole = KubeProtobuf.MessageFromJson(ObjectMeta, Json.Bytes(new JsonObject { ["metadata"] = tree["metadata"]?.DeepClone() }))!;
        var (length, at) = Varint(whole.AsSpan(1));
        return whole.AsSpan(0, 1 + at + length).ToArray();
    }

    /// <summary>One frame of a watch: four bytes of length, then a WatchEvent with the object in its envelope.</summary>
    public static void Frame(IBufferWriter<byte> output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> sealedObject)
    {
        var raw = new ArrayBufferWriter<byte>(sealedObject.Length + 8);
        Field(raw, 1, sealedObject);
        var message = new ArrayBufferWriter<byte>(raw.WrittenCount + type.Length + 16);
        Field(message, 1, type);
        Field(message, 2, raw.WrittenSpan);
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), message.WrittenCount);
        output.Advance(4);
        output.Write(message.WrittenSpan);
    }

    private static void Field(ArrayBufferWriter<byte> buffer, int number, ReadOnlySpan<byte> value)
    {
        var head = buffer.GetSpan(6);
        head[0] = (byte)(number << 3 | 2);
        var at = 1;
        for (var rest = (uint)value.Length; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                head[at++] = (byte)rest;
                break;
            }
            head[at++] = (byte)(rest | 0x80);
        }
        buffer.Advance(at);
        buffer.Write(value);
    }

    private static (int Value, int Read) Varint(ReadOnlySpan<byte> bytes)
    {
        var value = 0;
        for (var i = 0; ; i++)
        {
            value |= (bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                return (value, i + 1);
            }
        }
    }
}
