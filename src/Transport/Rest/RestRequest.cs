using System.Runtime.CompilerServices;
using System.Text;
using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>
/// A request put together by hand, as client-go's <c>rest.Request</c>. Names given to it are always one segment of the path: what would leave it is refused. Not thread-safe;
/// sent once or often.
/// </summary>
public sealed class RestRequest
{
    readonly RestClient _client;
    readonly HttpMethod _method;
    readonly Action? _guard;
    readonly List<KeyValuePair<string, string>> _query = [];
    readonly List<KeyValuePair<string, string>> _headers = [];
    string _prefix = "", _suffix = "";
    string? _absolute, _namespace, _resource, _name, _subresource, _contentType;
    ReadOnlyMemory<byte> _body;
    Stream? _bodyStream;
    string _accept = ContentTypes.Json;
    GroupVersion? _groupVersion;
    int? _maxRetries;
    TimeSpan? _timeout;
    RequestBackoff? _backoff;
    bool _isThrottled = true;
    RequestRateLimiter? _limiter;

    internal RestRequest(RestClient client, string verb, Action? guard = null)
    {
        if (verb.Length == 0 || !verb.All(char.IsAsciiLetter)) throw new ArgumentException("An HTTP verb is a word.", nameof(verb));
        (_client, _method, _guard) = (client, new HttpMethod(verb.ToUpperInvariant()), guard);
    }

    /// <summary>The group and version the resource is of: sets the path's beginning.</summary>
    public RestRequest GroupVersion(GroupVersion groupVersion) => With(() => _groupVersion = groupVersion);

    /// <summary>The namespace, as one segment of the path.</summary>
    /// <exception cref="ArgumentException">It is empty, or cannot be a segment of a path.</exception>
    public RestRequest Namespace(string @namespace) => With(() => _namespace = PathSegments.Escape(@namespace, nameof(@namespace)));

    /// <summary>The namespace, if the resource has one.</summary>
    public RestRequest NamespaceIfScoped(string @namespace, bool isNamespaced) => isNamespaced ? Namespace(@namespace) : this;

    /// <summary>The resource, in its plural, as one segment of the path.</summary>
    /// <exception cref="ArgumentException">It is empty, or cannot be a segment of a path.</exception>
    public RestRequest Resource(string plural) => With(() => _resource = PathSegments.Escape(plural, nameof(plural)));

    /// <summary>The object's name, as one segment of the path.</summary>
    /// <exception cref="ArgumentException">It is empty, or cannot be a segment of a path.</exception>
    public RestRequest Name(string name) => With(() => _name = PathSegments.Escape(name, nameof(name)));

    /// <summary>A part of the object, such as <c>status</c>.</summary>
    public RestRequest SubResource(params string[] segments) =>
        With(() => _subresource = string.Join('/', segments.Select(segment => PathSegments.Escape(segment, "subresource"))));

    /// <summary>Segments right below the server's address, before group and version.</summary>
    public RestRequest Prefix(params string[] segments) => With(() => _prefix += Join(segments));

    /// <summary>Segments at the end of the path, after the subresource.</summary>
    public RestRequest Suffix(params string[] segments) => With(() => _suffix += Join(segments));

    /// <summary>The whole path below the server's address, such as <c>/version</c>; every other part of the path is then left out.</summary>
    public RestRequest AbsPath(string path) => With(() =>
    {
        // An escaped dot is a dot to everything that the path meets on its way.
        if (!path.StartsWith('/') || path.AsSpan().ContainsAny('?', '#') || path.Any(char.IsControl) || path.Split('/').Any(segment => Uri.UnescapeDataString(segment) is "." or ".."))
            throw new ArgumentException("A path begins with '/', and has no '.', '..', '?' or '#'; parameters go to Param.", nameof(path));
        _absolute = string.Join('/', path.Split('/').Select(segment => segment.Contains('%') ? segment : Uri.EscapeDataString(segment)));
    });

    /// <summary>A query parameter; may be given more than once.</summary>
    public RestRequest Param(string name, string value) => With(() => _query.Add(KeyValuePair.Create(name, value)));

