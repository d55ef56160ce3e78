using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// Moves what managers own by client-side apply (or by updates) over to server-side apply, so that the first server-side apply removes what the
/// configuration no longer says instead of leaving it behind under the old manager. To be done once an object, before that first apply.
/// </summary>
/// <remarks>As <c>k8s.io/client-go/util/csaupgrade</c>; Kubernetes' documentation of server-side apply tells of it under "Upgrading from client-side apply to server-side apply".</remarks>
/// <example><code>
/// if (ApplyMigration.Patch(stored, [LastApplied.KubectlClientSide], "my-controller") is { } patch)
///     await deployments.PatchAsync(name, Patch.Json(patch));             // a conflict means: read it again and repeat
/// await deployments.ApplyAsync(desired, new ApplyOptions("my-controller"));
/// </code></example>
public static class ApplyMigration
{
    /// <summary>
    /// Rewrites an object's <c>metadata.managedFields</c>: what the named managers own by writes that were no applies becomes the new manager's by apply. Their
    /// own entries vanish. An entry that the new manager has already is kept and enlarged.
    /// </summary>
    /// <param name="live">The object with its managed fields; changed.</param>
    /// <param name="clientSideManagers">Whose entries to move, such as <see cref="LastApplied.KubectlClientSide"/>.</param>
    /// <param name="manager">The manager that will apply from now on.</param>
    /// <param name="subresource">The subresource whose entries are meant, such as <c>status</c>; empty for the object itself.</param>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="FormatException">The managed fields are malformed.</exception>
    public static bool Upgrade(JsonObject live, IEnumerable<string> clientSideManagers, string manager, string subresource = "")
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(clientSideManagers);
        ArgumentException.ThrowIfNullOrEmpty(manager);
        var names = clientSideManagers.ToHashSet(StringComparer.Ordinal);
        var managed = ManagedFields.Of(live);
        var moved = managed.Entries.Where(entry => !entry.Key.Applies && entry.Key.Subresource == subresource && names.Contains(entry.Key.Manager)).OrderBy(entry => entry.Value.Time, StringComparer.Ordinal).ToList();
        if (moved.Count == 0) return false;
        var owner = new FieldOwner(manager, Applies: true, "", subresource);
        var entry = managed.Entries.GetValueOrDefault(owner);
        foreach (var (old, fields) in moved)
        {
            managed = managed.Without(old);
            // Paths of another version may mean other fields; only those of the entry's own version are joined.
            if (entry is null) entry = fields;
            else if (entry.ApiVersion == fields.ApiVersion) entry = entry with { Fields = entry.Fields.Union(fields.Fields) };
        }
        managed.With(owner, entry!).WriteTo(live);
        return true;
    }

    /// <summary>The JSON patch that does what <see cref="Upgrade"/> does, and fails with a conflict if the object has changed since; null where there is nothing to move.</summary>
    /// <exception cref="ArgumentException">The object has no <c>metadata.resourceVersion</c>.</exception>
    /// <inheritdoc cref="Upgrade"/>
    public static JsonArray? Patch(JsonObject live, IEnumerable<string> clientSideManagers, string manager, string subresource = "")
    {
        ArgumentNullException.ThrowIfNull(live);
        var upgraded = (JsonObject)live.DeepClone();
        if (!Upgrade(upgraded, clientSideManagers, manager, subresource)) return null;
        if ((live["metadata"] as JsonObject)?["resourceVersion"] is not JsonValue version)
            throw new ArgumentException("The object has no metadata.resourceVersion: take it from the server.", nameof(live));
        return
        [
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/managedFields", ["value"] = ManagedFields.ListIn(upgraded)!.DeepClone() },
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = version.DeepClone() },
        ];
    }
}
