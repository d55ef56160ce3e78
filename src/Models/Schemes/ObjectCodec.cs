using System.Text;
using System.Text.Unicode;
using k8s;

namespace ActorKube.Models;

/// <summary>Reads and writes objects in one of the forms that API servers speak. Thread-safe.</summary>
/// <example><code>byte[] body = ObjectCodec.For("application/yaml").Write(deployment);</code></example>
public abstract class ObjectCodec
{
    /// <summary>The media type of JSON.</summary>
    public const string Json = "application/json";

    /// <summary>The media type of YAML.</summary>
    public const string Yaml = "application/yaml";

    /// <summary>The media type of protobuf, for built-in kinds.</summary>
    public const string Protobuf = KubeProtobuf.MediaType;

    private protected ObjectCodec(string mediaType) => MediaType = mediaType;

    /// <summary>Every form, the preferred one first.</summary>
    public static IReadOnlyList<ObjectCodec> All { get; } = [new JsonCodec(), new YamlCodec(), new ProtobufCodec()];

    /// <summary>The media type that the codec writes.</summary>
    public string MediaType { get; }

    /// <summary>The codec of a <c>Content-Type</c>, whose parameters (such as <c>charset</c>) do not matter.</summary>
    /// <exception cref="NotSupportedException">There is none for it.</exception>
    public static ObjectCodec For(string contentType) => TryFor(contentType)
        ?? throw new NotSupportedException($"'{contentType}' is no form of Kubernetes objects: expected {string.Join(", ", All.Select(codec => codec.MediaType))}.");

    /// <summary>As <see cref="For"/>, but null where there is none.</summary>
    public static ObjectCodec? TryFor(string? contentType)
    {
        var end = contentType?.IndexOf(';') ?? -1;
        var type = (end < 0 ? contentType : contentType![..end])?.Trim();
        return All.FirstOrDefault(codec => string.Equals(codec.MediaType, type, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Reads an object.</summary>
    /// <param name="bytes">The object.</param>
    /// <param name="kind">What it is, where it does not say itself.</param>
    /// <exception cref="KubeFormatException">The bytes are not an object in this form; says where.</exception>
    public abstract KubeObject Read(ReadOnlySpan<byte> bytes, GroupVersionKind? kind = null);

    /// <summary>Writes an object: a typed one, <see cref="Unstructured"/>, or <see cref="KubeObject"/>.</summary>
    /// <exception cref="NotSupportedException">The form cannot carry the object.</exception>
    public abstract byte[] Write(object value);

    static KubeObjectOptions Options(GroupVersionKind? kind) => kind is null ? KubeObjectOptions.Everything : KubeObjectOptions.Everything with { Kind = kind };

    sealed class JsonCodec() : ObjectCodec(Json)
    {
        public override KubeObject Read(ReadOnlySpan<byte> bytes, GroupVersionKind? kind) => KubeObject.Parse(bytes, Options(kind));

        public override byte[] Write(object value) => value is KubeObject raw ? Encoding.UTF8.GetBytes(raw.ToJson()) : KubeJson.Serialize(value);
    }

    sealed class YamlCodec() : ObjectCodec(Yaml)
    {
        public override KubeObject Read(ReadOnlySpan<byte> bytes, GroupVersionKind? kind) =>
            KubeObject.Parse(KubeJson.Serialize(KubeYaml.ParseNode(Text(bytes))), Options(kind));

        public override byte[] Write(object value) => Encoding.UTF8.GetBytes(KubeYaml.Serialize(value is KubeObject raw ? raw.ToUnstructured() : value));

        static string Text(ReadOnlySpan<byte> bytes) =>
            Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw new KubeFormatException("Not valid UTF-8", KubeJson.Utf8Position(bytes));
    }

    sealed class ProtobufCodec() : ObjectCodec(Protobuf)
    {
        public override KubeObject Read(ReadOnlySpan<byte> bytes, GroupVersionKind? kind) => KubeObject.ParseProtobuf(bytes, Options(kind));

        public override byte[] Write(object value) => value switch
        {
            KubeObject { Encoding: KubeEncoding.Protobuf } raw => ProtobufEnvelope.Seal(raw.Bytes.Span, raw.ApiVersion, raw.Kind),
            KubeObject raw => KubeProtobuf.Serialize(Scheme.BuiltIn.Decode(raw)),
            _ => KubeProtobuf.Serialize(value),
        };
    }
}
