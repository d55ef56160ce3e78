using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.Tool;

/// <summary>
/// Kinds of an OpenAPI v2 document as if they were custom resources, so that classes can be made of what a server has and ActorKube's own models have not: alpha and beta versions,
/// and what extension servers serve.
/// </summary>
internal sealed class OpenApiKinds
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.", Reference = "#/definitions/";

    /// <summary>What a schema says that a class can say too.</summary>
    private static readonly string[] Words =
        ["description", "type", "format", "enum", "required", "pattern", "minimum", "maximum", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type"];

    private readonly OpenApiDocument _document;
    private readonly HashSet<string> _within = [];

    private OpenApiKinds(OpenApiDocument document) => _document = document;

    /// <summary>The kinds that are served under a name of their own in some versions; of a kind's versions, the one named first is the stored one.</summary>
    /// <exception cref="GenerateException">The document has no such version.</exception>
    public static IEnumerable<CrdDocument> Of(OpenApiDocument document, IReadOnlyList<GroupVersion> versions)
    {
        var kinds = new OpenApiKinds(document);
        var found = versions.SelectMany(kinds.Served).ToList();
        if (versions.FirstOrDefault(version => found.All(kind => kind.Version != version)) is { Version.Length: > 0 } missing)
            throw new GenerateException($"{document.Title} serves nothing in {missing}. It has: {string.Join(", ", document.Served.Select(kind => kind.GroupVersion).Distinct().Order())}.");
        foreach (var kind in found.GroupBy(kind => (kind.Version.Group, kind.Kind)))
        {
            var (plural, namespaced) = document.Resource(kind.Key.Group, kind.First().Version.Version, kind.Key.Kind)!.Value;
            yield return (new CrdDocument(
                kind.Key.Group.Length == 0 ? plural : $"{plural}.{kind.Key.Group}", kind.Key.Group, kind.Key.Kind, plural, Singular: null, ListKind: null, namespaced, ShortNames: [], Categories: [],
                [.. kind.Select((version, at) => kinds.Version(version, isStored: at == 0))], ConversionWebhook: null)).Checked(document.Title);
        }
    }

    private IEnumerable<(GroupVersion Version, string Kind, string Definition)> Served(GroupVersion version)
    {
        foreach (var (name, definition) in _document.Definitions)
        {
            if (!definition.TryGetProperty("x-kubernetes-group-version-kind", out var kinds)) continue;
            foreach (var kind in kinds.EnumerateArray())
            {
                var named = new GroupVersionKind(kind.GetProperty("group").GetString()!, kind.GetProperty("version").GetString()!, kind.GetProperty("kind").GetString()!);
                // Options and events of watches belong to every version, and lists are made of what they list.
                if (named.GroupVersion == version && _document.Resource(named.Group, named.Version, named.Kind) is not null && definition.TryGetProperty("properties", out var fields) && fields.TryGetProperty("metadata", out _))
                    yield return (version, named.Kind, name);
            }
        }
    }

    private CrdVersion Version((GroupVersion Version, string Kind, string Definition) kind, bool isStored) => new(
        kind.Version.Version, Served: true, isStored, Deprecated: false, DeprecationWarning: null,
        _document.HasStatus(kind.Version.Group, kind.Version.Version, kind.Kind), Scale: null, Columns: [], SelectableFields: [], Named(kind.Definition));

    private JsonObject Named(string definition)
    {
        switch (definition)
        {
            case "io.k8s.apimachinery.pkg.api.resource.Quantity": return CrdSchemaBuilder.Quantity();
            case "io.k8s.apimachinery.pkg.util.intstr.IntOrString": return CrdSchemaBuilder.IntOrString();
            case Meta + "ObjectMeta": return Anything("object");
        }
        // A type that contains itself ends where it begins again: no class of its own could be told from the one around it.
        if (!_document.Definitions.TryGetValue(definition, out var schema) || !_within.Add(definition)) return Anything("object");
        var copy = Schema(schema);
        _within.Remove(definition);
        return copy;
    }

    private JsonObject Schema(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var named = Named(reference.GetString()![Reference.Length..]);
            if (schema.TryGetProperty("description", out var description)) named["description"] = description.GetString();
            return named;
        }
        var copy = new JsonObject();
        foreach (var word in Words)
        {
            if (schema.TryGetProperty(word, out var value)) copy[word] = JsonNode.Parse(value.GetRawText());
        }
        if (schema.TryGetProperty("items", out var items)) copy["items"] = Schema(items);
        if (schema.TryGetProperty("additionalProperties", out var values) && values.ValueKind == JsonValueKind.Object) copy["additionalProperties"] = Schema(values);
        if (schema.TryGetProperty("properties", out var properties))
            copy["properties"] = new JsonObject(properties.EnumerateObject().Select(property => KeyValuePair.Create<string, JsonNode?>(property.Name, Schema(property.Value))));
        if (copy["type"] is null || (string?)copy["type"] == "object" && copy["properties"] is null && copy["additionalProperties"] is null) copy["x-kubernetes-preserve-unknown-fields"] = true;
        return copy;
    }

    private static JsonObject Anything(string type) => new() { ["type"] = type, ["x-kubernetes-preserve-unknown-fields"] = true };
}
