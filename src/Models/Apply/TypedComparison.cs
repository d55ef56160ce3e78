using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Finds what a write did to an object, field by field.</summary>
sealed class TypedComparison
{
    readonly FieldSet _removed = FieldSet.Mutable(), _modified = FieldSet.Mutable(), _added = FieldSet.Mutable();
    readonly List<FieldPathElement> _path = [];

    TypedComparison()
    {
    }

    public static Comparison Of(JsonObject before, JsonObject after, MergeSchema schema)
    {
        var comparison = new TypedComparison();
        comparison.Compare(Slot.Of(before), Slot.Of(after), schema);
        return new Comparison(comparison._removed, comparison._modified, comparison._added);
    }

    void Compare(Slot before, Slot after, MergeSchema schema)
    {
        if (!before.There && !after.There) return;
        switch (TypedValues.ShapeOf(schema, before.Node, after.Node))
        {
            case MergeShape.List when !(IsEmptyList(before) && IsEmptyList(after)):
                CompareElements(before.Node as JsonArray, after.Node as JsonArray, schema);
                break;
            case MergeShape.Object or MergeShape.Map when !(IsEmptyObject(before) && IsEmptyObject(after)):
                CompareMembers(before.Node as JsonObject, after.Node as JsonObject, schema);
                break;
            default:
                if (before.There && after.There && !JsonNode.DeepEquals(before.Node, after.Node)) Replace(before.Node, schema);
                break;
        }
        if (_path.Count == 0) return;
        if (!before.There) _added.Insert(_path);
        else if (!after.There) _removed.Insert(_path);
    }

    // A value of another kind takes what was within the old one with it.
    void Replace(JsonNode? before, MergeSchema schema)
    {
        _modified.Insert(_path);
        if (TypedValues.ShapeOf(schema, before) == MergeShape.Map && before is JsonObject members) CompareMembers(members, null, schema);
    }

    void CompareMembers(JsonObject? before, JsonObject? after, MergeSchema schema)
    {
        var names = (before ?? []).Select(member => member.Key).Union((after ?? []).Select(member => member.Key));
        foreach (var name in names)
        {
            var field = schema.Field(name) ?? MergeSchema.Any;
            CompareWithin(FieldPathElement.Field(name), TypedValues.Member(before, name), TypedValues.Member(after, name), field);
        }
    }

    void CompareElements(JsonArray? before, JsonArray? after, MergeSchema schema)
    {
        var was = ByStep(before, schema);
        var now = ByStep(after, schema);
        foreach (var (step, elements) in was) CompareDuplicates(step, elements, now.GetValueOrDefault(step) ?? [], schema.Element);
        foreach (var (step, elements) in now)
        {
            if (!was.ContainsKey(step)) CompareDuplicates(step, [], elements, schema.Element);
        }
    }

    // Elements that share their keys cannot be told apart, so they are one value.
    void CompareDuplicates(FieldPathElement step, List<JsonNode?> before, List<JsonNode?> after, MergeSchema element)
    {
        if (before.Count <= 1 && after.Count <= 1)
        {
            CompareWithin(step, before.Count == 0 ? default : Slot.Of(before[0]), after.Count == 0 ? default : Slot.Of(after[0]), element);
            return;
        }
        _path.Add(step);
        if (before.Count == 0) _added.Insert(_path);
        else if (after.Count == 0) _removed.Insert(_path);
        else if (before.Count != after.Count || before.Zip(after).Any(pair => !JsonNode.DeepEquals(pair.First, pair.Second))) _modified.Insert(_path);
        _path.RemoveAt(_path.Count - 1);
    }

    void CompareWithin(FieldPathElement step, Slot before, Slot after, MergeSchema schema)
    {
        _path.Add(step);
        Compare(before, after, schema);
        _path.RemoveAt(_path.Count - 1);
    }

    static Dictionary<FieldPathElement, List<JsonNode?>> ByStep(JsonArray? elements, MergeSchema list)
    {
        var found = new Dictionary<FieldPathElement, List<JsonNode?>>();
        var steps = TypedValues.StepsOf(elements, list);
        for (var i = 0; i < steps.Count; i++)
        {
            if (!found.TryGetValue(steps[i], out var same)) found[steps[i]] = same = [];
            same.Add(elements![i]);
        }
        return found;
    }

    static bool IsEmptyList(Slot slot) => slot.Node is null or JsonArray { Count: 0 };

    static bool IsEmptyObject(Slot slot) => slot.Node is null or JsonObject { Count: 0 };
}
