using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>A job's pods, counted: what the status says already, and what has come since.</summary>
internal sealed class JobCount
{
    private readonly Dictionary<int, int> _failures = [];

    /// <summary>Pods that have succeeded, counted for good or not yet.</summary>
    public int Succeeded { get; private set; }

    /// <summary>Pods that have failed, without those that the job's policy passes over.</summary>
    public int Failed { get; private set; }

    /// <summary>Indexes that are done.</summary>
    public SortedSet<int> Completed { get; private init; } = [];

    /// <summary>Indexes that have failed too often.</summary>
    public SortedSet<int> FailedIndexes { get; private init; } = [];

    /// <summary>Why the job has failed at once; null where no rule says so.</summary>
    public string? FailJob { get; private set; }

    /// <summary>Pods whose finalizer can go.</summary>
    public List<V1Pod> Release { get; } = [];

    /// <summary>Pods that have ended and are not counted for good.</summary>
    public int Waiting => Release.Count;

    /// <summary>How many pods of an index have failed.</summary>
    public int FailuresOf(int index) => _failures.GetValueOrDefault(index);

    /// <summary>Counts, and puts pods that have ended since into the status.</summary>
    public static JobCount Of(V1Job job, IReadOnlyList<V1Pod> pods, V1JobStatus status)
    {
        var completions = job.Spec.Completions ?? 0;
        var count = new JobCount { Completed = JobIndexes.Parse(status.CompletedIndexes, completions), FailedIndexes = JobIndexes.Parse(status.FailedIndexes, completions) };
        foreach (var pod in pods.Where(p => p.HasEnded(job)))
        {
            if (pod.Status?.Phase != "Succeeded" && JobIndexes.IndexOf(pod) is { } index)
            {
                count._failures[index] = Math.Max(count._failures.GetValueOrDefault(index), JobIndexes.FailuresBefore(pod) + (JobPolicies.OnFailure(job, pod).Action == "Ignore" ? 0 : 1));
            }
            if (pod.IsTracked())
            {
                count.Take(job, pod, status);
                count.Release.Add(pod);
            }
        }
        count.Succeeded = (status.Succeeded ?? 0) + (status.UncountedTerminatedPods.Succeeded?.Count ?? 0);
        count.Failed = (status.Failed ?? 0) + (status.UncountedTerminatedPods.Failed?.Count ?? 0);
        return count;
    }

    private static bool Is(V1JobStatus status, string condition) => status.Conditions?.Any(c => c.Type == condition && c.Status == "True") == true;

    private void Take(V1Job job, V1Pod pod, V1JobStatus status)
    {
        if (JobTracking.IsCounted(status, pod))
        {
            return;
        }
        var index = JobIndexes.IndexOf(pod);
        if (pod.Status?.Phase == "Succeeded")
        {
            // An index is done once, however many of its pods succeed.
            if (job.Spec.CompletionMode != "Indexed" || (index is { } done && done < (job.Spec.Completions ?? 0) && Completed.Add(done)))
            {
                JobTracking.Count(status, pod, success: true);
            }
            return;
        }
        var (action, message) = JobPolicies.OnFailure(job, pod);
        if (action == "Ignore")
        {
            return;
        }
        if (pod.Status?.Phase != "Failed" && Is(status, "SuccessCriteriaMet"))
        {
            // It was ended because the job had succeeded without it: that is no failure.
            return;
        }
        JobTracking.Count(status, pod, success: false);
        if (action == "FailJob")
        {
            FailJob ??= message;
        }
        if (index is { } failing && job.Spec.BackoffLimitPerIndex is { } limit && (action == "FailIndex" || _failures[failing] > limit)
            && (pod.Status?.Phase == "Failed" || !Is(status, "FailureTarget")))
        {
            FailedIndexes.Add(failing);
        }
    }
}
