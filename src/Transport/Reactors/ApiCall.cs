using System.Net;
using System.Net.Http.Headers;
using System.Web;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>A request on its way to a server, in Kubernetes' words: what a reactor gets, and what a <see cref="ReactorHandler"/> has recorded. Immutable.</summary>
public sealed class ApiCall
{
    ApiCall(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        (Request, Body, Cancellation) = (request, body, cancellation);

    /// <summary><c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c> or <c>deletecollection</c>; the HTTP method in small letters where the path is no resource's.</summary>
    public string Verb { get; private init; } = "";
    /// <summary>The resource's group; empty for the core group, and where the path is no resource's.</summary>
    public string Group { get; private init; } = "";
    /// <summary>The group's version.</summary>
    public string Version { get; private init; } = "";
    /// <summary>The resource's plural; empty where the path is no resource's, such as <c>/version</c>.</summary>
    public string Resource { get; private init; } = "";
    /// <summary>The part of the object that is meant, such as <c>status</c>; empty for the object itself.</summary>
    public string Subresource { get; private init; } = "";
    /// <summary>The namespace in the path; empty where there is none.</summary>
    public string Namespace { get; private init; } = "";
    /// <summary>The name in the path or, for a creation, in the object; empty where there is none.</summary>
    public string Name { get; private init; } = "";
    /// <summary>The path below the server's address, with its query.</summary>
    public string Path => Request.RequestUri!.PathAndQuery;
    /// <summary>The request itself. A reactor may change it before it lets it pass.</summary>
    public HttpRequestMessage Request { get; }
    /// <summary>The request's body as it came from the client; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; }
    /// <summary>Is cancelled when the caller gives up.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>The object in the request's body.</summary>
    /// <exception cref="KubeFormatException">There is none: patches that are no merge of JSON, for example.</exception>
    public KubeObject Object => KubeObject.Parse(Body.Span, KubeObjectOptions.Everything);

    /// <summary>Whether this is such a call.</summary>
    /// <param name="verb">A verb, or <c>*</c> for all.</param>
    /// <param name="resource">
    /// <c>*</c> for all, else a plural (<c>pods</c>: the objects themselves), maybe with its group (<c>deployments.apps</c>), maybe with a subresource (<c>pods/status</c>;
    /// <c>pods/*</c> for all of them).
    /// </param>
    public bool Matches(string verb, string resource)
    {
        if (verb != "*" && verb != Verb) return false;
        if (resource == "*") return true;
        var slash = resource.IndexOf('/');
        var subresource = slash < 0 ? "" : resource[(slash + 1)..];
        if (subresource == "*" ? Subresource.Length == 0 : subresource != Subresource) return false;
        var name = slash < 0 ? resource : resource[..slash];
        return name == Resource || name == $"{Resource}.{Group}";
    }

    /// <summary>An answer of success with an object: of a generated class, of one's own, unstructured or as received.</summary>
    public HttpResponseMessage Answer<T>(T value, HttpStatusCode code = HttpStatusCode.OK) where T : class
    {
        var raw = value as KubeObject ?? KubeObject.From(value);
        return Respond(raw.Encoding == KubeEncoding.Json ? raw.Bytes : System.Text.Encoding.UTF8.GetBytes(raw.ToJson()), code);
    }

    /// <summary>A refusal, as a server sends it.</summary>
    /// <param name="status">What the server says. Code and kind are filled in where they are missing; the code is 500 then.</param>
    public HttpResponseMessage Refuse(V1Status status)
    {
        var code = status.Code is > 0 ? status.Code.Value : 500;
        var said = KubeJson.Deserialize<V1Status>(KubeJson.Serialize(status));
        (said.ApiVersion, said.Kind, said.Status, said.Code) = ("v1", "Status", said.Status ?? "Failure", code);
        var answer = Respond(KubeJson.Serialize(said), (HttpStatusCode)code);
        if (said.Details?.RetryAfterSeconds is > 0 and var seconds) answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds));
        return answer;
    }

    HttpResponseMessage Respond(ReadOnlyMemory<byte> json, HttpStatusCode code)
    {
        var answer = new HttpResponseMessage(code) { RequestMessage = Request, Content = new ReadOnlyMemoryContent(json) };
        answer.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentTypes.Json);
        return answer;
    }

    /// <summary>Verb, resource and object, such as <c>update pods/status ns/name</c>.</summary>
    public override string ToString()
    {
        if (Resource.Length == 0) return $"{Verb} {Request.RequestUri!.AbsolutePath}";
        var what = $"{Verb} {Resource}{(Group.Length > 0 ? "." + Group : "")}{(Subresource.Length > 0 ? "/" + Subresource : "")}";
        return (Namespace, Name) switch
        {
            ("", "") => what,
            ("", _) => $"{what} {Name}",
            (_, "") => $"{what} {Namespace}/",
            _ => $"{what} {Namespace}/{Name}"
        };
    }

    /// <summary>Reads what a request asks for, and its body.</summary>
    internal static async Task<ApiCall> ReadAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> body = default;
        if (request.Content is { } content)
        {
            // Read once and sent from memory from here on: a reactor may look at it, and it still has to go on.
            var bytes = await content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            var copy = new ByteArrayContent(bytes);
            foreach (var (name, values) in content.Headers) copy.Headers.TryAddWithoutValidation(name, values);
            (request.Content, body) = (copy, bytes);
        }
        return Of(request, body, cancellation);
    }

    static ApiCall Of(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var segments = request.RequestUri!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        // A server may live below a path of its own.
        var root = Array.FindIndex(segments, segment => segment is "api" or "apis");
        var rest = root < 0 ? [] : segments.AsSpan(root + 1);
        var groupLength = root >= 0 && segments[root] == "apis" ? 1 : 0;
        if (rest.Length <= groupLength + 1)
            return new ApiCall(request, body, cancellation) { Verb = request.Method.Method.ToLowerInvariant() };
        var (group, version) = (groupLength == 1 ? rest[0] : "", rest[groupLength]);
        rest = rest[(groupLength + 1)..];
        var @namespace = "";
        // A namespace's own parts look like resources in it.
        if (rest.Length > 2 && rest[0] == "namespaces" && !(group.Length == 0 && rest[2] is "status" or "finalize"))
        {
            @namespace = rest[1];
            rest = rest[2..];
        }
        var name = rest.Length > 1 ? rest[1] : "";
        var subresource = rest.Length > 2 ? string.Join('/', rest[2..].ToArray()!) : "";
        var verb = Verbalise(request, name);
        if (name.Length == 0 && verb == "create") name = NameIn(body.Span);
        return new ApiCall(request, body, cancellation)
        {
            Verb = verb, Group = group, Version = version, Resource = rest[0], Subresource = subresource, Namespace = @namespace, Name = name
        };
    }

    static string Verbalise(HttpRequestMessage request, string name) => request.Method.Method switch
    {
        "GET" or "HEAD" => HttpUtility.ParseQueryString(request.RequestUri!.Query)["watch"] is "true" or "1" ? "watch" : name.Length == 0 ? "list" : "get",
        "POST" => "create",
        "PUT" => "update",
        "DELETE" => name.Length == 0 ? "deletecollection" : "delete",
        var other => other.ToLowerInvariant()
    };

    static string NameIn(ReadOnlySpan<byte> body)
    {
        try
        {
            return body.IsEmpty ? "" : KubeObject.Parse(body).Name;
        }
        catch (FormatException)
        {
            // Not an object: then it has no name.
            return "";
        }
    }
}
