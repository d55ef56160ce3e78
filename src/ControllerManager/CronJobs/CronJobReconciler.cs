using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Starts a cron job's jobs when their time has come, and removes those that have ended beyond its history.</summary>
internal sealed class CronJobReconciler(ClusterControllersOptions options) : IReconciler<V1CronJob>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1CronJob> context, CancellationToken cancellation)
    {
        var cron = context.Object!;
        var now = options.Time.GetUtcNow().UtcDateTime;
        var jobs = context.Owned<V1Job>().Where(j => j.Metadata.DeletionTimestamp is null).ToList();
        var active = jobs.Where(j => JobPlan.EndedAt(j) is null).ToList();
        await CleanUpAsync(context, cron, jobs, cancellation).ConfigureAwait(false);
        CronSchedule schedule;
        TimeZoneInfo zone;
        try
        {
            schedule = CronSchedule.Parse(cron.Spec.Schedule);
            zone = cron.Spec.TimeZone is { Length: > 0 } name ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc;
        }
        catch (Exception wrong) when (wrong is FormatException or TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            context.Events.Warning(wrong is FormatException ? "UnparseableSchedule" : "UnknownTimeZone", $"unparseable schedule: \"{cron.Spec.Schedule}\" : {wrong.Message}");
            return ReconcileResult.Terminal(wrong.Message);
        }
        var status = cron.Status?.DeepCopy() ?? new V1CronJobStatus();
        var due = cron.Spec.Suspend == true ? null : LatestDue(schedule, zone, cron, now);
        if (due is { } time)
        {
            active = await StartAsync(context, cron, active, time, zone, cancellation).ConfigureAwait(false) ?? active;
            status.LastScheduleTime = time;
        }
        status.Active = active.Count == 0 ? null : [.. active.Select(Reference)];
        status.LastSuccessfulTime = jobs.Where(Succeeded).Select(j => j.Status.CompletionTime).Append(status.LastSuccessfulTime).Max();
        if (!status.SemanticallyEquals(cron.Status))
        {
            cron.Status = status;
            await context.Client.Resource<V1CronJob>(context.Key.Namespace).UpdateStatusAsync(cron, cancellation: cancellation).ConfigureAwait(false);
        }
        return cron.Spec.Suspend != true && NextUtc(schedule, zone, now) is { } next ? ReconcileResult.RequeueAfter(next - now + TimeSpan.FromMilliseconds(20)) : ReconcileResult.Done;
    }

    private static DateTime? NextUtc(CronSchedule schedule, TimeZoneInfo zone, DateTime after)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(after, DateTimeKind.Utc), zone);
        if (schedule.Next(DateTime.SpecifyKind(local, DateTimeKind.Unspecified)) is not { } next)
        {
            return null;
        }
        // An hour that the clocks leap over is taken at its end.
        return TimeZoneInfo.ConvertTimeToUtc(zone.IsInvalidTime(next) ? next.AddHours(1) : next, zone);
    }

    /// <summary>The last time that has come since the last start; null where none has.</summary>
    private static DateTime? LatestDue(CronSchedule schedule, TimeZoneInfo zone, V1CronJob cron, DateTime now)
    {
        var from = cron.Status?.LastScheduleTime ?? cron.Metadata.CreationTimestamp ?? now;
        if (cron.Spec.StartingDeadlineSeconds is { } deadline && now.AddSeconds(-deadline) > from)
        {
            from = now.AddSeconds(-deadline);
        }
        DateTime? latest = null;
        for (var i = 0; i < 10_000 && NextUtc(schedule, zone, from) is { } next && next <= now; i++)
        {
            latest = from = next;
        }
        return latest;
    }

    private static async Task<List<V1Job>?> StartAsync(ReconcileContext<V1CronJob> context, V1CronJob cron, List<V1Job> active, DateTime time, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var client = context.Client.Resource<V1Job>(context.Key.Namespace);
        if (cron.Spec.ConcurrencyPolicy == "Forbid" && active.Count > 0)
        {
            context.Events.Normal("JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
            return null;
        }
        if (cron.Spec.ConcurrencyPolicy == "Replace")
        {
            foreach (var old in active)
            {
                await client.DeleteAsync(old.Metadata.Name, new DeleteOptions { Uid = old.Metadata.Uid, Propagation = DeletePropagation.Background }, cancellation).ConfigureAwait(false);
                context.Events.Normal("SuccessfulDelete", $"Deleted job {old.Metadata.Name}");
            }
            active = [];
        }
        var template = cron.Spec.JobTemplate;
        var annotations = template.Metadata?.Annotations is { } given ? new Dictionary<string, string>(given) : [];
        annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"] = InZone(time, zone);
        var job = new V1Job
        {
            Metadata = new V1ObjectMeta
            {
                // Named by its time, in minutes: the same time cannot be started twice.
                Name = string.Create(CultureInfo.InvariantCulture, $"{cron.Metadata.Name}-{new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeSeconds() / 60}"),
                NamespaceProperty = cron.Metadata.NamespaceProperty, Annotations = annotations,
                Labels = template.Metadata?.Labels is { } labels ? new Dictionary<string, string>(labels) : null,
                OwnerReferences = [cron.MakeOwnerReference(controller: true, blockOwnerDeletion: true)],
            },
            Spec = template.Spec.DeepCopy(),
        };
        try
        {
            var created = await client.CreateAsync(job, cancellation: cancellation).ConfigureAwait(false);
            context.Events.Normal("SuccessfulCreate", $"Created job {created.Metadata.Name}");
            return [.. active, created];
        }
        catch (KubernetesException there) when (there.IsAlreadyExists)
        {
            return active;
        }
    }

    /// <summary>A time as the clocks of the schedule's zone show it.</summary>
    private static string InZone(DateTime time, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(new DateTimeOffset(time, TimeSpan.Zero), zone);
        return local.Offset == TimeSpan.Zero ? local.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : local.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
    }

    private static bool Succeeded(V1Job job) => job.Status?.Conditions?.Any(c => c is { Type: "Complete", Status: "True" }) == true;

    private static V1ObjectReference Reference(V1Job job) => new()
    {
        ApiVersion = "batch/v1", Kind = "Job", Name = job.Metadata.Name, NamespaceProperty = job.Metadata.NamespaceProperty, Uid = job.Metadata.Uid, ResourceVersion = job.Metadata.ResourceVersion,
    };

    private static async Task CleanUpAsync(ReconcileContext<V1CronJob> context, V1CronJob cron, List<V1Job> jobs, CancellationToken cancellation)
    {
        var ended = jobs.Where(j => JobPlan.EndedAt(j) is not null).OrderByDescending(j => j.Metadata.CreationTimestamp).ToList();
        foreach (var old in ended.Where(Succeeded).Skip(cron.Spec.SuccessfulJobsHistoryLimit ?? 3).Concat(ended.Where(j => !Succeeded(j)).Skip(cron.Spec.FailedJobsHistoryLimit ?? 1)))
        {
            await context.Client.Resource<V1Job>(context.Key.Namespace).DeleteAsync(old.Metadata.Name,
                new DeleteOptions { Uid = old.Metadata.Uid, Propagation = DeletePropagation.Background }, cancellation).ConfigureAwait(false);
        }
    }
}
