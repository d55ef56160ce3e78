using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Finds the fields that an object states: what someone who applies it will own.</summary>
static class TypedFieldSet
{
    public static FieldSet Of(JsonObject value, MergeSchema schema)
    {
        var set = FieldSet.Mutable();
        Walk(value, schema, [], set);
        return set;
    }

    static void Walk(JsonNode? value, MergeSchema schema, List<FieldPathElement> path, FieldSet set)
    {
        switch (TypedValues.ShapeOf(schema, value))
        {
            case MergeShape.Scalar:
                set.Insert(path);
                break;
            case MergeShape.List:
                var elements = value as JsonArray;
                var steps = TypedValues.StepsOf(elements, schema);
                for (var i = 0; i < steps.Count; i++)
                {
                    path.Add(steps[i]);
                    Walk(elements![i], schema.Element, path, set);
                    set.Insert(path);
                    path.RemoveAt(path.Count - 1);
                }
                break;
            default:
                foreach (var (name, member) in value as JsonObject ?? [])
                {
                    path.Add(FieldPathElement.Field(name));
                    Walk(member, schema.Field(name) ?? MergeSchema.Any, path, set);
                    // A key of a map is owned itself, as is a member that has nothing within it to own.
                    if (member is null or JsonObject { Count: 0 } || !schema.Declares(name)) set.Insert(path);
                    path.RemoveAt(path.Count - 1);
                }
                break;
        }
    }
}
