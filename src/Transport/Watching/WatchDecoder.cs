using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>An event as the codec decodes it.</summary>
internal readonly record struct DecodedEvent<T>(WatchEventType Type, T? Object, V1Status? Status, string? Malformed) where T : class;

/// <summary>From a frame to an event. What cannot be understood is said in the event: the stream goes on.</summary>
/// <param name="codec">Makes the objects.</param>
/// <param name="expectedKind">The kind objects must be of; null for any.</param>
internal sealed class WatchDecoder<T>(ObjectCodec<T> codec, string? expectedKind) where T : class
{
    /// <summary>What the frame that a connection stands at says.</summary>
    public DecodedEvent<T> Decode(WatchConnection connection) => Decode(connection.Frame.Span, connection.IsProtobuf);

    public DecodedEvent<T> Decode(ReadOnlySpan<byte> frame, bool isProtobuf)
    {
        var type = WatchEventType.Error;
        try
        {
            var parts = isProtobuf ? WatchFrame.ParseProtobuf(frame) : WatchFrame.ParseJson(frame);
            if (TypeOf(parts.Type) is not { } known) return new(type, null, null, "the event's type is unknown");
            type = known;
            if (type == WatchEventType.Error)
            {
                var status = isProtobuf ? KubeProtobuf.Deserialize<V1Status>(parts.Object) : KubeJson.Deserialize<V1Status>(parts.Object);
                return status is { Kind: "Status" } ? new(type, null, status, null) : new(type, null, null, "the error event has no Status");
            }
            var value = codec.Decode(parts.Object, isProtobuf);
            return expectedKind is null || codec.KindOf(value) == expectedKind ? new(type, value, null, null)
                : new(type, null, null, $"the event's object is of another kind than {expectedKind}");
        }
        catch (FormatException error)
        {
            return new(type, null, null, error.Message);
        }
    }

    static WatchEventType? TypeOf(string name) => name switch
    {
        "ADDED" => WatchEventType.Added,
        "MODIFIED" => WatchEventType.Modified,
        "DELETED" => WatchEventType.Deleted,
        "BOOKMARK" => WatchEventType.Bookmark,
        "ERROR" => WatchEventType.Error,
        _ => null
    };
}

internal static class DecodedEvents
{
    public static WatchEvent ToRaw(this DecodedEvent<KubeObject> decoded) => new(decoded.Type, decoded.Object, decoded.Status, decoded.Malformed);
}
