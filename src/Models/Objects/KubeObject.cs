using System.Buffers;
using System.Collections.ObjectModel;
using System.Text;
using System.Text.Unicode;
using k8s;

namespace ActorKube.Models;

/// <summary>How an object's bytes are encoded.</summary>
public enum KubeEncoding
{
    /// <summary>UTF-8 JSON.</summary>
    Json,

    /// <summary>The object's protobuf message, without the envelope that names its type.</summary>
    Protobuf,
}

/// <summary>
/// A received object: its bytes, and the metadata that one forward pass over them finds. It is decoded when somebody asks, and every
/// asker gets an instance of his own, so nobody can change what others see. Immutable; safe to use from any thread.
/// </summary>
/// <remarks>Names, kind and version are strings; everything else of the metadata is read from the bytes when asked for.</remarks>
/// <example><code>
/// var pod = KubeObject.Parse(bytes);
/// if (pod.DeletionTimestamp is null) Use(pod.As&lt;V1Pod&gt;());
/// </code></example>
public sealed class KubeObject
{
    private static readonly ReadOnlyDictionary<string, string> NoEntries = ReadOnlyDictionary<string, string>.Empty;

    // All of the object; or all up to its metadata's end and, behind it, the rest in packed form. One array: what a cache holds by the hundred thousand, a collector looks at again and again.
    private readonly byte[] _bytes;
    private readonly PackDictionary? _packedWith;
    private readonly int _head, _rest;
    private readonly ByteRange _uid, _resourceVersionRange, _creation, _deletion, _labels, _annotations, _finalizers, _owners;
    private string _name;

    private KubeObject(byte[] bytes, in PackedBytes rest, KubeEncoding encoding, in ObjectMetadata found, GroupVersionKind? fallback, int shift)
    {
        _bytes = bytes;
        _packedWith = rest.Dictionary;
        _head = bytes.Length - rest.Packed.Length;
        _rest = rest.Length;
        rest.Packed.CopyTo(bytes.AsSpan(_head));
        Encoding = encoding;
        ApiVersion = found.ApiVersion.Length > 0 ? found.ApiVersion : fallback?.ApiVersion ?? "";
        Kind = found.Kind.Length > 0 ? found.Kind : fallback?.Kind ?? "";
        _name = found.Name;
        Namespace = found.Namespace;
        Generation = found.Generation;
        _uid = found.Uid.Shift(Shift(found.Uid, found.Cut, shift));
        _resourceVersionRange = found.ResourceVersion.Shift(Shift(found.ResourceVersion, found.Cut, shift));
        _creation = found.CreationTimestamp.Shift(Shift(found.CreationTimestamp, found.Cut, shift));
        _deletion = found.DeletionTimestamp.Shift(Shift(found.DeletionTimestamp, found.Cut, shift));
        _labels = found.Labels.Shift(Shift(found.Labels, found.Cut, shift));
        _annotations = found.Annotations.Shift(Shift(found.Annotations, found.Cut, shift));
        _finalizers = found.Finalizers.Shift(Shift(found.Finalizers, found.Cut, shift));
        _owners = found.OwnerReferences.Shift(Shift(found.OwnerReferences, found.Cut, shift));
    }

    /// <summary>
    /// The bytes that were kept: exactly one object, in the encoding that <see cref="Encoding"/> names. Where a part of them is held packed
    /// (<see cref="KubeObjectOptions.Packer"/>), each call unpacks it into an array of its own.
    /// </summary>
    public ReadOnlyMemory<byte> Bytes => _packedWith is null ? _bytes : Unpacked();

    /// <summary>How long <see cref="Bytes"/> are.</summary>
    public int Length => _head + _rest;

    /// <summary>How many bytes are held for them.</summary>
    public int HeldBytes => _bytes.Length;

    /// <summary>How <see cref="Bytes"/> are encoded.</summary>
    public KubeEncoding Encoding { get; }

    /// <summary>Group and version, such as <c>apps/v1</c>; empty where neither the object nor its list said.</summary>
    public string ApiVersion { get; }

    /// <summary>The kind, such as <c>Deployment</c>; empty where neither the object nor its list said.</summary>
    public string Kind { get; }

