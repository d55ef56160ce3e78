using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// What version 3 says of a built-in type's fields and version 2 does not: their defaults, which are Go's zero values wherever a value is always written, and
/// whether a reference stands alone. Most follows from the type and from what is required; <c>openapi-defaults.json</c> has what does not.
/// </summary>
internal static class OpenApiDefaults
{
    /// <summary>Types that stand for a value of another form, or for any: they have no zero that could be written down.</summary>
    private static readonly HashSet<string> WithoutZero =
    [
        "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
        "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
        "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
        "io.k8s.apimachinery.pkg.runtime.RawExtension",
        "io.k8s.apimachinery.pkg.api.resource.Quantity",
        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray",
    ];

    private static readonly Lazy<JsonElement> Facts = new(() => JsonDocument.Parse(BuiltInSchemas.Resource("openapi-defaults.json")).RootElement);

    private static readonly Lazy<HashSet<string>> Undescribed =
        new(() => [.. Facts.Value.GetProperty("undescribed").EnumerateArray().Select(f => f.GetString()!)]);

    /// <summary>Completes a definition, already in version 3's form.</summary>
    public static void Complete(string name, JsonObject schema)
    {
        Facts.Value.GetProperty("defaults").TryGetProperty(name, out var exceptions);
        var required = schema.List("required").Texts().ToHashSet(StringComparer.Ordinal);
        foreach (var (field, value) in schema.Child("properties") ?? [])
        {
            if (value is not JsonObject property)
            {
                continue;
            }
            Members(property);
            var known = exceptions.ValueKind == JsonValueKind.Object && exceptions.TryGetProperty(field, out var exception) ? exception : default(JsonElement?);
            var zero = known is { } said ? (said.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(said.GetRawText())) : required.Contains(field) ? Zero(property) : null;
            if (zero is not null)
            {
                property["default"] = zero;
            }
            if (zero is not null || !Undescribed.Value.Contains($"{name}.{field}"))
            {
                Wrap(property);
            }
        }
    }

    /// <summary>An element of a list or a map is always written.</summary>
    private static void Members(JsonObject schema)
    {
        foreach (var part in (ReadOnlySpan<string>)["items", "additionalProperties"])
        {
            if (schema.Child(part) is { } member)
            {
                Members(member);
                if (Zero(member) is { } zero)
                {
                    member["default"] = zero;
                    Wrap(member);
                }
            }
        }
    }

    /// <summary>A reference that has something beside it is one of a list of one: version 3 lets nothing stand beside <c>$ref</c>.</summary>
    private static void Wrap(JsonObject schema)
    {
        if (schema.Text("$ref") is { } reference)
        {
            schema.Remove("$ref");
            schema["allOf"] = new JsonArray(new JsonObject { ["$ref"] = reference });
        }
    }

    private static JsonNode? Zero(JsonObject schema) => schema.Text("$ref") is { } reference
        ? WithoutZero.Contains(reference[(reference.LastIndexOf('/') + 1)..]) ? null : new JsonObject()
        : schema.Text("type") switch
        {
            "string" when schema.Text("format") != "byte" => "",
            "integer" or "number" => 0,
            "boolean" => false,
            _ => null,
        };
}
