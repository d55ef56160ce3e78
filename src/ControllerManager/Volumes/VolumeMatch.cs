using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Which volume is for which claim. Pure.</summary>
internal static class VolumeMatch
{
    /// <summary>A volume says that it is for a claim.</summary>
    public static bool IsFor(this V1PersistentVolume volume, V1PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is { } to && to.Name == claim.Metadata.Name && to.NamespaceProperty == claim.Metadata.NamespaceProperty && (string.IsNullOrEmpty(to.Uid) || to.Uid == claim.Metadata.Uid);

    /// <summary>The smallest volume that satisfies a claim; one that is for it already before all others. Null where there is none.</summary>
    public static V1PersistentVolume? Best(V1PersistentVolumeClaim claim, IEnumerable<V1PersistentVolume> volumes)
    {
        var fit = volumes.Where(v => v.Metadata.DeletionTimestamp is null && Fits(claim, v)).ToList();
        return fit.Find(v => v.IsFor(claim)) ?? fit.Where(v => v.Spec.ClaimRef is null && v.Status?.Phase is "Available")
            .OrderBy(SizeOf).ThenBy(v => v.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();
    }

    private static bool Fits(V1PersistentVolumeClaim claim, V1PersistentVolume volume) =>
        (volume.Spec.StorageClassName ?? "") == (claim.Spec.StorageClassName ?? "")
        && (volume.Spec.VolumeMode ?? "Filesystem") == (claim.Spec.VolumeMode ?? "Filesystem")
        && (claim.Spec.AccessModes ?? []).All(mode => volume.Spec.AccessModes?.Contains(mode) == true)
        && (claim.Spec.Selector is null || LabelSelector.From(claim.Spec.Selector).Matches(volume.Metadata.Labels))
        && SizeOf(volume) >= (claim.Spec.Resources?.Requests?.TryGetValue("storage", out var asked) == true ? asked : ResourceQuantity.Zero);

    private static ResourceQuantity SizeOf(V1PersistentVolume volume) => volume.Spec.Capacity?.TryGetValue("storage", out var size) == true ? size : ResourceQuantity.Zero;
}
