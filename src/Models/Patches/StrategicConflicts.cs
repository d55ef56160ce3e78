using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Finds whether two strategic merge patches disagree.</summary>
static class StrategicConflicts
{
    public static bool InObjects(JsonObject left, JsonObject right, MergeSchema schema)
    {
        // Replacing or deleting the whole disagrees with anything but the same.
        if (left.ContainsKey(StrategicDirectives.Patch) || right.ContainsKey(StrategicDirectives.Patch)) return !JsonNode.DeepEquals(left, right);
        if (Drops(left, right) || Drops(right, left)) return true;
        foreach (var (name, mine) in left)
        {
            // An order disagrees with nothing: it is applied as far as it goes.
            if (name == StrategicDirectives.RetainKeys || name.StartsWith(StrategicDirectives.OrderPrefix, StringComparison.Ordinal)) continue;
            if (name.StartsWith(StrategicDirectives.DeletePrefix, StringComparison.Ordinal))
            {
                if (right[name[StrategicDirectives.DeletePrefix.Length..]] is JsonArray added && Share(mine as JsonArray, added)) return true;
                continue;
            }
            if (right[StrategicDirectives.DeletePrefix + name] is JsonArray deleted && Share(mine as JsonArray, deleted)) return true;
            if (right.TryGetPropertyValue(name, out var theirs) && InValues(mine, theirs, schema.Field(name) ?? MergeSchema.Any)) return true;
        }
        return false;
    }

    static bool InValues(JsonNode? left, JsonNode? right, MergeSchema field) => (left, right) switch
    {
        (JsonObject mine, JsonObject theirs) when !field.PatchReplaces => InObjects(mine, theirs, field),
        (JsonArray mine, JsonArray theirs) when field.PatchMerges => InLists(mine, theirs, field),
        _ => !JsonNode.DeepEquals(left, right),
    };

    static bool InLists(JsonArray left, JsonArray right, MergeSchema field)
    {
        // Scalars are only ever added, so two patches cannot disagree; nor can they about objects with different keys.
        if (field.PatchMergeKey is not { } mergeKey) return false;
        foreach (var mine in left.OfType<JsonObject>())
        {
            if (StrategicDirectives.Identity(mine, mergeKey) is not { } identity)
            {
                if (!JsonNode.DeepEquals(left, right)) return true;
                continue;
            }
            foreach (var theirs in right.OfType<JsonObject>())
            {
                if (StrategicDirectives.Identity(theirs, mergeKey) == identity && InObjects(mine, theirs, field.Element)) return true;
            }
        }
        return right.OfType<JsonObject>().Any(theirs => StrategicDirectives.Identity(theirs, mergeKey) is null) && !JsonNode.DeepEquals(left, right);
    }

    static bool Drops(JsonObject retaining, JsonObject other)
    {
        if (retaining[StrategicDirectives.RetainKeys] is not JsonArray retained) return false;
        var names = retained.Select(name => StrategicDirectives.Text(name)).ToHashSet();
        return other.Any(member => member.Value is not null && !StrategicDirectives.Is(member.Key) && !names.Contains(member.Key));
    }

    static bool Share(JsonArray? left, JsonArray right) =>
        left is not null && left.Any(mine => right.Any(theirs => JsonNode.DeepEquals(mine, theirs)));
}
