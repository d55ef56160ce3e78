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
internal sealed partial class ClassProperties(ClassWriter writer, string className, params string[] taken)
{
    // Names that every record has already, and one that none may have.
    private readonly HashSet<string> _names =
    [
        className, .. taken, "Clone", "EqualityContract", "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "PrintMembers", "ReferenceEquals", "ToString",
    ];

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
        // A name of signs alone leaves nothing that C# could call it.
        var plain = ModelNames.Pascal(json) is { Length: > 0 } letters ? letters : "Field";
        var name = plain;
        for (var n = 2; !_names.Add(name); n++) name = $"{plain}{n}";
        var attributes = new StringBuilder($"    [JsonPropertyName({ClassSource.Literal(json)})]\n");
        var (type, isValue, produced) = Value(schema, className + name, attributes);
        if (required) attributes.Append("    [Required]\n");
        Constraints(attributes, schema, produced, name, members);
        Elements(attributes, schema, produced, name, members);
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
            case ("array", _) when schema["items"] is JsonObject items: return List(items, className);
            case ("object", _): return Object(schema, className);
            default: return ("JsonNode", false, new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true });
        }
    }

    private (string, bool, JsonObject) List(JsonObject items, string className)
    {
        var (type, _, produced) = Value(items, Singular(className), new StringBuilder());
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

    // What the class gives by itself; what else is said of elements comes after it.
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

    private static string Singular(string name) => name switch
    {
        [.., 'i', 'e', 's'] => name[..^3] + "y",
        [.., not 's', 's'] => name[..^1],
        _ => name + "Item",
    };
}
