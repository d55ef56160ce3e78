using k8s;

namespace ActorKube.Models;

/// <summary>What a scheme can do with a registered type.</summary>
/// <param name="Type">The type.</param>
/// <param name="New">Makes an empty one.</param>
/// <param name="Read">Decodes one.</param>
sealed record SchemeType(Type Type, Func<object> New, Func<KubeObject, object> Read)
{
    public static SchemeType Of<T>() where T : class, IKubernetesObject, new() => new(typeof(T), static () => new T(), static raw => raw.As<T>());

    public static SchemeType Of(BuiltInKind kind)
    {
        var schema = kind.Schema;
        return new SchemeType(schema.Type, kind.New, raw => raw.Encoding == KubeEncoding.Json
            ? KubeJson.Deserialize(schema, raw.Bytes.Span)
            : KubeProtobuf.ReadMessage(schema, raw.Bytes.Span));
    }
}
