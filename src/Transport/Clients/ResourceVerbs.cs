using System.Runtime.CompilerServices;
using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>Every verb on one resource, over a codec that says what objects are to the caller.</summary>
internal sealed class ResourceVerbs<T>(RestClient rest, ResourceDefinition resource, string? @namespace, ObjectCodec<T> codec, WriteHooks? hooks) where T : class
{
    /// <summary>Items a page where nobody says how many: as kubectl and client-go have it.</summary>
    public const int PageSize = 500;
    static readonly TimeSpan IdleBeyondTimeout = TimeSpan.FromSeconds(30);
    /// <summary>Servers end watches without a timeout of their own after half an hour to an hour.</summary>
    static readonly TimeSpan LongestWatch = TimeSpan.FromMinutes(65);

    readonly string? _namespace = string.IsNullOrEmpty(@namespace) ? null : resource.Namespaced ? PathSegments.Escape(@namespace, "namespace")
        : throw new ArgumentException($"{resource.Plural} belong to the whole cluster: leave the namespace out.", nameof(@namespace));

    public string? Namespace { get; } = string.IsNullOrEmpty(@namespace) ? null : @namespace;

    public Task<T> GetAsync(string name, GetOptions? options, string? subresource, CancellationToken cancellation)
    {
        var path = ObjectPath(name, Namespace, subresource).Query("resourceVersion", options?.ResourceVersion);
        return SendOneAsync(Call(HttpMethod.Get, "get", path, name), cancellation);
    }

    public async Task<ListPage<T>> ListAsync(ListOptions? options, CancellationToken cancellation)
    {
        var call = Call(HttpMethod.Get, "list", (options ?? new ListOptions()).AppendTo(CollectionPath(Namespace), watch: false), "", accept: codec.ListAccept);
        return await Guard(call, rest.SendAsync(call, rest.Streamed(call, ReadPageAsync), cancellation)).ConfigureAwait(false);
    }

    ValueTask<ListPage<T>> ReadPageAsync(Stream stream, HttpResponseMessage answer, CancellationToken cancellation) => IsProtobuf(answer)
        ? ProtobufListReader.ReadAsync(stream, item => codec.DecodeItem(item, true), cancellation)
        : ListReader.ReadAsync(stream, item => codec.DecodeItem(item, false), cancellation);

    public async IAsyncEnumerable<T> ListAllAsync(ListOptions? options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        options = (options ?? new ListOptions()) is { Limit: null } unlimited ? unlimited with { Limit = PageSize } : options!;
        while (true)
        {
            ListPage<T> page;
            try
            {
                page = await ListAsync(options, cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException error) when (error.IsResourceExpired && options.Continue is not null && FreshContinue(error, options) is { } fresh)
            {
                options = options with { Continue = fresh };
                continue;
            }
            foreach (var item in page.Items) yield return item;
            if (page.Continue.Length == 0) yield break;
            // A continue token says which version it is of, and the server refuses to be told twice.
            options = options with { Continue = page.Continue, ResourceVersion = null, ResourceVersionMatch = null };
        }
    }

    /// <summary>The token that goes on from the same place in a newer version, which servers send with the news that the old one is gone.</summary>
    static string? FreshContinue(KubernetesException error, ListOptions options) =>
        error.Status.Metadata?.ContinueProperty is { Length: > 0 } token && token != options.Continue ? token : null;

    public ValueTask<WatchConnection> WatchAsync(ListOptions? options, CancellationToken cancellation)
    {
        options ??= new ListOptions();
        var idle = rest.Configuration.WatchIdleTimeout
            ?? (options.TimeoutSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) + IdleBeyondTimeout : LongestWatch);
        var call = Call(HttpMethod.Get, "watch", options.AppendTo(CollectionPath(Namespace), watch: true), "", accept: codec.WatchAccept);
        return WatchConnection.OpenAsync(rest, call, idle, cancellation);
    }

    /// <summary>Makes events of frames.</summary>
    public WatchDecoder<T> Decoder { get; } = new(codec, codec.ExpectedKind);

