using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>The directives that a strategic merge patch carries among an object's members.</summary>
static class StrategicDirectives
{
    public const string Patch = "$patch";
    public const string RetainKeys = "$retainKeys";
    public const string OrderPrefix = "$setElementOrder/";
    public const string DeletePrefix = "$deleteFromPrimitiveList/";

    public static bool Is(string member) =>
        member is Patch or RetainKeys || member.StartsWith(OrderPrefix, StringComparison.Ordinal) || member.StartsWith(DeletePrefix, StringComparison.Ordinal);

    /// <summary>What tells an element of a list apart from the others: the merge key's value, or a scalar itself. Null where the key is missing.</summary>
    public static string? Identity(JsonNode? element, string? mergeKey) =>
        element is JsonObject members ? mergeKey is null ? null : members[mergeKey]?.ToJsonString() : element?.ToJsonString() ?? "null";

    public static string Text(JsonNode? directive) => directive is JsonValue value && value.TryGetValue(out string? text) ? text : directive?.ToJsonString() ?? "null";
}
