using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Runs a job's pods until enough have succeeded or too many have failed.</summary>
internal sealed class JobReconciler(ClusterControllersOptions options, Strays strays) : IReconciler<V1Job>, ILetsGo<V1Job>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Job> context, CancellationToken cancellation)
    {
        var job = context.Object!;
        if (job.Spec.ManagedBy is { Length: > 0 } manager and not "kubernetes.io/job-controller")
        {
            context.Logger.LogManagedByOther(manager);
            return ReconcileResult.Done;
        }
        var now = options.Time.GetUtcNow().UtcDateTime;
        if (JobPlan.EndedAt(job) is { } ended)
        {
            return await AfterEndAsync(context, job, ended, now, cancellation).ConfigureAwait(false);
        }
        var pods = await Claims.ClaimAsync<V1Pod>(context, job, LabelSelector.From(job.Spec.Selector), strays, cancellation, finalizer: JobTracking.Finalizer).ConfigureAwait(false);
        var plan = JobPlan.Make(job, pods, now, options);
        var failure = await ManageAsync(context, job, plan, cancellation).ConfigureAwait(false);
        if (!plan.Status.SemanticallyEquals(job.Status))
        {
            // Before anything that it accounts for is let go.
            job.Status = plan.Status;
            await context.Client.Resource<V1Job>(context.Key.Namespace).UpdateStatusAsync(job, cancellation: cancellation).ConfigureAwait(false);
        }
        await JobTracking.ReleaseAsync(context.Client, plan.Release, cancellation).ConfigureAwait(false);
        foreach (var (warning, reason, message) in plan.News)
        {
            if (warning)
            {
                context.Events.Warning(reason, message);
            }
            else
            {
                context.Events.Normal(reason, message);
            }
        }
        if (failure is not null)
        {
            throw failure;
        }
        return plan.LookAfter is { } time ? ReconcileResult.RequeueAfter(time) : ReconcileResult.Done;
    }

    /// <summary>Creates and deletes what the plan says. What the server refuses is told later, once the status is written.</summary>
    private static async Task<KubernetesException?> ManageAsync(ReconcileContext<V1Job> context, V1Job job, JobPlan plan, CancellationToken cancellation)
    {
        if (plan.Delete.Count > 0)
        {
            if (plan.Uncounted)
            {
                await JobTracking.ReleaseAsync(context.Client, plan.Delete, cancellation).ConfigureAwait(false);
            }
            await PodControl.DeleteAsync(context, plan.Delete, cancellation).ConfigureAwait(false);
        }
        try
        {
            await PodControl.CreateAsync(context, plan.Create.Select(p => Pod(job, p.Index, p.Failures)), cancellation).ConfigureAwait(false);
            return null;
        }
        catch (KubernetesException refused) when (!refused.IsConflict && !refused.HasStatusCause("NamespaceTerminating"))
        {
            plan.Status.Active = JobPlan.Some((plan.Status.Active ?? 0) - plan.Create.Count);
            return refused;
        }
    }

    private static async Task<ReconcileResult> AfterEndAsync(ReconcileContext<V1Job> context, V1Job job, DateTime ended, DateTime now, CancellationToken cancellation)
    {
        var pods = context.Owned<V1Pod>();
        await JobTracking.ReleaseAsync(context.Client, pods, cancellation).ConfigureAwait(false);
        if (pods.Where(p => p.IsActive()).ToList() is { Count: > 0 } left)
        {
            await PodControl.DeleteAsync(context, left, cancellation).ConfigureAwait(false);
        }
        if (job.Spec.TtlSecondsAfterFinished is not { } seconds)
        {
            return ReconcileResult.Done;
        }
        var stays = ended.AddSeconds(seconds) - now;
        if (stays > TimeSpan.Zero)
        {
            return ReconcileResult.RequeueAfter(stays);
        }
        await context.Client.Resource<V1Job>(context.Key.Namespace).DeleteAsync(job.Metadata.Name,
            new DeleteOptions { Uid = job.Metadata.Uid, ResourceVersion = job.Metadata.ResourceVersion, Propagation = DeletePropagation.Foreground }, cancellation).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    /// <summary>A job that goes holds none of its pods, and neither those that it leaves behind, which do not name it any more.</summary>
    public Task LetGoAsync(ReconcileContext<V1Job> context, CancellationToken cancellation)
    {
        strays.Forget(context.Key);
        return JobTracking.ReleaseAsync(context.Client, context.Cache<V1Pod>().List(context.Key.Namespace).Where(p => p.IsTracked() && (p.GetController() is { } owner ? owner.Kind == "Job" && owner.Name == context.Key.Name
            : p.Metadata.Labels?.TryGetValue("batch.kubernetes.io/job-name", out var job) == true && job == context.Key.Name)), cancellation);
    }

    private static V1Pod Pod(V1Job job, int? index, int failures)
    {
        var pod = job.Spec.Template.MakePod(job);
        (pod.Metadata.Finalizers ??= []).Add(JobTracking.Finalizer);
        if (index is { } number)
        {
            var text = number.ToString(CultureInfo.InvariantCulture);
            pod.Metadata.GenerateName = $"{job.Metadata.Name}-{text}-";
            (pod.Metadata.Annotations ??= new Dictionary<string, string>())[JobIndexes.Annotation] = text;
            if (job.Spec.BackoffLimitPerIndex is not null)
            {
                pod.Metadata.Annotations[JobIndexes.Failures] = failures.ToString(CultureInfo.InvariantCulture);
            }
            (pod.Metadata.Labels ??= new Dictionary<string, string>())[JobIndexes.Annotation] = text;
            pod.Spec.Hostname = $"{job.Metadata.Name}-{text}";
            foreach (var container in (pod.Spec.InitContainers ?? []).Concat(pod.Spec.Containers).Where(c => c.Env?.Any(e => e.Name == "JOB_COMPLETION_INDEX") != true))
            {
                (container.Env ??= []).Add(new V1EnvVar
                {
                    Name = "JOB_COMPLETION_INDEX",
                    ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = $"metadata.labels['{JobIndexes.Annotation}']" } },
                });
            }
        }
        return pod;
    }
}
