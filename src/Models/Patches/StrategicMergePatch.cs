using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// Strategic merge patches (<c>application/strategic-merge-patch+json</c>): merge patches that know which lists are merged by a key and that carry
/// directives (<c>$patch</c>, <c>$retainKeys</c>, <c>$setElementOrder/…</c>, <c>$deleteFromPrimitiveList/…</c>). Built-in kinds only: servers refuse them for custom
/// resources. Inputs are left as they are and nothing of them is shared with the results.
/// </summary>
/// <remarks>Described in <c>contributors/devel/sig-api-machinery/strategic-merge-patch.md</c> of kubernetes/community.</remarks>
/// <example><code>
/// var patch = StrategicMergePatch.Diff(before, after, new GroupVersionKind("apps", "v1", "Deployment"));
/// </code></example>
public static class StrategicMergePatch
{
    /// <summary>What an object becomes when a patch is applied to it.</summary>
    /// <exception cref="StrategicMergePatchException">The patch is malformed or does not fit.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, MergeSchema schema)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(patch);
        ArgumentNullException.ThrowIfNull(schema);
        return StrategicMerge.Merge((JsonObject)target.DeepClone(), patch, schema);
    }

    /// <summary>As <see cref="Apply(JsonObject, JsonObject, MergeSchema)"/>, for a built-in kind.</summary>
    /// <exception cref="ArgumentException">The kind is not built in.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, GroupVersionKind kind) => Apply(target, patch, SchemaOf(kind));

    /// <summary>
    /// The patch that makes <paramref name="after"/> out of <paramref name="before"/>; an empty object where the two are equal. Members of
    /// <paramref name="after"/> that are null count as absent, and repetitions in merged lists of scalars are dropped, as Kubernetes does.
    /// </summary>
    public static JsonObject Diff(JsonObject before, JsonObject after, MergeSchema schema) => ThreeWayDiff(before, after, before, schema);

    /// <summary>As <see cref="Diff(JsonObject, JsonObject, MergeSchema)"/>, for a built-in kind.</summary>
    /// <exception cref="ArgumentException">The kind is not built in.</exception>
    public static JsonObject Diff(JsonObject before, JsonObject after, GroupVersionKind kind) => Diff(before, after, SchemaOf(kind));

    /// <summary>As <see cref="Diff(JsonObject, JsonObject, MergeSchema)"/>, and the server refuses the patch with a conflict unless the object still has the resourceVersion of <paramref name="before"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="before"/> has no <c>metadata.resourceVersion</c>.</exception>
    public static JsonObject DiffWithOptimisticLock(JsonObject before, JsonObject after, MergeSchema schema)
    {
        var patch = Diff(before, after, schema);
        OptimisticLock.Require(patch, before);
        return patch;
    }

    /// <summary>
    /// The patch of <c>kubectl apply</c>: takes out what was in <paramref name="original"/> and is gone from <paramref name="modified"/>, and sets what
    /// <paramref name="modified"/> says other than <paramref name="current"/>; what others added to <paramref name="current"/> stays.
    /// </summary>
    /// <example><code>var patch = StrategicMergePatch.ThreeWayDiff(LastApplied.Of(stored) ?? [], configuration, stored, MergeSchema.For&lt;V1Deployment>());</code></example>
    public static JsonObject ThreeWayDiff(JsonObject original, JsonObject modified, JsonObject current, MergeSchema schema)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(modified);
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(schema);
        return StrategicDiff.Compare(original, modified, current, schema) ?? [];
    }

    /// <summary>Whether two patches say different things about the same field, so that the order they are applied in matters.</summary>
    public static bool HaveConflict(JsonObject left, JsonObject right, MergeSchema schema)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        ArgumentNullException.ThrowIfNull(schema);
        return StrategicConflicts.InObjects(left, right, schema);
    }

    static MergeSchema SchemaOf(GroupVersionKind kind) => MergeSchema.For(kind)
        ?? throw new ArgumentException($"{kind} is not a built-in kind, and servers take strategic merge patches for no other: use a JSON merge patch or server-side apply.", nameof(kind));
}
