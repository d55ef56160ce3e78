using ActorKube.Actors;
using ActorKube.Models;
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
        var failure = await ReplicaPods.KeepAsync(context, pods, set.Spec.Replicas ?? 1, () => set.Spec.Template.MakePod(set), cancellation).ConfigureAwait(false);
        await WriteStatusAsync(context, set, pods, now, failure, cancellation).ConfigureAwait(false);
        return failure is null ? ReplicaPods.LookAgain(pods, set.Spec.MinReadySeconds ?? 0, now) : throw failure;
    }

    private static async Task WriteStatusAsync(
        ReconcileContext<V1ReplicaSet> context, V1ReplicaSet set, List<V1Pod> pods, DateTime now, Exception? failure, CancellationToken cancellation)
    {
        var before = set.Status;
        var failing = before?.Conditions?.FirstOrDefault(c => c.Type == "ReplicaFailure");
        var status = new V1ReplicaSetStatus
        {
            Replicas = pods.Count,
            FullyLabeledReplicas = ReplicaPods.FullyLabeled(pods, set.Spec.Template),
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
