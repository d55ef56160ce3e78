using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Keeps a stateful set's pods, each with its number: made in order and given up in reverse, one at a time unless the set says Parallel; replaced from the last to the
/// partition when the template changes. Claims of its volume templates are made and kept.
/// </summary>
internal sealed class StatefulSetReconciler(ClusterControllersOptions options, Strays strays) : IReconciler<V1StatefulSet>, ILetsGo<V1StatefulSet>
{
    public Task LetGoAsync(ReconcileContext<V1StatefulSet> context, CancellationToken cancellation)
    {
        strays.Forget(context.Key);
        return Task.CompletedTask;
    }

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1StatefulSet> context, CancellationToken cancellation)
    {
        var set = context.Object!;
        var now = options.Time.GetUtcNow().UtcDateTime;
        var revision = await Revisions.PresentAsync(context, set, set.Spec.Template, set.Spec.RevisionHistoryLimit, cancellation).ConfigureAwait(false);
        var first = set.Spec.Ordinals?.Start ?? 0;
        var claimed = await Claims.ClaimAsync<V1Pod>(context, set, LabelSelector.From(set.Spec.Selector), strays, cancellation, p => OrdinalOf(set, p.Name) >= 0).ConfigureAwait(false);
        var pods = claimed.Select(p => (Pod: p, Ordinal: OrdinalOf(set, p.Metadata.Name))).Where(p => p.Ordinal >= 0).ToDictionary(p => p.Ordinal, p => p.Pod);
        await StatefulSetClaims.OwnAsync(context, set, pods, cancellation).ConfigureAwait(false);
        await StepAsync(context, set, pods, revision, first, now, cancellation).ConfigureAwait(false);
        await StatusAsync(context, set, pods, revision, now, cancellation).ConfigureAwait(false);
        var soonest = pods.Values.Select(p => p.UntilAvailable(set.Spec.MinReadySeconds ?? 0, now)).OfType<TimeSpan>().Order().FirstOrDefault();
        return soonest > TimeSpan.Zero ? ReconcileResult.RequeueAfter(soonest) : ReconcileResult.Done;
    }

    private static async Task StepAsync(
        ReconcileContext<V1StatefulSet> context, V1StatefulSet set, Dictionary<int, V1Pod> pods, string revision, int first, DateTime now, CancellationToken cancellation)
    {
        var parallel = set.Spec.PodManagementPolicy == "Parallel";
        var end = first + (set.Spec.Replicas ?? 1);
        for (var i = first; i < end; i++)
        {
            if (pods.TryGetValue(i, out var pod) && pod.Status?.Phase is "Failed" or "Succeeded" && pod.Metadata.DeletionTimestamp is null)
            {
                await PodControl.DeleteAsync(context, [pod], cancellation, Words(set)).ConfigureAwait(false);
                if (!parallel)
                {
                    return;
                }
            }
            else if (pod is null)
            {
                await StatefulSetClaims.MakeAsync(context, set, i, cancellation).ConfigureAwait(false);
                await PodControl.CreateAsync(context, [Pod(set, i, RevisionFor(set, i, revision))], cancellation, Words(set)).ConfigureAwait(false);
                if (!parallel)
                {
                    return;
                }
            }
            else if (!parallel && (pod.Metadata.DeletionTimestamp is not null || !pod.IsAvailable(set.Spec.MinReadySeconds ?? 0, now)))
            {
                // One after another: the next waits for this one, even where it will never be ready. Such a rollout wants somebody to delete the pod, as on any cluster.
                return;
            }
        }
        var surplus = pods.Where(p => p.Key >= end || p.Key < first).OrderByDescending(p => p.Key).Select(p => p.Value).ToList();
        if (surplus.Count > 0)
        {
            if (parallel || surplus[0].Metadata.DeletionTimestamp is null)
            {
                await PodControl.DeleteAsync(context, surplus.Where(p => p.Metadata.DeletionTimestamp is null).Take(parallel ? surplus.Count : 1), cancellation, Words(set)).ConfigureAwait(false);
            }
            return;
        }
        if (set.Spec.UpdateStrategy?.Type == "OnDelete")
        {
            return;
        }
        var partition = set.Spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0;
        for (var i = end - 1; i >= Math.Max(first, partition); i--)
        {
            if (!pods.TryGetValue(i, out var pod))
            {
                return;
            }
            if (pod.Metadata.Labels?.TryGetValue(Revisions.Label, out var has) != true || has != revision)
            {
                if (pod.Metadata.DeletionTimestamp is null)
                {
                    await PodControl.DeleteAsync(context, [pod], cancellation, Words(set)).ConfigureAwait(false);
                }
                return;
            }
            if (!pod.IsAvailable(set.Spec.MinReadySeconds ?? 0, now))
            {
                return;
            }
        }
    }

    /// <summary>Below the partition pods are made as they were.</summary>
    private static string RevisionFor(V1StatefulSet set, int ordinal, string revision) =>
        ordinal < (set.Spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0) && set.Status?.CurrentRevision is { Length: > 0 } current ? current : revision;

    private static PodWords Words(V1StatefulSet set) => new(
        name => $"create Pod {name} in StatefulSet {set.Metadata.Name} successful",
        (name, why) => $"create Pod {name} in StatefulSet {set.Metadata.Name} failed error: {why}",
        name => $"delete Pod {name} in StatefulSet {set.Metadata.Name} successful");

    internal static int OrdinalOf(V1StatefulSet set, string pod) =>
        pod.StartsWith(set.Metadata.Name + "-", StringComparison.Ordinal)
        && int.TryParse(pod.AsSpan(set.Metadata.Name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : -1;

    private static V1Pod Pod(V1StatefulSet set, int ordinal, string revision)
    {
        var pod = set.Spec.Template.MakePod(set);
        pod.Metadata.Name = string.Create(CultureInfo.InvariantCulture, $"{set.Metadata.Name}-{ordinal}");
        var labels = pod.Metadata.Labels ??= new Dictionary<string, string>();
        labels[Revisions.Label] = revision;
        labels["statefulset.kubernetes.io/pod-name"] = pod.Metadata.Name;
        labels["apps.kubernetes.io/pod-index"] = ordinal.ToString(CultureInfo.InvariantCulture);
        pod.Spec.Hostname = pod.Metadata.Name;
        pod.Spec.Subdomain = string.IsNullOrEmpty(set.Spec.ServiceName) ? null : set.Spec.ServiceName;
        foreach (var claim in set.Spec.VolumeClaimTemplates ?? [])
        {
            var volumes = pod.Spec.Volumes ??= [];
            foreach (var same in volumes.Where(v => v.Name == claim.Metadata.Name).ToList())
            {
                volumes.Remove(same);
            }
            volumes.Add(new V1Volume { Name = claim.Metadata.Name, PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = $"{claim.Metadata.Name}-{pod.Metadata.Name}" } });
        }
        return pod;
    }

    private static async Task StatusAsync(
        ReconcileContext<V1StatefulSet> context, V1StatefulSet set, Dictionary<int, V1Pod> pods, string revision, DateTime now, CancellationToken cancellation)
    {
        int Of(string? name) => pods.Values.Count(p => p.IsActive() && p.Metadata.Labels?.TryGetValue(Revisions.Label, out var has) == true && has == name);
        var current = set.Status?.CurrentRevision is { Length: > 0 } before ? before : revision;
        var status = new V1StatefulSetStatus
        {
            ObservedGeneration = set.Metadata.Generation,
            Replicas = pods.Count,
            ReadyReplicas = pods.Values.Count(p => p.IsReady()),
            AvailableReplicas = pods.Values.Count(p => p.IsAvailable(set.Spec.MinReadySeconds ?? 0, now)),
            UpdatedReplicas = Of(revision),
            CurrentReplicas = Of(current),
            CurrentRevision = current,
            UpdateRevision = revision,
            CollisionCount = set.Status?.CollisionCount ?? 0,
            Conditions = set.Status?.Conditions,
        };
        var wanted = set.Spec.Replicas ?? 1;
        if (status.UpdatedReplicas == wanted && status.ReadyReplicas == wanted && status.Replicas == wanted)
        {
            // The rollout is through: what was new is what is.
            (status.CurrentRevision, status.CurrentReplicas) = (revision, status.UpdatedReplicas);
        }
        if (!status.SemanticallyEquals(set.Status))
        {
            set.Status = status;
            await context.Client.Resource<V1StatefulSet>(context.Key.Namespace).UpdateStatusAsync(set, cancellation: cancellation).ConfigureAwait(false);
        }
    }
}
