using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Cnat;

/// <summary>Runs an At's command once, when its time has come, in a pod that the At owns.</summary>
public sealed class AtReconciler(TimeProvider time) : IReconciler<At>
{
    // A pod that is not ours brings us no event when it goes, so a name it holds is looked at again after this time.
    static readonly TimeSpan TakenNameRetry = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<At> context, CancellationToken cancellation)
    {
        // Gone or going: its pod goes with it, the garbage collector sees to that.
        if (context.Object is not { Metadata.DeletionTimestamp: null } at) return ReconcileResult.Done;
        return at.Status?.Phase switch
        {
            null or "" or AtPhase.Pending => await PendingAsync(context, at, cancellation),
            AtPhase.Running => await RunningAsync(context, at, cancellation),
            _ => ReconcileResult.Done,
        };
    }

    async Task<ReconcileResult> PendingAsync(ReconcileContext<At> context, At at, CancellationToken cancellation)
    {
        if (!Schedule.TryParse(at.Spec?.Schedule, out var due, out var problem))
        {
            // Trying again would change nothing: the next look comes when somebody corrects the schedule.
            await RefuseAsync(context, at, AtCondition.ScheduleValid, "InvalidSchedule", problem, cancellation);
            return ReconcileResult.Done;
        }
        await ClearAsync(context, at, AtCondition.ScheduleValid, "Parsed", $"the schedule is {Schedule.Write(due)}", cancellation);
        var remaining = due - time.GetUtcNow();
        if (remaining > TimeSpan.Zero)
        {
            context.Logger.LogInformation("{At}: {Phase}, due in {Remaining:0.0} s", context.Key, AtPhase.Pending, remaining.TotalSeconds);
            return ReconcileResult.RequeueAfter(remaining);
        }
        await EnterAsync(context, at, AtPhase.Pending, AtPhase.Running, $"was due at {Schedule.Write(due)}", cancellation);
        // The write comes back as an event, which brings the reconcile that makes the pod.
        return ReconcileResult.Done;
    }

    async Task<ReconcileResult> RunningAsync(ReconcileContext<At> context, At at, CancellationToken cancellation)
    {
        var name = AtPod.NameFor(at);
        if (context.Get<V1Pod>(new NamespacedName(context.Key.Namespace, name)) is not { } pod)
        {
            try
            {
                await context.Client.Resource<V1Pod>(context.Key.Namespace).CreateAsync(AtPod.For(at), cancellation: cancellation);
                context.Logger.LogInformation("{At}: created pod {Pod}", context.Key, name);
                return ReconcileResult.Done;
            }
            catch (KubernetesException error) when (error.IsAlreadyExists)
            {
                // Made since the cache was looked at; by whom, the next look tells.
                return ReconcileResult.RequeueAfter(TimeSpan.FromSeconds(1));
            }
        }
        if (!pod.IsControlledBy(at))
        {
            await RefuseAsync(context, at, AtCondition.PodAvailable, "NameTaken", $"pod '{name}' is not controlled by this At: delete it, or give the At another name", cancellation);
            return ReconcileResult.RequeueAfter(TakenNameRetry);
        }
        await ClearAsync(context, at, AtCondition.PodAvailable, "Created", $"pod '{name}' is controlled by this At", cancellation);
        if (pod.Status?.Phase is "Succeeded" or "Failed")
            await EnterAsync(context, at, AtPhase.Running, AtPhase.Done, $"pod {name} {pod.Status.Phase.ToLowerInvariant()}", cancellation);
        return ReconcileResult.Done;
    }

    static async Task EnterAsync(ReconcileContext<At> context, At at, string from, string to, string because, CancellationToken cancellation)
    {
        (at.Status ??= new AtStatus()).Phase = to;
        await WriteStatusAsync(context, at, cancellation);
        context.Logger.LogInformation("{At}: {From} → {To} ({Because})", context.Key, from, to, because);
    }

    /// <summary>Says in the status and in an event what is wrong; once, as long as it is the same.</summary>
    async Task RefuseAsync(ReconcileContext<At> context, At at, string type, string reason, string problem, CancellationToken cancellation)
    {
        if (!await SetConditionAsync(context, at, type, Conditions.False, reason, problem, cancellation)) return;
        context.Events.Warning(reason, problem);
        context.Logger.LogWarning("{At}: {Problem}", context.Key, problem);
    }

    /// <summary>Takes back what <see cref="RefuseAsync"/> said, where it said something.</summary>
    Task ClearAsync(ReconcileContext<At> context, At at, string type, string reason, string message, CancellationToken cancellation) =>
        at.Status?.Conditions.FindStatusCondition(type) is null
            ? Task.CompletedTask
            : SetConditionAsync(context, at, type, Conditions.True, reason, message, cancellation);

    async Task<bool> SetConditionAsync(ReconcileContext<At> context, At at, string type, string status, string reason, string message, CancellationToken cancellation)
    {
        var conditions = (at.Status ??= new AtStatus()).Conditions ??= [];
        var condition = new V1Condition { Type = type, Status = status, Reason = reason, Message = message, ObservedGeneration = at.Metadata.Generation };
        if (!conditions.SetStatusCondition(condition, time)) return false;
        await WriteStatusAsync(context, at, cancellation);
        return true;
    }

    static async Task WriteStatusAsync(ReconcileContext<At> context, At at, CancellationToken cancellation)
    {
        var written = await context.Client.Resource<At>(context.Key.Namespace).UpdateStatusAsync(at, cancellation: cancellation);
        // A second write in the same run must not collide with the first.
        at.Metadata.ResourceVersion = written.Metadata.ResourceVersion;
    }
}
