using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What a job's own policies say of its pods.</summary>
internal static class JobPolicies
{
    /// <summary>What becomes of a pod that failed: <c>Count</c>, <c>Ignore</c>, <c>FailIndex</c> or <c>FailJob</c>, and why, where a rule says so.</summary>
    public static (string Action, string? Message) OnFailure(V1Job job, V1Pod pod)
    {
        var rules = job.Spec.PodFailurePolicy?.Rules ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i].OnExitCodes is { } codes && Exit(pod, codes) is var (container, code))
            {
                return (rules[i].Action, $"Container {container} for pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} failed with exit code {code} matching {rules[i].Action} rule at index {i}");
            }
            if (rules[i].OnPodConditions?.FirstOrDefault(w => pod.Status?.Conditions?.Any(c => c.Type == w.Type && c.Status == (w.Status ?? "True")) == true) is { } condition)
            {
                return (rules[i].Action, $"Pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} has condition {condition.Type} matching {rules[i].Action} rule at index {i}");
            }
        }
        return ("Count", null);
    }

    private static (string Container, int Code)? Exit(V1Pod pod, V1PodFailurePolicyOnExitCodesRequirement wanted)
    {
        foreach (var status in (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? []))
        {
            if (status.State?.Terminated is { ExitCode: not 0 } ended && (wanted.ContainerName is null or "" || wanted.ContainerName == status.Name)
                && wanted.Values.Contains(ended.ExitCode) == (wanted.OperatorProperty == "In"))
            {
                return (status.Name, ended.ExitCode);
            }
        }
        return null;
    }

    /// <summary>The first rule of a success policy that the completed indexes satisfy; null where there is none.</summary>
    public static int? OnSuccess(V1Job job, IReadOnlySet<int> completed)
    {
        var rules = job.Spec.SuccessPolicy?.Rules ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            var among = rules[i].SucceededIndexes is { Length: > 0 } ranges ? JobIndexes.Parse(ranges, job.Spec.Completions ?? 0) : null;
            var reached = among is null ? completed.Count : among.Count(completed.Contains);
            if (reached >= (rules[i].SucceededCount ?? among?.Count ?? int.MaxValue))
            {
                return i;
            }
        }
        return null;
    }
}
