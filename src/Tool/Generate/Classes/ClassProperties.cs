using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Tool;

/// <summary>
/// Writes the properties of one class. Beside the source it keeps what <see cref="CustomResource"/> will make of it again; what the schema has
/// beyond that goes into a [SchemaJson], so that nothing is lost on the way from CRD to class to CRD.
/// </summary>
internal sealed class ClassProperties(ClassWriter writer, string className)
{
    private readonly HashSet<string> _names = [className];

    /// <summary>What was written, in its order.</summary>
    public List<ModelProperty> Properties { get; } = [];

    /// <summary>The C# types of the properties by JSON name, with their nullability.</summary>
    public Dictionary<string, string> Types { get; } = [];

    /// <summary>Writes the properties of an object schema.</summary>
    /// <returns>The schema that they give.</returns>
    public JsonObject Write(StringBuilder members, JsonObject schema, IReadOnlyCollection<string> known)
    {
        var required = ClassWriter.Required(schema);
        var produced = new JsonObject { ["type"] = "object" };
        var properties = new JsonObject();
        foreach (var json in known) properties[json] = new JsonObject { ["type"] = json == "metadata" ? "object" : "string" };
        var producedRequired = new JsonArray();
        foreach (var (json, value) in schema["properties"]?.AsObject() ?? [])
        {
            if (known.Contains(json)) continue;
            members.Append('\n');
            properties[json] = Property(members, json, value as JsonObject ?? [], required.Contains(json));
        }
        foreach (var name in required.Where(name => properties.ContainsKey(name))) producedRequired.Add(name);
        produced["properties"] = properties;
        if (producedRequired.Count > 0) produced["required"] = producedRequired;
        if ((bool?)schema["x-kubernetes-preserve-unknown-fields"] == true && known.Count == 0)
        {
            members.Append("\n    /// <summary>Fields that the schema does not name.</summary>\n    [JsonExtensionData]\n    public Dictionary<string, JsonElement>? ExtensionData { get; set; }\n");
            produced["x-kubernetes-preserve-unknown-fields"] = true;
        }
        return produced;
    }

    /// <summary>The attributes of the class itself; adds to the schema what they give.</summary>
    public string ClassAttributes(JsonObject schema, JsonObject produced)
    {
        var text = new StringBuilder();
        ClassSource.Describe(produced, schema);
        Rules(text, "", schema, produced);
        if ((string?)schema["x-kubernetes-map-type"] == "atomic")
        {
            text.Append("[AtomicMap]\n");
            produced["x-kubernetes-map-type"] = "atomic";
        }
        Rest(text, "", schema, produced);
        return text.ToString();
    }

    private JsonObject Property(StringBuilder members, string json, JsonObject schema, bool required)
    {
        var name = ModelNames.Pascal(json);
        for (var n = 2; !_names.Add(name); n++) name = $"{ModelNames.Pascal(json)}{n}";
        var attributes = new StringBuilder($"    [JsonPropertyName({ClassSource.Literal(json)})]\n");
        var (type, isValue, produced) = Value(schema, className + name, attributes);
        if (required) attributes.Append("    [Required]\n");
        Constraints(attributes, schema, produced, name, members);
        ClassSource.Describe(produced, schema);
        Rest(attributes, "    ", schema, produced);
        var initial = !required || isValue ? "" : type switch
        {
            "string" => " = \"\";",
            "byte[]" => " = [];",
            "JsonNode" or "JsonObject" => " = new JsonObject();",
            "IntOrString" => " = 0;",
            "ResourceQuantity" => " = ResourceQuantity.Zero;",
            _ when type.StartsWith("IList<", StringComparison.Ordinal) => " = [];",
            _ when type.StartsWith("IDictionary<", StringComparison.Ordinal) => $" = new {type[1..]}();",
            _ => " = new();",
        };
        var full = required ? type : type + "?";
        ClassSource.Summary(members, "    ", (string?)schema["description"]);
        members.Append(attributes).Append($"    public {full} {name} {{ get; set; }}{initial}\n");
        Types[json] = full;
        Properties.Add(new ModelProperty(json, name, full, "", [], Patch: null, KeepEmpty: false, required));
        return produced;
    }

