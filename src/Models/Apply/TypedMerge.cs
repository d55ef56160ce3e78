using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Lays an apply configuration over an object. Nothing of the inputs is shared with the result.</summary>
static class TypedMerge
{
    public static JsonObject Merge(JsonObject live, JsonObject applied, MergeSchema schema) => (JsonObject)Merge((JsonNode)live, applied, schema)!;

    static JsonNode? Merge(JsonNode? live, JsonNode? applied, MergeSchema schema)
    {
        switch (TypedValues.ShapeOf(schema, live, applied))
        {
            case MergeShape.List when live is JsonArray { Count: > 0 } present:
                return MergeElements(present, applied as JsonArray, schema);
            case MergeShape.Object or MergeShape.Map when live is JsonObject { Count: > 0 } present:
                var merged = (JsonObject)present.DeepClone();
                foreach (var (name, wanted) in applied as JsonObject ?? [])
                {
                    merged[name] = present.TryGetPropertyValue(name, out var was) ? Merge(was, wanted, schema.Field(name) ?? MergeSchema.Any) : wanted?.DeepClone();
                }
                return merged;
            default:
                return applied?.DeepClone();
        }
    }

    /// <summary>
    /// What the applier states comes in the applier's order; what only the object has stays where it is between them.
    /// </summary>
    static JsonArray MergeElements(JsonArray live, JsonArray? applied, MergeSchema schema)
    {
        var (liveSteps, appliedSteps) = (TypedValues.StepsOf(live, schema), TypedValues.StepsOf(applied, schema));
        var wanted = appliedSteps.ToHashSet();
        var present = new Dictionary<FieldPathElement, JsonNode?>();
        for (var i = 0; i < liveSteps.Count; i++)
        {
            // Of elements that share their keys none is the right one to merge with.
            if (!present.TryAdd(liveSteps[i], live[i])) present[liveSteps[i]] = null;
        }
        var nextShared = NextShared(appliedSteps, present);

        var merged = new JsonArray();
        int l = 0, r = 0;
        while (l < liveSteps.Count || r < appliedSteps.Count)
        {
            if (l < liveSteps.Count && !wanted.Contains(liveSteps[l])) merged.Add(live[l++]?.DeepClone());
            // An element that both have comes where the applier has it, so it is passed over until its turn.
            else if (l < liveSteps.Count && (nextShared[r] is not { } turn || turn != liveSteps[l])) l++;
            else
            {
                var step = appliedSteps[r];
                merged.Add(present.TryGetValue(step, out var was) && was is not null ? Merge(was, applied![r], schema.Element) : applied![r]?.DeepClone());
                if (l < liveSteps.Count && liveSteps[l] == step) l++;
                r++;
            }
        }
        return merged;
    }

    // For each place in the applied list: the first element from there on that the object has too.
    static FieldPathElement?[] NextShared(List<FieldPathElement> applied, Dictionary<FieldPathElement, JsonNode?> present)
    {
        var next = new FieldPathElement?[applied.Count + 1];
        for (var i = applied.Count - 1; i >= 0; i--) next[i] = present.ContainsKey(applied[i]) ? applied[i] : next[i + 1];
        return next;
    }
}
