using System.Globalization;
using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>Something a reconcile wrote.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Key">The object.</param>
/// <param name="ResourceVersion">The version that the server gave it; empty where the object is gone and has none.</param>
/// <param name="Uid">The object's uid; empty where unknown.</param>
sealed record ObjectWrite(ResourceDefinition Resource, NamespacedName Key, string ResourceVersion, string Uid)
{
    /// <summary>The version as a number; null where it has none, or it is no number.</summary>
    public ulong? Version => ulong.TryParse(ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

    /// <summary>Whether a cache's content shows this write, or something newer.</summary>
    public bool IsSeenBy(CacheSnapshot snapshot)
    {
        snapshot.TryGet(Key, out var held);
        if (ResourceVersion.Length == 0)
            return held is null || (Uid.Length > 0 && held.Uid != Uid);
        if (held?.ResourceVersion == ResourceVersion)
            return true;
        // Versions are said to be opaque, yet servers have always numbered them, and later releases promise it. Where one is no number, waiting would be guessing.
        return Version is not { } written
            || !ulong.TryParse(snapshot.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var seen)
            || seen >= written;
    }

    /// <summary>Whether a cache could show this write at all.</summary>
    public bool Concerns(CacheSpec spec) => spec.Resource.Resource == Resource.Resource && (spec.Namespace is null || spec.Namespace == Key.Namespace);
}
