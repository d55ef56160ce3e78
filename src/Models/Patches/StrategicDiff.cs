using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// Makes strategic merge patches out of three states: what was written last, what is wanted, and what there is. With the first and the last the
/// same, it is the plain difference of two.
/// </summary>
static class StrategicDiff
{
    /// <summary>The patch for an object; null where nothing changes.</summary>
    public static JsonObject? Compare(JsonObject original, JsonObject modified, JsonObject current, MergeSchema schema)
    {
        var patch = new JsonObject();
        foreach (var (name, was) in original)
        {
            if (was is not null && modified[name] is null) patch[name] = null;
        }
        foreach (var (name, wanted) in modified)
        {
            if (wanted is null) continue;
            var field = schema.Field(name) ?? MergeSchema.Any;
            switch (wanted, current[name])
            {
                case (JsonObject to, JsonObject from) when !field.PatchReplaces:
                    if (Compare(original[name] as JsonObject ?? [], to, from, field) is { } changes) patch[name] = changes;
                    break;
                case (JsonArray to, JsonArray from) when field.PatchMerges:
                    CompareLists(patch, name, original[name] as JsonArray ?? [], to, from, field);
                    break;
                case (_, var from):
                    if (!JsonNode.DeepEquals(from, wanted)) patch[name] = wanted.DeepClone();
                    break;
            }
        }
        if (patch.Count == 0) return null;
        if (schema.PatchRetainsKeys)
        {
            var retained = modified.Where(member => member.Value is not null).Select(member => member.Key).Order(StringComparer.Ordinal);
            patch[StrategicDirectives.RetainKeys] = new JsonArray([.. retained.Select(name => JsonValue.Create(name))]);
        }
        return patch;
    }

    static void CompareLists(JsonObject patch, string name, JsonArray original, JsonArray modified, JsonArray current, MergeSchema field)
    {
        if (JsonNode.DeepEquals(modified, current) && JsonNode.DeepEquals(original, modified)) return;
        if (field.PatchMergeKey is not { } mergeKey) CompareScalars(patch, name, original, modified, current);
        else if (CanMerge(modified, mergeKey) && CanMerge(current, mergeKey)) CompareObjects(patch, name, original, modified, current, mergeKey, field.Element);
        else if (!JsonNode.DeepEquals(modified, current))
        {
            var replace = new JsonObject { [StrategicDirectives.Patch] = "replace" };
            patch[name] = new JsonArray([replace, .. modified.Select(element => element?.DeepClone())]);
        }
    }

    // Elements without a key, or two with the same one, can only be replaced with their list.
    static bool CanMerge(JsonArray elements, string mergeKey)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var element in elements)
        {
            if (element is not JsonObject || StrategicDirectives.Identity(element, mergeKey) is not { } identity || !seen.Add(identity)) return false;
        }
        return true;
    }

    static void CompareScalars(JsonObject patch, string name, JsonArray original, JsonArray modified, JsonArray current)
    {
        var wanted = modified.DistinctBy(Scalar).ToList();
        var there = current.Select(Scalar).ToHashSet();
        var kept = wanted.Select(Scalar).ToHashSet();
        var added = wanted.Where(element => !there.Contains(Scalar(element))).ToList();
        var deleted = original.DistinctBy(Scalar).Where(element => !kept.Contains(Scalar(element))).ToList();
        var reordered = !current.Select(Scalar).Where(kept.Contains).SequenceEqual(wanted.Select(Scalar).Where(there.Contains));
        if (added.Count == 0 && deleted.Count == 0 && !reordered) return;
        if (added.Count > 0) patch[name] = Copy(added);
        if (deleted.Count > 0) patch[StrategicDirectives.DeletePrefix + name] = Copy(deleted);
        patch[StrategicDirectives.OrderPrefix + name] = Copy(wanted);

        static string? Scalar(JsonNode? element) => StrategicDirectives.Identity(element, null);
    }

    static void CompareObjects(JsonObject patch, string name, JsonArray original, JsonArray modified, JsonArray current, string mergeKey, MergeSchema element)
    {
        var was = ByKey(original, mergeKey);
        var there = ByKey(current, mergeKey);
        var wanted = ByKey(modified, mergeKey);
        var changes = new JsonArray();
        foreach (var (identity, to) in wanted)
        {
            if (!there.TryGetValue(identity, out var from))
            {
                changes.Add(to.DeepClone());
            }
            else if (Compare(was.GetValueOrDefault(identity) ?? [], to, from, element) is { } change)
            {
                change[mergeKey] = to[mergeKey]!.DeepClone();
                if (change[StrategicDirectives.RetainKeys] is JsonArray retained && !retained.Any(key => (string?)key == mergeKey)) retained.Add(mergeKey);
                changes.Add((JsonNode)change);
            }
        }
        foreach (var (identity, gone) in was)
        {
            if (wanted.ContainsKey(identity)) continue;
            changes.Add((JsonNode)new JsonObject { [StrategicDirectives.Patch] = "delete", [mergeKey] = gone[mergeKey]!.DeepClone() });
        }
        var reordered = !there.Keys.Where(wanted.ContainsKey).SequenceEqual(wanted.Keys.Where(there.ContainsKey));
        if (changes.Count == 0 && !reordered) return;
        if (changes.Count > 0) patch[name] = changes;
        patch[StrategicDirectives.OrderPrefix + name] = new JsonArray([.. wanted.Values.Select(to => new JsonObject { [mergeKey] = to[mergeKey]!.DeepClone() })]);
    }

    static OrderedDictionary<string, JsonObject> ByKey(JsonArray elements, string mergeKey)
    {
        var found = new OrderedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var element in elements.OfType<JsonObject>())
        {
            if (StrategicDirectives.Identity(element, mergeKey) is { } identity) found.TryAdd(identity, element);
        }
        return found;
    }

    static JsonArray Copy(List<JsonNode?> elements) => new([.. elements.Select(element => element?.DeepClone())]);
}
