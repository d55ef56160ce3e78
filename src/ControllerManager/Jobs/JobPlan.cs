using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What a job needs next. Pure: from the job and its pods to pods to make, pods to give up, pods to let go, and the job's status.</summary>
/// <param name="Status">The job's status as it is to be written, before anything is let go.</param>
/// <param name="Delete">Pods to give up.</param>
/// <param name="Uncounted">Those that are given up are not counted as failures.</param>
/// <param name="Create">Indexes of pods to make, with how many pods of the index have failed; null without indexes.</param>
/// <param name="Release">Pods that the status accounts for.</param>
/// <param name="News">Events.</param>
/// <param name="LookAfter">When to look again, even if nothing happens.</param>
internal sealed record JobPlan(
    V1JobStatus Status, IReadOnlyList<V1Pod> Delete, bool Uncounted, IReadOnlyList<(int? Index, int Failures)> Create, IReadOnlyList<V1Pod> Release,
    IReadOnlyList<(bool Warning, string Reason, string Message)> News, TimeSpan? LookAfter)
{
    /// <summary>When the job ended; null where it has not.</summary>
    public static DateTime? EndedAt(V1Job job) =>
        job.Status?.Conditions?.FirstOrDefault(c => c is { Type: "Complete" or "Failed", Status: "True" }) is { } end ? end.LastTransitionTime ?? job.Status.CompletionTime ?? DateTime.MinValue : null;

    public static JobPlan Make(V1Job job, IReadOnlyList<V1Pod> pods, DateTime now, ClusterControllersOptions options)
    {
        var spec = job.Spec;
        var indexed = spec.CompletionMode == "Indexed";
        var status = job.Status is { } known ? KubeJson.Deserialize<V1JobStatus>(KubeJson.Serialize(known)) : new V1JobStatus();
        JobTracking.Settle(status, pods);
        var count = JobCount.Of(job, pods, status);
        var active = pods.Where(p => p.IsActive()).ToList();
        var conditions = status.Conditions?.ToList() ?? [];
        var news = new List<(bool, string, string)>();
        status.Ready = active.Count(p => p.IsReady());
        status.Terminating = pods.Count(p => p.Metadata.DeletionTimestamp is not null && p.Status?.Phase is not ("Succeeded" or "Failed"));
        status.CompletedIndexes = indexed && count.Completed.Count > 0 ? JobIndexes.Ranges(count.Completed) : null;
        status.FailedIndexes = spec.BackoffLimitPerIndex is null ? null : JobIndexes.Ranges(count.FailedIndexes);
        JobPlan With(IReadOnlyList<V1Pod> delete, IReadOnlyList<(int?, int)> create, TimeSpan? look, bool uncounted = true)
        {
            status.Conditions = conditions.Count == 0 ? null : conditions;
            status.Active = Some(active.Count - delete.Count(active.Contains) + create.Count);
            status.Ready = Math.Min(status.Ready ?? 0, status.Active ?? 0);
            return new JobPlan(status, delete, uncounted, create, count.Release, news, look);
        }
        if (spec.Suspend == true)
        {
            if (SetCondition(conditions, "Suspended", "True", "JobSuspended", "Job suspended", now))
            {
                news.Add((false, "Suspended", "Job suspended"));
            }
            return With(active, [], null);
        }
        if (conditions.Any(c => c is { Type: "Suspended", Status: "True" }) && SetCondition(conditions, "Suspended", "False", "JobResumed", "Job resumed", now))
        {
            news.Add((false, "Resumed", "Job resumed"));
            status.StartTime = now;
        }
        status.StartTime ??= now;
        // What a job comes to is announced at once, and said when its last pod has gone and been counted.
        var still = active.Count + (status.Terminating ?? 0) + count.Waiting > 0;
        var announced = Announced(conditions, "SuccessCriteriaMet");
        if (announced is null && (Announced(conditions, "FailureTarget") ?? Failure(job, active, count, status.StartTime.Value, now)) is { } failure)
        {
            SetCondition(conditions, "FailureTarget", "True", failure.Reason, failure.Message, now);
            if (!still && SetCondition(conditions, "Failed", "True", failure.Reason, failure.Message, now))
            {
                news.Add((true, failure.Reason, failure.Message));
            }
            return With(active, [], null, uncounted: false);
        }
        if ((announced ?? Success(job, active, count)) is { } success)
        {
            SetCondition(conditions, "SuccessCriteriaMet", "True", success.Reason, success.Message, now);
            if (!still && SetCondition(conditions, "Complete", "True", success.Reason, success.Message, now))
            {
                status.CompletionTime = now;
                news.Add((false, "Completed", "Job completed"));
            }
            return With(active, [], null, uncounted: false);
        }
        var parallel = spec.Parallelism ?? 1;
        var want = spec.Completions is { } total ? Math.Min(parallel, total - (indexed ? count.Completed.Count + count.FailedIndexes.Count : count.Succeeded))
            : count.Succeeded > 0 ? Math.Min(parallel, active.Count) : parallel;
        var deadline = spec.ActiveDeadlineSeconds is { } seconds ? status.StartTime.Value.AddSeconds(seconds) - now : (TimeSpan?)null;
        if (active.Count > want)
        {
            return With([.. active.LeastUsefulFirst().Take(active.Count - want)], [], deadline);
        }
        // Pods that are on their way out may still succeed: they are waited for before they are replaced.
        var missing = want - active.Count - (spec.PodReplacementPolicy == "Failed" ? status.Terminating ?? 0 : 0);
        if (missing > 0 && Pause(job, pods, count.Failed > 0, options, now) is { } pause)
        {
            return With([], [], Sooner(pause, deadline));
        }
        IReadOnlyList<(int?, int)> create = missing <= 0 ? [] : !indexed ? [.. Enumerable.Repeat(((int?)null, 0), missing)]
            : [.. Enumerable.Range(0, spec.Completions ?? 0).Except(count.Completed).Except(count.FailedIndexes).Except(active.Select(JobIndexes.IndexOf).OfType<int>()).Take(missing)
                .Select(i => ((int?)i, count.FailuresOf(i)))];
        return With([], create, deadline);
    }

    private static (string Reason, string Message)? Success(V1Job job, List<V1Pod> active, JobCount count)
    {
        if (JobPolicies.OnSuccess(job, count.Completed) is { } rule)
        {
            return ("SuccessPolicy", $"Matched rules at index {rule}");
        }
        var done = job.Spec.CompletionMode == "Indexed" ? count.Completed.Count : count.Succeeded;
        return job.Spec.Completions is { } wanted ? done >= wanted ? ("CompletionsReached", "Reached expected number of succeeded pods") : null
            : count.Succeeded > 0 && active.Count == 0 ? ("CompletionsReached", "Reached expected number of succeeded pods") : null;
    }

    private static (string Reason, string Message)? Failure(V1Job job, List<V1Pod> active, JobCount count, DateTime started, DateTime now)
    {
        if (count.FailJob is { } said)
        {
            return ("PodFailurePolicy", said);
        }
        var limit = job.Spec.BackoffLimit ?? 6;
        // Where pods are restarted in place, their restarts are the attempts.
        var restarts = job.Spec.Template.Spec.RestartPolicy == "OnFailure"
            ? active.Where(p => p.Status?.Phase is "Running" or "Pending").Sum(p => (p.Status?.ContainerStatuses?.Sum(c => c.RestartCount) ?? 0) + (p.Status?.InitContainerStatuses?.Sum(c => c.RestartCount) ?? 0)) : 0;
        if (count.Failed > limit || (restarts > 0 && restarts >= Math.Max(1, limit)))
        {
            return ("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }
        if (job.Spec.ActiveDeadlineSeconds is { } seconds && now >= started.AddSeconds(seconds))
        {
            return ("DeadlineExceeded", "Job was active longer than specified deadline");
        }
        if (job.Spec.BackoffLimitPerIndex is null)
        {
            return null;
        }
        if (job.Spec.MaxFailedIndexes is { } most && count.FailedIndexes.Count > most)
        {
            return ("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
        }
        return count.FailedIndexes.Count > 0 && count.FailedIndexes.Count + count.Completed.Count >= (job.Spec.Completions ?? 0) ? ("FailedIndexes", "Job has failed indexes") : null;
    }

    /// <summary>What a condition that is true says; null where it is not.</summary>
    private static (string Reason, string Message)? Announced(List<V1JobCondition> conditions, string type) =>
        conditions.Find(c => c.Type == type && c.Status == "True") is { } announced ? (announced.Reason ?? "", announced.Message ?? "") : null;

    /// <summary>How long the replacement of failed pods has to wait; null where it need not.</summary>
    private static TimeSpan? Pause(V1Job job, IReadOnlyList<V1Pod> pods, bool anyFailed, ClusterControllersOptions options, DateTime now)
    {
        // Who was deleted has failed too, unless the job itself gave it up.
        var failed = pods.Where(p => p.Status?.Phase == "Failed" || (p.Status?.Phase != "Succeeded" && p.HasEnded(job) && (p.IsTracked() || anyFailed))).ToList();
        if (failed.Count == 0 || options.PodFailureBackOff <= TimeSpan.Zero)
        {
            return null;
        }
        var last = failed.Max(p => p.Status?.ContainerStatuses?.Select(c => c.State?.Terminated?.FinishedAt).Max()
            ?? p.Metadata.DeletionTimestamp?.AddSeconds(-(p.Metadata.DeletionGracePeriodSeconds ?? 0)) ?? p.Metadata.CreationTimestamp ?? now);
        var pause = options.PodFailureBackOff * Math.Pow(2, Math.Min(failed.Count - 1, 20));
        var left = last + (pause < options.MaxPodFailureBackOff ? pause : options.MaxPodFailureBackOff) - now;
        return left > TimeSpan.Zero ? left : null;
    }

    private static TimeSpan Sooner(TimeSpan one, TimeSpan? other) => other is { } second && second < one ? second : one;

    internal static int? Some(int count) => count > 0 ? count : null;

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
