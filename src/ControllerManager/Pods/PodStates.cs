using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What controllers read from a pod.</summary>
internal static class PodStates
{
    /// <summary>It runs, or will: neither ended nor being deleted.</summary>
    public static bool IsActive(this V1Pod pod) => pod.Status?.Phase is not ("Succeeded" or "Failed") && pod.Metadata.DeletionTimestamp is null;

    /// <summary>As <see cref="IsActive(V1Pod)"/>, of a pod as received.</summary>
    public static bool IsActive(this KubeObject pod) => !pod.IsDeleting && pod.As<V1Pod>().IsActive();

    public static bool IsReady(this V1Pod pod) => ReadyCondition(pod)?.Status == "True";

    /// <summary>Ready for so long that it counts.</summary>
    public static bool IsAvailable(this V1Pod pod, int minReadySeconds, DateTime now) =>
        ReadyCondition(pod) is { Status: "True" } ready && (minReadySeconds <= 0 || (ready.LastTransitionTime is { } since && since.AddSeconds(minReadySeconds) <= now));

    /// <summary>How long until a ready pod counts as available; null where it does already, or is not ready.</summary>
    public static TimeSpan? UntilAvailable(this V1Pod pod, int minReadySeconds, DateTime now) =>
        minReadySeconds > 0 && ReadyCondition(pod) is { Status: "True", LastTransitionTime: { } since } && since.AddSeconds(minReadySeconds) - now is var left && left > TimeSpan.Zero ? left : null;

    private static V1PodCondition? ReadyCondition(V1Pod pod) => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready");

    /// <summary>Orders pods as they are given up: those that do least first. Unassigned, pending, unready, cheap to delete, restarted often, young.</summary>
    public static IEnumerable<V1Pod> LeastUsefulFirst(this IEnumerable<V1Pod> pods) => pods
        .OrderBy(p => string.IsNullOrEmpty(p.Spec?.NodeName) ? 0 : 1)
        .ThenBy(p => p.Status?.Phase switch { "Pending" or null => 0, "Running" => 2, _ => 1 })
        .ThenBy(p => p.IsReady() ? 1 : 0)
        .ThenBy(p => int.TryParse(p.Metadata.Annotations?.TryGetValue("controller.kubernetes.io/pod-deletion-cost", out var cost) == true ? cost : null, out var number) ? number : 0)
        .ThenByDescending(p => p.Status?.ContainerStatuses?.Sum(c => c.RestartCount) ?? 0)
        .ThenByDescending(p => p.Metadata.CreationTimestamp);
}
