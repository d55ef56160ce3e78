using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Values as Go prints them (<c>%v</c>), which is how they stand in the API server's messages: <c>[a b]</c>, <c>map[name:x]</c>.</summary>
static class GoText
{
    public static string Of(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject map => $"map[{string.Join(' ', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Of(p.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(Of))}]",
        JsonValue text when text.TryGetValue(out string? read) => read,
        JsonValue number when number.GetValueKind() == JsonValueKind.Number && !number.TryGetValue(out long _) => number.GetValue<double>().ToString("R", CultureInfo.InvariantCulture),
        _ => value.ToJsonString(),
    };
}
