using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>Reads a field of an object by its dotted path, as field selectors name it.</summary>
static class ObjectFields
{
    /// <returns>The field's text; null where the object has no such field, or it is no scalar.</returns>
    public static string? Read(KubeObject item, string field) => field switch
    {
        "metadata.name" => item.Name,
        "metadata.namespace" => item.Namespace,
        _ => Walk(item.ToUnstructured().Root, field),
    };

    static string? Walk(JsonNode? node, string field)
    {
        foreach (var part in field.Split('.'))
        {
            if (node is not JsonObject at || !at.TryGetPropertyValue(part, out node))
                return null;
        }
        return node is not JsonValue value ? null : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
    }
}
