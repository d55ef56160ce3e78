using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Rolls a deployment from the replica sets of its former templates to that of its present one, as fast as its bounds allow; keeps a history for undoing; pauses;
/// notices when nothing moves any more.
/// </summary>
internal sealed class DeploymentReconciler(ClusterControllersOptions options, Strays strays, LastPods lastPods) : IReconciler<V1Deployment>, ILetsGo<V1Deployment>
{
    public Task LetGoAsync(ReconcileContext<V1Deployment> context, CancellationToken cancellation)
    {
        strays.Forget(context.Key);
        lastPods.Forget(context.Key);
        return Task.CompletedTask;
    }

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Deployment> context, CancellationToken cancellation)
    {
        var deployment = context.Object!;
        var sets = DeploymentSets.Of(deployment, await Claims.ClaimAsync<V1ReplicaSet>(context, deployment, LabelSelector.From(deployment.Spec.Selector), strays, cancellation).ConfigureAwait(false));
        var writer = new DeploymentSetWriter(context, deployment);
        var rollout = RolloutOf(deployment);
        var oldRuns = rollout.Recreate && lastPods.Await(context, sets.Old);
        if (deployment.Spec.Paused != true)
        {
            sets = await writer.CurrentAsync(sets, rollout, oldRuns, cancellation).ConfigureAwait(false);
            if (sets.Current is null && sets.Waits)
            {
                // Recreate: the old pods go first.
                foreach (var old in sets.Old)
                {
                    await writer.ScaleAsync(old, 0, cancellation).ConfigureAwait(false);
                }
                return await StatusAsync(context, deployment, sets, cancellation).ConfigureAwait(false);
            }
        }
        if (sets.IsResized(deployment) || deployment.Spec.Paused == true)
        {
            await ResizeAsync(writer, deployment, sets, rollout, cancellation).ConfigureAwait(false);
        }
        else if (sets.Current is { } current)
        {
            var old = sets.Old;
            var newSize = rollout.NewSet(current.Spec.Replicas ?? 0, old.Sum(o => o.Spec.Replicas ?? 0));
            if (await writer.ScaleAsync(current, newSize, cancellation).ConfigureAwait(false) is false)
            {
                // One step a run: what was grown must be seen before anything shrinks.
                var sizes = rollout.OldSets(CountOf(current), [.. old.Select(CountOf)]);
                for (var i = 0; i < sizes.Length; i++)
                {
                    await writer.ScaleAsync(old[i], sizes[i], cancellation).ConfigureAwait(false);
                }
            }
        }
        await writer.CleanUpAsync(sets, cancellation).ConfigureAwait(false);
        return await StatusAsync(context, deployment, sets, cancellation).ConfigureAwait(false);
    }

    private static SetCount CountOf(V1ReplicaSet set) => new(set.Spec.Replicas ?? 0, set.Status?.AvailableReplicas ?? 0);

    private static Rollout RolloutOf(V1Deployment deployment)
    {
        var replicas = deployment.Spec.Replicas ?? 1;
        var rolling = deployment.Spec.Strategy?.RollingUpdate;
        return Rollout.Of(replicas, deployment.Spec.Strategy?.Type == "Recreate",
            (rolling?.MaxSurge ?? new IntOrString("25%")).ScaledValue(replicas, roundUp: true), (rolling?.MaxUnavailable ?? new IntOrString("25%")).ScaledValue(replicas, roundUp: false));
    }

    private static async Task ResizeAsync(DeploymentSetWriter writer, V1Deployment deployment, DeploymentSets sets, Rollout rollout, CancellationToken cancellation)
    {
        List<V1ReplicaSet> active = [.. sets.All.Where(s => s.Spec.Replicas > 0)];
        if (active.Count <= 1)
        {
            if ((active.FirstOrDefault() ?? sets.Current ?? sets.All.LastOrDefault()) is { } only)
            {
                await writer.ScaleAsync(only, deployment.Spec.Replicas ?? 1, cancellation).ConfigureAwait(false);
            }
            return;
        }
        if (rollout.Recreate)
        {
            return;
        }
        var sizes = rollout.Proportional([.. active.Select(s => s.Spec.Replicas ?? 0)]);
        for (var i = 0; i < sizes.Length; i++)
        {
            await writer.ScaleAsync(active[i], sizes[i], cancellation).ConfigureAwait(false);
        }
    }

    private async Task<ReconcileResult> StatusAsync(ReconcileContext<V1Deployment> context, V1Deployment deployment, DeploymentSets sets, CancellationToken cancellation)
    {
        var now = options.Time.GetUtcNow().UtcDateTime;
        var (status, checkAfter) = DeploymentStatus.Of(deployment, sets, RolloutOf(deployment), now);
        if (!status.SemanticallyEquals(deployment.Status))
        {
            deployment.Status = status;
            await context.Client.Resource<V1Deployment>(context.Key.Namespace).UpdateStatusAsync(deployment, cancellation: cancellation).ConfigureAwait(false);
        }
        return checkAfter is { } time ? ReconcileResult.RequeueAfter(time) : ReconcileResult.Done;
    }
}
