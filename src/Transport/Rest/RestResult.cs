using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>The answer to a request put together by hand, read whole: success or not.</summary>
public sealed class RestResult
{
    readonly ReadOnlyMemory<byte> _body;
    readonly bool _isProtobuf;

    RestResult(int statusCode, ReadOnlyMemory<byte> body, string contentType, IReadOnlyList<ServerWarning> warnings, KubernetesException? error)
    {
        (StatusCode, _body, ContentType, Warnings, Error) = (statusCode, body, contentType, warnings, error);
        _isProtobuf = contentType == ContentTypes.Protobuf;
    }

    internal static RestResult From(ReadOnlyMemory<byte> body, HttpResponseMessage answer, IReadOnlyList<ServerWarning> warnings) =>
        new((int)answer.StatusCode, body.ToArray(), answer.Content.Headers.ContentType?.MediaType ?? "", warnings, null);

    internal static RestResult Failed(KubernetesException error, IReadOnlyList<ServerWarning> warnings) => new(error.StatusCode, default, "", warnings, error);

    /// <summary>The answer's HTTP code.</summary>
    public int StatusCode { get; }

    /// <summary>Whether the request has created something.</summary>
    public bool WasCreated => StatusCode == 201;

    /// <summary>The answer's media type, without parameters; empty where it has none.</summary>
    public string ContentType { get; }

    /// <summary>What the server warned of, in success and in failure.</summary>
    public IReadOnlyList<ServerWarning> Warnings { get; }

    /// <summary>What the server refused with; null for success.</summary>
    public KubernetesException? Error { get; }

    /// <summary>The answer's bytes.</summary>
    /// <exception cref="KubernetesException">The answer is not success.</exception>
    public ReadOnlyMemory<byte> Raw => Error is null ? _body : throw Error;

    /// <summary>The answer as an object.</summary>
    /// <exception cref="KubernetesException">The answer is not success.</exception>
    /// <exception cref="KubeFormatException">The answer is not an object.</exception>
    public KubeObject Get() =>
        _isProtobuf ? KubeObject.ParseProtobuf(Raw.Span, KubeObjectOptions.Everything) : KubeObject.Parse(Raw.Span, KubeObjectOptions.Everything);

    /// <summary>The answer decoded.</summary>
    /// <exception cref="KubernetesException">The answer is not success.</exception>
    /// <exception cref="KubeFormatException">The answer is not a <typeparamref name="T"/>.</exception>
    public T Into<T>() where T : class => _isProtobuf ? KubeProtobuf.Deserialize<T>(Raw.Span) : KubeJson.Deserialize<T>(Raw.Span);
}
