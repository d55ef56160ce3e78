using System.Globalization;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What a job needs next. Pure: from the job and its pods to pods to make, pods to give up, and the job's status.</summary>
internal sealed record JobPlan(V1JobStatus Status, IReadOnlyList<V1Pod> Delete, IReadOnlyList<int?> Create, IReadOnlyList<(bool Warning, string Reason, string Message)> News, TimeSpan? LookAfter)
{
    /// <summary>When the job ended; null where it has not.</summary>
    public static DateTime? EndedAt(V1Job job) =>
        job.Status?.Conditions?.FirstOrDefault(c => c is { Type: "Complete" or "Failed", Status: "True" }) is { } end ? end.LastTransitionTime ?? job.Status.CompletionTime ?? DateTime.MinValue : null;

    public static JobPlan Make(V1Job job, IReadOnlyList<V1Pod> pods, DateTime now, WorkloadControllersOptions options)
    {
        var spec = job.Spec;
        var indexed = spec.CompletionMode == "Indexed";
        var active = pods.Where(p => p.IsActive()).ToList();
        var succeededPods = pods.Where(p => p.Status?.Phase == "Succeeded").ToList();
        var failedPods = pods.Where(p => p.Status?.Phase == "Failed").ToList();
        var done = indexed ? succeededPods.Select(IndexOf).OfType<int>().Where(i => i < spec.Completions).Distinct().Order().ToList() : [];
        var succeeded = Math.Max(indexed ? done.Count : succeededPods.Count, job.Status?.Succeeded ?? 0);
        var failed = Math.Max(failedPods.Count, job.Status?.Failed ?? 0);
        var status = job.Status?.DeepCopy() ?? new V1JobStatus();
        var conditions = status.Conditions?.ToList() ?? [];
        var news = new List<(bool, string, string)>();
        (status.Active, status.Succeeded, status.Failed) = (active.Count, Some(succeeded), Some(failed));
        status.Ready = active.Count(p => p.IsReady());
        status.Terminating = pods.Count(p => p.Metadata.DeletionTimestamp is not null && p.Status?.Phase is not ("Succeeded" or "Failed"));
        status.UncountedTerminatedPods = new V1UncountedTerminatedPods();
        status.CompletedIndexes = indexed && done.Count > 0 ? Ranges(done) : null;
        JobPlan With(IReadOnlyList<V1Pod> delete, IReadOnlyList<int?> create, TimeSpan? look)
        {
            status.Conditions = conditions.Count == 0 ? null : conditions;
            status.Active = Some(active.Count - delete.Count(active.Contains) + create.Count);
            return new JobPlan(status, delete, create, news, look);
        }
        if (spec.Suspend == true)
        {
            if (SetCondition(conditions, "Suspended", "True", "JobSuspended", "Job suspended", now))
            {
                news.Add((false, "Suspended", "Job suspended"));
            }
            status.StartTime = null;
            return With(active, [], null);
        }
        if (conditions.Any(c => c is { Type: "Suspended", Status: "True" }) && SetCondition(conditions, "Suspended", "False", "JobResumed", "Job resumed", now))
        {
            news.Add((false, "Resumed", "Job resumed"));
        }
        status.StartTime ??= now;
        // What a job comes to is announced at once, and said when its last pod has gone.
        var still = active.Count + (status.Terminating ?? 0) > 0;
        if ((Announced(conditions, "FailureTarget") ?? Failure(job, active, failed, status.StartTime.Value, now)) is { } failure && Announced(conditions, "SuccessCriteriaMet") is null)
        {
            SetCondition(conditions, "FailureTarget", "True", failure.Reason, failure.Message, now);
            if (!still && SetCondition(conditions, "Failed", "True", failure.Reason, failure.Message, now))
            {
                news.Add((true, failure.Reason, failure.Message));
            }
            status.Ready = 0;
            return With(active, [], null);
        }
        if (Announced(conditions, "SuccessCriteriaMet") is not null || (spec.Completions is { } wanted ? succeeded >= wanted : succeeded > 0 && active.Count == 0))
        {
            const string message = "Reached expected number of succeeded pods";
            SetCondition(conditions, "SuccessCriteriaMet", "True", "CompletionsReached", message, now);
            if (!still && SetCondition(conditions, "Complete", "True", "CompletionsReached", message, now))
            {
                status.CompletionTime = now;
                news.Add((false, "Completed", "Job completed"));
            }
            status.Ready = 0;
            return With(active, [], null);
        }
        var parallel = spec.Parallelism ?? 1;
        var want = spec.Completions is { } total ? Math.Min(parallel, total - succeeded) : succeeded > 0 ? Math.Min(parallel, active.Count) : parallel;
        var deadline = spec.ActiveDeadlineSeconds is { } seconds ? status.StartTime.Value.AddSeconds(seconds) - now : (TimeSpan?)null;
        if (active.Count > want)
        {
            return With([.. active.LeastUsefulFirst().Take(active.Count - want)], [], deadline);
        }
        // Pods that are on their way out may still succeed: they are waited for before they are replaced.
        var missing = want - active.Count - (spec.PodReplacementPolicy == "Failed" ? status.Terminating ?? 0 : 0);
        if (missing > 0 && Pause(failedPods, options, now) is { } pause)
        {
            return With([], [], Sooner(pause, deadline));
        }
        IReadOnlyList<int?> create = missing <= 0 ? [] : !indexed ? [.. Enumerable.Repeat((int?)null, missing)]
            : [.. Enumerable.Range(0, spec.Completions ?? 0).Except(done).Except(active.Select(IndexOf).OfType<int>()).Take(missing).Select(i => (int?)i)];
        return With([], create, deadline);
    }

