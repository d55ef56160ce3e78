using System.Text.Json;
using ActorKube.Models;

namespace ActorKube.Tool;

/// <summary>The parts of an OpenAPI v2 document of a Kubernetes API server that decide what its types look like.</summary>
internal sealed class OpenApiDocument
{
    private readonly Dictionary<(string Group, string Version, string Kind), (string Plural, bool Namespaced)> _resources = [];

    private readonly Dictionary<(string Group, string Version, string Kind), HashSet<string>> _verbs = [];

    private readonly HashSet<(string Group, string Version, string Kind)> _withStatus = [];

    private static readonly System.Buffers.SearchValues<char> NameCharacters = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");

    private OpenApiDocument(JsonElement root)
    {
        Title = root.TryGetProperty("info", out var info) ? ClassSource.Line($"{info.GetProperty("title").GetString()} {info.GetProperty("version").GetString()}") : "an OpenAPI document";
        foreach (var definition in root.GetProperty("definitions").EnumerateObject())
        {
            // They become names of classes, files and folders; what has other signs is no definition of Kubernetes.
            if (!definition.Name.AsSpan().ContainsAnyExcept(NameCharacters) && !definition.Name.Contains("..", StringComparison.Ordinal)) Definitions.Add(definition.Name, definition.Value);
        }
        if (!root.TryGetProperty("paths", out var paths)) return;
        foreach (var path in paths.EnumerateObject()) ReadPath(path.Name, path.Value);
    }

    /// <summary>Name and version of the API, for people.</summary>
    public string Title { get; }

    /// <summary>Definitions by name, such as <c>io.k8s.api.core.v1.Pod</c>, in ordinal order.</summary>
    public SortedDictionary<string, JsonElement> Definitions { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a document.</summary>
    /// <exception cref="GenerateException">It is not JSON, or not an OpenAPI v2 document.</exception>
    public static OpenApiDocument Parse(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("definitions", out _))
                throw new GenerateException($"{source} is not an OpenAPI v2 document: it has no 'definitions'. A server gives one at /openapi/v2.");
            return new OpenApiDocument(document.RootElement.Clone());
        }
        catch (JsonException fault)
        {
            throw new GenerateException($"{source} is not JSON: {fault.Message}");
        }
    }

    /// <summary>Takes in the definitions of another document that this one lacks.</summary>
    public OpenApiDocument With(OpenApiDocument other)
    {
        foreach (var (name, definition) in other.Definitions) Definitions.TryAdd(name, definition);
        return this;
    }

    /// <summary>The name a kind is served under and whether it lives in namespaces; null for kinds that are not served under a name of their own.</summary>
    public (string Plural, bool Namespaced)? Resource(string group, string version, string kind) =>
        _resources.TryGetValue((group, version, kind), out var resource) ? resource : null;

    /// <summary>Every kind that is served under a name of its own.</summary>
    public IEnumerable<GroupVersionKind> Served => _resources.Keys.Select(kind => new GroupVersionKind(kind.Group, kind.Version, kind.Kind));

    /// <summary>What can be done with the objects of a kind themselves, not with their subresources: <c>get</c>, <c>list</c>, <c>post</c> …</summary>
    public IReadOnlySet<string> Verbs(string group, string version, string kind) =>
        _verbs.TryGetValue((group, version, kind), out var verbs) ? verbs : new HashSet<string>();

    /// <summary>Whether objects of a kind have a status that is written apart from them.</summary>
    public bool HasStatus(string group, string version, string kind) => _withStatus.Contains((group, version, kind));

    private void ReadVerbs(string path, JsonElement operations)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is [.., "{name}", "status"])
        {
            foreach (var operation in operations.EnumerateObject())
            {
                if (operation.Value.ValueKind == JsonValueKind.Object && operation.Value.TryGetProperty("x-kubernetes-group-version-kind", out var owner))
                    _withStatus.Add((owner.GetProperty("group").GetString()!, owner.GetProperty("version").GetString()!, owner.GetProperty("kind").GetString()!));
            }
        }
        if (parts.Contains("{name}") && parts[^1] != "{name}") return;
        foreach (var operation in operations.EnumerateObject())
        {
            if (operation.Value.ValueKind != JsonValueKind.Object || !operation.Value.TryGetProperty("x-kubernetes-action", out var action)
                || !operation.Value.TryGetProperty("x-kubernetes-group-version-kind", out var kind)) continue;
            var key = (kind.GetProperty("group").GetString()!, kind.GetProperty("version").GetString()!, kind.GetProperty("kind").GetString()!);
            if (!_verbs.TryGetValue(key, out var verbs)) _verbs.Add(key, verbs = new HashSet<string>(StringComparer.Ordinal));
            verbs.Add(action.GetString()!);
        }
    }

    private void ReadPath(string path, JsonElement operations)
    {
        ReadVerbs(path, operations);
        foreach (var operation in operations.EnumerateObject())
        {
            if (operation.Value.ValueKind != JsonValueKind.Object
                || !operation.Value.TryGetProperty("x-kubernetes-action", out var action) || action.GetString() is not ("list" or "post")
                || !operation.Value.TryGetProperty("x-kubernetes-group-version-kind", out var kind)) continue;
            // Collections end with the plural; what follows an object's name is a subresource.
            var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (parts[^1].StartsWith('{') || parts.Contains("{name}")) continue;
            var key = (kind.GetProperty("group").GetString()!, kind.GetProperty("version").GetString()!, kind.GetProperty("kind").GetString()!);
            var namespaced = parts.Contains("{namespace}");
            _resources[key] = (parts[^1], namespaced || (_resources.TryGetValue(key, out var earlier) && earlier.Namespaced));
        }
    }
}
