using ActorKube.Actors;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps a volume that was asked to go as long as a claim is bound to it, and protects those that are not protected.</summary>
internal sealed class VolumeProtectionReconciler(ClusterControllersOptions options) : IReconciler<V1PersistentVolume>
{
    private const string Finalizer = "kubernetes.io/pv-protection";

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1PersistentVolume> context, CancellationToken cancellation)
    {
        if (context.Object is not { } volume || !Protection.Concerns(volume.Metadata, Finalizer))
        {
            return ReconcileResult.Done;
        }
        if (volume.Metadata.DeletionTimestamp is { } deleted)
        {
            if (Protection.Left(deleted, options) is { } left)
            {
                return ReconcileResult.RequeueAfter(left);
            }
            if (volume.Status?.Phase == "Bound")
            {
                return ReconcileResult.Done;
            }
        }
        return await Protection.ChangeAsync(context.Client.Resource<V1PersistentVolume>(), volume, Finalizer, cancellation).ConfigureAwait(false);
    }
}
