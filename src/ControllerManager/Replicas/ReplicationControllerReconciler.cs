using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps as many pods of a replication controller as it asks for.</summary>
internal sealed class ReplicationControllerReconciler(ClusterControllersOptions options, Strays strays) : ReplicaReconciler<V1ReplicationController>(options, strays)
{
    protected override ReplicaWish WishOf(V1ReplicationController controller) =>
        new(controller.Spec.Replicas ?? 1, controller.Spec.MinReadySeconds ?? 0, LabelSelector.FromSet(controller.Spec.Selector ?? new Dictionary<string, string>()), controller.Spec.Template);

    protected override ReplicaFailure? FailureOf(V1ReplicationController controller) =>
        controller.Status?.Conditions?.FirstOrDefault(static c => c.Type == ReplicaFailure.Type) is { } told ? new ReplicaFailure(told.Reason, told.Message, told.LastTransitionTime) : null;

    protected override bool Tell(V1ReplicationController controller, ReplicaCount count, ReplicaFailure? failure)
    {
        var before = controller.Status;
        controller.Status = new V1ReplicationControllerStatus
        {
            Replicas = count.Replicas, FullyLabeledReplicas = count.FullyLabeled, ReadyReplicas = count.Ready, AvailableReplicas = count.Available, ObservedGeneration = controller.Metadata.Generation,
            Conditions = failure is { } why ? [new V1ReplicationControllerCondition { Type = ReplicaFailure.Type, Status = "True", Reason = why.Reason, Message = why.Message, LastTransitionTime = why.Since }] : null,
        };
        return !controller.Status.SemanticallyEquals(before);
    }
}
