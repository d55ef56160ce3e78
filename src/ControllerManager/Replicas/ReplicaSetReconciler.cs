using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps as many pods of a replica set as it asks for.</summary>
internal sealed class ReplicaSetReconciler(ClusterControllersOptions options, Strays strays) : ReplicaReconciler<V1ReplicaSet>(options, strays)
{
    protected override ReplicaWish WishOf(V1ReplicaSet set) => new(set.Spec.Replicas ?? 1, set.Spec.MinReadySeconds ?? 0, LabelSelector.From(set.Spec.Selector), set.Spec.Template);

    protected override ReplicaFailure? FailureOf(V1ReplicaSet set) =>
        set.Status?.Conditions?.FirstOrDefault(static c => c.Type == ReplicaFailure.Type) is { } told ? new ReplicaFailure(told.Reason, told.Message, told.LastTransitionTime) : null;

    protected override bool Tell(V1ReplicaSet set, ReplicaCount count, ReplicaFailure? failure)
    {
        var before = set.Status;
        set.Status = new V1ReplicaSetStatus
        {
            Replicas = count.Replicas, FullyLabeledReplicas = count.FullyLabeled, ReadyReplicas = count.Ready, AvailableReplicas = count.Available, ObservedGeneration = set.Metadata.Generation,
            Conditions = failure is { } why ? [new V1ReplicaSetCondition { Type = ReplicaFailure.Type, Status = "True", Reason = why.Reason, Message = why.Message, LastTransitionTime = why.Since }] : null,
        };
        return !set.Status.SemanticallyEquals(before);
    }
}
