using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Cnat;

/// <summary>Takes one step for an At: at most one write, whose event brings the next step.</summary>
public sealed class AtWorker(IKubernetesClient client, TimeProvider time)
{
    /// <summary>Decides what is next, and does it.</summary>
    /// <param name="key">The At's key.</param>
    /// <param name="at">The At as the cache has it; null where it is gone. It may be changed here.</param>
    /// <param name="pod">The pod of its pod's name.</param>
    /// <param name="events">Tells the At's readers.</param>
    /// <param name="logger">Tells the operator.</param>
    /// <param name="cancellation">Leave soon.</param>
    public async Task<ReconcileResult> StepAsync(NamespacedName key, At? at, V1Pod? pod, IObjectEvents events, ILogger logger, CancellationToken cancellation)
    {
        switch (AtStep.Next(at, pod, time.GetUtcNow()))
        {
            case AtStep.Wait wait:
                logger.LogInformation("{At}: {Phase}, due in {Remaining:0.0} s", key, AtPhase.Pending, wait.For.TotalSeconds);
                return ReconcileResult.RequeueAfter(wait.For);
            case AtStep.Enter enter:
                var from = at!.Status?.Phase is { Length: > 0 } phase ? phase : AtPhase.Pending;
                (at.Status ??= new AtStatus()).Phase = enter.Phase;
                await WriteStatusAsync(at, cancellation);
                logger.LogInformation("{At}: {From} → {To} ({Because})", key, from, enter.Phase, enter.Because);
                return ReconcileResult.Done;
            case AtStep.CreatePod:
                await client.Resource<V1Pod>(key.Namespace).CreateAsync(AtPod.For(at!), cancellation: cancellation);
                logger.LogInformation("{At}: created pod {Pod}", key, AtPod.NameFor(at!));
                return ReconcileResult.Done;
            case AtStep.Say say:
                await SayAsync(key, at!, say, events, logger, cancellation);
                return say.LookAgain is { } after ? ReconcileResult.RequeueAfter(after) : ReconcileResult.Done;
            default:
                return ReconcileResult.Done;
        }
    }

    /// <summary>Sets a condition, and tells of it; once, as long as it is the same.</summary>
    async Task SayAsync(NamespacedName key, At at, AtStep.Say say, IObjectEvents events, ILogger logger, CancellationToken cancellation)
    {
        var condition = new V1Condition { Type = say.Condition, Status = say.Holds ? Conditions.True : Conditions.False, Reason = say.Reason, Message = say.Message, ObservedGeneration = at.Metadata.Generation };
        if (!((at.Status ??= new AtStatus()).Conditions ??= []).SetStatusCondition(condition, time)) return;
        await WriteStatusAsync(at, cancellation);
        if (say.Holds) return;
        events.Warning(say.Reason, say.Message);
        logger.LogWarning("{At}: {Problem}", key, say.Message);
    }

    Task WriteStatusAsync(At at, CancellationToken cancellation) => client.Resource<At>(at.Metadata.NamespaceProperty).UpdateStatusAsync(at, cancellation: cancellation);
}