    /// <summary>The object's name; empty where it has none (yet).</summary>
    public string Name => _name;

    /// <summary>The object's namespace; empty for objects of the whole cluster.</summary>
    public string Namespace { get; }

    /// <summary>Namespace and name.</summary>
    public NamespacedName Key => new(Namespace, Name);

    /// <summary>Group, version and kind.</summary>
    /// <exception cref="FormatException">The object's <c>apiVersion</c> is not one.</exception>
    public GroupVersionKind GroupVersionKind => GroupVersionKind.From(ApiVersion, Kind);

    /// <summary>The identity of this incarnation; empty before the server gave one.</summary>
    public string Uid => Text(_uid);

    /// <summary>The version of the object, which only the server understands; empty before the server gave one. Read from the bytes at each call.</summary>
    public string ResourceVersion => Text(_resourceVersionRange);

    /// <summary>What <see cref="ResourceVersion"/> is, as UTF-8, without making a string.</summary>
    public ReadOnlySpan<byte> ResourceVersionUtf8 => _resourceVersionRange.Of(_bytes);

    /// <summary>Whether this and another are states of one incarnation of an object: they have the same <see cref="Uid"/>.</summary>
    public bool IsSameObjectAs(KubeObject other) =>
        Encoding == other.Encoding ? _uid.Of(_bytes).SequenceEqual(other._uid.Of(other._bytes)) : Uid == other.Uid;

    /// <summary>Whether this and another are the same state of the same incarnation: <see cref="Uid"/> and <see cref="ResourceVersion"/> are the same.</summary>
    public bool IsSameStateAs(KubeObject other) =>
        IsSameObjectAs(other) && (Encoding == other.Encoding ? ResourceVersionUtf8.SequenceEqual(other.ResourceVersionUtf8) : ResourceVersion == other.ResourceVersion);

    /// <summary>Whether this and another name their owners in the same words, which is seen without reading them; false where it would take reading them to know.</summary>
    public bool HasSameOwnersAs(KubeObject other) =>
        Encoding == KubeEncoding.Json && other.Encoding == KubeEncoding.Json && _owners.Of(_bytes).SequenceEqual(other._owners.Of(other._bytes));

    /// <summary>
    /// Lets go of this object's own copy of its name where another has the same: for who holds the states of an object one after the other. Nothing that can be seen changes.
    /// </summary>
    public void ShareName(KubeObject other)
    {
        if (_name == other._name) _name = other._name;
    }

    /// <summary>Counts the changes of what is wanted; 0 for kinds that do not count.</summary>
    public long Generation { get; }

    /// <summary>When the server created the object, as it wrote it (RFC 3339); null where it has not.</summary>
    public string? CreationTimestamp => _creation.IsNone ? null : Encoding == KubeEncoding.Json ? Text(_creation) : Format(_creation);

    /// <summary>When the object was asked to go; null where it was not. Its finalizers are what it still waits for.</summary>
    public DateTimeOffset? DeletionTimestamp
    {
        get
        {
            if (_deletion.IsNone) return null;
            if (Encoding == KubeEncoding.Protobuf) return ProtobufMetadata.Time(_deletion.Of(_bytes));
            return KubeTime.TryParse(Text(_deletion), out var time)
                ? time
                : throw new KubeFormatException("The text is not a point in time as RFC 3339 has it", _deletion.Start, ".metadata.deletionTimestamp");
        }
    }

    /// <summary>Whether the object was asked to go.</summary>
    public bool IsDeleting => !_deletion.IsNone;

    /// <summary>Who must have done something before the object may go.</summary>
    public IReadOnlyList<string> Finalizers =>
        _finalizers.IsNone ? [] : Encoding == KubeEncoding.Json ? JsonMetadata.List(_bytes, _finalizers) : ProtobufMetadata.List(_bytes, _finalizers);

    /// <summary>The objects that own this one.</summary>
    public IReadOnlyList<OwnerReference> OwnerReferences =>
        _owners.IsNone ? [] : Encoding == KubeEncoding.Json ? JsonMetadata.Owners(_bytes, _owners) : ProtobufMetadata.Owners(_bytes, _owners);