    /// <summary>List options as query parameters.</summary>
    public RestRequest Params(ListOptions options) => With(() => AddOptions(options.AppendTo(new PathBuilder(""), watch: false)));

    /// <summary>Get options as query parameters.</summary>
    public RestRequest Params(GetOptions options) => options.ResourceVersion is { } version ? Param("resourceVersion", version) : this;

    /// <summary>Write options as query parameters.</summary>
    public RestRequest Params(WriteOptions options) => With(() => AddOptions(options.AppendTo(new PathBuilder(""))));

    /// <summary>A header.</summary>
    public RestRequest SetHeader(string name, string value) => With(() => _headers.Add(KeyValuePair.Create(name, value)));

    /// <summary>The format to answer in, such as <c>application/json;as=Table;v=v1;g=meta.k8s.io</c>.</summary>
    public RestRequest Accept(string mediaType) => With(() => _accept = mediaType);

    /// <summary>A body of text.</summary>
    public RestRequest Body(string text, string contentType = ContentTypes.Json) => Body((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text), contentType);

    /// <summary>A body of bytes.</summary>
    public RestRequest Body(ReadOnlyMemory<byte> bytes, string contentType = ContentTypes.Json) => With(() => (_body, _contentType) = (bytes, contentType));

    /// <summary>A body read from a stream; such a request is sent once and never repeated.</summary>
    public RestRequest Body(Stream stream, string contentType = ContentTypes.Json) => With(() => (_bodyStream, _contentType) = (stream, contentType));

    /// <summary>An object as body: one as received, unstructured, of a generated class or of one's own.</summary>
    public RestRequest Object<T>(T value) where T : class
    {
        var raw = value as KubeObject ?? KubeObject.From(value);
        return Body(raw.Encoding == KubeEncoding.Json ? raw.Bytes : Encoding.UTF8.GetBytes(raw.ToJson()));
    }

    /// <summary>A patch as body, with its content type.</summary>
    public RestRequest Patch(Patch patch) => Body(patch.Body, patch.ContentType);

    /// <summary>How often the request is tried again; 0 for never.</summary>
    public RestRequest MaxRetries(int count) => With(() => _maxRetries = count);

    /// <summary>How long one try may take.</summary>
    public RestRequest Timeout(TimeSpan timeout) => With(() => _timeout = timeout);

    /// <summary>What holds the request back while its host fails, instead of the client's own; null for nothing.</summary>
    public RestRequest BackOff(RequestBackoff? backoff) => With(() => _backoff = backoff ?? RequestBackoff.None);

    /// <summary>Whether the client's rate limit holds for this request.</summary>
    public RestRequest Throttle(bool isThrottled) => With(() => _isThrottled = isThrottled);

    /// <summary>The rate limit that holds for this request instead of the client's.</summary>
    public RestRequest Throttle(RequestRateLimiter limiter) => With(() => (_limiter, _isThrottled) = (limiter, true));

    /// <summary>The path and query as they are sent.</summary>
    public string Path => BuildPath(watch: false);

