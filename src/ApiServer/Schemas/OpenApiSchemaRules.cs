using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What a schema of a definition may say of all that OpenAPI v3 knows, with Kubernetes' own extensions and rules.</summary>
internal static class OpenApiSchemaRules
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    /// <summary>Where a schema stands.</summary>
    /// <param name="NoDefaults">Why nothing can have a default here; null where it can.</param>
    /// <param name="InMetadata">It describes apiVersion, kind or metadata.</param>
    /// <param name="Uncorrelatable">The list above in whose elements the old value cannot be found; null outside of such.</param>
    /// <param name="WithRules">Rules are compiled: the schema is structural, and this part of it is no junctor's.</param>
    private sealed record Place(string? NoDefaults, bool InMetadata, string? Uncorrelatable, bool WithRules);

    /// <param name="root">The schema of the whole object.</param>
    /// <param name="at">Its place in the definition.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <param name="withRules">Whether <c>x-kubernetes-validations</c> are compiled, which only structural schemas allow.</param>
    public static void Check(JsonObject root, string at, FieldErrors errors, bool withRules)
    {
        var cost = new CelCostTotal();
        Walk(root, at, new Place(null, false, null, withRules), isRoot: true, 1, cost, errors);
        cost.Report(at, errors);
    }

    /// <summary>All schemas directly below one, with their places.</summary>
    public static IEnumerable<(JsonObject Schema, string At)> Below(JsonObject schema, string at)
    {
        foreach (var (name, child) in schema.Child("properties") ?? [])
        {
            if (child is JsonObject field)
            {
                yield return (field, $"{at}.properties[{name}]");
            }
        }
        foreach (var single in (string[])["items", "additionalProperties", "not"])
        {
            if (schema.Child(single) is { } child)
            {
                yield return (child, $"{at}.{single}");
            }
        }
        foreach (var junctor in (string[])["allOf", "anyOf", "oneOf"])
        {
            var number = 0;
            foreach (var part in schema.List(junctor).Objects())
            {
                yield return (part, $"{at}.{junctor}[{number++}]");
            }
        }
    }

    private static void Walk(JsonObject schema, string at, Place place, bool isRoot, ulong? cardinality, CelCostTotal cost, FieldErrors errors)
    {
        var before = errors.Count;
        Standard(schema, at, place, errors);
        if (schema["uniqueItems"].AsBool() == true)
        {
            errors.Forbidden($"{at}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }
        if (schema["additionalProperties"] is { } additional && schema.Child("properties") is { Count: > 0 } && (additional is JsonObject || additional.AsBool() == false))
        {
            errors.Forbidden($"{at}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        }
        foreach (var (child, where) in Below(schema, at))
        {
            Walk(child, where, Inside(schema, at, where, place, isRoot), isRoot: false, CelCardinality.Below(schema, where[at.Length..], cardinality), cost, errors);
        }
        if (schema["x-kubernetes-preserve-unknown-fields"].AsBool() == false)
        {
            errors.Invalid($"{at}.x-kubernetes-preserve-unknown-fields", false, "must be true or undefined");
        }
        Maps(schema, at, errors);
        Lists(schema, at, errors);
        CelRuleChecks.Form(schema, at, errors);
        if (errors.Count == before && place.WithRules)
        {
            CelRuleChecks.Check(schema, at, isRoot, place.Uncorrelatable, cardinality, cost, errors);
        }
    }

    private static Place Inside(JsonObject schema, string at, string where, Place place, bool isRoot)
    {
        var step = where[at.Length..];
        if (step == ".items")
        {
            // The elements of a list can be told apart only where it is a map by keys.
            return schema.Text("x-kubernetes-list-type") == "map" ? place : place with { Uncorrelatable = place.Uncorrelatable ?? at };
        }
        if (step == ".additionalProperties")
        {
            return place.InMetadata ? place with { NoDefaults = "inside additionalProperties applying to object metadata" } : place;
        }
        if (step is ".properties[metadata]" or ".properties[kind]" or ".properties[apiVersion]" && (isRoot || schema["x-kubernetes-embedded-resource"].AsBool() == true))
        {
            return place with { InMetadata = true, NoDefaults = isRoot ? $"in top-level {step[12..^1]}" : place.NoDefaults };
        }
        return step.StartsWith(".properties[", StringComparison.Ordinal) ? place : place with { WithRules = false };
    }

    private static void Standard(JsonObject schema, string at, Place place, FieldErrors errors)
    {
        if (schema.Text("type") is { Length: > 0 } type && Array.IndexOf(Types, type) < 0)
        {
            errors.NotSupported($"{at}.type", type, Types);
        }
        if (schema["default"] is not null && place.NoDefaults is { } reason)
        {
            errors.Forbidden($"{at}.default", $"must not be set {reason}");
        }
        foreach (var field in (string[])["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"])
        {
            if (schema[field] is { } given && given is not JsonObject { Count: 0 } && given.AsText() != "")
            {
                errors.Forbidden($"{at}.{field}", $"{field} is not supported");
            }
        }
        if (schema.Text("type") == "null")
        {
            errors.Forbidden($"{at}.type", "type cannot be set to null, use nullable as an alternative");
        }
        if (schema["items"] is JsonArray)
        {
            errors.Forbidden($"{at}.items", "items must be a schema object and not an array");
        }
        if (place.InMetadata && schema["x-kubernetes-embedded-resource"].AsBool() == true)
        {
            errors.Forbidden($"{at}.x-kubernetes-embedded-resource", "must not be used inside of resource meta");
        }
    }

    private static void Maps(JsonObject schema, string at, FieldErrors errors)
    {
        if (schema.Text("x-kubernetes-map-type") is not { } mapType)
        {
            return;
        }
        MustBe(schema, "object", "x-kubernetes-map-type", at, errors);
        if (mapType is not ("atomic" or "granular"))
        {
            errors.NotSupported($"{at}.x-kubernetes-map-type", mapType, ["atomic", "granular"]);
        }
    }

    private static void MustBe(JsonObject schema, string wanted, string extension, string at, FieldErrors errors)
    {
        var type = schema.Text("type") ?? "";
        if (type == wanted)
        {
            return;
        }
        if (type.Length == 0)
        {
            errors.Required($"{at}.type", $"must be {wanted} if {extension} is specified");
        }
        else
        {
            errors.Invalid($"{at}.type", type, $"must be {wanted} if {extension} is specified");
        }
    }

    private static void Lists(JsonObject schema, string at, FieldErrors errors)
    {
        var (listType, items, keys) = (schema.Text("x-kubernetes-list-type"), schema.Child("items"), schema.List("x-kubernetes-list-map-keys").Texts().ToList());
        if (listType is not null)
        {
            MustBe(schema, "array", "x-kubernetes-list-type", at, errors);
            if (schema.Text("type") == "array" && listType == "set")
            {
                if (items?.Text("type") == "array" && items.Text("x-kubernetes-list-type") is not (null or "atomic") and var inner)
                {
                    errors.Invalid($"{at}.items.x-kubernetes-list-type", inner, "must be atomic as item of a list with x-kubernetes-list-type=set");
                }
                if (items?.Text("type") == "object" && items.Text("x-kubernetes-map-type") != "atomic")
                {
                    errors.Invalid($"{at}.items.x-kubernetes-map-type", null, "must be atomic as item of a list with x-kubernetes-list-type=set");
                }
            }
            if (listType is not ("atomic" or "set" or "map"))
            {
                errors.NotSupported($"{at}.x-kubernetes-list-type", listType, ["atomic", "set", "map"]);
            }
        }
        if (keys.Count > 0 && listType is null)
        {
            errors.Required($"{at}.x-kubernetes-list-type", "must be map if x-kubernetes-list-map-keys is non-empty");
        }
        else if (keys.Count > 0 && listType != "map")
        {
            errors.Invalid($"{at}.x-kubernetes-list-type", listType, "must be map if x-kubernetes-list-map-keys is non-empty");
        }
        if (listType == "map")
        {
            ListMap(schema, items, keys, at, errors);
        }
        if (listType is "map" or "set" && items?["nullable"].AsBool() == true)
        {
            errors.Forbidden($"{at}.items.nullable", $"cannot be nullable when x-kubernetes-list-type is {listType}");
        }
    }

    private static void ListMap(JsonObject schema, JsonObject? items, List<string> keys, string at, FieldErrors errors)
    {
        if (keys.Count == 0)
        {
            errors.Required($"{at}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
        }
        if (schema["items"] is null)
        {
            errors.Required($"{at}.items", "must have a schema if x-kubernetes-list-type is map");
        }
        if (items is null)
        {
            return;
        }
        if (items.Text("type") is not "object" and var type)
        {
            errors.Invalid($"{at}.items.type", type ?? "", "must be object if parent array's x-kubernetes-list-type is map");
        }
        var required = items.List("required").Texts().ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < keys.Count; i++)
        {
            var field = items.At("properties", keys[i]) as JsonObject;
            if (items.Text("type") == "object")
            {
                if (field?.Text("type") is "array" or "object")
                {
                    errors.Invalid($"{at}.items.properties[{keys[i]}].type", items.Text("type"), "must be a scalar type if parent array's x-kubernetes-list-type is map");
                }
                else if (field is null)
                {
                    errors.InvalidTexts($"{at}.x-kubernetes-list-map-keys", keys, "entries must all be names of item properties");
                }
                if (keys.IndexOf(keys[i]) < i)
                {
                    errors.InvalidTexts($"{at}.x-kubernetes-list-map-keys", keys, "must not contain duplicate entries");
                }
            }
            if (field is not null && !required.Contains(keys[i]) && field["default"] is null)
            {
                errors.Required($"{at}.items.properties[{keys[i]}].default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
            }
            if (field?["nullable"].AsBool() == true)
            {
                errors.Forbidden($"{at}.items.properties[{keys[i]}].nullable", "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
            }
        }
    }
}
