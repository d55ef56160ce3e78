using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>How ownership moves when an object changes: what server-side apply and other writes have in common.</summary>
static class FieldOwnership
{
    // Nobody owns what names the object or what the server alone keeps.
    static readonly FieldSet Unowned = FieldSet.Of(
        FieldPath.Of("apiVersion"), FieldPath.Of("kind"), FieldPath.Of("metadata"), FieldPath.Of("metadata", "name"), FieldPath.Of("metadata", "namespace"),
        FieldPath.Of("metadata", "creationTimestamp"), FieldPath.Of("metadata", "selfLink"), FieldPath.Of("metadata", "uid"), FieldPath.Of("metadata", "clusterName"),
        FieldPath.Of("metadata", "generation"), FieldPath.Of("metadata", "managedFields"), FieldPath.Of("metadata", "resourceVersion"));

    public static FieldSet Ownable(FieldSet fields) => fields.Difference(Unowned);

    /// <summary>Takes from everyone but the writer what a write changed or removed.</summary>
    /// <exception cref="ApplyConflictException">A field that another owns was changed, and the write has no force.</exception>
    public static ManagedFields Take(ManagedFields managed, Comparison comparison, FieldOwner? writer, bool force)
    {
        var changed = comparison.Modified.Union(comparison.Added);
        if (!force)
        {
            var conflicts = managed.Owners.Where(owner => owner != writer)
                .SelectMany(owner => managed.OwnedBy(owner).Intersection(changed).Paths().Select(field => new ApplyConflict(owner, field))).ToList();
            if (conflicts.Count > 0) throw new ApplyConflictException(conflicts);
        }
        return managed.Select((owner, fields) => owner == writer ? fields : fields.Difference(changed).Difference(comparison.Removed));
    }

    /// <summary>The fields that a writer owns after a write that was no apply.</summary>
    public static ManagedFields Own(ManagedFields managed, JsonObject before, JsonObject after, FieldOwner writer, FieldWrite write, Func<string> time)
    {
        var comparison = TypedComparison.Of(before, after, write.Schema).Without(write.Ignored);
        // From the writer's own entry too, which then gets what it set, in the version it was set in.
        managed = Take(managed, comparison, writer: null, force: true);
        var gained = Ownable(comparison.Modified.Union(comparison.Added));
        return gained.IsEmpty ? managed : managed.With(writer, new ManagedFields.Entry(write.ApiVersion, managed.OwnedBy(writer).Union(gained), time()));
    }

    public static string Now(TimeProvider time) => time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>An object as merging sees it: without its managed fields.</summary>
    public static JsonObject Bare(JsonObject value)
    {
        var bare = (JsonObject)value.DeepClone();
        ManagedFields.Strip(bare);
        return bare;
    }

    /// <summary>What an object's managed fields say; nothing where they cannot be read, so that nobody is locked out of an object.</summary>
    public static ManagedFields ReadOrNone(JsonObject? value)
    {
        try
        {
            return value is null ? ManagedFields.None : ManagedFields.Of(value);
        }
        catch (FormatException)
        {
            return ManagedFields.None;
        }
    }
}
