using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps as many pods of a replica set as it asks for.</summary>
internal sealed class ReplicaSetReconciler(ClusterControllersOptions options, Strays strays) : ReplicaReconciler<V1ReplicaSet>(options, strays)
{
    protected override ReplicaWish WishOf(V1ReplicaSet set) => new(set.Spec.Replicas ?? 1, set.Spec.MinReadySeconds ?? 0, LabelSelector.From(set.Spec.Selector), set.Spec.Template);

    protected override bool Tell(V1ReplicaSet set, ReplicaCount count, Exception? failure, string reason, DateTime now)
    {
        var before = set.Status;
        var failing = before?.Conditions?.FirstOrDefault(c => c.Type == "ReplicaFailure");
        set.Status = new V1ReplicaSetStatus
        {
            Replicas = count.Replicas, FullyLabeledReplicas = count.FullyLabeled, ReadyReplicas = count.Ready, AvailableReplicas = count.Available, ObservedGeneration = set.Metadata.Generation,
            Conditions = failure is null ? null : [failing ?? new V1ReplicaSetCondition { Type = "ReplicaFailure", Status = "True", Reason = reason, Message = failure.Message, LastTransitionTime = now }],
        };
        return !set.Status.SemanticallyEquals(before);
    }
}
