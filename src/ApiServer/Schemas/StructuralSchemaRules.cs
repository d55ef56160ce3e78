using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// What the schema of a definition must be, in the passes in which kube-apiserver looks at it: structural (types everywhere, junctors only to narrow), with defaults that fit,
/// within what OpenAPI v3 may say here, and with rules that compile.
/// </summary>
internal static class StructuralSchemaRules
{
    private static readonly string[] Junctors = ["allOf", "anyOf", "oneOf"];

    /// <summary>What may stand at the root where the status is written by itself, and its part of the schema is taken out.</summary>
    private static readonly HashSet<string> AtStatusRoot =
    [
        "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems",
        "multipleOf", "required", "items", "properties", "externalDocs", "example", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    ];

    private enum Level
    {
        Root,
        Item,
        Field,
    }

    /// <param name="root">The schema of the whole object.</param>
    /// <param name="at">Its place in the definition.</param>
    /// <param name="hasStatus">The status is a subresource.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void Check(JsonObject root, string at, bool hasStatus, FieldErrors errors)
    {
        if (hasStatus)
        {
            StatusRoot(root, at, errors);
        }
        if (root["nullable"].AsBool() == true)
        {
            errors.Forbidden($"{at}.nullable", "nullable cannot be true at the root");
        }
        var before = errors.Count;
        if (!IsBeyondStructural(root) && SaysOfWhatSchemaItIs(root))
        {
            errors.Invalid(at, "", "OpenAPIV3Schema 'schema' is not supported");
        }
        else if (!IsBeyondStructural(root))
        {
            Invariants(root, Level.Root, at, errors);
            foreach (var junctor in (string[])[.. Junctors, "not"])
            {
                Complete(root, root, junctor, at, at, errors);
            }
            if (errors.Count == before)
            {
                SchemaDefaultRules.Check(root, at, errors, isRoot: true);
            }
        }
        OpenApiSchemaRules.Check(root, at, errors, withRules: errors.Count == before && !IsBeyondStructural(root));
    }

    private static void StatusRoot(JsonObject root, string at, FieldErrors errors)
    {
        if (root.Text("type") is { Length: > 0 } type && type != "object")
        {
            errors.Invalid($"{at}.type", type, "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled");
        }
        else if (root.FirstOrDefault(p => !AtStatusRoot.Contains(p.Key) && p.Value is not (null or JsonArray { Count: 0 } or JsonObject { Count: 0 }) && p.Value.AsBool() != false).Key is not null)
        {
            errors.Invalid(at, root.DeepClone(), "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf "
                + "Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled");
        }
    }

    /// <summary>Whether <c>$schema</c> stands anywhere.</summary>
    private static bool SaysOfWhatSchemaItIs(JsonObject schema) => schema.Text("$schema") is { Length: > 0 }
        || (schema.Child("items") is { } items && SaysOfWhatSchemaItIs(items))
        || (schema["additionalProperties"] is JsonObject values && SaysOfWhatSchemaItIs(values))
        || (schema.Child("properties") ?? []).Any(p => p.Value is JsonObject property && SaysOfWhatSchemaItIs(property));

    /// <summary>Whether a schema says what has no structural form at all: that is told by itself.</summary>
    private static bool IsBeyondStructural(JsonObject schema) =>
        schema["$ref"] is not null || schema["items"] is JsonArray || schema.Text("type") == "null"
        || ((string[])["id", "additionalItems", "patternProperties", "definitions", "dependencies"]).Any(f => schema[f] is not null)
        || OpenApiSchemaRules.Below(schema, "").Any(b => IsBeyondStructural(b.Schema));

    private static void Invariants(JsonObject schema, Level level, string at, FieldErrors errors)
    {
        var type = schema.Text("type") ?? "";
        if (type == "array" && schema["items"] is null)
        {
            errors.Required($"{at}.items", "must be specified");
        }
        if (schema.Child("items") is { } items)
        {
            Invariants(items, Level.Item, $"{at}.items", errors);
        }
        foreach (var (name, child) in schema.Child("properties") ?? [])
        {
            if (child is JsonObject field)
            {
                Invariants(field, Level.Field, $"{at}.properties[{name}]", errors);
            }
        }
        if (schema["additionalProperties"] is { } additional)
        {
            if (level == Level.Root)
            {
                errors.Forbidden($"{at}.additionalProperties", "must not be used at the root");
            }
            if (additional is JsonObject values)
            {
                Invariants(values, Level.Field, $"{at}.additionalProperties", errors);
            }
        }
        Extensions(schema, at, errors);
        Values(schema, at, errors, IsIntOrString(schema.List("anyOf")), IsIntOrString(schema.List("allOf").Objects().FirstOrDefault()?.List("anyOf")));
        Types(schema, level, type, at, errors);
        if (level == Level.Root || Is(schema, "x-kubernetes-embedded-resource"))
        {
            foreach (var name in (string[])["kind", "apiVersion"])
            {
                if (schema.At("properties", name) is JsonObject own && own.Text("type") is not "string" and var other)
                {
                    errors.Invalid($"{at}.properties[{name}].type", other ?? "", "must be string");
                }
            }
        }
        if (schema.At("properties", "metadata") is JsonObject metadata)
        {
            Metadata(metadata, level, Is(schema, "x-kubernetes-embedded-resource"), $"{at}.properties[metadata]", errors);
        }
    }

