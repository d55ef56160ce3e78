using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>The OpenAPI documents of one state of the resource table, each made when it is first asked for.</summary>
internal sealed class OpenApiDocuments(ResourceTable.View view)
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _v3 = new(StringComparer.Ordinal);
    private ReadOnlyMemory<byte>? _v2Json;
    private ReadOnlyMemory<byte>? _v2Protobuf;

    public ReadOnlyMemory<byte> V2Json => _v2Json ??= Json.Bytes(V2());

    public ReadOnlyMemory<byte> V2Protobuf => _v2Protobuf ??= OpenApiV2Protobuf.Encode(V2());

    /// <summary>Names of the version 3 documents: <c>api/v1</c>, <c>apis/apps/v1</c> …</summary>
    public IEnumerable<string> V3Paths => view.Groups.SelectMany(g => g.Versions.Select(v => g.Name.Length == 0 ? $"api/{v}" : $"apis/{g.Name}/{v}"));

    public string V3Hash(string path) => Convert.ToHexString(SHA256.HashData(
        System.Text.Encoding.UTF8.GetBytes(path + string.Join(',', RowsOf(path).Select(r => r.Custom?.DefinitionUid + r.Custom?.OpenApiSchema?.ToJsonString())))));

    public ReadOnlyMemory<byte>? V3(string path) => V3Paths.Contains(path) ? _v3.GetOrAdd(path, p => Json.Bytes(BuildV3(p))) : default(ReadOnlyMemory<byte>?);

    private IEnumerable<ApiResource> RowsOf(string path)
    {
        var parts = path.Split('/');
        return parts is ["api", var core] ? view.Rows.Where(r => r.Group.Length == 0 && r.Version == core)
            : parts is ["apis", var group, var version] ? view.Rows.Where(r => r.Group == group && r.Version == version) : [];
    }

    private JsonObject V2()
    {
        var document = Json.Parse(System.Text.Encoding.UTF8.GetBytes(BuiltInSchemas.Document.GetRawText()))!.AsObject();
        document["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ServerVersion.GitVersion };
        var definitions = document.Need("definitions");
        var paths = document.Need("paths");
        foreach (var row in view.Rows.Where(r => r.Custom is not null))
        {
            foreach (var (name, schema) in CustomSchemas(row, "#/definitions/"))
            {
                definitions[name] = schema;
            }
            foreach (var (path, item) in CustomPaths(row))
            {
                paths[path] = item;
            }
        }
        return document;
    }

    private JsonObject BuildV3(string path)
    {
        var schemas = new JsonObject();
        var paths = new JsonObject();
        var wanted = new Queue<string>();
        var custom = RowsOf(path).Where(r => r.Custom is not null).ToList();
        foreach (var row in custom)
        {
            foreach (var (name, schema) in CustomSchemas(row, "#/components/schemas/"))
            {
                schemas[name] = schema;
                References(schema, wanted);
            }
            foreach (var (at, item) in CustomPaths(row))
            {
                paths[at] = OpenApiV3Form.Path(item, null);
            }
        }
        if (custom.Count == 0)
        {
            var parameters = BuiltInSchemas.Document.GetProperty("parameters");
            foreach (var entry in BuiltInSchemas.Document.GetProperty("paths").EnumerateObject())
            {
                if (entry.Name.StartsWith($"/{path}/", StringComparison.Ordinal))
                {
                    var item = OpenApiV3Form.Path(JsonObject.Create(entry.Value)!, parameters);
                    paths[entry.Name] = item;
                    References(item, wanted);
                }
            }
        }
        var definitions = BuiltInSchemas.Document.GetProperty("definitions");
        while (wanted.TryDequeue(out var name))
        {
            if (!schemas.ContainsKey(name) && definitions.TryGetProperty(name, out var definition))
            {
                var schema = OpenApiV3Form.Definition(name, JsonObject.Create(definition)!);
                schemas[name] = schema;
                References(schema, wanted);
            }
        }
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ServerVersion.GitVersion },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

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

    /// <summary>Group turned round, version, kind: how definitions of custom kinds are named.</summary>
    private static string DefinitionName(ApiResource row, string kind) => $"{string.Join('.', row.Group.Split('.').Reverse())}.{row.Version}.{kind}";

    private static IEnumerable<(string Name, JsonObject Schema)> CustomSchemas(ApiResource row, string prefix)
    {
        var schema = row.Custom!.OpenApiSchema?.Copy() ?? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        if (prefix == "#/definitions/")
        {
            OpenApiV3Form.StripForV2(schema);
        }
        schema["type"] = "object";
        if (schema["x-kubernetes-preserve-unknown-fields"].AsBool() != true || schema.Child("properties") is not null)
        {
            var properties = schema.Need("properties");
            properties["apiVersion"] = new JsonObject { ["type"] = "string" };
            properties["kind"] = new JsonObject { ["type"] = "string" };
            properties["metadata"] = Reference(prefix, "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
        }
        schema["x-kubernetes-group-version-kind"] = Kinds(row, row.Kind);
        yield return (DefinitionName(row, row.Kind), schema);
        yield return (DefinitionName(row, row.ListKind), new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = new JsonObject { ["type"] = "string" },
                ["kind"] = new JsonObject { ["type"] = "string" },
                ["metadata"] = Reference(prefix, "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"),
                ["items"] = new JsonObject { ["type"] = "array", ["items"] = Reference(prefix, DefinitionName(row, row.Kind)) },
            },
            ["x-kubernetes-group-version-kind"] = Kinds(row, row.ListKind),
        });
    }

    private static JsonObject Reference(string prefix, string name) => new() { ["$ref"] = prefix + name };

    private static JsonArray Kinds(ApiResource row, string kind) => [new JsonObject { ["group"] = row.Group, ["kind"] = kind, ["version"] = row.Version }];

    /// <summary>The paths of a custom resource, in version 2's form.</summary>
    private static IEnumerable<(string Path, JsonObject Item)> CustomPaths(ApiResource row)
    {
        var root = $"/apis/{row.Group}/{row.Version}";
        var collection = row.Namespaced ? $"{root}/namespaces/{{namespace}}/{row.Plural}" : $"{root}/{row.Plural}";
        yield return (collection, new JsonObject { ["get"] = Operation(row, "list"), ["post"] = Operation(row, "post"), ["delete"] = Operation(row, "deletecollection") });
        yield return ($"{collection}/{{name}}", new JsonObject
        {
            ["get"] = Operation(row, "get"), ["put"] = Operation(row, "put"), ["patch"] = Operation(row, "patch"), ["delete"] = Operation(row, "delete"),
        });
    }

    private static JsonObject Operation(ApiResource row, string action)
    {
        var parameters = new JsonArray();
        string[] names = action switch
        {
            "post" or "put" => ["dryRun", "fieldManager", "fieldValidation"],
            "patch" => ["dryRun", "fieldManager", "fieldValidation", "force"],
            "delete" => ["dryRun", "gracePeriodSeconds", "propagationPolicy"],
            _ => [],
        };
        foreach (var name in names)
        {
            parameters.Add(new JsonObject { ["in"] = "query", ["name"] = name, ["type"] = name switch { "force" => "boolean", "gracePeriodSeconds" => "integer", _ => "string" }, ["uniqueItems"] = true });
        }
        return new JsonObject
        {
            ["operationId"] = $"{action}{row.Group.Replace(".", "", StringComparison.Ordinal)}{row.Version}{row.Kind}",
            ["parameters"] = parameters,
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = Kinds(row, row.Kind)[0]!.DeepClone(),
        };
    }
}
