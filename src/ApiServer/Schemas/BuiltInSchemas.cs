using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// The shapes of the built-in kinds, from Kubernetes' OpenAPI document. The document is unpacked when the first shape is asked for and a
/// definition is read when it is first used: a server that only serves discovery and custom resources never pays for it.
/// </summary>
internal static class BuiltInSchemas
{
    private static readonly HashSet<string> NoFacts = [];

    private const string Prefix = "#/definitions/";

    private static readonly Lazy<JsonElement> LazyDocument = new(Load);
    private static readonly Lazy<JsonElement> FieldFacts = new(LoadFieldFacts);
    private static readonly Lazy<Dictionary<GroupVersionKind, string>> ByKind = new(IndexKinds);
    private static readonly ConcurrentDictionary<string, Schema> Definitions = new(StringComparer.Ordinal);

    /// <summary>The whole Swagger document.</summary>
    public static JsonElement Document => LazyDocument.Value;

    /// <summary>The shape of a kind, or null when the document does not know it.</summary>
    public static Schema? For(GroupVersionKind kind) => ByKind.Value.TryGetValue(kind, out var name) ? Definition(name) : null;

    /// <summary>Name of a kind's definition, or null.</summary>
    public static string? DefinitionName(GroupVersionKind kind) => ByKind.Value.TryGetValue(kind, out var name) ? name : null;

    public static Schema Definition(string name) => Definitions.GetOrAdd(name, static n =>
    {
        var definitions = Document.GetProperty("definitions");
        return definitions.TryGetProperty(n, out var element)
            ? Read(element, n)
            : throw new InvalidOperationException($"The OpenAPI document has no definition '{n}'.");
    });

    private static JsonElement Load() => JsonDocument.Parse(Resource("openapi-v2.json")).RootElement;

    private static JsonElement LoadFieldFacts() => JsonDocument.Parse(Resource("go-fields.json")).RootElement;

    /// <summary>A resource of this assembly.</summary>
    public static ReadOnlyMemory<byte> Resource(string name)
    {
        using var stream = typeof(BuiltInSchemas).Assembly.GetManifestResourceStream($"ActorKube.ApiServer.{name}")
            ?? throw new InvalidOperationException($"The resource {name} is missing from the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static Dictionary<GroupVersionKind, string> IndexKinds()
    {
        var result = new Dictionary<GroupVersionKind, string>();
        foreach (var definition in Document.GetProperty("definitions").EnumerateObject())
        {
            // Helper types such as DeleteOptions name every group; only a type that names one kind is that kind's shape.
            if (definition.Value.TryGetProperty("x-kubernetes-group-version-kind", out var kinds) && kinds.GetArrayLength() == 1)
            {
                var kind = kinds[0];
                result[new GroupVersionKind(kind.GetProperty("group").GetString()!, kind.GetProperty("version").GetString()!, kind.GetProperty("kind").GetString()!)] = definition.Name;
            }
        }
        return result;
    }

    private static Schema Read(JsonElement element, string? name)
    {
        if (element.TryGetProperty("$ref", out var reference))
        {
            var target = Definition(reference.GetString()![Prefix.Length..]);
            // Beside a reference stand the facts of the field, such as its patch strategy.
            return element.TryGetProperty("x-kubernetes-map-type", out _) || element.TryGetProperty("x-kubernetes-patch-strategy", out _)
                ? WithFieldFacts(target, element)
                : target;
        }
        var shortName = name?[(name.LastIndexOf('.') + 1)..];
        var type = Text(element, "type");
        return new Schema(
            element.TryGetProperty("properties", out var properties) ? () => ReadProperties(properties) : null,
            element.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.Object ? () => Read(additional, null) : null,
            element.TryGetProperty("items", out var items) ? () => Read(items, null) : null)
        {
            TypeName = shortName,
            Type = type,
            Format = Text(element, "format"),
            IntOrString = Text(element, "format") == "int-or-string",
            PreserveUnknownFields = IsOpen(shortName, element),
            Pointers = Facts(name, "pointers"),
            Always = Facts(name, "always"),
            Required = element.TryGetProperty("required", out var required) ? [.. required.EnumerateArray().Select(r => r.GetString()!)] : [],
            ListType = Text(element, "x-kubernetes-list-type"),
            ListMapKeys = element.TryGetProperty("x-kubernetes-list-map-keys", out var keys) ? [.. keys.EnumerateArray().Select(k => k.GetString()!)] : [],
            MapType = Text(element, "x-kubernetes-map-type"),
            PatchMergeKey = Text(element, "x-kubernetes-patch-merge-key"),
            PatchStrategy = Text(element, "x-kubernetes-patch-strategy"),
            Enum = element.TryGetProperty("enum", out var values) ? JsonNode.Parse(values.GetRawText())!.AsArray() : null,
            HasDefault = element.TryGetProperty("default", out var fallback),
            Default = fallback.ValueKind == JsonValueKind.Undefined ? null : JsonNode.Parse(fallback.GetRawText()),
        };
    }

    private static HashSet<string> Facts(string? definition, string fact) =>
        definition is not null && FieldFacts.Value.TryGetProperty(definition, out var facts) && facts.TryGetProperty(fact, out var names)
            ? [.. names.EnumerateArray().Select(n => n.GetString()!)]
            : NoFacts;

    private static bool IsOpen(string? shortName, JsonElement element) =>
        shortName is "RawExtension" or "JSON" or "JSONSchemaPropsOrBool" or "JSONSchemaPropsOrArray" or "JSONSchemaPropsOrStringArray" or "FieldsV1"
        || (Text(element, "type") == "object" && !element.TryGetProperty("properties", out _) && !element.TryGetProperty("additionalProperties", out _)
            && shortName is not ("Time" or "MicroTime" or "Quantity"));

    private static Schema WithFieldFacts(Schema target, JsonElement element) =>
        new(() => target.Properties, () => target.AdditionalProperties, () => target.Items)
        {
            TypeName = target.TypeName,
            Type = target.Type,
            Format = target.Format,
            IntOrString = target.IntOrString,
            PreserveUnknownFields = target.PreserveUnknownFields,
            Pointers = target.Pointers,
            Always = target.Always,
            Required = target.Required,
            ListType = target.ListType,
            ListMapKeys = target.ListMapKeys,
            MapType = Text(element, "x-kubernetes-map-type") ?? target.MapType,
            PatchMergeKey = Text(element, "x-kubernetes-patch-merge-key") ?? target.PatchMergeKey,
            PatchStrategy = Text(element, "x-kubernetes-patch-strategy") ?? target.PatchStrategy,
        };

    private static Dictionary<string, Schema> ReadProperties(JsonElement properties)
    {
        var result = new Dictionary<string, Schema>(StringComparer.Ordinal);
        foreach (var property in properties.EnumerateObject())
        {
            result[property.Name] = Read(property.Value, null);
        }
        return result;
    }

    private static string? Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
