using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tool.Tests;

/// <summary>Definitions in a form in which those that mean the same are equal.</summary>
internal static class CrdComparison
{
    // Order does not matter, lines of descriptions are paragraphs, and what generated types say of conditions has no descriptions.
    public static JsonNode Normal(JsonNode? node, bool inConditions = false)
    {
        switch (node)
        {
            case JsonObject map:
                var normal = new JsonObject();
                foreach (var (name, value) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    if (name == "description" && value is JsonValue && inConditions) continue;
                    if (value is JsonArray { Count: 0 }) continue;
                    normal[name] = name == "required" && value is JsonArray list
                        ? new JsonArray([.. list.Select(item => (string)item!).Order(StringComparer.Ordinal).Select(item => JsonValue.Create(item))])
                        : Normal(value, inConditions || name == "conditions");
                }
                if (normal["names"] is JsonObject names && names["listKind"] is null) names["listKind"] = $"{names["kind"]}List";
                return normal;
            case JsonArray items:
                return new JsonArray([.. items.Select(item => Normal(item, inConditions)).OrderBy(item => (string?)(item as JsonObject)?["name"], StringComparer.Ordinal)]);
            case JsonValue number when number.GetValueKind() == JsonValueKind.Number:
                return JsonValue.Create(double.Parse(number.ToJsonString(), CultureInfo.InvariantCulture));
            default:
                return node!.DeepClone();
        }
    }
}
