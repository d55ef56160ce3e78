using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// The definitions of a custom resource: its kind and its list, from the schema of its version. Version 2 is told less, as a real server tells it: kubectl reads that
/// document, and takes unknown what it finds no place for.
/// </summary>
internal static class CustomOpenApiSchemas
{
    private const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    private const string ListMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

    /// <summary>What a structural schema is made of; other words of its author are not published.</summary>
    private static readonly string[] Words =
    [
        "type", "nullable", "description", "title", "default", "format", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
        "maxItems", "minItems", "multipleOf", "enum", "maxProperties", "minProperties", "required", "allOf", "anyOf", "oneOf", "not", "items", "properties",
        "additionalProperties", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type", "x-kubernetes-map-type", "x-kubernetes-validations",
    ];

    /// <summary>Words that version 2 does not have.</summary>
    private static readonly string[] NotInV2 = ["allOf", "anyOf", "oneOf", "not", "default"];

    public static IEnumerable<(string Name, JsonObject Schema)> V2(ApiResource row)
    {
        var open = row.Custom!.PreserveUnknownFields || row.Custom.OpenApiSchema?["x-kubernetes-preserve-unknown-fields"].AsBool() == true;
        return Of(row, open ? null : row.Custom.OpenApiSchema, v2: true);
    }

    public static IEnumerable<(string Name, JsonObject Schema)> V3(ApiResource row) => Of(row, row.Custom!.OpenApiSchema, v2: false);

    /// <summary>Group turned round, version, kind: how definitions of custom kinds are named.</summary>
    public static string DefinitionName(ApiResource row, string kind) => $"{string.Join('.', row.Group.Split('.').Reverse())}.{row.Version}.{kind}";

    private static IEnumerable<(string Name, JsonObject Schema)> Of(ApiResource row, JsonObject? given, bool v2)
    {
        var schema = new JsonObject { ["type"] = "object" };
        if (given is not null)
        {
            schema = Published(given, v2);
            Furnish(schema, ObjectMeta, v2);
        }
        yield return (DefinitionName(row, row.Kind), Marked(schema, row, row.Kind));
        var list = new JsonObject { ["type"] = "object", ["required"] = new JsonArray("items") };
        Furnish(list, ListMeta, v2);
        list.Need("properties")["items"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["$ref"] = Prefix(v2) + DefinitionName(row, row.Kind) } };
        yield return (DefinitionName(row, row.ListKind), Marked(list, row, row.ListKind));
    }

    private static JsonObject Marked(JsonObject schema, ApiResource row, string kind)
    {
        schema["x-kubernetes-group-version-kind"] = new JsonArray(new JsonObject { ["group"] = row.Group, ["kind"] = kind, ["version"] = row.Version });
        schema["x-kubernetes-selectable-fields"] = new JsonArray([.. row.Custom!.SelectableFields.Select(f => new JsonObject { ["fieldPath"] = f })]);
        return schema;
    }

    private static JsonObject Published(JsonObject given, bool v2)
    {
        var schema = new JsonObject();
        foreach (var word in Words)
        {
            if (given.TryGetPropertyValue(word, out var value) && value is not null && value.KindOf() is not JsonValueKind.False && !(v2 && NotInV2.Contains(word)))
            {
                schema[word] = value.DeepClone();
            }
        }
        if (given["default"] is { } fallback && !v2)
        {
            schema["default"] = fallback.DeepClone();
        }
        if (v2)
        {
            Reduce(schema);
        }
        else if (schema["x-kubernetes-int-or-string"].AsBool() == true && !schema.ContainsKey("anyOf") && !schema.ContainsKey("allOf"))
        {
            schema["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
        }
        foreach (var (name, property) in schema.Child("properties")?.ToArray() ?? [])
        {
            schema.Child("properties")![name] = Published(property as JsonObject ?? [], v2);
        }
        foreach (var part in (ReadOnlySpan<string>)["items", "additionalProperties"])
        {
            if (schema.Child(part) is { } member)
            {
                schema[part] = Published(member, v2);
            }
        }
        if (schema["x-kubernetes-embedded-resource"].AsBool() == true && !(v2 && schema["x-kubernetes-preserve-unknown-fields"].AsBool() == true))
        {
            Embed(schema, v2);
        }
        return schema;
    }

    /// <summary>Takes out what kubectl, which reads version 2, would misunderstand: what may be null has no type there, and what is open names no fields.</summary>
    private static void Reduce(JsonObject schema)
    {
        var nullable = schema["nullable"].AsBool() == true;
        var open = schema["x-kubernetes-preserve-unknown-fields"].AsBool() == true;
        schema.Remove("nullable");
        if (nullable || open)
        {
            schema.Remove("items");
            schema.Remove("properties");
        }
        if (nullable || (open && schema.Text("type") == "object") || (schema.Text("type") == "array" && !schema.ContainsKey("items")))
        {
            schema.Remove("type");
        }
        if (schema.List("required") is { } required)
        {
            foreach (var name in required.Texts().Where(n => schema.Child("properties")?.Child(n)?["nullable"].AsBool() == true).ToArray())
            {
                required.Remove(required.First(r => r.AsText() == name));
            }
            if (required.Count == 0 || schema.Child("additionalProperties")?["nullable"].AsBool() == true)
            {
                schema.Remove("required");
            }
        }
    }

    private static void Embed(JsonObject schema, bool v2)
    {
        Furnish(schema, ObjectMeta, v2);
        if (schema.List("required") is not { } required)
        {
            schema["required"] = required = [];
        }
        foreach (var name in (ReadOnlySpan<string>)["kind", "apiVersion"])
        {
            if (!required.Texts().Contains(name))
            {
                required.Add(name);
            }
        }
    }

    private static void Furnish(JsonObject schema, string metadata, bool v2)
    {
        var properties = schema.Need("properties");
        properties["apiVersion"] = new JsonObject { ["type"] = "string" };
        properties["kind"] = new JsonObject { ["type"] = "string" };
        var reference = new JsonObject { ["$ref"] = Prefix(v2) + metadata };
        properties["metadata"] = v2 ? reference : new JsonObject { ["allOf"] = new JsonArray(reference) };
    }

    private static string Prefix(bool v2) => v2 ? "#/definitions/" : "#/components/schemas/";
}