    private static void Types(JsonObject schema, Level level, string type, string at, FieldErrors errors)
    {
        var embedded = Is(schema, "x-kubernetes-embedded-resource");
        if (embedded && type != "object")
        {
            if (type.Length == 0)
            {
                errors.Required($"{at}.type", "must be object if x-kubernetes-embedded-resource is true");
            }
            else
            {
                errors.Invalid($"{at}.type", type, "must be object if x-kubernetes-embedded-resource is true");
            }
        }
        else if (type.Length == 0 && !Is(schema, "x-kubernetes-int-or-string") && !Is(schema, "x-kubernetes-preserve-unknown-fields"))
        {
            errors.Required($"{at}.type", level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            });
        }
        if (embedded && schema["additionalProperties"] is not null)
        {
            errors.Forbidden($"{at}.additionalProperties", "must not be used if x-kubernetes-embedded-resource is set");
        }
        if (level == Level.Root && type.Length > 0 && type != "object")
        {
            errors.Invalid($"{at}.type", type, "must be object at the root");
        }
        if (embedded && !Is(schema, "x-kubernetes-preserve-unknown-fields") && schema.Child("properties") is not { Count: > 0 })
        {
            errors.Required($"{at}.properties", "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
        }
    }

    private static void Extensions(JsonObject schema, string at, FieldErrors errors)
    {
        if (!Is(schema, "x-kubernetes-int-or-string"))
        {
            return;
        }
        foreach (var other in (string[])["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"])
        {
            if (Is(schema, other))
            {
                errors.Invalid($"{at}.{other}", true, "must be false if x-kubernetes-int-or-string is true");
            }
        }
    }

    /// <summary>The metadata of the whole object is the server's; a schema may only narrow its name.</summary>
    private static void Metadata(JsonObject metadata, Level level, bool embedded, string at, FieldErrors errors)
    {
        if ((level == Level.Root || embedded) && metadata.Text("type") is not "object" and var type)
        {
            errors.Invalid($"{at}.type", type ?? "", "must be object");
        }
        var names = (metadata.Child("properties") ?? []).All(p => p.Key is "name" or "generateName");
        if (level == Level.Root && !(names && metadata.All(p => p.Key is "properties" or "type" or "default")))
        {
            errors.Forbidden(at, "must not specify anything other than name and generateName, but metadata is implicitly specified");
        }
    }

    private static void Values(JsonObject schema, string at, FieldErrors errors, bool skipAnyOf, bool skipFirstAnyOf)
    {
        foreach (var junctor in Junctors)
        {
            var number = 0;
            foreach (var part in schema.List(junctor).Objects())
            {
                if (!(junctor == "anyOf" && skipAnyOf))
                {
                    Nested(part, $"{at}.{junctor}[{number}]", errors, junctor == "allOf" && number == 0 && skipFirstAnyOf);
                }
                number++;
            }
        }
        if (schema.Child("not") is { } not)
        {
            Nested(not, $"{at}.not", errors, false);
        }
        if (schema.Text("pattern") is { Length: > 0 } pattern && PatternProblem(pattern) is { } problem)
        {
            errors.Invalid($"{at}.pattern", pattern, $"must be a valid regular expression, but isn't: error parsing regexp: {problem}");
        }
    }