    private (string Type, bool IsValue, JsonObject Produced) Value(JsonObject schema, string className, StringBuilder attributes)
    {
        if ((bool?)schema["x-kubernetes-int-or-string"] == true)
        {
            return JsonNode.DeepEquals(schema["pattern"], CrdSchemaBuilder.Quantity()["pattern"])
                ? ("ResourceQuantity", false, CrdSchemaBuilder.Quantity())
                : ("IntOrString", false, CrdSchemaBuilder.IntOrString());
        }
        switch ((string?)schema["type"], (string?)schema["format"])
        {
            case ("string", "byte"): return ("byte[]", false, Typed("string", "byte"));
            case ("string", "date-time"): return ("DateTime", true, Typed("string", "date-time"));
            case ("string", var format): return ("string", false, Formatted(attributes, Typed("string", null), format));
            case ("boolean", var format): return ("bool", true, Formatted(attributes, Typed("boolean", null), format));
            case ("integer", "int32"): return ("int", true, Typed("integer", "int32"));
            case ("integer", var format): return ("long", true, Formatted(attributes, Typed("integer", "int64"), format));
            case ("number", var format): return ("double", true, Formatted(attributes, Typed("number", "double"), format));
            case ("array", _) when schema["items"] is JsonObject items: return List(schema, items, className);
            case ("object", _): return Object(schema, className);
            default: return ("JsonNode", false, new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true });
        }
    }

    private (string, bool, JsonObject) List(JsonObject schema, JsonObject items, string className)
    {
        var (type, _, produced) = Value(items, Singular(className), new StringBuilder());
        // What attributes say of a property they cannot say of its elements; it goes into the property's [SchemaJson].
        _ = schema;
        return ($"IList<{type}>", false, new JsonObject { ["type"] = "array", ["items"] = Plain(items, type, produced) });
    }

    private (string, bool, JsonObject) Object(JsonObject schema, string className)
    {
        if ((bool?)schema["x-kubernetes-embedded-resource"] == true)
            return ("JsonObject", false, new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true });
        if (IsCondition(schema)) return ("V1Condition", false, ModelOpenApi.Of(new V1Condition().FieldTable));
        if (schema["properties"] is JsonObject { Count: > 0 })
        {
            var (name, produced) = writer.Class(className, schema);
            return (name, false, (JsonObject)produced.DeepClone());
        }
        if (schema["additionalProperties"] is JsonObject values)
        {
            var (type, _, produced) = Value(values, Singular(className), new StringBuilder());
            return ($"IDictionary<string, {type}>", false, new JsonObject { ["type"] = "object", ["additionalProperties"] = Plain(values, type, produced) });
        }
        return ("JsonObject", false, new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true });
    }

    // Formats of elements cannot be taken back by an attribute, so that the type's own stays in what is produced.
    private static JsonObject Plain(JsonObject wanted, string type, JsonObject produced)
    {
        if (type == "long") produced["format"] = "int64";
        else if (type == "double") produced["format"] = "double";
        else if (type == "string" && wanted["format"] is not null) produced.Remove("format");
        return produced;
    }

    private static bool IsCondition(JsonObject schema) =>
        schema["properties"] is JsonObject properties
        && ClassWriter.Required(schema).IsSupersetOf(["type", "status", "lastTransitionTime", "reason", "message"])
        && properties.All(property => property.Key is "type" or "status" or "lastTransitionTime" or "reason" or "message" or "observedGeneration");

    private static JsonObject Typed(string type, string? format)
    {
        var schema = new JsonObject { ["type"] = type };
        if (format is not null) schema["format"] = format;
        return schema;
    }

    private static JsonObject Formatted(StringBuilder attributes, JsonObject produced, string? format)
    {
        if ((string?)produced["format"] == format) return produced;
        attributes.Append($"    [SchemaFormat({ClassSource.Literal(format ?? "")})]\n");
        if (format is null) produced.Remove("format");
        else produced["format"] = format;
        return produced;
    }

    private void Constraints(StringBuilder text, JsonObject schema, JsonObject produced, string name, StringBuilder members)
    {
        const string indent = "    ";
        if (schema["default"] is { } value)
        {
            text.Append($"{indent}[DefaultValue({Default(value)})]\n");
            produced["default"] = value.DeepClone();
        }
        if ((string?)schema["type"] == "string" && schema["enum"] is JsonArray values && values.All(item => item?.GetValueKind() == JsonValueKind.String))
        {
            text.Append($"{indent}[AllowedValues({ClassSource.Literals(values.Select(item => item!.GetValue<string>()))})]\n");
            produced["enum"] = values.DeepClone();
            Constants(members, name, [.. values.Select(item => item!.GetValue<string>())]);
        }
        if ((string?)schema["type"] == "string" && (string?)schema["pattern"] is { } pattern)
        {
            text.Append($"{indent}[RegularExpression({Verbatim(pattern)})]\n");
            produced["pattern"] = pattern;
        }
        Lengths(text, indent, schema, produced);
        Range(text, indent, schema, produced);
        if ((string?)schema["x-kubernetes-list-type"] is { } list and ("atomic" or "set" or "map"))
        {
            var keys = schema["x-kubernetes-list-map-keys"]?.AsArray().Select(key => key!.GetValue<string>()).ToList() ?? [];
            text.Append($"{indent}[ListType({string.Join(", ", [$"ListType.{ModelNames.Pascal(list)}", .. keys.Select(ClassSource.Literal)])})]\n");
            produced["x-kubernetes-list-type"] = list;
            if (keys.Count > 0) produced["x-kubernetes-list-map-keys"] = schema["x-kubernetes-list-map-keys"]!.DeepClone();
        }
        Flag(text, schema, produced, "nullable", "NullableField");
        Flag(text, schema, produced, "x-kubernetes-embedded-resource", "EmbeddedResource");
        if ((string?)schema["x-kubernetes-map-type"] == "atomic" && produced["x-kubernetes-map-type"] is null)
        {
            text.Append($"{indent}[AtomicMap]\n");
            produced["x-kubernetes-map-type"] = "atomic";
        }
        if (produced["x-kubernetes-validations"] is null) Rules(text, indent, schema, produced);
    }

    private static void Flag(StringBuilder text, JsonObject schema, JsonObject produced, string field, string attribute)
    {
        if ((bool?)schema[field] != true) return;
        text.Append($"    [{attribute}]\n");
        produced[field] = true;
    }

    private static void Lengths(StringBuilder text, string indent, JsonObject schema, JsonObject produced)
    {
        var (minimum, maximum) = (string?)schema["type"] switch
        {
            "array" => ("minItems", "maxItems"),
            "object" => ("minProperties", "maxProperties"),
            "string" => ("minLength", "maxLength"),
            _ => ("", ""),
        };
        foreach (var (field, attribute) in (ReadOnlySpan<(string, string)>)[(minimum, "MinLength"), (maximum, "MaxLength")])
        {
            if ((long?)schema[field] is not { } length || length > int.MaxValue) continue;
            text.Append($"{indent}[{attribute}({length})]\n");
            produced[field] = length;
        }
    }

    private static void Range(StringBuilder text, string indent, JsonObject schema, JsonObject produced)
    {
        var (minimum, maximum) = (Real(schema["minimum"]), Real(schema["maximum"]));
        if (minimum is null && maximum is null) return;
        var parts = new List<string>
        {
            minimum is { } low ? Number(low) : "double.NegativeInfinity",
            maximum is { } high ? Number(high) : "double.PositiveInfinity",
        };
        foreach (var (field, name) in (ReadOnlySpan<(string, string)>)[("exclusiveMinimum", "MinimumIsExclusive"), ("exclusiveMaximum", "MaximumIsExclusive")])
        {
            if ((bool?)schema[field] != true) continue;
            parts.Add($"{name} = true");
            produced[field] = true;
        }
        text.Append($"{indent}[Range({string.Join(", ", parts)})]\n");
        if (minimum is not null) produced["minimum"] = schema["minimum"]!.DeepClone();
        if (maximum is not null) produced["maximum"] = schema["maximum"]!.DeepClone();

        static double? Real(JsonNode? number) => number is null ? null : double.Parse(number.ToJsonString(), CultureInfo.InvariantCulture);

        static string Number(double value)
        {
            var number = value.ToString("R", CultureInfo.InvariantCulture);
            return number.AsSpan().IndexOfAny(".eE") < 0 ? number + ".0" : number;
        }
    }

    private static void Rules(StringBuilder text, string indent, JsonObject schema, JsonObject produced)
    {
        if (schema["x-kubernetes-validations"] is not JsonArray rules) return;
        foreach (var rule in rules.OfType<JsonObject>())
        {
            var parts = new List<string> { ClassSource.Literal((string)rule["rule"]!) };
            foreach (var (field, name) in (ReadOnlySpan<(string, string)>)[("message", "Message"), ("messageExpression", "MessageExpression"), ("reason", "Reason"), ("fieldPath", "FieldPath")])
            {
                if ((string?)rule[field] is { } value) parts.Add($"{name} = {ClassSource.Literal(value)}");
            }
            if ((bool?)rule["optionalOldSelf"] == true) parts.Add("OptionalOldSelf = true");
            text.Append($"{indent}[ValidationRule({string.Join(", ", parts)})]\n");
        }
        produced["x-kubernetes-validations"] = rules.DeepClone();
    }

    private static void Rest(StringBuilder text, string indent, JsonObject schema, JsonObject produced)
    {
        var difference = JsonMergePatch.Diff(Comparable(produced), Comparable(schema)) as JsonObject;
        if (difference is not { Count: > 0 }) return;
        text.Append($"{indent}[SchemaJson({ClassSource.Json(difference)})]\n");
        foreach (var (name, value) in (JsonObject)JsonMergePatch.Apply(produced.DeepClone(), difference)!) produced[name] = value?.DeepClone();
        foreach (var (name, value) in difference)
        {
            if (value is null) produced.Remove(name);
        }
    }

    // Descriptions are the summaries of classes and properties, paragraph by paragraph, and built-in types have none; the order of required fields means nothing.
    private static JsonNode? Comparable(JsonNode? node, bool described = true)
    {
        switch (node)
        {
            case JsonObject map:
                described &= !IsCondition(map);
                var copy = new JsonObject();
                foreach (var (name, value) in map)
                {
                    if (name == "description" && value is JsonValue text)
                    {
                        if (described && ClassSource.Paragraphs((string?)text) is { Length: > 0 } description) copy[name] = description;
                        continue;
                    }
                    copy[name] = name == "required" && value is JsonArray list
                        ? new JsonArray([.. list.Select(item => (string)item!).Order(StringComparer.Ordinal).Select(item => JsonValue.Create(item))])
                        : name == "default" || name == "enum" ? value?.DeepClone() : Comparable(value, described);
                }
                return copy;
            case JsonArray list:
                return new JsonArray([.. list.Select(item => Comparable(item, described))]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number:
                return JsonValue.Create(value.ToJsonString() is var digits && long.TryParse(digits, CultureInfo.InvariantCulture, out var whole) ? whole : double.Parse(digits, CultureInfo.InvariantCulture));
            default:
                return node?.DeepClone();
        }
    }

    private void Constants(StringBuilder members, string name, IReadOnlyList<string> values)
    {
        var holder = name + "Values";
        if (!_names.Add(holder)) return;
        members.Append($"    /// <summary>What <see cref=\"{name}\"/> may be.</summary>\n    public static class {holder}\n    {{\n");
        var names = new HashSet<string>();
        foreach (var value in values)
        {
            var constant = ModelNames.Pascal(value);
            if (constant.Length == 0) constant = "Empty";
            while (!names.Add(constant) || constant == holder) constant += "_";
            members.Append($"        public const string {constant} = {ClassSource.Literal(value)};\n");
        }
        members.Append("    }\n\n");
    }

    private static string Default(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => ClassSource.Literal(value.GetValue<string>()),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.ToJsonString() is var number && long.TryParse(number, CultureInfo.InvariantCulture, out var whole) && whole is < int.MinValue or > int.MaxValue ? number + "L" : value.ToJsonString(),
        _ => ClassSource.Json(value),
    };

    private static string Verbatim(string text) => text.Contains('"') || text.Any(char.IsControl) ? ClassSource.Literal(text) : $"@\"{text}\"";

    private static string Singular(string name) => name switch
    {
        [.., 'i', 'e', 's'] => name[..^3] + "y",
        [.., not 's', 's'] => name[..^1],
        _ => name + "Item",
    };
}
