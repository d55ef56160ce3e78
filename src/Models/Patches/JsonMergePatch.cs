using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// JSON merge patches (RFC 7386, <c>application/merge-patch+json</c>): members are set, null removes one, lists are replaced whole. Inputs are
/// left as they are and nothing of them is shared with the results.
/// </summary>
/// <example><code>
/// var patch = JsonMergePatch.Diff(before, after);
/// await deployments.PatchAsync(name, Patch.Merge(patch ?? new JsonObject()));
/// </code></example>
public static class JsonMergePatch
{
    /// <summary>What a target becomes when a patch is applied to it.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        var result = target is JsonObject ? (JsonObject)target.DeepClone() : [];
        Merge(result, changes);
        return result;
    }

    /// <summary>
    /// The patch that makes <paramref name="after"/> out of <paramref name="before"/>; an empty object where the two are equal. A member of
    /// <paramref name="after"/> that is null counts as absent, as it does to Kubernetes: a merge patch cannot set null.
    /// </summary>
    public static JsonNode? Diff(JsonNode? before, JsonNode? after)
    {
        if (before is not JsonObject from || after is not JsonObject to) return after?.DeepClone();
        return Compare(from, to);
    }

    /// <summary>As <see cref="Diff"/>, and the server refuses the patch with a conflict unless the object still has the resourceVersion of <paramref name="before"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="before"/> has no <c>metadata.resourceVersion</c>.</exception>
    public static JsonObject DiffWithOptimisticLock(JsonObject before, JsonObject after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var patch = Compare(before, after);
        OptimisticLock.Require(patch, before);
        return patch;
    }

    static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, change) in patch)
        {
            if (change is null) target.Remove(name);
            else if (change is not JsonObject changes) target[name] = change.DeepClone();
            else if (target[name] is JsonObject member) Merge(member, changes);
            else target[name] = Apply(null, changes);
        }
    }

    static JsonObject Compare(JsonObject before, JsonObject after)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in before)
        {
            if (after[name] is null) patch[name] = null;
        }
        foreach (var (name, wanted) in after)
        {
            if (wanted is null) continue;
            var present = before[name];
            if (JsonNode.DeepEquals(present, wanted)) continue;
            patch[name] = present is JsonObject from && wanted is JsonObject to ? Compare(from, to) : wanted.DeepClone();
        }
        return patch;
    }
}
