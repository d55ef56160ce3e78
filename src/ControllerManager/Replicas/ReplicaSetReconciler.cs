using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps as many pods of a replica set as it asks for. Pods that match its selector without being its own are left alone.</summary>
internal sealed class ReplicaSetReconciler(WorkloadControllersOptions options) : IReconciler<V1ReplicaSet>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1ReplicaSet> context, CancellationToken cancellation)
    {
        var set = context.Object!;
        var now = options.Time.GetUtcNow().UtcDateTime;
        var pods = context.Owned<V1Pod>().Where(p => p.IsActive()).ToList();
        var wanted = set.Spec.Replicas ?? 1;
        Exception? failure = null;
        try
        {
            if (pods.Count < wanted)
            {
                await PodControl.CreateAsync(context, Enumerable.Range(0, wanted - pods.Count).Select(_ => set.Spec.Template.MakePod(set)), cancellation).ConfigureAwait(false);
            }
            else if (pods.Count > wanted)
            {
                await PodControl.DeleteAsync(context, pods.LeastUsefulFirst().Take(pods.Count - wanted), cancellation).ConfigureAwait(false);
            }
        }
        catch (KubernetesException refused) when (!refused.IsConflict)
        {
            failure = refused;
        }
        await WriteStatusAsync(context, set, pods, now, failure, cancellation).ConfigureAwait(false);
        if (failure is not null)
        {
            throw failure;
        }
        var soonest = pods.Select(p => p.UntilAvailable(set.Spec.MinReadySeconds ?? 0, now)).OfType<TimeSpan>().Order().FirstOrDefault();
        return soonest > TimeSpan.Zero ? ReconcileResult.RequeueAfter(soonest) : ReconcileResult.Done;
    }

    private static async Task WriteStatusAsync(
        ReconcileContext<V1ReplicaSet> context, V1ReplicaSet set, List<V1Pod> pods, DateTime now, Exception? failure, CancellationToken cancellation)
    {
        var labels = set.Spec.Template.Metadata?.Labels ?? new Dictionary<string, string>();
        var before = set.Status;
        var failing = before?.Conditions?.FirstOrDefault(c => c.Type == "ReplicaFailure");
        var status = new V1ReplicaSetStatus
        {
            Replicas = pods.Count,
            FullyLabeledReplicas = pods.Count(p => labels.All(l => p.Metadata.Labels?.TryGetValue(l.Key, out var value) == true && value == l.Value)),
            ReadyReplicas = pods.Count(p => p.IsReady()),
            AvailableReplicas = pods.Count(p => p.IsAvailable(set.Spec.MinReadySeconds ?? 0, now)),
            ObservedGeneration = set.Metadata.Generation,
            Conditions = failure is null ? null : [failing ?? new V1ReplicaSetCondition { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = failure.Message, LastTransitionTime = now }],
        };
        if (!status.SemanticallyEquals(before))
        {
            set.Status = status;
            await context.Client.Resource<V1ReplicaSet>(context.Key.Namespace).UpdateStatusAsync(set, cancellation: cancellation).ConfigureAwait(false);
        }
    }
}
