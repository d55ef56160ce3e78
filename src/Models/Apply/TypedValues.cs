using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>What a write took out, changed and put in.</summary>
sealed record Comparison(FieldSet Removed, FieldSet Modified, FieldSet Added)
{
    public bool IsSame => Removed.IsEmpty && Modified.IsEmpty && Added.IsEmpty;

    public Comparison Without(FieldSet ignored) => ignored.IsEmpty
        ? this
        : new Comparison(Removed.RecursiveDifference(ignored), Modified.RecursiveDifference(ignored), Added.RecursiveDifference(ignored));
}

/// <summary>A member or element that is there, be it null, or is not.</summary>
readonly record struct Slot(bool There, JsonNode? Node)
{
    public static Slot Of(JsonNode? node) => new(true, node);

    public bool IsNothing => Node is null;
}

/// <summary>How values of lists and objects are found by <see cref="FieldPathElement"/>s, given their schema.</summary>
static class TypedValues
{
    /// <summary>The shape that a value is treated as: its schema's where it fits, else what it is, taken whole.</summary>
    public static MergeShape ShapeOf(MergeSchema schema, params ReadOnlySpan<JsonNode?> values)
    {
        var shape = schema.Shape;
        if (schema.IsAtomic || shape == MergeShape.Scalar) return MergeShape.Scalar;
        if (shape == MergeShape.List && schema.ListType == MergeListType.Atomic) return MergeShape.Scalar;
        var known = 0;
        foreach (var value in values)
        {
            if (value is null) continue;
            known++;
            // Of what has no schema, objects have members and all else is one value.
            if (shape == MergeShape.List ? value is not JsonArray : value is not JsonObject) return MergeShape.Scalar;
        }
        return shape == MergeShape.Any ? known == 0 ? MergeShape.Scalar : MergeShape.Map : shape;
    }

    public static Slot Member(JsonNode? parent, string name) =>
        parent is JsonObject members && members.TryGetPropertyValue(name, out var found) ? Slot.Of(found) : default;

    /// <summary>The steps that lead to a list's elements, in their order.</summary>
    public static List<FieldPathElement> StepsOf(JsonArray? elements, MergeSchema list)
    {
        var steps = new List<FieldPathElement>(elements?.Count ?? 0);
        for (var i = 0; i < elements?.Count; i++) steps.Add(StepOf(elements[i], i, list, out _));
        return steps;
    }

    /// <summary>The step that leads to one element; by its place where it lacks its keys.</summary>
    public static FieldPathElement StepOf(JsonNode? element, int index, MergeSchema list, out string? missingKey)
    {
        missingKey = null;
        if (list.ListType == MergeListType.Set) return FieldPathElement.Value(element);
        var keys = new List<KeyValuePair<string, JsonNode?>>(list.Keys.Count);
        foreach (var key in list.Keys)
        {
            var value = (element as JsonObject)?[key.Name] ?? key.Default;
            if (value is null) missingKey ??= key.Name;
            else keys.Add(KeyValuePair.Create(key.Name, (JsonNode?)value));
        }
        return missingKey is null ? FieldPathElement.Key(keys) : FieldPathElement.Index(index);
    }
}
