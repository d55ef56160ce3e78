using k8s;

namespace ActorKube.Models;

/// <summary>
/// Kubernetes objects as protobuf, with the envelope that <c>application/vnd.kubernetes.protobuf</c> has. Every generated type that the
/// API has in protobuf can be read and written; custom resources cannot: they are JSON always. Thread-safe.
/// </summary>
/// <example><code>
/// byte[] body = KubeProtobuf.Serialize(pod);
/// var again = KubeProtobuf.Deserialize&lt;V1Pod>(body);
/// </code></example>
public static class KubeProtobuf
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    /// <summary>Reads an object from its envelope.</summary>
    /// <exception cref="KubeFormatException">The bytes are not that; says where.</exception>
    public static T Deserialize<T>(ReadOnlySpan<byte> bytes)
    {
        var envelope = ProtobufEnvelope.Open(bytes);
        if (envelope.IsJson(bytes)) return KubeJson.Deserialize<T>(envelope.Raw.Of(bytes));
        var value = DeserializeMessage<T>(envelope.Raw.Of(bytes));
        if (value is IKubernetesObject named) (named.ApiVersion, named.Kind) = (envelope.ApiVersion, envelope.Kind);
        return value;
    }

    /// <summary>Writes an object with its envelope.</summary>
    /// <param name="value">A generated object; what it is comes from itself, or from its class where it does not say.</param>
    public static byte[] Serialize<T>(T value) where T : class
    {
        if (value is not KubeModel model) throw new NotSupportedException($"{value.GetType()} has no protobuf form: only generated types have. Send it as JSON.");
        if (!model.FieldTable.HasProtobuf) throw new NotSupportedException($"{value.GetType()} has no protobuf form: the API has it in JSON alone.");
        var named = value as IKubernetesObject;
        var kind = ResourceDefinition.TryFor(model.GetType())?.Kind;
        var apiVersion = named is { ApiVersion.Length: > 0 } ? named.ApiVersion : kind?.ApiVersion ?? "";
        var name = named is { Kind.Length: > 0 } ? named.Kind : kind?.Kind ?? "";
        return ProtobufEnvelope.Seal(SerializeMessage(model), apiVersion, name);
    }

    /// <summary>Reads an object that stands without an envelope, as the items of a list do.</summary>
    /// <param name="message">The object's message.</param>
    /// <param name="kind">What it is, since it does not say.</param>
    /// <exception cref="KubeFormatException">The bytes are not that; says where.</exception>
    public static T DeserializeItem<T>(ReadOnlySpan<byte> message, GroupVersionKind kind)
    {
        var value = DeserializeMessage<T>(message);
        if (value is IKubernetesObject named) (named.ApiVersion, named.Kind) = (kind.ApiVersion, kind.Kind);
        return value;
    }

    /// <summary>A built-in kind's message, without the envelope, from its JSON; null for kinds that have no protobuf form.</summary>
    /// <param name="kind">The kind that the JSON is of, a list's or Status's too.</param>
    /// <param name="utf8">The object as JSON.</param>
    /// <exception cref="KubeFormatException">The JSON is not of that kind.</exception>
    public static byte[]? MessageFromJson(GroupVersionKind kind, ReadOnlySpan<byte> utf8) =>
        ModelSchema.For(kind) is { } schema ? SerializeMessage(KubeJson.Deserialize(schema, utf8)) : null;

    /// <summary>Puts a message into the envelope that <see cref="MediaType"/> has.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> message, string apiVersion, string kind) => ProtobufEnvelope.Seal(message, apiVersion, kind);

    /// <summary>
    /// Whether an object that was read as protobuf holds fields that this version of its class does not know. They have numbers and no names: protobuf carries them on, JSON
    /// would lose them.
    /// </summary>
    public static bool HoldsUnknownFields(object value) => value is KubeModel model && model.FieldTable.HoldsUnknownProtobuf(model);

    internal static T DeserializeMessage<T>(ReadOnlySpan<byte> message)
    {
        var schema = ModelSchema.For(typeof(T)) ?? throw new NotSupportedException($"{typeof(T)} has no protobuf form: only generated types have. Ask the server for JSON.");
        return (T)(object)ReadMessage(schema, message);
    }

    internal static KubeModel ReadMessage(ModelSchema schema, ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        return schema.ReadProtobuf(ref reader);
    }

    internal static byte[] SerializeMessage(KubeModel model)
    {
        var writer = new ProtobufWriter(1024);
        try
        {
            model.FieldTable.WriteProtobuf(ref writer, model);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }
}
