using System.Text.Json.Nodes;

namespace Models.Tests;

/// <summary>Compares JSON whatever its order, and says where it differs.</summary>
internal static class JsonAssert
{
    public static void Equal(JsonNode? expected, JsonNode? actual)
    {
        if (Difference(expected, actual, "") is { } difference) Assert.Fail(difference);
    }

    public static void Equal(string expected, string actual) => Equal(JsonNode.Parse(expected), JsonNode.Parse(actual));

    private static string? Difference(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected, actual)
        {
            case (JsonObject a, JsonObject b):
                foreach (var name in a.Select(entry => entry.Key).Union(b.Select(entry => entry.Key)))
                {
                    if (!a.ContainsKey(name)) return $"{path}.{name}: not expected, found {b[name]?.ToJsonString() ?? "null"}";
                    if (!b.ContainsKey(name)) return $"{path}.{name}: expected {a[name]?.ToJsonString() ?? "null"}, found nothing";
                    if (Difference(a[name], b[name], $"{path}.{name}") is { } within) return within;
                }
                return null;
            case (JsonArray a, JsonArray b):
                if (a.Count != b.Count) return $"{path}: expected {a.Count} elements, found {b.Count}";
                for (var i = 0; i < a.Count; i++)
                {
                    if (Difference(a[i], b[i], $"{path}[{i}]") is { } within) return within;
                }
                return null;
            default:
                return JsonNode.DeepEquals(expected, actual) ? null : $"{path}: expected {expected?.ToJsonString() ?? "null"}, found {actual?.ToJsonString() ?? "null"}";
        }
    }
}