    public Task<T> CreateAsync(T value, CreateOptions? options, string? name, string? subresource, CancellationToken cancellation)
    {
        var encoded = codec.Encode(value);
        var @namespace = NamespaceFor(encoded);
        var path = name is null ? CollectionPath(@namespace ?? throw MissingNamespace()) : ObjectPath(name, @namespace, subresource);
        return WriteAsync(HttpMethod.Post, "create", Append(path, options), name ?? encoded.Name, value, encoded, options?.DryRun, cancellation);
    }

    public Task<T> UpdateAsync(T value, UpdateOptions? options, string? subresource, CancellationToken cancellation)
    {
        var encoded = codec.Encode(value);
        var path = Append(ObjectPath(encoded.Name, NamespaceFor(encoded), subresource), options);
        return WriteAsync(HttpMethod.Put, "update", path, encoded.Name, value, encoded, options?.DryRun, cancellation);
    }

    public Task<T> PatchAsync(string name, Patch patch, PatchOptions? options, string? subresource, CancellationToken cancellation)
    {
        var path = Append(ObjectPath(name, Namespace, subresource), options).Query("force", options?.Force == true);
        return WriteAsync(Call(HttpMethod.Patch, "patch", path, name, patch.Body, patch.ContentType), options?.DryRun, cancellation);
    }

