using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What makes a CRD's schema structural: types everywhere, junctors only to narrow, no references.</summary>
internal static class StructuralSchemaRules
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    public static void Check(JsonObject root, string at, FieldErrors errors)
    {
        if (root.Text("type") is { Length: > 0 } type && type != "object")
        {
            errors.Invalid($"{at}.type", type, "must be object at the root");
            return;
        }
        Walk(root, at, errors, isRoot: true);
    }

    private static void Walk(JsonObject schema, string at, FieldErrors errors, bool isRoot = false, bool inJunctor = false, bool correlatable = true)
    {
        var type = schema.Text("type");
        var intOrString = schema["x-kubernetes-int-or-string"].AsBool() == true;
        var preserve = schema["x-kubernetes-preserve-unknown-fields"];
        if (type is not null and not "" && Array.IndexOf(Types, type) < 0)
        {
            errors.NotSupported($"{at}.type", type, Types);
        }
        else if (string.IsNullOrEmpty(type) && !inJunctor && !intOrString && preserve.AsBool() != true)
        {
            errors.Required($"{at}.type", isRoot ? "must not be empty at the root" : at.EndsWith(".items", StringComparison.Ordinal)
                ? "must not be empty for specified array items" : "must not be empty for specified object fields");
        }
        if (preserve is not null && preserve.AsBool() == false)
        {
            errors.Invalid($"{at}.x-kubernetes-preserve-unknown-fields", false, "must be true or undefined");
        }
        if (schema["$ref"] is { } reference)
        {
            errors.Forbidden($"{at}.$ref", $"$ref is not supported: {reference}");
        }
        if (schema["uniqueItems"].AsBool() == true)
        {
            errors.Forbidden($"{at}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }
        foreach (var field in (string[])["definitions", "dependencies", "patternProperties", "additionalItems", "id", "deprecated"])
        {
            if (schema[field] is not null)
            {
                errors.Forbidden($"{at}.{field}", $"{field} is not supported");
            }
        }
        if (schema["additionalProperties"].AsBool() == false)
        {
            errors.Forbidden($"{at}.additionalProperties", "additionalProperties cannot be set to false");
        }
        if (schema["additionalProperties"] is not null && schema.Child("properties") is { Count: > 0 })
        {
            errors.Forbidden($"{at}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        }
        if (type == "array" && schema["items"] is null && !inJunctor)
        {
            errors.Required($"{at}.items", "must be specified");
        }
        if (schema["items"] is JsonArray)
        {
            errors.Forbidden($"{at}.items", "items must be a schema object and not an array");
        }
        if (schema.Text("pattern") is { } pattern && !IsPattern(pattern))
        {
            errors.Invalid($"{at}.pattern", pattern, "must be a valid regular expression, but isn't: error parsing regexp");
        }
        ListType(schema, at, errors);
        if (intOrString)
        {
            foreach (var field in (string[])["type", "format"])
            {
                if (schema.Text(field) is { Length: > 0 } given && !inJunctor)
                {
                    errors.Forbidden($"{at}.{field}", $"must be empty if x-kubernetes-int-or-string is true, not '{given}'");
                }
            }
        }
        Embedded(schema, type, at, errors);
        if (isRoot && schema.At("properties", "metadata") is JsonObject metadata)
        {
            Metadata(metadata, $"{at}.properties[metadata]", errors);
        }
        if (schema.TryGetPropertyValue("default", out var fallback) && !(fallback is null && schema["nullable"].AsBool() == true))
        {
            if (isRoot)
            {
                errors.Forbidden($"{at}.default", "must not be set at the root");
            }
            else if (!inJunctor)
            {
                SchemaValidator.ValidateValue(fallback, StructuralSchemaReader.Read(schema), $"{at}.default", errors);
            }
        }
        CelRuleChecks.Check(schema, at, isRoot, correlatable, errors);
        foreach (var (name, child) in schema.Child("properties") ?? [])
        {
            if (child is JsonObject field && !(isRoot && name is "metadata" or "apiVersion" or "kind" && isRoot))
            {
                Walk(field, $"{at}.properties[{name}]", errors, false, inJunctor, correlatable);
            }
        }
        if (schema.Child("items") is { } items)
        {
            // The elements of a list can be told apart only where it is a map by keys.
            Walk(items, $"{at}.items", errors, false, inJunctor, correlatable && schema.Text("x-kubernetes-list-type") == "map");
        }
        if (schema.Child("additionalProperties") is { } values)
        {
            Walk(values, $"{at}.additionalProperties", errors, false, inJunctor, correlatable);
        }
        foreach (var junctor in (string[])["allOf", "anyOf", "oneOf"])
        {
            var number = 0;
            foreach (var part in schema.List(junctor).Objects())
            {
                Junctor(part, $"{at}.{junctor}[{number++}]", errors, intOrString);
            }
        }
        if (schema.Child("not") is { } not)
        {
            Junctor(not, $"{at}.not", errors, intOrString);
        }
    }

    private static void Embedded(JsonObject schema, string? type, string at, FieldErrors errors)
    {
        if (schema["x-kubernetes-embedded-resource"].AsBool() != true)
        {
            return;
        }
        if (type != "object")
        {
            errors.Invalid($"{at}.type", type ?? "", "must be object if x-kubernetes-embedded-resource is true");
        }
        if (schema.Child("properties") is not { Count: > 0 } && schema["x-kubernetes-preserve-unknown-fields"].AsBool() != true)
        {
            errors.Required($"{at}.properties", "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
        }
    }

    /// <summary>The metadata of the whole object is the server's; a schema may only narrow its name.</summary>
    private static void Metadata(JsonObject metadata, string at, FieldErrors errors)
    {
        if (metadata.Text("type") is { Length: > 0 } type && type != "object")
        {
            errors.Invalid($"{at}.type", type, "must be object");
        }
        foreach (var field in (metadata.Child("properties") ?? []).Select(p => p.Key).Where(k => k is not ("name" or "generateName")))
        {
            errors.Forbidden($"{at}.properties[{field}]", "must not specify anything other than name and generateName, but metadata is implicitly specified");
        }
    }

    private static void Junctor(JsonObject schema, string at, FieldErrors errors, bool intOrString)
    {
        foreach (var field in (string[])["description", "title", "default", "nullable", "additionalProperties", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"])
        {
            if (schema[field] is not null && schema[field].AsBool() != false)
            {
                errors.Forbidden($"{at}.{field}", "must be undefined to be structural");
            }
        }
        if (schema.Text("type") is { Length: > 0 } && !(intOrString && schema.Text("type") is "integer" or "string" && intOrString))
        {
            errors.Forbidden($"{at}.type", "must be empty to be structural");
        }
        Walk(schema, at, errors, false, inJunctor: true);
    }

    private static void ListType(JsonObject schema, string at, FieldErrors errors)
    {
        var listType = schema.Text("x-kubernetes-list-type");
        if (listType is null)
        {
            return;
        }
        if (listType is not ("atomic" or "set" or "map"))
        {
            errors.NotSupported($"{at}.x-kubernetes-list-type", listType, ["atomic", "map", "set"]);
        }
        if (schema.Text("type") is { } type && type != "array")
        {
            errors.Invalid($"{at}.type", type, "must be array if x-kubernetes-list-type is specified");
        }
        if (listType == "map")
        {
            if (schema.List("x-kubernetes-list-map-keys") is not { Count: > 0 })
            {
                errors.Required($"{at}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
            }
            foreach (var key in schema.List("x-kubernetes-list-map-keys").Texts())
            {
                var field = schema.At("items", "properties", key) as JsonObject;
                if (field is null)
                {
                    errors.Invalid($"{at}.x-kubernetes-list-map-keys", schema["x-kubernetes-list-map-keys"]!.DeepClone(), "entries must all be names of item properties");
                }
                else if (field["default"] is null && !schema.At("items", "required").AsArrayOrEmpty().Texts().Contains(key))
                {
                    errors.Required($"{at}.items.properties[{key}].default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
                }
            }
        }
    }

    private static JsonArray AsArrayOrEmpty(this JsonNode? node) => node as JsonArray ?? [];

    private static bool IsPattern(string pattern)
    {
        try
        {
            SchemaValidator.Matches(pattern, "");
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
