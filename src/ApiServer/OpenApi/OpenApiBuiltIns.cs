using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// The version 3 documents of what is built in: one for each version of a group, each group, and each path beside them (<c>version</c>, <c>api</c>, <c>apis</c> …).
/// They are the same for every server of the process, and each is made when it is first asked for.
/// </summary>
internal static class OpenApiBuiltIns
{
    /// <summary>What a real server of this version calls its document's version.</summary>
    public const string DocumentVersion = "1.32";

    private static readonly Lazy<ILookup<string, JsonProperty>> PathsOf = new(() =>
        BuiltInSchemas.Document.GetProperty("paths").EnumerateObject().ToLookup(p => DocumentOf(p.Name), StringComparer.Ordinal));

    private static readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> Documents = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, JsonObject> Definitions = new(StringComparer.Ordinal);

    /// <summary>Names of the documents, in their order.</summary>
    public static IEnumerable<string> Names => PathsOf.Value.Select(g => g.Key);

    public static bool Has(string name) => PathsOf.Value.Contains(name);

    /// <summary>The document of this name, which must be one of <see cref="Names"/>.</summary>
    public static ReadOnlyMemory<byte> Document(string name) => Documents.GetOrAdd(name, static n => Json.Bytes(Build(n)));

    /// <summary>Adds to <paramref name="schemas"/> the built-in definitions that <paramref name="from"/> refers to, and those that they refer to.</summary>
    public static void AddReferred(JsonNode from, JsonObject schemas)
    {
        var wanted = new Queue<string>();
        References(from, wanted);
        var known = BuiltInSchemas.Document.GetProperty("definitions");
        while (wanted.TryDequeue(out var name))
        {
            if (!schemas.ContainsKey(name) && known.TryGetProperty(name, out var definition))
            {
                var schema = Definitions.GetOrAdd(name, static (n, d) => OpenApiV3Form.Definition(n, JsonObject.Create(d)!), definition).Copy();
                schemas[name] = schema;
                References(schema, wanted);
            }
        }
    }

    private static JsonObject Build(string name)
    {
        var paths = new JsonObject();
        var schemas = new JsonObject();
        var parameters = BuiltInSchemas.Document.GetProperty("parameters");
        foreach (var entry in PathsOf.Value[name])
        {
            paths[entry.Name] = OpenApiV3Form.Path(JsonObject.Create(entry.Value)!, parameters);
        }
        AddReferred(paths, schemas);
        var components = new JsonObject();
        if (schemas.Count > 0)
        {
            components["schemas"] = schemas;
        }
        components["securitySchemes"] = new JsonObject { ["BearerToken"] = new JsonObject { ["type"] = "apiKey", ["name"] = "authorization", ["in"] = "header" } };
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = DocumentVersion },
            ["paths"] = paths,
            ["components"] = components,
        };
    }

    /// <summary>The document that a path belongs to: that of its group's version, of its group, or its own.</summary>
    private static string DocumentOf(string path) => path.Trim('/').Split('/') switch
    {
        ["api", var version, ..] => $"api/{version}",
        ["apis", var group, var version, ..] => $"apis/{group}/{version}",
        var parts => string.Join('/', parts),
    };

    private static void References(JsonNode? node, Queue<string> found)
    {
        switch (node)
        {
            case JsonObject tree:
                foreach (var (key, value) in tree)
                {
                    if (key == "$ref" && value.AsText() is { } reference)
                    {
                        found.Enqueue(reference[(reference.LastIndexOf('/') + 1)..]);
                    }
                    else
                    {
                        References(value, found);
                    }
                }
                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    References(item, found);
                }
                break;
        }
    }
}