    /// <summary>What a condition that is true says; null where it is not.</summary>
    private static (string Reason, string Message)? Announced(List<V1JobCondition> conditions, string type) =>
        conditions.Find(c => c.Type == type && c.Status == "True") is { } announced ? (announced.Reason ?? "", announced.Message ?? "") : null;

    private static (string Reason, string Message)? Failure(V1Job job, List<V1Pod> active, int failed, DateTime started, DateTime now)
    {
        var limit = job.Spec.BackoffLimit ?? 6;
        // Where pods are restarted in place, their restarts are the attempts.
        var restarts = job.Spec.Template.Spec.RestartPolicy == "OnFailure"
            ? active.Where(p => p.Status?.Phase is "Running" or "Pending").Sum(p => (p.Status?.ContainerStatuses?.Sum(c => c.RestartCount) ?? 0) + (p.Status?.InitContainerStatuses?.Sum(c => c.RestartCount) ?? 0)) : 0;
        if (failed > limit || (restarts > 0 && restarts >= Math.Max(1, limit)))
        {
            return ("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }
        return job.Spec.ActiveDeadlineSeconds is { } seconds && now >= started.AddSeconds(seconds) ? ("DeadlineExceeded", "Job was active longer than specified deadline") : null;
    }

    /// <summary>How long the replacement of failed pods has to wait; null where it need not.</summary>
    private static TimeSpan? Pause(List<V1Pod> failed, WorkloadControllersOptions options, DateTime now)
    {
        if (failed.Count == 0 || options.PodFailureBackOff <= TimeSpan.Zero)
        {
            return null;
        }
        var last = failed.Max(p => p.Status?.ContainerStatuses?.Select(c => c.State?.Terminated?.FinishedAt).Max() ?? p.Metadata.CreationTimestamp ?? now);
        var pause = options.PodFailureBackOff * Math.Pow(2, Math.Min(failed.Count - 1, 20));
        var left = last + (pause < options.MaxPodFailureBackOff ? pause : options.MaxPodFailureBackOff) - now;
        return left > TimeSpan.Zero ? left : null;
    }

    private static TimeSpan Sooner(TimeSpan one, TimeSpan? other) => other is { } second && second < one ? second : one;

    private static int? Some(int count) => count > 0 ? count : null;

    private static int? IndexOf(V1Pod pod) =>
        pod.Metadata.Annotations?.TryGetValue(JobReconciler.IndexAnnotation, out var text) == true && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    /// <summary>Ordered numbers as <c>0-2,5</c>.</summary>
    internal static string Ranges(IReadOnlyList<int> numbers)
    {
        var parts = new List<string>();
        for (var i = 0; i < numbers.Count;)
        {
            var end = i;
            while (end + 1 < numbers.Count && numbers[end + 1] == numbers[end] + 1)
            {
                end++;
            }
            parts.Add((end - i) switch { 0 => $"{numbers[i]}", 1 => $"{numbers[i]},{numbers[end]}", _ => $"{numbers[i]}-{numbers[end]}" });
            i = end + 1;
        }
        return string.Join(',', parts);
    }

    private static bool SetCondition(List<V1JobCondition> conditions, string type, string status, string reason, string message, DateTime now)
    {
        var at = conditions.FindIndex(c => c.Type == type);
        if (at >= 0 && conditions[at].Status == status)
        {
            return false;
        }
        var condition = new V1JobCondition { Type = type, Status = status, Reason = reason, Message = message, LastProbeTime = now, LastTransitionTime = now };
        if (at < 0)
        {
            conditions.Add(condition);
        }
        else
        {
            conditions[at] = condition;
        }
        return true;
    }
}
