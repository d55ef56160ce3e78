using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps a claim that was asked to go as long as a pod uses it.</summary>
internal sealed class ClaimProtectionReconciler(ClusterControllersOptions options) : ProtectionReconciler<V1PersistentVolumeClaim>(options, "kubernetes.io/pvc-protection")
{
    protected override async ValueTask<bool> IsUsedAsync(ReconcileContext<V1PersistentVolumeClaim> context, V1PersistentVolumeClaim found, CancellationToken cancellation) =>
        context.Cache<V1Pod>().List(context.Key.Namespace).Any(p => Uses(p, context.Key.Name))
        // The cache may not know the pod yet that was made a moment ago.
        || (await context.Client.Resource<V1Pod>(context.Key.Namespace).ListAsync(cancellation: cancellation).ConfigureAwait(false)).Items.Any(p => Uses(p, context.Key.Name));

    /// <summary>The claims that a pod names: when it ends or goes they may go.</summary>
    public static IEnumerable<NamespacedName> ClaimsOf(V1Pod pod) => (pod.Spec?.Volumes ?? []).Select(v => NameOf(pod, v)).OfType<string>().Select(name => new NamespacedName(pod.Metadata.NamespaceProperty, name));

    private static string? NameOf(V1Pod pod, V1Volume volume) => volume.PersistentVolumeClaim?.ClaimName ?? (volume.Ephemeral is null ? null : $"{pod.Metadata.Name}-{volume.Name}");

    /// <summary>A pod that has ended uses nothing, nor does one that has no node.</summary>
    private static bool Uses(V1Pod pod, string claim) => pod.Status?.Phase is not ("Succeeded" or "Failed") && !string.IsNullOrEmpty(pod.Spec?.NodeName) && ClaimsOf(pod).Any(c => c.Name == claim);
}
