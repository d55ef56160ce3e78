using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What a structural schema does to a custom object before it is validated: prune, then default.</summary>
internal static class Structural
{
    /// <summary>Removes what the schema does not know; <paramref name="unknown"/> receives the paths.</summary>
    public static void Prune(JsonObject tree, Schema schema, List<string>? unknown)
    {
        var found = unknown is null ? null : new List<string>();
        PruneObject(tree, schema, "", found, isResource: true);
        unknown?.AddRange(found!.Order(StringComparer.Ordinal));
    }

    private static void PruneObject(JsonObject tree, Schema schema, string path, List<string>? unknown, bool isResource)
    {
        foreach (var key in tree.Select(p => p.Key).ToArray())
        {
            if (isResource && key is "apiVersion" or "kind" or "metadata" && isResource)
            {
                continue;
            }
            var at = path.Length == 0 ? key : $"{path}.{key}";
            if (schema.Properties.TryGetValue(key, out var field))
            {
                PruneValue(tree[key], field, at, unknown);
            }
            else if (schema.AdditionalProperties is { } values)
            {
                PruneValue(tree[key], values, at, unknown);
            }
            else if (!schema.PreserveUnknownFields && !schema.AnyProperties && !schema.NoOtherProperties)
            {
                unknown?.Add(at);
                tree.Remove(key);
            }
        }
    }

    private static void PruneValue(JsonNode? value, Schema schema, string path, List<string>? unknown)
    {
        switch (value)
        {
            case JsonObject child:
                PruneObject(child, schema, path, unknown, schema.EmbeddedResource);
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    PruneValue(list[i], items, $"{path}[{i}]", unknown);
                }
                break;
        }
    }

    /// <summary>Fills in defaults; a null where the schema allows none counts as absent when there is a default.</summary>
    public static void Default(JsonNode? value, Schema schema)
    {
        if (!schema.HasDefaultsBelow)
        {
            return;
        }
        switch (value)
        {
            case JsonObject tree:
                foreach (var (name, field) in schema.Properties)
                {
                    if (field.HasDefault && (!tree.TryGetPropertyValue(name, out var present) || (present is null && !field.Nullable)))
                    {
                        tree[name] = field.Default?.DeepClone();
                    }
                }
                foreach (var (name, child) in tree.ToArray())
                {
                    if (schema.Properties.TryGetValue(name, out var field))
                    {
                        Default(child, field);
                    }
                    else if (schema.AdditionalProperties is { } values)
                    {
                        if (child is null && values is { HasDefault: true, Nullable: false })
                        {
                            tree[name] = values.Default?.DeepClone();
                        }
                        Default(tree[name], values);
                    }
                }
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is null && items is { HasDefault: true, Nullable: false })
                    {
                        list[i] = items.Default?.DeepClone();
                    }
                    Default(list[i], items);
                }
                break;
        }
    }

    /// <summary>Drops nulls of fields that the schema allows no null and has no default for.</summary>
    public static void DropNulls(JsonNode? value, Schema? schema)
    {
        switch (value)
        {
            case JsonObject tree:
                foreach (var (name, child) in tree.ToArray())
                {
                    var field = schema?.Properties.GetValueOrDefault(name) ?? schema?.AdditionalProperties;
                    if (child is null && field is { Nullable: false, HasDefault: false })
                    {
                        tree.Remove(name);
                    }
                    else if (child is not null && field is not null)
                    {
                        DropNulls(child, field);
                    }
                }
                break;
            case JsonArray list when schema?.Items is { } items:
                foreach (var item in list)
                {
                    DropNulls(item, items);
                }
                break;
        }
    }
}
