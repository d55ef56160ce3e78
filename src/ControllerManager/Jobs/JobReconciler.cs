using System.Globalization;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Runs a job's pods until enough have succeeded or too many have failed. Pods are counted as they are there: no finalizer keeps those that somebody deletes before
/// the job has ended.
/// </summary>
internal sealed class JobReconciler(WorkloadControllersOptions options) : IReconciler<V1Job>
{
    public const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";

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
        var pods = context.Owned<V1Pod>();
        var plan = JobPlan.Make(job, pods, now, options);
        if (plan.Delete.Count > 0)
        {
            await PodControl.DeleteAsync(context, plan.Delete, cancellation).ConfigureAwait(false);
        }
        if (plan.Create.Count > 0)
        {
            await PodControl.CreateAsync(context, plan.Create.Select(index => Pod(job, index)), cancellation).ConfigureAwait(false);
        }
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
        if (!plan.Status.SemanticallyEquals(job.Status))
        {
            job.Status = plan.Status;
            await context.Client.Resource<V1Job>(context.Key.Namespace).UpdateStatusAsync(job, cancellation: cancellation).ConfigureAwait(false);
        }
        return plan.LookAfter is { } time ? ReconcileResult.RequeueAfter(time) : ReconcileResult.Done;
    }

    private static async Task<ReconcileResult> AfterEndAsync(ReconcileContext<V1Job> context, V1Job job, DateTime ended, DateTime now, CancellationToken cancellation)
    {
        if (context.Owned<V1Pod>().Where(p => p.IsActive()).ToList() is { Count: > 0 } left)
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

    private static V1Pod Pod(V1Job job, int? index)
    {
        var pod = job.Spec.Template.MakePod(job);
        if (index is { } number)
        {
            var text = number.ToString(CultureInfo.InvariantCulture);
            pod.Metadata.GenerateName = $"{job.Metadata.Name}-{text}-";
            (pod.Metadata.Annotations ??= new Dictionary<string, string>())[IndexAnnotation] = text;
            (pod.Metadata.Labels ??= new Dictionary<string, string>())[IndexAnnotation] = text;
            pod.Spec.Hostname = $"{job.Metadata.Name}-{text}";
            foreach (var container in pod.Spec.Containers)
            {
                (container.Env ??= []).Add(new V1EnvVar { Name = "JOB_COMPLETION_INDEX", Value = text });
            }
        }
        return pod;
    }
}