    /// <summary>Below a junctor values are narrowed, and nothing else is said.</summary>
    private static void Nested(JsonObject schema, string at, FieldErrors errors, bool skipAnyOf)
    {
        Values(schema, at, errors, skipAnyOf, false);
        if (schema.Child("items") is { } items)
        {
            Nested(items, $"{at}.items", errors, false);
        }
        foreach (var (name, child) in schema.Child("properties") ?? [])
        {
            if (child is JsonObject field)
            {
                Nested(field, $"{at}.properties[{name}]", errors, false);
            }
        }
        foreach (var (field, problem) in ((string, string)[])
            [("type", "must be empty to be structural"), ("additionalProperties", "must be undefined to be structural"), ("default", "must be undefined to be structural"),
             ("title", "must be empty to be structural"), ("description", "must be empty to be structural"), ("nullable", "must be false to be structural"),
             ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"), ("x-kubernetes-embedded-resource", "must be false to be structural"),
             ("x-kubernetes-int-or-string", "must be false to be structural"), ("x-kubernetes-list-map-keys", "must be empty to be structural"),
             ("x-kubernetes-list-type", "must be undefined to be structural"), ("x-kubernetes-map-type", "must be undefined to be structural"), ("x-kubernetes-validations", "must be empty to be structural")])
        {
            if (schema[field] is { } given && given.AsText() != "" && given is not JsonArray { Count: 0 } && (given.AsBool() != false || field == "default"))
            {
                errors.Forbidden($"{at}.{field}", problem);
            }
        }
        if (schema.At("properties", "metadata") is not null)
        {
            errors.Forbidden($"{at}.properties[metadata]", "must not be specified in a nested context");
        }
    }

    /// <summary>What a junctor narrows must stand outside of it too.</summary>
    private static void Complete(JsonObject narrowed, JsonObject? structure, string junctor, string at, string where, FieldErrors errors)
    {
        var parts = junctor == "not" ? narrowed.Child("not") is { } not ? [not] : [] : narrowed.List(junctor).Objects().ToList();
        for (var i = 0; i < parts.Count; i++)
        {
            Covered(parts[i], structure, at, junctor == "not" ? $"{where}.not" : $"{where}.{junctor}[{i}]", errors);
        }
    }

    private static void Covered(JsonObject narrowed, JsonObject? structure, string at, string where, FieldErrors errors)
    {
        if (structure is null)
        {
            errors.Required(at, $"because it is defined in {where}");
            return;
        }
        foreach (var junctor in (string[])["not", .. Junctors])
        {
            Complete(narrowed, structure, junctor, at, where, errors);
        }
        if (narrowed.Child("items") is { } items)
        {
            Covered(items, structure.Child("items"), $"{at}.items", $"{where}.items", errors);
        }
        foreach (var (name, child) in narrowed.Child("properties") ?? [])
        {
            if (child is JsonObject field)
            {
                Covered(field, structure.At("properties", name) as JsonObject, $"{at}.properties[{name}]", $"{where}.properties[{name}]", errors);
            }
        }
    }

    private static bool IsIntOrString(JsonArray? any) =>
        any.Objects().ToList() is [var one, var other] && one.Count == 1 && other.Count == 1 && one.Text("type") == "integer" && other.Text("type") == "string";

    private static bool Is(JsonObject schema, string field) => schema[field].AsBool() == true;

    /// <summary>What is wrong with a pattern, in Go's words where it is one of the mistakes that people make; null when nothing is.</summary>
    private static string? PatternProblem(string pattern)
    {
        try
        {
            SchemaValidator.Matches(pattern, "");
            return null;
        }
        catch (System.Text.RegularExpressions.RegexParseException wrong)
        {
            var at = Math.Clamp(wrong.Offset, 0, pattern.Length);
            return wrong.Error switch
            {
                System.Text.RegularExpressions.RegexParseError.InsufficientClosingParentheses => $"missing closing ): `{pattern}`",
                System.Text.RegularExpressions.RegexParseError.InsufficientOpeningParentheses => $"unexpected ): `{pattern}`",
                System.Text.RegularExpressions.RegexParseError.UnterminatedBracket => $"missing closing ]: `{pattern[Math.Max(0, pattern.LastIndexOf('['))..]}`",
                System.Text.RegularExpressions.RegexParseError.QuantifierAfterNothing => $"missing argument to repetition operator: `{pattern[Math.Max(0, at - 1)..at]}`",
                System.Text.RegularExpressions.RegexParseError.NestedQuantifiersNotParenthesized => $"invalid nested repetition operator: `{pattern[Math.Max(0, at - 2)..at]}`",
                System.Text.RegularExpressions.RegexParseError.UnescapedEndingBackslash => "trailing backslash at end of expression: ``",
                _ => $"invalid escape sequence: `{pattern[Math.Max(0, at - 2)..at]}`",
            };
        }
        catch (ArgumentException wrong)
        {
            return wrong.Message;
        }
    }
}
