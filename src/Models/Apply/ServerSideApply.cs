using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// Server-side apply: lays what a manager wants over an object, takes out what it wanted before and no longer does, keeps who owns what, and refuses
/// to change what others own unless forced. Thread-safe.
/// </summary>
/// <remarks>As <c>structured-merge-diff/merge/update.go</c> and <c>k8s.io/apimachinery/pkg/util/managedfields</c> do. Fields that managers own in other versions of the kind are taken to have the same paths.</remarks>
/// <param name="time">When entries of <c>managedFields</c> change.</param>
/// <example><code>
/// var result = new ServerSideApply(TimeProvider.System).Apply(stored, configuration, new FieldWrite("me", "v1", MergeSchema.For&lt;V1ConfigMap>()));
/// </code></example>
public sealed class ServerSideApply(TimeProvider time)
{
    /// <summary>The owner of what an object without managed fields has when someone applies to it for the first time.</summary>
    public const string BeforeFirstApply = "before-first-apply";

    /// <summary>The object after an apply, <c>metadata.managedFields</c> included. It still has to be defaulted and validated.</summary>
    /// <param name="live">The object as it is; null where there is none.</param>
    /// <param name="applied">What the manager wants: <c>apiVersion</c>, <c>kind</c>, <c>metadata.name</c>, and the fields it has an opinion on.</param>
    /// <param name="write">Who applies.</param>
    /// <param name="force">Whether to take fields from their owners instead of failing.</param>
    /// <exception cref="ApplyConflictException">A field that another manager owns would change, and <paramref name="force"/> is not set.</exception>
    /// <exception cref="ApplyRefusedException">The configuration is malformed.</exception>
    public JsonObject Apply(JsonObject? live, JsonObject applied, FieldWrite write, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(applied);
        ArgumentNullException.ThrowIfNull(write);
        Check(applied, write);
        if (live is null || write.Manager != LastApplied.Kubectl || !LastApplied.IsIn(live)) return Merge(live, applied, write, force);
        // An object that kubectl has applied from the client's side is kubectl's own: see LastApplied.
        var after = MergeOverOwn(live, applied, write, force);
        LastApplied.Write(after, applied);
        return after;
    }

    JsonObject MergeOverOwn(JsonObject live, JsonObject applied, FieldWrite write, bool force)
    {
        try
        {
            return Merge(live, applied, write, force);
        }
        catch (ApplyConflictException refused)
        {
            var own = LastApplied.Unchanged(live, write.Schema);
            var others = refused.Conflicts.Where(conflict => !own.Contains(conflict.Field)).ToList();
            if (others.Count > 0) throw new ApplyConflictException(others);
            return Merge(live, applied, write, force: true);
        }
    }

    JsonObject Merge(JsonObject? live, JsonObject applied, FieldWrite write, bool force)
    {
        var owner = new FieldOwner(write.Manager, true, "", write.Subresource);
        var before = live is null ? Identity(applied) : FieldOwnership.Bare(live);
        var managed = live is null ? ManagedFields.None : Known(live, before, write);
        var wanted = FieldOwnership.Bare(applied);

        var last = managed.OwnedBy(owner);
        var fields = TypedFieldSet.Of(wanted, write.Schema).RecursiveDifference(write.Ignored);
        var entry = new ManagedFields.Entry(write.ApiVersion, fields, managed.Entries.GetValueOrDefault(owner)?.Time);
        managed = managed.With(owner, entry);

        var after = Prune(TypedMerge.Merge(before, wanted, write.Schema), managed, last, write.Schema);
        var comparison = TypedComparison.Of(before, after, write.Schema);
        managed = FieldOwnership.Take(managed, comparison.Without(write.Ignored), owner, force);
        // An apply that changes nothing but ownership leaves the time alone; one that says otherwise of what is not its own to say does not.
        var stamp = comparison.IsSame && live is not null ? entry.Time : FieldOwnership.Now(time);
        var owned = FieldOwnership.Ownable(entry.Fields);
        managed = owned.IsEmpty ? managed.Without(owner) : managed.With(owner, entry with { Fields = owned, Time = stamp });
        managed.WriteTo(after);
        return after;
    }

