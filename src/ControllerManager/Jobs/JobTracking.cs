using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Each pod of a job is held by a finalizer until it has been counted: first its uid goes into the job's status, then the finalizer is removed, then the counter moves on.
/// However often this is interrupted, no pod is counted twice or not at all, whoever deletes it.
/// </summary>
internal static class JobTracking
{
    public const string Finalizer = "batch.kubernetes.io/job-tracking";

    public static bool IsTracked(this V1Pod pod) => pod.Metadata.Finalizers?.Contains(Finalizer) == true;

    /// <summary>Lets pods go: they are counted, or not to be.</summary>
    public static Task ReleaseAsync(IKubernetesClient client, IEnumerable<V1Pod> pods, CancellationToken cancellation) =>
        Task.WhenAll(pods.Where(IsTracked).ToList().Select(async pod =>
        {
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid, ["$deleteFromPrimitiveList/finalizers"] = new JsonArray(Finalizer) },
            };
            try
            {
                await client.Resource<V1Pod>(pod.Metadata.NamespaceProperty).PatchAsync(pod.Metadata.Name, Patch.StrategicMerge(patch), cancellation: cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException gone) when (gone.IsNotFound || gone.IsConflict)
            {
                // It has gone already, and another has its name.
            }
        }));

    /// <summary>Whether a pod has come to its end as far as its job is concerned.</summary>
    public static bool HasEnded(this V1Pod pod, V1Job job) =>
        pod.Status?.Phase is "Succeeded" or "Failed" || (pod.Metadata.DeletionTimestamp is not null && (job.Spec.PodReplacementPolicy != "Failed" || pod.Metadata.DeletionGracePeriodSeconds is 0));

    /// <summary>Moves the counters on by the pods that have been let go since.</summary>
    public static void Settle(V1JobStatus status, IReadOnlyList<V1Pod> pods)
    {
        var held = pods.Where(IsTracked).Select(p => p.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
        var uncounted = status.UncountedTerminatedPods ?? new V1UncountedTerminatedPods();
        var (succeeded, failed) = (uncounted.Succeeded ?? [], uncounted.Failed ?? []);
        status.Succeeded = JobPlan.Some((status.Succeeded ?? 0) + succeeded.Count(uid => !held.Contains(uid)));
        status.Failed = JobPlan.Some((status.Failed ?? 0) + failed.Count(uid => !held.Contains(uid)));
        status.UncountedTerminatedPods = new V1UncountedTerminatedPods { Succeeded = Kept(succeeded, held), Failed = Kept(failed, held) };
    }

    private static IList<string>? Kept(IList<string> uids, HashSet<string> held) => uids.Where(held.Contains).ToList() is { Count: > 0 } left ? left : null;

    /// <summary>Puts an ended pod among those that will be counted.</summary>
    public static void Count(V1JobStatus status, V1Pod pod, bool success)
    {
        var uncounted = status.UncountedTerminatedPods;
        if (success)
        {
            (uncounted.Succeeded ??= []).Add(pod.Metadata.Uid);
        }
        else
        {
            (uncounted.Failed ??= []).Add(pod.Metadata.Uid);
        }
    }

    public static bool IsCounted(V1JobStatus status, V1Pod pod) =>
        status.UncountedTerminatedPods?.Succeeded?.Contains(pod.Metadata.Uid) == true || status.UncountedTerminatedPods?.Failed?.Contains(pod.Metadata.Uid) == true;
}
