using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Short ways to read and change an object's tree.</summary>
internal static class TreeExtensions
{
    /// <summary>The string at a property, or null where it is missing or no string.</summary>
    public static string? Text(this JsonObject tree, string property) =>
        tree.TryGetPropertyValue(property, out var node) && node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The object's metadata, put in place where it is missing.</summary>
    public static JsonObject Metadata(this JsonObject tree)
    {
        if (tree["metadata"] is JsonObject metadata)
        {
            return metadata;
        }
        metadata = [];
        tree["metadata"] = metadata;
        return metadata;
    }

    public static JsonObject? Child(this JsonObject tree, string property) => tree[property] as JsonObject;

    /// <summary>The object at a property, put in place where it is missing or something else.</summary>
    public static JsonObject Need(this JsonObject tree, string property)
    {
        if (tree[property] is JsonObject child)
        {
            return child;
        }
        child = [];
        tree[property] = child;
        return child;
    }

    public static JsonArray? List(this JsonObject tree, string property) => tree[property] as JsonArray;

    /// <summary>The node at a path of property names, or null.</summary>
    public static JsonNode? At(this JsonNode? tree, params ReadOnlySpan<string> path)
    {
        var node = tree;
        foreach (var step in path)
        {
            if (node is not JsonObject item)
            {
                return null;
            }
            node = item[step];
        }
        return node;
    }

    public static string? TextAt(this JsonNode? tree, params ReadOnlySpan<string> path) => tree.At(path).AsText();

    public static string? AsText(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static long? AsLong(this JsonNode? node)
    {
        if (node is not JsonValue value)
        {
            return null;
        }
        if (value.TryGetValue<long>(out var number))
        {
            return number;
        }
        if (value.TryGetValue<int>(out var small))
        {
            return small;
        }
        return value.TryGetValue<double>(out var real) && Math.Floor(real) == real && Math.Abs(real) < 9e15 ? (long)real : null;
    }

    public static long? LongAt(this JsonNode? tree, params ReadOnlySpan<string> path) => tree.At(path).AsLong();

    public static bool? AsBool(this JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    /// <summary>Sets a property where it is absent or null.</summary>
    public static void Default(this JsonObject tree, string property, JsonNode value)
    {
        if (tree[property] is null)
        {
            tree[property] = value;
        }
    }

    /// <summary>Removes a property whose value is null, an empty string, list or object.</summary>
    public static void DropEmpty(this JsonObject tree, string property)
    {
        if (tree.TryGetPropertyValue(property, out var node) &&
            node is null or JsonObject { Count: 0 } or JsonArray { Count: 0 } || node.AsText() == "")
        {
            tree.Remove(property);
        }
    }

    public static IEnumerable<JsonObject> Objects(this JsonArray? list) => list is null ? [] : list.OfType<JsonObject>();

    public static IEnumerable<string> Texts(this JsonArray? list) => list is null ? [] : list.Select(n => n.AsText()).OfType<string>();

    public static JsonObject Copy(this JsonObject tree) => tree.DeepClone().AsObject();

    public static JsonValueKind KindOf(this JsonNode? node) => node?.GetValueKind() ?? JsonValueKind.Null;
}
