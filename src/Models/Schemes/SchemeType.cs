using k8s;

namespace ActorKube.Models;

/// <summary>What a scheme can do with a registered type. What a built-in type is, is found out when somebody asks: a program uses few of them.</summary>
/// <param name="type">The type.</param>
/// <param name="create">Makes an empty one.</param>
/// <param name="read">Decodes one.</param>
/// <param name="isBuiltIn">Whether the type is generated and stands for the kind that it names itself.</param>
sealed class SchemeType(Func<Type> type, Func<object> create, Func<KubeObject, object> read, bool isBuiltIn)
{
    Type? _type;

    public Type Type => _type ??= type();

    public bool IsBuiltIn => isBuiltIn;

    public object New() => create();

    public object Read(KubeObject raw) => read(raw);

    public static SchemeType Of<T>() where T : class, IKubernetesObject, new() => new(static () => typeof(T), static () => new T(), static raw => raw.As<T>(), isBuiltIn: false);

    public static SchemeType Of(BuiltInKind kind) => new(
        () => kind.New().GetType(),
        kind.New,
        raw => raw.Encoding == KubeEncoding.Json ? KubeJson.Deserialize(kind.Schema, raw.Bytes.Span) : KubeProtobuf.ReadMessage(kind.Schema, raw.Bytes.Span),
        isBuiltIn: true);
}
