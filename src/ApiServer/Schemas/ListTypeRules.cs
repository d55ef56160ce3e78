using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Lists that are sets or maps by keys hold nothing twice.</summary>
internal static class ListTypeRules
{
    /// <summary>Adds an error for the second of everything that is there more than once.</summary>
    public static void Check(JsonNode? value, Schema schema, string path, FieldErrors errors)
    {
        switch (value)
        {
            case JsonObject tree:
                foreach (var (name, child) in tree)
                {
                    if (schema.Properties.TryGetValue(name, out var field))
                    {
                        Check(child, field, path.Length == 0 ? name : $"{path}.{name}", errors);
                    }
                    else if (schema.AdditionalProperties is { } values)
                    {
                        Check(child, values, $"{path}[{name}]", errors);
                    }
                }
                break;
            case JsonArray list:
                if (schema.ListType is "set" or "map")
                {
                    Unique(list, schema, path, errors);
                }
                if (schema.Items is { Type: "object" or "array" } items)
                {
                    for (var i = 0; i < list.Count; i++)
                    {
                        Check(list[i], items, $"{path}[{i}]", errors);
                    }
                }
                break;
        }
    }

    private static void Unique(JsonArray list, Schema schema, string path, FieldErrors errors)
    {
        for (var i = 0; schema.ListType == "map" && i < list.Count; i++)
        {
            if (list[i] is not (null or JsonObject))
            {
                errors.Invalid($"{path}[{i}]", list[i], "must be an object for an array of list-type map");
                return;
            }
        }
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var key = schema.ListType == "set" ? list[i] : KeyOf(list[i] as JsonObject, schema.ListMapKeys);
            var text = key?.ToJsonString() ?? "null";
            var times = seen[text] = seen.GetValueOrDefault(text) + 1;
            if (times == 2)
            {
                errors.Duplicate($"{path}[{i}]", key);
            }
        }
    }

    private static JsonObject KeyOf(JsonObject? item, string[] names)
    {
        var key = new JsonObject();
        foreach (var name in names)
        {
            if (item is not null && item.TryGetPropertyValue(name, out var part))
            {
                key[name] = part?.DeepClone();
            }
        }
        return key;
    }
}