    /// <summary>Sends the request and reads the answer whole. An answer that is not success is in the result, not thrown.</summary>
    public async Task<RestResult> DoAsync(CancellationToken cancellation = default)
    {
        var call = Build(VerbName, false);
        try
        {
            return await _client.SendAsync(call, _client.Whole(call, (body, answer) => RestResult.From(body, answer, call.Warnings)), cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error)
        {
            return RestResult.Failed(error, call.Warnings);
        }
    }

    /// <summary>Sends the request and gives the answer's bytes.</summary>
    /// <exception cref="KubernetesException">The answer is not success.</exception>
    public async Task<byte[]> DoRawAsync(CancellationToken cancellation = default)
    {
        var call = Build(VerbName, false);
        return await _client.SendAsync(call, _client.Whole(call, static (body, _) => body.ToArray()), cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends the request and gives the answer as a stream that is read as it comes, without a time limit. Disposing the stream closes the answer.</summary>
    /// <exception cref="KubernetesException">The answer is not success.</exception>
    public async Task<Stream> StreamAsync(CancellationToken cancellation = default)
    {
        var answer = await _client.OpenAsync(Build(VerbName, false), cancellation).ConfigureAwait(false);
        return new AnswerStream(answer, await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
    }

    /// <summary>Sends the request as a WebSocket's opening.</summary>
    /// <param name="protocols">Subprotocols, the best first.</param>
    /// <param name="cancellation">Gives up.</param>
    internal Task<ChannelSocket> OpenSocketAsync(IReadOnlyList<string> protocols, CancellationToken cancellation)
    {
        var key = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        SetHeader("Connection", "Upgrade").SetHeader("Upgrade", "websocket").SetHeader("Sec-WebSocket-Version", "13")
            .SetHeader("Sec-WebSocket-Key", key).SetHeader("Sec-WebSocket-Protocol", string.Join(", ", protocols));
        return ChannelSocket.OpenAsync(_client, Build("connect", false, upgrades: true), key, protocols, cancellation);
    }

    /// <summary>Sends the request as a watch.</summary>
    /// <exception cref="KubernetesException">The answer is not success.</exception>
    public async IAsyncEnumerable<WatchEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var idle = _client.Configuration.WatchIdleTimeout ?? TimeSpan.FromMinutes(65);
        await using var connection = await WatchConnection.OpenAsync(_client, Build("watch", true), idle, cancellation).ConfigureAwait(false);
        var decoder = new WatchDecoder<KubeObject>(new RawCodec(KubeObjectOptions.Everything), expectedKind: null);
        while (await connection.ReadAsync().ConfigureAwait(false)) yield return decoder.Decode(connection).ToRaw();
    }

    string VerbName => _method.Method switch
    {
        "GET" => _name is null && _resource is not null ? "list" : "get",
        "POST" => "create",
        "PUT" => "update",
        "DELETE" => _name is null ? "deletecollection" : "delete",
        var other => other.ToLowerInvariant()
    };

    RestCall Build(string verb, bool watch, bool upgrades = false)
    {
        // What becomes another protocol's connection may do anything: it is no read.
        if (upgrades || _method != HttpMethod.Get && _method != HttpMethod.Head) _guard?.Invoke();
        return Call(verb, watch, upgrades);
    }

    RestCall Call(string verb, bool watch, bool upgrades) => new()
    {
        Method = _method, Verb = verb, Path = BuildPath(watch), Accept = _accept, Headers = [.. _headers], Body = _body, BodyStream = _bodyStream,
        ContentType = _contentType, Resource = _resource ?? _absolute ?? "", Group = _groupVersion?.Group ?? "", Name = _name ?? "",
        MaxRetries = _maxRetries, Timeout = _timeout, Backoff = _backoff, IsThrottled = _isThrottled, Limiter = _limiter, Upgrades = upgrades
    };

    string BuildPath(bool watch)
    {
        var path = new PathBuilder(_absolute ?? PathOfParts());
        foreach (var (name, value) in _query) path.Query(name, value);
        return path.Query("watch", watch).ToString();
    }

    string PathOfParts()
    {
        var path = new StringBuilder(_prefix);
        if (_groupVersion is { } groupVersion)
        {
            path.Append(groupVersion.Group.Length == 0 ? "/api" : "/apis/" + PathSegments.Escape(groupVersion.Group, "group"))
                .Append('/').Append(PathSegments.Escape(groupVersion.Version, "version"));
        }
        if (_namespace is not null) path.Append("/namespaces/").Append(_namespace);
        if (_resource is not null) path.Append('/').Append(_resource);
        if (_name is not null) path.Append('/').Append(_name);
        if (_subresource is not null) path.Append('/').Append(_subresource);
        path.Append(_suffix);
        return path.Length == 0 ? "/" : path.ToString();
    }

    void AddOptions(PathBuilder options)
    {
        foreach (var pair in options.ToString().TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            _query.Add(KeyValuePair.Create(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1])));
        }
    }

    static string Join(string[] segments) => string.Concat(segments.Select(segment => "/" + PathSegments.Escape(segment, nameof(segments))));

    RestRequest With(Action change)
    {
        change();
        return this;
    }
}
