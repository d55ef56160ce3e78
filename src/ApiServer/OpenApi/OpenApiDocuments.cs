using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
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

    /// <summary>Names of the version 3 documents, in order: <c>api</c>, <c>api/v1</c>, <c>apis/apps/v1</c>, <c>version</c> …</summary>
    public IEnumerable<string> V3Names => OpenApiBuiltIns.Names
        .Concat(view.Rows.Where(r => r.Custom is not null).Select(r => $"apis/{r.ApiVersion}")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>
    /// What tells one state of a document from another: clients ask for a document by it and keep what they get for good. It is made of what the document is made of (this
    /// build, and the definitions), for an index names the hash of every document and should not make them all.
    /// </summary>
    public string V3Hash(string name)
    {
        var source = new StringBuilder(name).Append(typeof(OpenApiDocuments).Module.ModuleVersionId);
        foreach (var row in CustomRows(name))
        {
            source.Append(row.Plural).Append(row.Custom!.DefinitionUid).Append(row.Custom.OpenApiSchema?.ToJsonString());
            source.AppendJoin(',', row.Subresources.Select(s => s.Name)).AppendJoin(',', row.Custom.SelectableFields);
        }
        return Convert.ToHexString(SHA512.HashData(Encoding.UTF8.GetBytes(source.ToString())));
    }

    /// <summary>The document of this name, or null where there is none.</summary>
    public ReadOnlyMemory<byte>? V3(string name) =>
        CustomRows(name).Any() ? _v3.GetOrAdd(name, n => Json.Bytes(Custom(CustomRows(n))))
        : OpenApiBuiltIns.Has(name) ? OpenApiBuiltIns.Document(name) : default(ReadOnlyMemory<byte>?);

    /// <summary>The same in protobuf. Hardly anybody asks for it, so it is made anew.</summary>
    public ReadOnlyMemory<byte> V3Protobuf(string name) => OpenApiV3Protobuf.Encode(Json.Parse(V3(name)!.Value.Span)!.AsObject());

    private IEnumerable<ApiResource> CustomRows(string name) =>
        name.Split('/') is ["apis", var group, var version] ? view.Rows.Where(r => r.Custom is not null && r.Group == group && r.Version == version) : [];

    private JsonObject V2()
    {
        var document = Json.Parse(Encoding.UTF8.GetBytes(BuiltInSchemas.Document.GetRawText()))!.AsObject();
        document["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = OpenApiBuiltIns.DocumentVersion };
        var definitions = document.Need("definitions");
        var paths = document.Need("paths");
        foreach (var row in view.Rows.Where(r => r.Custom is not null))
        {
            foreach (var (name, schema) in CustomOpenApiSchemas.V2(row))
            {
                definitions[name] = schema;
            }
            foreach (var (path, item) in CustomOpenApiPaths.Of(row))
            {
                paths[path] = item;
            }
        }
        return document;
    }

    private static JsonObject Custom(IEnumerable<ApiResource> rows)
    {
        var schemas = new JsonObject();
        var paths = new JsonObject();
        var parameters = BuiltInSchemas.Document.GetProperty("parameters");
        foreach (var row in rows)
        {
            foreach (var (name, schema) in CustomOpenApiSchemas.V3(row))
            {
                schemas[name] = schema;
            }
            foreach (var (path, item) in CustomOpenApiPaths.Of(row))
            {
                paths[path] = OpenApiV3Form.Path(item, parameters);
            }
        }
        OpenApiBuiltIns.AddReferred(new JsonArray(schemas.DeepClone(), paths.DeepClone()), schemas);
        CustomOpenApiPaths.Narrow(schemas);
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes CRD Swagger", ["version"] = "v0.1.0" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }
}
