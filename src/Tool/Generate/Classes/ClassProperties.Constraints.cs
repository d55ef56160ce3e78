using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Tool;

/// <content>What a schema asks of values, as attributes.</content>
internal sealed partial class ClassProperties
{
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

    /// <summary>What holds for a list's elements or a map's values. Elements of elements have no attribute: they are left to [SchemaJson].</summary>
    private void Elements(StringBuilder text, JsonObject schema, JsonObject produced, string name, StringBuilder members)
    {
        foreach (var field in (ReadOnlySpan<string>)["items", "additionalProperties"])
        {
            if (schema[field] is not JsonObject wanted || produced[field] is not JsonObject made) continue;
            var parts = new List<string>();
            var type = (string?)made["type"];
            if (type == "string" && (string?)wanted["pattern"] is { } pattern) Say("Pattern", Verbatim(pattern), "pattern");
            if (type == "string" && wanted["enum"] is JsonArray values && values.All(item => item?.GetValueKind() == JsonValueKind.String))
            {
                string[] texts = [.. values.Select(item => item!.GetValue<string>())];
                Say("AllowedValues", $"[{ClassSource.Literals(texts)}]", "enum");
                Constants(members, name, texts);
            }
            var (minimum, maximum) = LengthsOf(type);
            if ((long?)wanted[minimum] is > 0 and <= int.MaxValue and var least) Say("MinLength", $"{least}", minimum);
            if ((long?)wanted[maximum] is >= 0 and <= int.MaxValue and var most) Say("MaxLength", $"{most}", maximum);
            if (type is "integer" or "number")
            {
                if (Real(wanted["minimum"]) is { } low) Say("Minimum", Literal(low), "minimum");
                if (Real(wanted["maximum"]) is { } high) Say("Maximum", Literal(high), "maximum");
                if ((bool?)wanted["exclusiveMinimum"] == true) Say("MinimumIsExclusive", "true", "exclusiveMinimum");
                if ((bool?)wanted["exclusiveMaximum"] == true) Say("MaximumIsExclusive", "true", "exclusiveMaximum");
            }
            if (type is "string" or "integer" or "number" or "boolean" && (string?)wanted["format"] is var format && format != (string?)made["format"])
            {
                parts.Add($"Format = {ClassSource.Literal(format ?? "")}");
                if (format is null) made.Remove("format");
                else made["format"] = format;
            }
            if ((bool?)wanted["nullable"] == true) Say("IsNullable", "true", "nullable");
            if (parts.Count > 0) text.Append($"    [Elements({string.Join(", ", parts)})]\n");
            if (made["x-kubernetes-validations"] is null) Rules(text, "    ", wanted, made, ofElements: true);

            void Say(string part, string value, string word)
            {
                parts.Add($"{part} = {value}");
                made[word] = wanted[word]!.DeepClone();
            }
        }
    }

    private static void Flag(StringBuilder text, JsonObject schema, JsonObject produced, string field, string attribute)
    {
        if ((bool?)schema[field] != true) return;
        text.Append($"    [{attribute}]\n");
        produced[field] = true;
    }

    private static void Lengths(StringBuilder text, string indent, JsonObject schema, JsonObject produced)
    {
        var (minimum, maximum) = LengthsOf((string?)schema["type"]);
        foreach (var (field, attribute) in (ReadOnlySpan<(string, string)>)[(minimum, "MinLength"), (maximum, "MaxLength")])
        {
            if ((long?)schema[field] is not { } length || length > int.MaxValue) continue;
            text.Append($"{indent}[{attribute}({length})]\n");
            produced[field] = length;
        }
    }

    private static (string Minimum, string Maximum) LengthsOf(string? type) => type switch
    {
        "array" => ("minItems", "maxItems"),
        "object" => ("minProperties", "maxProperties"),
        "string" => ("minLength", "maxLength"),
        _ => ("", ""),
    };

    private static void Range(StringBuilder text, string indent, JsonObject schema, JsonObject produced)
    {
        var (minimum, maximum) = (Real(schema["minimum"]), Real(schema["maximum"]));
        if (minimum is null && maximum is null) return;
        var parts = new List<string>
        {
            minimum is { } low ? Literal(low) : "double.NegativeInfinity",
            maximum is { } high ? Literal(high) : "double.PositiveInfinity",
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
    }

    /// <summary>A bound; doubles, as everywhere in the API.</summary>
    private static double? Real(JsonNode? number) => number is null ? null : double.Parse(number.ToJsonString(), CultureInfo.InvariantCulture);

    private static string Literal(double value)
    {
        var number = value.ToString("R", CultureInfo.InvariantCulture);
        return number.AsSpan().IndexOfAny(".eE") < 0 ? number + ".0" : number;
    }

    private static void Rules(StringBuilder text, string indent, JsonObject schema, JsonObject produced, bool ofElements = false)
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
            if (ofElements) parts.Add("OfElements = true");
            text.Append($"{indent}[ValidationRule({string.Join(", ", parts)})]\n");
        }
        produced["x-kubernetes-validations"] = rules.DeepClone();
    }

    private void Constants(StringBuilder members, string name, IReadOnlyList<string> values)
    {
        var holder = name + "Values";
        if (!_names.Add(holder)) return;
        members.Append($"    /// <summary>What <see cref=\"{name}\"/> may be.</summary>\n    public static class {holder}\n    {{\n");
        var names = new HashSet<string> { "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString" };
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

    private static string Verbatim(string text) => text.Contains('"') || text != ClassSource.Line(text) ? ClassSource.Literal(text) : $"@\"{text}\"";
}
