using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps as many pods of a replication controller as it asks for, as <see cref="ReplicaSetReconciler"/> does.</summary>
internal sealed class ReplicationControllerReconciler(WorkloadControllersOptions options) : IReconciler<V1ReplicationController>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1ReplicationController> context, CancellationToken cancellation)
    {
        var controller = context.Object!;
        var now = options.Time.GetUtcNow().UtcDateTime;
        var pods = context.Owned<V1Pod>().Where(p => p.IsActive()).ToList();
        var failure = await ReplicaPods.KeepAsync(context, pods, controller.Spec.Replicas ?? 1, () => controller.Spec.Template.MakePod(controller), cancellation).ConfigureAwait(false);
        var failing = controller.Status?.Conditions?.FirstOrDefault(c => c.Type == "ReplicaFailure");
        var status = new V1ReplicationControllerStatus
        {
            Replicas = pods.Count,
            FullyLabeledReplicas = ReplicaPods.FullyLabeled(pods, controller.Spec.Template),
            ReadyReplicas = pods.Count(p => p.IsReady()),
            AvailableReplicas = pods.Count(p => p.IsAvailable(controller.Spec.MinReadySeconds ?? 0, now)),
            ObservedGeneration = controller.Metadata.Generation,
            Conditions = failure is null ? null
                : [failing ?? new V1ReplicationControllerCondition { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = failure.Message, LastTransitionTime = now }],
        };
        if (!status.SemanticallyEquals(controller.Status))
        {
            controller.Status = status;
            await context.Client.Resource<V1ReplicationController>(context.Key.Namespace).UpdateStatusAsync(controller, cancellation: cancellation).ConfigureAwait(false);
        }
        return failure is null ? ReplicaPods.LookAgain(pods, controller.Spec.MinReadySeconds ?? 0, now) : throw failure;
    }
}
