using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Takes fields out of an object, or takes out all others.</summary>
static class TypedParts
{
    /// <summary>The object without these fields. A container that loses its last one stays, empty, unless it is itself among them.</summary>
    public static JsonObject Remove(JsonObject value, FieldSet gone, MergeSchema schema) => (JsonObject)Remove((JsonNode)value, gone, schema)!;

    /// <summary>The object with these fields alone; elements of lists keep the keys that they are found by.</summary>
    public static JsonObject Extract(JsonObject value, FieldSet kept, MergeSchema schema) => (JsonObject?)Extract((JsonNode)value, kept, schema) ?? [];

    static JsonNode? Remove(JsonNode? value, FieldSet gone, MergeSchema schema)
    {
        switch (TypedValues.ShapeOf(schema, value), value)
        {
            case (MergeShape.List, JsonArray elements):
                var leftElements = new JsonArray();
                var steps = TypedValues.StepsOf(elements, schema);
                for (var i = 0; i < steps.Count; i++)
                {
                    if (gone.Has(steps[i])) continue;
                    var within = gone.Within(steps[i]);
                    leftElements.Add(within.IsEmpty ? elements[i]?.DeepClone() : Remove(elements[i], within, schema.Element));
                }
                return leftElements;
            case (MergeShape.Object or MergeShape.Map, JsonObject members):
                var leftMembers = new JsonObject();
                foreach (var (name, member) in members)
                {
                    var step = FieldPathElement.Field(name);
                    if (gone.Has(step)) continue;
                    var within = gone.Within(step);
                    leftMembers[name] = within.IsEmpty ? member?.DeepClone() : Remove(member, within, schema.Field(name) ?? MergeSchema.Any);
                }
                return leftMembers;
            default:
                return value?.DeepClone();
        }
    }

    static JsonNode? Extract(JsonNode? value, FieldSet kept, MergeSchema schema)
    {
        switch (TypedValues.ShapeOf(schema, value), value)
        {
            case (MergeShape.List, JsonArray elements):
                var keptElements = new JsonArray();
                var steps = TypedValues.StepsOf(elements, schema);
                for (var i = 0; i < steps.Count; i++)
                {
                    var within = kept.Within(steps[i]);
                    if (within.IsEmpty && !kept.Has(steps[i])) continue;
                    keptElements.Add(within.IsEmpty ? elements[i]?.DeepClone() : WithKeys(Extract(elements[i], within, schema.Element), elements[i], schema));
                }
                return keptElements.Count > 0 ? keptElements : null;
            case (MergeShape.Object or MergeShape.Map, JsonObject members):
                var keptMembers = new JsonObject();
                foreach (var (name, member) in members)
                {
                    var step = FieldPathElement.Field(name);
                    var within = kept.Within(step);
                    if (!within.IsEmpty && Extract(member, within, schema.Field(name) ?? MergeSchema.Any) is { } part) keptMembers[name] = part;
                    else if (kept.Has(step)) keptMembers[name] = member?.DeepClone();
                }
                return keptMembers.Count > 0 ? keptMembers : null;
            default:
                return value?.DeepClone();
        }
    }

    static JsonNode? WithKeys(JsonNode? part, JsonNode? whole, MergeSchema list)
    {
        var members = part as JsonObject ?? [];
        foreach (var key in list.Keys)
        {
            if (!members.ContainsKey(key.Name) && (whole as JsonObject)?[key.Name] is { } value) members[key.Name] = value.DeepClone();
        }
        return members;
    }
}
