using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// Keeps <c>metadata.managedFields</c> as creates, updates and patches other than apply change an object: the writer owns what it set or changed,
/// others lose what was changed or removed. Thread-safe.
/// </summary>
/// <remarks>As <c>k8s.io/apimachinery/pkg/util/managedfields</c> does. Fields that managers own in other versions of the kind are taken to have the same paths.</remarks>
/// <param name="time">When entries change.</param>
/// <example><code>
/// var updater = new ManagedFieldsUpdater(TimeProvider.System);
/// stored = updater.Update(stored, written, new FieldWrite("kubectl-edit", "apps/v1", MergeSchema.For&lt;V1Deployment>()));
/// </code></example>
public sealed class ManagedFieldsUpdater(TimeProvider time)
{
    /// <summary>More entries for updates than this, and the oldest are put together.</summary>
    public const int MostUpdateManagers = 10;

    /// <summary>The name of the entry that the oldest updates are put together in.</summary>
    public const string OldUpdates = "ancient-changes";

    /// <summary>
    /// Enters a write in the written object. To be called once the object is defaulted, and before the server adds what is its own (addresses, finalizers,
    /// what built-in admission fills in): that has no owner.
    /// </summary>
    /// <param name="live">The object before; null for one that is created.</param>
    /// <param name="written">The object as it will be stored. Its managed fields are what its writer sent, and are replaced. It is changed and returned.</param>
    /// <param name="write">Who writes.</param>
    public JsonObject Update(JsonObject? live, JsonObject written, FieldWrite write)
    {
        ArgumentNullException.ThrowIfNull(written);
        ArgumentNullException.ThrowIfNull(write);
        var managed = Sent(live, written, write);
        var before = live ?? ZeroObject.Of(written);
        ManagedFields.Strip(written);
        if (live is not null && managed.IsEmpty)
        {
            // Whose fields nobody knows, an update does not begin to say: only applying does.
            return written;
        }
        var writer = new FieldOwner(write.Manager, false, write.ApiVersion, write.Subresource);
        managed = FieldOwnership.Own(managed, before, written, writer, write, () => FieldOwnership.Now(time));
        Cap(managed).WriteTo(written);
        return written;
    }

    /// <summary>
    /// Whether a write changed nothing but times in <c>managedFields</c>: the API server then keeps the object as it is, with its resourceVersion.
    /// </summary>
    public static bool ChangesOnlyTimes(JsonObject live, JsonObject written)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(written);
        var (before, after) = (Timeless(live), Timeless(written));
        return JsonNode.DeepEquals(before, after);

        static JsonObject Timeless(JsonObject value)
        {
            var timeless = (JsonObject)value.DeepClone();
            foreach (var entry in ManagedFields.ListIn(timeless) ?? []) (entry as JsonObject)?.Remove("time");
            return timeless;
        }
    }

    // What a writer sends counts, so that entries can be edited on purpose; but leaving them out deletes nothing, and one empty entry deletes all.
    static ManagedFields Sent(JsonObject? live, JsonObject written, FieldWrite write)
    {
        if (write.Subresource.Length == 0 && ManagedFields.ListIn(written) is { Count: > 0 } sent)
        {
            if (sent is [JsonObject { Count: 0 }]) return ManagedFields.None;
            var read = FieldOwnership.ReadOrNone(written);
            if (!read.IsEmpty) return read;
        }
        return FieldOwnership.ReadOrNone(live);
    }

    static ManagedFields Cap(ManagedFields managed)
    {
        var updates = managed.Entries.Where(e => !e.Key.Applies).OrderBy(e => e.Value.Time ?? "", StringComparer.Ordinal).ThenBy(e => e.Key).ToList();
        var surplus = updates.Count - MostUpdateManagers;
        var firstOfVersion = new Dictionary<string, FieldOwner>(StringComparer.Ordinal);
        foreach (var (owner, entry) in updates)
        {
            if (surplus <= 0) break;
            var bucket = new FieldOwner(OldUpdates, false, entry.ApiVersion);
            if (firstOfVersion.TryAdd(entry.ApiVersion, owner)) continue;
            // Two of one version become one, under the bucket's name.
            var first = firstOfVersion[entry.ApiVersion];
            var together = managed.OwnedBy(first).Union(entry.Fields);
            managed = managed.Without(first).Without(owner).With(bucket, entry with { Fields = together });
            firstOfVersion[entry.ApiVersion] = bucket;
            surplus--;
        }
        return managed;
    }
}