    /// <summary>The labels; read from the bytes at each call, so keep what you got while you use it. To select by them, use <see cref="LabelSelector.Matches(KubeObject)"/>, which makes nothing of them.</summary>
    public IReadOnlyDictionary<string, string> Labels =>
        _labels.IsNone ? NoEntries : Encoding == KubeEncoding.Json ? JsonMetadata.Map(_bytes, _labels) : ProtobufMetadata.Map(_bytes, _labels, ProtobufMetadata.LabelsField);

    /// <summary>The annotations; read from the bytes at each call, so keep what you got while you use it.</summary>
    public IReadOnlyDictionary<string, string> Annotations =>
        _annotations.IsNone ? NoEntries : Encoding == KubeEncoding.Json ? JsonMetadata.Map(_bytes, _annotations) : ProtobufMetadata.Map(_bytes, _annotations, ProtobufMetadata.AnnotationsField);

    /// <summary>Looks for a label among the bytes.</summary>
    /// <param name="key">Its key as UTF-8.</param>
    /// <param name="value">Its value as UTF-8: a part of the bytes, unless an escape stood in the way.</param>
    internal bool TryFindLabel(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (_labels.IsNone) return false;
        if (Encoding == KubeEncoding.Protobuf) return ProtobufMetadata.TryFindLabel(_bytes, _labels, key, out value);
        if (!_labels.Of(_bytes).Contains((byte)'\\')) return JsonMetadata.TryFind(_bytes, _labels, key, out value);
        // No label has a character that needs an escape, but a writer may escape what needs none.
        if (!Labels.TryGetValue(System.Text.Encoding.UTF8.GetString(key), out var text)) return false;
        value = System.Text.Encoding.UTF8.GetBytes(text);
        return true;
    }

