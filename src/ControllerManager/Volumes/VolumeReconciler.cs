using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Says of a volume whether it is to be had, and lets it go, or goes with it, when its claim has gone.</summary>
internal sealed class VolumeReconciler : IReconciler<V1PersistentVolume>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1PersistentVolume> context, CancellationToken cancellation)
    {
        var volume = context.Object!;
        if (volume.Spec.ClaimRef is not { Uid.Length: > 0 } to)
        {
            await SayAsync(context, volume, "Available", null, cancellation).ConfigureAwait(false);
            return ReconcileResult.Done;
        }
        var key = new NamespacedName(to.NamespaceProperty, to.Name);
        if (context.Get<V1PersistentVolumeClaim>(key)?.Metadata.Uid == to.Uid || await LivesAsync(context, key, to.Uid, cancellation).ConfigureAwait(false))
        {
            return ReconcileResult.Done;
        }
        if (volume.Status?.Phase is not ("Released" or "Failed"))
        {
            await SayAsync(context, volume, "Released", null, cancellation).ConfigureAwait(false);
        }
        if (volume.Spec.PersistentVolumeReclaimPolicy == "Delete")
        {
            await DeleteAsync(context, volume, cancellation).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    /// <summary>The cache of claims may not know yet of the claim that a volume was just bound to.</summary>
    private static async Task<bool> LivesAsync(ReconcileContext context, NamespacedName key, string uid, CancellationToken cancellation)
    {
        try
        {
            return (await context.Client.Resource<V1PersistentVolumeClaim>(key.Namespace).GetAsync(key.Name, cancellation: cancellation).ConfigureAwait(false)).Metadata.Uid == uid;
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            return false;
        }
    }

    private static async Task DeleteAsync(ReconcileContext<V1PersistentVolume> context, V1PersistentVolume volume, CancellationToken cancellation)
    {
        var by = volume.Metadata.Annotations?.TryGetValue(ClaimReconciler.ProvisionedBy, out var provisioner) == true ? provisioner : null;
        if (by is not null && by != ClaimReconciler.Provisioner)
        {
            // Its provisioner removes it.
            return;
        }
        if (volume.Spec.HostPath is not { } there)
        {
            return;
        }
        if (!there.Path.StartsWith("/tmp/", StringComparison.Ordinal))
        {
            var problem = $"host_path deleter only supports /tmp/.+ but received provided {there.Path}";
            context.Events.Warning("VolumeFailedDelete", problem);
            await SayAsync(context, volume, "Failed", problem, cancellation).ConfigureAwait(false);
            return;
        }
        await context.Client.Resource<V1PersistentVolume>().DeleteAsync(volume.Metadata.Name, new DeleteOptions { Uid = volume.Metadata.Uid }, cancellation).ConfigureAwait(false);
    }

    private static async Task SayAsync(ReconcileContext<V1PersistentVolume> context, V1PersistentVolume volume, string phase, string? message, CancellationToken cancellation)
    {
        var status = volume.Status ??= new V1PersistentVolumeStatus();
        if (status.Phase != phase || (message is not null && status.Message != message))
        {
            (status.Phase, status.Message) = (phase, message);
            var written = await context.Client.Resource<V1PersistentVolume>().UpdateStatusAsync(volume, cancellation: cancellation).ConfigureAwait(false);
            (volume.Metadata, volume.Status) = (written.Metadata, written.Status);
        }
    }
}