    public Task<T> ApplyAsync(T value, ApplyOptions options, string? subresource, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(options.FieldManager)) throw new ArgumentException("Applying needs a field manager: say who applies.", nameof(options));
        var encoded = codec.Encode(value);
        var path = ObjectPath(encoded.Name, NamespaceFor(encoded), subresource)
            .Query("fieldManager", options.FieldManager).Query("force", options.Force)
            .Query("dryRun", options.DryRun ? "All" : null).Query("fieldValidation", options.FieldValidation?.ToString());
        // JSON is YAML, which is what the media type says.
        return WriteAsync(Call(HttpMethod.Patch, "patch", path, encoded.Name, JsonOf(encoded), "application/apply-patch+yaml"), options.DryRun, cancellation);
    }

    public async Task<T?> DeleteAsync(string name, DeleteOptions? options, CancellationToken cancellation)
    {
        hooks?.Guard?.Invoke();
        var body = options?.ToBody() ?? default;
        var call = Call(HttpMethod.Delete, "delete", ObjectPath(name, Namespace, null), name, body, body.IsEmpty ? null : ContentTypes.Json);
        var last = await Guard(call, rest.SendAsync(call, rest.Whole(call, DecodeUnlessStatus), cancellation)).ConfigureAwait(false);
        if (options?.DryRun is not true)
            hooks?.Written(last is null ? new WrittenObject(resource, new NamespacedName(Namespace ?? "", name), "", "") : codec.Written(resource, last));
        return last;
    }

    T? DecodeUnlessStatus(ReadOnlyMemory<byte> body, HttpResponseMessage answer)
    {
        var isProtobuf = IsProtobuf(answer);
        var head = isProtobuf ? KubeObject.ParseProtobuf(body.Span) : KubeObject.Parse(body.Span);
        // A Status says that it is gone. (Where Statuses are the resource, nothing tells the two apart.)
        return head is not { Kind: "Status", ApiVersion: "v1" } ? codec.Decode(body.Span, isProtobuf) : null;
    }

    public async Task DeleteCollectionAsync(DeleteOptions? options, ListOptions? selection, CancellationToken cancellation)
    {
        hooks?.Guard?.Invoke();
        var body = options?.ToBody() ?? default;
        if (resource.Namespaced && Namespace is null) throw MissingNamespace();
        var path = (selection ?? new ListOptions()).AppendTo(CollectionPath(Namespace), watch: false);
        var call = Call(HttpMethod.Delete, "deletecollection", path, "", body, body.IsEmpty ? null : ContentTypes.Json);
        await rest.SendAsync(call, rest.Whole(call, static (_, _) => true), cancellation).ConfigureAwait(false);
    }

    async Task<T> SendOneAsync(RestCall call, CancellationToken cancellation) =>
        await Guard(call, rest.SendAsync(call, rest.Whole(call, (body, answer) => codec.Decode(body.Span, IsProtobuf(answer))), cancellation)).ConfigureAwait(false);

    /// <summary>
    /// Writes an object in the encoding that loses nothing. Where that is protobuf, which not every server takes for every kind, and JSON would do as well, a server that refuses it
    /// gets JSON, then and from then on.
    /// </summary>
    async Task<T> WriteAsync(HttpMethod method, string verb, PathBuilder path, string name, T value, KubeObject encoded, bool? dryRun, CancellationToken cancellation)
    {
        var (body, contentType) = codec.BodyOf(value, encoded);
        var isProtobuf = contentType == ContentTypes.Protobuf;
        if (!isProtobuf || rest.TakesProtobuf(resource) || codec.NeedsProtobuf(value))
        {
            try
            {
                return await WriteAsync(Call(method, verb, path, name, body, contentType), dryRun, cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException refused) when (refused.IsUnsupportedMediaType && isProtobuf && !codec.NeedsProtobuf(value))
            {
                rest.RefusesProtobuf(resource);
            }
        }
        return await WriteAsync(Call(method, verb, path, name, JsonOf(encoded), ContentTypes.Json), dryRun, cancellation).ConfigureAwait(false);
    }

    async Task<T> WriteAsync(RestCall call, bool? dryRun, CancellationToken cancellation)
    {
        hooks?.Guard?.Invoke();
        var stored = await SendOneAsync(call, cancellation).ConfigureAwait(false);
        if (dryRun is not true) hooks?.Written(codec.Written(resource, stored));
        return stored;
    }

    /// <summary>An answer that cannot be read is the server's failure, not the caller's.</summary>
    async Task<TResult> Guard<TResult>(RestCall call, Task<TResult> task)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (FormatException error)
        {
            throw new HttpRequestException(HttpRequestError.InvalidResponse,
                $"The API server {rest.Configuration.Server.Authority} answered to '{call.Verb} {call.Resource}' with something that cannot be read: {error.Message}", error);
        }
    }

    RestCall Call(HttpMethod method, string verb, PathBuilder path, string name, ReadOnlyMemory<byte> body = default, string? contentType = null, string? accept = null) => new()
    {
        Method = method, Verb = verb, Path = path.ToString(), Name = name, Body = body, ContentType = contentType,
        Accept = accept ?? codec.Accept, Resource = resource.Plural, Group = resource.Kind.Group
    };

    static ReadOnlyMemory<byte> JsonOf(KubeObject encoded) =>
        encoded.Encoding == KubeEncoding.Json ? encoded.Bytes : System.Text.Encoding.UTF8.GetBytes(encoded.ToJson());

    static PathBuilder Append(PathBuilder path, WriteOptions? options) => options is null ? path : options.AppendTo(path);

    static bool IsProtobuf(HttpResponseMessage answer) => answer.Content.Headers.ContentType?.MediaType == ContentTypes.Protobuf;

    PathBuilder CollectionPath(string? inNamespace)
    {
        var path = new PathBuilder(resource.Kind.Group.Length == 0 ? "/api" : "/apis");
        if (resource.Kind.Group.Length > 0) path.Segment(resource.Kind.Group);
        path.Segment(resource.Kind.Version);
        if (inNamespace is { Length: > 0 }) path.Segment("namespaces").Segment(inNamespace == Namespace ? _namespace! : PathSegments.Escape(inNamespace, "namespace"));
        return path.Segment(resource.Plural);
    }

    PathBuilder ObjectPath(string name, string? inNamespace, string? subresource)
    {
        var segment = PathSegments.Escape(name, "name");
        if (resource.Namespaced && string.IsNullOrEmpty(inNamespace)) throw MissingNamespace();
        var path = CollectionPath(inNamespace).Segment(segment);
        if (subresource is not null)
            foreach (var part in subresource.Split('/')) path.Segment(PathSegments.Escape(part, "subresource"));
        return path;
    }

    /// <summary>The client's namespace, else the object's; empty for resources without one.</summary>
    string? NamespaceFor(KubeObject encoded)
    {
        if (!resource.Namespaced) return "";
        return Namespace ?? (encoded.Namespace.Length > 0 ? encoded.Namespace : null);
    }

    ArgumentException MissingNamespace() =>
        new($"{resource.Plural} live in namespaces: say which one, as client.Resource<…>(\"NAMESPACE\") or in the object's metadata.", "namespace");
}
