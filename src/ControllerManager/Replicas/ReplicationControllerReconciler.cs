using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps as many pods of a replication controller as it asks for.</summary>
internal sealed class ReplicationControllerReconciler(ClusterControllersOptions options, Strays strays) : ReplicaReconciler<V1ReplicationController>(options, strays)
{
    protected override ReplicaWish WishOf(V1ReplicationController controller) =>
        new(controller.Spec.Replicas ?? 1, controller.Spec.MinReadySeconds ?? 0, LabelSelector.FromSet(controller.Spec.Selector ?? new Dictionary<string, string>()), controller.Spec.Template);

    protected override bool Tell(V1ReplicationController controller, ReplicaCount count, Exception? failure, string reason, DateTime now)
    {
        var before = controller.Status;
        var failing = before?.Conditions?.FirstOrDefault(c => c.Type == "ReplicaFailure");
        controller.Status = new V1ReplicationControllerStatus
        {
            Replicas = count.Replicas, FullyLabeledReplicas = count.FullyLabeled, ReadyReplicas = count.Ready, AvailableReplicas = count.Available, ObservedGeneration = controller.Metadata.Generation,
            Conditions = failure is null ? null : [failing ?? new V1ReplicationControllerCondition { Type = "ReplicaFailure", Status = "True", Reason = reason, Message = failure.Message, LastTransitionTime = now }],
        };
        return !controller.Status.SemanticallyEquals(before);
    }
}
