using ActorKube.Actors;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps a volume that was asked to go as long as a claim is bound to it.</summary>
internal sealed class VolumeProtectionReconciler(ClusterControllersOptions options) : ProtectionReconciler<V1PersistentVolume>(options, "kubernetes.io/pv-protection")
{
    protected override ValueTask<bool> IsUsedAsync(ReconcileContext<V1PersistentVolume> context, V1PersistentVolume found, CancellationToken cancellation) => new(found.Status?.Phase == "Bound");
}