    /// <summary>Takes over an object from its JSON. The bytes are copied; the caller may reuse them.</summary>
    /// <param name="json">One JSON object, and white space.</param>
    /// <param name="options">What to leave behind; <see cref="KubeObjectOptions.Default"/> if null.</param>
    /// <exception cref="KubeFormatException">The bytes are not an object's JSON; says where.</exception>
    public static KubeObject Parse(ReadOnlyMemory<byte> json, KubeObjectOptions? options = null) => Parse(json.Span, options);

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte}, KubeObjectOptions?)"/>
    public static KubeObject Parse(ReadOnlySpan<byte> json, KubeObjectOptions? options = null)
    {
        options ??= KubeObjectOptions.Default;
        if (!Utf8.IsValid(json)) throw new KubeFormatException("Not valid UTF-8");
        var found = JsonMetadata.Scan(json, options);
        if (options.KeepOnlyMetadata && found.MetadataEnd > 0) return PartialMetadata(json, found);
        var typeMeta = options.Kind is { } kind && found.Kind.Length == 0 && found.ApiVersion.Length == 0 ? TypeMeta(kind, json) : [];
        var rest = Pack(json, found, options);
        if (rest.Dictionary is not null) json = json[..found.MetadataEnd];
        var bytes = new byte[json.Length - found.Cut.Length + typeMeta.Length + rest.Packed.Length];
        if (typeMeta.Length == 0)
        {
            Copy(json, found.Cut, bytes);
            return new KubeObject(bytes, rest, KubeEncoding.Json, found, options.Kind, 0);
        }
        var open = json.IndexOf((byte)'{') + 1;
        json[..open].CopyTo(bytes);
        typeMeta.CopyTo(bytes, open);
        Copy(json[open..], found.Cut.Shift(-open), bytes.AsSpan(open + typeMeta.Length));
        return new KubeObject(bytes, rest, KubeEncoding.Json, found, options.Kind, typeMeta.Length);
    }

    /// <summary>Takes over an object from its protobuf form: with the envelope that servers send, or a bare message if <see cref="KubeObjectOptions.Kind"/> says what it is.</summary>
    /// <exception cref="KubeFormatException">The bytes are not an object's protobuf; says where.</exception>
    public static KubeObject ParseProtobuf(ReadOnlySpan<byte> protobuf, KubeObjectOptions? options = null)
    {
        options ??= KubeObjectOptions.Default;
        var message = protobuf;
        var fallback = options.Kind;
        if (ProtobufEnvelope.IsPresent(protobuf))
        {
            var envelope = ProtobufEnvelope.Open(protobuf);
            if (envelope.IsJson(protobuf)) return Parse(envelope.Raw.Of(protobuf), options);
            message = envelope.Raw.Of(protobuf);
            if (GroupVersion.TryParse(envelope.ApiVersion, out var version) && envelope.Kind.Length > 0) fallback = version.WithKind(envelope.Kind);
        }
        if (fallback is null)
            throw new KubeFormatException("Not Kubernetes' protobuf: nothing says what the message is", 0);
        var found = ProtobufMetadata.Scan(message);
        var rest = Pack(message, found, options);
        if (rest.Dictionary is not null) message = message[..found.MetadataEnd];
        if (options.DropManagedFields && ProtobufMetadata.TryDropManagedFields(message, rest.Packed.Length, out var bytes))
        {
            found = ProtobufMetadata.Scan(bytes.AsSpan(0, bytes.Length - rest.Packed.Length));
        }
        else
        {
            bytes = new byte[message.Length + rest.Packed.Length];
            message.CopyTo(bytes);
        }
        return new KubeObject(bytes, rest, KubeEncoding.Protobuf, found, fallback, 0);
    }

    /// <summary>The object as it would be sent.</summary>
    /// <param name="typed">A generated object or one of a hand-written class; what it is comes from itself, or from its class where it does not say.</param>
    public static KubeObject From<T>(T typed) where T : class
    {
        if (typed is Unstructured unstructured) return From(unstructured);
        var bytes = KubeJson.Serialize(typed);
        var kind = typed is IKubernetesObject { ApiVersion.Length: > 0, Kind.Length: > 0 } ? (GroupVersionKind?)null : ResourceDefinition.TryFor(typed.GetType())?.Kind;
        return Parse(bytes, KubeObjectOptions.Everything with { Kind = kind });
    }

    /// <summary>The object as it would be sent.</summary>
    public static KubeObject From(Unstructured unstructured) => Parse(KubeJson.Serialize(unstructured.Root), KubeObjectOptions.Everything);

    /// <summary>Decodes the object; every call gives a fresh instance.</summary>
    /// <typeparam name="T">A generated type, or a class for System.Text.Json (JSON-encoded objects only).</typeparam>
    /// <exception cref="KubeFormatException">The bytes are not a <typeparamref name="T"/>; says where.</exception>
    public T As<T>()
    {
        if (typeof(T) == typeof(Unstructured)) return (T)(object)ToUnstructured();
        if (_packedWith is null) return Decode<T>(_bytes);
        var rented = ArrayPool<byte>.Shared.Rent(Length);
        try
        {
            var whole = rented.AsSpan(0, Length);
            Unpack(whole);
            return Decode<T>(whole);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private T Decode<T>(ReadOnlySpan<byte> bytes)
    {
        if (Encoding == KubeEncoding.Json) return KubeJson.Deserialize<T>(bytes);
        var typed = KubeProtobuf.DeserializeMessage<T>(bytes);
        if (typed is IKubernetesObject named) (named.ApiVersion, named.Kind) = (ApiVersion, Kind);
        return typed;
    }

    /// <summary>Decodes the object without a class; every call gives a fresh instance.</summary>
    /// <exception cref="KubeFormatException">The bytes are not an object, or protobuf of a kind that is not built in.</exception>
    public Unstructured ToUnstructured() => Unstructured.Parse(Encoding == KubeEncoding.Json ? Bytes.Span : JsonBytes());

    /// <summary>The object as JSON text.</summary>
    public string ToJson() => System.Text.Encoding.UTF8.GetString(Encoding == KubeEncoding.Json ? Bytes.Span : JsonBytes());

    /// <summary>The object in the envelope in which protobuf is sent.</summary>
    /// <exception cref="InvalidOperationException">The object's bytes are JSON.</exception>
    public byte[] ToProtobuf() => Encoding == KubeEncoding.Protobuf ? ProtobufEnvelope.Seal(Bytes.Span, ApiVersion, Kind)
        : throw new InvalidOperationException($"{this} was received as JSON: send its bytes as they are.");

    /// <summary>
    /// Whether the object is protobuf with fields that this version of its class does not know: protobuf carries them on (<see cref="ToProtobuf"/>), <see cref="ToJson"/> would lose
    /// them. False for JSON, which has names for all fields. Decodes the object.
    /// </summary>
    /// <exception cref="KubeFormatException">The bytes are not the kind's protobuf, or the kind has none that is known here.</exception>
    public bool HoldsUnknownFields() => Encoding == KubeEncoding.Protobuf && KubeProtobuf.HoldsUnknownFields(Model());

    /// <summary>For logs: kind and key; never content.</summary>
    public override string ToString() => $"{Kind} {Key}";

    private byte[] JsonBytes() => KubeJson.Serialize(Model());

    private KubeModel Model()
    {
        var schema = ModelSchema.For(GroupVersionKind)
            ?? throw new KubeFormatException($"{ApiVersion}, Kind={Kind} has no protobuf form that is known here; ask the server for JSON.");
        var model = KubeProtobuf.ReadMessage(schema, Bytes.Span);
        if (model is IKubernetesObject named) (named.ApiVersion, named.Kind) = (ApiVersion, Kind);
        return model;
    }

    private static KubeObject PartialMetadata(ReadOnlySpan<byte> json, ObjectMetadata found)
    {
        (found.ApiVersion, found.Kind) = ("meta.k8s.io/v1", "PartialObjectMetadata");
        var head = """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":"""u8;
        var metadata = json[found.MetadataStart..found.MetadataEnd];
        var bytes = new byte[head.Length + metadata.Length - found.Cut.Length + 1];
        head.CopyTo(bytes);
        Copy(metadata, found.Cut.Shift(-found.MetadataStart), bytes.AsSpan(head.Length));
        bytes[^1] = (byte)'}';
        return new KubeObject(bytes, default, KubeEncoding.Json, found, null, head.Length - found.MetadataStart);
    }

    private byte[] Unpacked()
    {
        var whole = new byte[Length];
        Unpack(whole);
        return whole;
    }

    private void Unpack(Span<byte> whole)
    {
        _bytes.AsSpan(0, _head).CopyTo(whole);
        Lz.Unpack(_bytes.AsSpan(_head), _packedWith!.Bytes, whole[_head..]);
    }

    /// <summary>What follows the metadata, packed; nothing where it is to be kept as it is.</summary>
    private static PackedBytes Pack(ReadOnlySpan<byte> bytes, in ObjectMetadata found, KubeObjectOptions options) =>
        found.MetadataEnd > 0 && options.Packer is { } packer ? packer.TryPack(bytes[found.MetadataEnd..]) : default;

    private string Text(ByteRange range)
    {
        if (range.IsNone) return "";
        return Encoding == KubeEncoding.Json ? JsonText.Read(_bytes, range) : System.Text.Encoding.UTF8.GetString(range.Of(_bytes));
    }

    private string Format(ByteRange time) => KubeTime.Format(ProtobufMetadata.Time(time.Of(_bytes)));

    private static int Shift(ByteRange range, ByteRange cut, int inserted) => inserted - (!cut.IsNone && range.Start >= cut.End ? cut.Length : 0);

    private static void Copy(ReadOnlySpan<byte> from, ByteRange cut, Span<byte> to)
    {
        if (cut.IsNone)
        {
            from.CopyTo(to);
            return;
        }
        from[..cut.Start].CopyTo(to);
        from[cut.End..].CopyTo(to[cut.Start..]);
    }

    private static byte[] TypeMeta(GroupVersionKind kind, ReadOnlySpan<byte> json)
    {
        var rest = json[(json.IndexOf((byte)'{') + 1)..].TrimStart(" \t\r\n"u8);
        // Kinds and versions are names: they need no escaping.
        return System.Text.Encoding.UTF8.GetBytes($"\"kind\":\"{kind.Kind}\",\"apiVersion\":\"{kind.ApiVersion}\"{(rest.StartsWith("}"u8) ? "" : ",")}");
    }
}