    /// <summary>
    /// What a manager owns of an object by apply, as a configuration to change and apply again: kind, name, namespace, and the owned fields, elements of
    /// lists with the keys they are found by.
    /// </summary>
    /// <param name="live">The object, <c>metadata.managedFields</c> included.</param>
    /// <param name="manager">The manager's name.</param>
    /// <param name="schema">How the kind's values merge.</param>
    /// <param name="subresource">The subresource whose fields are asked for, such as <c>status</c>; empty for the object itself.</param>
    /// <exception cref="FormatException">The object's managed fields are malformed.</exception>
    public static JsonObject Extract(JsonObject live, string manager, MergeSchema schema, string subresource = "")
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(schema);
        var configuration = Identity(live);
        configuration["metadata"]!.AsObject().Remove("generateName");
        var owned = TypedParts.Extract(FieldOwnership.Bare(live), ManagedFields.Of(live).Applied(manager, subresource), schema);
        foreach (var (name, value) in owned)
        {
            if (name != "metadata") configuration[name] = value?.DeepClone();
            else foreach (var (field, part) in value as JsonObject ?? []) configuration["metadata"]![field] = part?.DeepClone();
        }
        return configuration;
    }

    static void Check(JsonObject applied, FieldWrite write)
    {
        if (ManagedFields.ListIn(applied) is not null) throw new ApplyRefusedException("metadata.managedFields must be nil", 400);
        var version = Text(applied["apiVersion"]);
        if (version != write.ApiVersion)
        {
            throw new ApplyRefusedException($"Incorrect version specified in apply patch. Specified patch version: {version}, expected: {write.ApiVersion}", 400);
        }
        var problems = TypedValidation.Problems(applied, write.Schema);
        if (problems.Count == 0) return;
        var metadata = applied["metadata"] as JsonObject;
        var group = GroupVersion.TryParse(version, out var parsed) ? parsed : default;
        var told = problems.Count == 1 ? problems[0] : "errors:\n" + string.Join('\n', problems.Select(problem => "  " + problem));
        throw new ApplyRefusedException(
            $"failed to create typed patch object ({Text(metadata?["namespace"])}/{Text(metadata?["name"])}; {group.Group}/{group.Version}, Kind={Text(applied["kind"])}): {told}", 500);
    }

    static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    static JsonObject Identity(JsonObject applied)
    {
        var identity = new JsonObject { ["apiVersion"] = applied["apiVersion"]?.DeepClone(), ["kind"] = applied["kind"]?.DeepClone(), ["metadata"] = new JsonObject() };
        foreach (var name in (string[])["name", "namespace", "generateName"])
        {
            if ((applied["metadata"] as JsonObject)?[name] is { } value) identity["metadata"]![name] = value.DeepClone();
        }
        return identity;
    }

    ManagedFields Known(JsonObject live, JsonObject bare, FieldWrite write)
    {
        var managed = FieldOwnership.ReadOrNone(live);
        if (!managed.IsEmpty) return managed;
        var before = new FieldOwner(BeforeFirstApply, false, write.ApiVersion);
        return FieldOwnership.Own(managed, ZeroObject.Of(bare), bare, before, write, () => FieldOwnership.Now(time));
    }

    /// <summary>Takes out what the manager owned and no longer states, unless someone else owns it too or something in it that stays.</summary>
    static JsonObject Prune(JsonObject merged, ManagedFields managed, FieldSet last, MergeSchema schema)
    {
        if (last.IsEmpty) return merged;
        var lastFields = last.WithDeclaredFields(schema);
        var mergedFields = TypedFieldSet.Of(merged, schema).WithDeclaredFields(schema);

        var pruned = TypedParts.Remove(merged, lastFields, schema);
        var owned = managed.Entries.Values.Aggregate(FieldSet.Empty, (all, entry) => all.Union(entry.Fields)).WithDeclaredFields(schema);
        var prunedFields = TypedFieldSet.Of(pruned, schema).WithDeclaredFields(schema);
        pruned = TypedParts.Remove(merged, mergedFields.Difference(prunedFields.Union(owned)), schema);

        // What nobody owns goes only with what the manager itself had set.
        prunedFields = TypedFieldSet.Of(pruned, schema).WithDeclaredFields(schema);
        return TypedParts.Remove(merged, mergedFields.Difference(prunedFields).Intersection(lastFields), schema);
    }
}
