using System.Text.Json.Nodes;

namespace Models.Tests;

/// <summary>Assertions on JSON by content: the order of members does not matter, the order of elements does.</summary>
static class Json
{
    public static JsonNode? Of(string json) => JsonNode.Parse(json);

    public static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();

    public static void Equal(JsonNode? expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected?.ToJsonString() ?? "null"}\n but was {actual?.ToJsonString() ?? "null"}");

    public static void Equal(string expected, JsonNode? actual) => Equal(Of(expected), actual);
}
