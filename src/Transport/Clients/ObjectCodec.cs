using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>How objects become bytes and back: the one difference between the raw and the typed clients.</summary>
internal abstract class ObjectCodec<T> where T : class
{
    /// <summary>What single objects are asked for in.</summary>
    public abstract string Accept { get; }

    /// <summary>What lists are asked for in.</summary>
    public virtual string ListAccept => Accept;

    /// <summary>What watches are asked for in.</summary>
    public virtual string WatchAccept => Accept == ContentTypes.ProtobufOrJson ? ContentTypes.ProtobufWatchOrJson : Accept;

    /// <summary>The kind objects must be of; null where that is not known before.</summary>
    public abstract string? ExpectedKind { get; }

    /// <summary>An object that came alone.</summary>
    public abstract T Decode(ReadOnlySpan<byte> body, bool isProtobuf);

    /// <summary>An item of a list, which may leave out its kind.</summary>
    public abstract T DecodeItem(ReadOnlySpan<byte> item, bool isProtobuf);

    /// <summary>The kind of what came in an event.</summary>
    public abstract string KindOf(T value);

    /// <summary>The object as it is sent.</summary>
    public abstract KubeObject Encode(T value);

    /// <summary>An object's body in a request, and its media type: JSON, but for what JSON would lose.</summary>
    public virtual (ReadOnlyMemory<byte> Body, string ContentType) BodyOf(T value, KubeObject encoded) => (encoded.Bytes, ContentTypes.Json);

    /// <summary>Whether JSON would lose something of an object that <see cref="BodyOf"/> gives as protobuf.</summary>
    public virtual bool NeedsProtobuf(T value) => true;

    /// <summary>What an observer of writes is told of the object as stored.</summary>
    public abstract WrittenObject Written(ResourceDefinition resource, T stored);
}

/// <summary>Objects as received.</summary>
internal class RawCodec(KubeObjectOptions options, GroupVersionKind? kind = null, bool prefersProtobuf = false) : ObjectCodec<KubeObject>
{
    /// <summary>A resource that was named without its kind has objects that say theirs.</summary>
    readonly GroupVersionKind? _kind = kind is { Kind.Length: > 0 } ? kind : null;

    // An item's end is known when it is decoded: what follows its metadata needs no second look.
    readonly KubeObjectOptions _item = options with { Kind = kind is { Kind.Length: > 0 } ? kind : null, MetadataOnly = true };

    public override string? ExpectedKind => _kind?.Kind;

    public override string Accept => prefersProtobuf ? ContentTypes.ProtobufOrJson : ContentTypes.Json;

    public override KubeObject Decode(ReadOnlySpan<byte> body, bool isProtobuf) =>
        isProtobuf ? KubeObject.ParseProtobuf(body, options) : KubeObject.Parse(body, options);

    public override KubeObject DecodeItem(ReadOnlySpan<byte> item, bool isProtobuf) =>
        isProtobuf ? KubeObject.ParseProtobuf(item, _item) : KubeObject.Parse(item, _item);

    public override string KindOf(KubeObject value) => value.Kind;

    public override KubeObject Encode(KubeObject value) => value;

    // A server that has sent an object as protobuf takes it so, with whatever fields are not known here.
    public override (ReadOnlyMemory<byte> Body, string ContentType) BodyOf(KubeObject value, KubeObject encoded) =>
        value.Encoding == KubeEncoding.Protobuf ? (value.ToProtobuf(), ContentTypes.Protobuf) : base.BodyOf(value, encoded);

    public override bool NeedsProtobuf(KubeObject value)
    {
        try
        {
            return value.HoldsUnknownFields();
        }
        catch (KubeFormatException)
        {
            // Only the server knows what it is.
            return true;
        }
    }

    public override WrittenObject Written(ResourceDefinition resource, KubeObject stored) => new(resource, stored.Key, stored.ResourceVersion, stored.Uid);
}

/// <summary>Of each object its metadata alone: a fraction of what large objects cost, where that is enough. Also from a server that sends more than it was asked for.</summary>
internal sealed class MetadataCodec(KubeObjectOptions options) : RawCodec(options with { KeepOnlyMetadata = true }, PartialObjectMetadata)
{
    static readonly GroupVersionKind PartialObjectMetadata = new("meta.k8s.io", "v1", "PartialObjectMetadata");

    public override string Accept => "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    public override string ListAccept => "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
}

/// <summary>Objects of a class.</summary>
internal sealed class TypedCodec<T>(ResourceDefinition resource, bool prefersProtobuf) : ObjectCodec<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    public override string Accept => prefersProtobuf ? ContentTypes.ProtobufOrJson : ContentTypes.Json;

    public override string? ExpectedKind => resource.Kind.Kind;

    public override T Decode(ReadOnlySpan<byte> body, bool isProtobuf) =>
        (isProtobuf ? KubeProtobuf.Deserialize<T>(body) : KubeJson.Deserialize<T>(body))
        ?? throw new KubeFormatException($"null where a {resource.Kind.Kind} was expected");

    public override T DecodeItem(ReadOnlySpan<byte> item, bool isProtobuf)
    {
        if (isProtobuf) return KubeProtobuf.DeserializeItem<T>(item, resource.Kind);
        var value = Decode(item, false);
        if (string.IsNullOrEmpty(value.Kind)) (value.ApiVersion, value.Kind) = (resource.Kind.ApiVersion, resource.Kind.Kind);
        return value;
    }

    public override string KindOf(T value) => value.Kind ?? "";

    public override KubeObject Encode(T value) => KubeObject.From(value);

    public override (ReadOnlyMemory<byte> Body, string ContentType) BodyOf(T value, KubeObject encoded) =>
        KubeProtobuf.HoldsUnknownFields(value) ? (KubeProtobuf.Serialize(value), ContentTypes.Protobuf) : base.BodyOf(value, encoded);

    public override WrittenObject Written(ResourceDefinition resource, T stored) => new(resource,
        new NamespacedName(stored.Metadata?.NamespaceProperty ?? "", stored.Metadata?.Name ?? ""), stored.Metadata?.ResourceVersion ?? "", stored.Metadata?.Uid ?? "");
}
