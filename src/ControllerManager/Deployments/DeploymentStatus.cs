using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What a deployment says of itself: counts, whether it is available, and whether its rollout moves. Pure.</summary>
internal static class DeploymentStatus
{
    /// <summary>The status, and after which time the rollout's progress has to be looked at again.</summary>
    public static (V1DeploymentStatus Status, TimeSpan? CheckAfter) Of(V1Deployment deployment, DeploymentSets sets, Rollout rollout, DateTime now)
    {
        var before = deployment.Status ?? new V1DeploymentStatus();
        int Sum(Func<V1ReplicaSet, int?> count) => sets.All.Sum(s => count(s) ?? 0);
        var available = Sum(s => s.Status?.AvailableReplicas);
        var status = new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = Sum(s => s.Status?.Replicas),
            UpdatedReplicas = sets.Current?.Status?.Replicas ?? 0,
            ReadyReplicas = Sum(s => s.Status?.ReadyReplicas),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, Sum(s => s.Spec.Replicas) - available),
            CollisionCount = before.CollisionCount,
        };
        var conditions = before.Conditions?.ToList() ?? [];
        // Without a rolling update nothing may be missing, though everything will be for a while.
        var enough = available >= (rollout.Recreate ? rollout.Replicas : rollout.MinAvailable);
        Set(conditions, "Available", enough ? "True" : "False", enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.", now, touch: false);
        var checkAfter = SetProgress(conditions, deployment, sets, before, status, now);
        SetFailure(conditions, sets, now);
        status.Conditions = conditions;
        return (status, checkAfter);
    }

    private static TimeSpan? SetProgress(List<V1DeploymentCondition> conditions, V1Deployment deployment, DeploymentSets sets, V1DeploymentStatus before, V1DeploymentStatus status, DateTime now)
    {
        var deadline = deployment.Spec.ProgressDeadlineSeconds ?? int.MaxValue;
        if (deadline == int.MaxValue)
        {
            conditions.RemoveAll(c => c.Type == "Progressing");
            return null;
        }
        var progressing = conditions.FirstOrDefault(c => c.Type == "Progressing");
        if (deployment.Spec.Paused == true)
        {
            if (progressing?.Reason is not ("DeploymentPaused" or "ProgressDeadlineExceeded"))
            {
                Set(conditions, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", now, touch: true);
            }
            return null;
        }
        if (progressing?.Reason == "DeploymentPaused")
        {
            Set(conditions, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", now, touch: true);
            progressing = conditions.First(c => c.Type == "Progressing");
        }
        if (sets.Waits && progressing?.Reason == "NewReplicaSetAvailable")
        {
            // The next rollout has not begun yet.
            return null;
        }
        var name = sets.Current is { } current ? $"ReplicaSet \"{current.Metadata.Name}\"" : $"Deployment \"{deployment.Metadata.Name}\"";
        var wanted = deployment.Spec.Replicas ?? 1;
        if (sets.Current is not null && status.UpdatedReplicas == wanted && status.Replicas == wanted && status.AvailableReplicas == wanted && sets.Current.Spec.Replicas == wanted)
        {
            Set(conditions, "Progressing", "True", "NewReplicaSetAvailable", $"{name} has successfully progressed.", now, touch: false);
            return null;
        }
        var moved = status.UpdatedReplicas > (before.UpdatedReplicas ?? 0) || status.ReadyReplicas > (before.ReadyReplicas ?? 0) || status.AvailableReplicas > (before.AvailableReplicas ?? 0)
            || status.Replicas - status.UpdatedReplicas < (before.Replicas ?? 0) - (before.UpdatedReplicas ?? 0);
        var isNew = before.ObservedGeneration != deployment.Metadata.Generation && progressing?.Reason is null or "NewReplicaSetAvailable" or "ProgressDeadlineExceeded";
        if (moved || isNew || progressing is null)
        {
            var created = progressing is null && sets.Current is not null;
            Set(conditions, "Progressing", "True", created ? "NewReplicaSetCreated" : "ReplicaSetUpdated",
                created ? $"Created new replica set \"{sets.Current!.Metadata.Name}\"" : $"{name} is progressing.", now, touch: true);
            return TimeSpan.FromSeconds(deadline);
        }
        if (progressing.Reason is "NewReplicaSetAvailable" or "ProgressDeadlineExceeded")
        {
            // It was through, and has lost pods since: that is no rollout.
            return null;
        }
        var left = (progressing.LastUpdateTime ?? now).AddSeconds(deadline) - now;
        if (left > TimeSpan.Zero)
        {
            return left + TimeSpan.FromMilliseconds(50);
        }
        Set(conditions, "Progressing", "False", "ProgressDeadlineExceeded", $"{name} has timed out progressing.", now, touch: true);
        return null;
    }

    /// <summary>What its replica sets cannot do is the deployment's failure: the present one's first.</summary>
    private static void SetFailure(List<V1DeploymentCondition> conditions, DeploymentSets sets, DateTime now)
    {
        static V1ReplicaSetCondition? Of(V1ReplicaSet set) => set.Status?.Conditions?.FirstOrDefault(c => c.Type == "ReplicaFailure");
        var failure = (sets.Current is { } current ? Of(current) : null) ?? sets.Old.Select(Of).FirstOrDefault(c => c is not null);
        if (failure is not null)
        {
            Set(conditions, "ReplicaFailure", failure.Status, failure.Reason, failure.Message, failure.LastTransitionTime ?? now, touch: false);
        }
        else
        {
            conditions.RemoveAll(c => c.Type == "ReplicaFailure");
        }
    }

    private static void Set(List<V1DeploymentCondition> conditions, string type, string status, string reason, string message, DateTime now, bool touch)
    {
        var at = conditions.FindIndex(c => c.Type == type);
        var old = at < 0 ? null : conditions[at];
        if (old is not null && old.Status == status && old.Reason == reason && old.Message == message && !touch)
        {
            return;
        }
        var condition = new V1DeploymentCondition
        {
            Type = type, Status = status, Reason = reason, Message = message, LastUpdateTime = now, LastTransitionTime = old?.Status == status ? old.LastTransitionTime : now,
        };
        if (at < 0)
        {
            conditions.Add(condition);
        }
        else
        {
            conditions[at] = condition;
        }
    }
}
