using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps a claim that was asked to go as long as a pod uses it: takes the finalizer away that protects it once none does, and gives it to a claim that lacks it.</summary>
internal sealed class ClaimProtectionReconciler(ClusterControllersOptions options) : IReconciler<V1PersistentVolumeClaim>
{
    private const string Finalizer = "kubernetes.io/pvc-protection";

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1PersistentVolumeClaim> context, CancellationToken cancellation)
    {
        if (context.Object is not { } claim || !Protection.Concerns(claim.Metadata, Finalizer))
        {
            return ReconcileResult.Done;
        }
        if (claim.Metadata.DeletionTimestamp is { } deleted)
        {
            if (Protection.Left(deleted, options) is { } left)
            {
                return ReconcileResult.RequeueAfter(left);
            }
            // The cache may not know the pod yet that was made a moment ago.
            if (context.Cache<V1Pod>().List(context.Key.Namespace).Any(p => Uses(p, context.Key.Name))
                || (await context.Client.Resource<V1Pod>(context.Key.Namespace).ListAsync(cancellation: cancellation).ConfigureAwait(false)).Items.Any(p => Uses(p, context.Key.Name)))
            {
                return ReconcileResult.Done;
            }
        }
        return await Protection.ChangeAsync(context.Client.Resource<V1PersistentVolumeClaim>(context.Key.Namespace), claim, Finalizer, cancellation).ConfigureAwait(false);
    }

    /// <summary>The claims that a pod names: when it ends or goes they may go.</summary>
    public static IEnumerable<NamespacedName> ClaimsOf(V1Pod pod) => (pod.Spec?.Volumes ?? []).Select(v => NameOf(pod, v)).OfType<string>().Select(name => new NamespacedName(pod.Metadata.NamespaceProperty, name));

    private static string? NameOf(V1Pod pod, V1Volume volume) => volume.PersistentVolumeClaim?.ClaimName ?? (volume.Ephemeral is null ? null : $"{pod.Metadata.Name}-{volume.Name}");

    /// <summary>A pod that has ended uses nothing, nor does one that has no node.</summary>
    private static bool Uses(V1Pod pod, string claim) => pod.Status?.Phase is not ("Succeeded" or "Failed") && !string.IsNullOrEmpty(pod.Spec?.NodeName) && ClaimsOf(pod).Any(c => c.Name == claim);
}
