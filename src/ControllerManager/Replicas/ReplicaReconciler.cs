using ActorKube.Actors;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What a keeper of pods wants.</summary>
internal readonly record struct ReplicaWish(int Replicas, int MinReadySeconds, LabelSelector Selector, V1PodTemplateSpec Template);

/// <summary>What it has.</summary>
internal readonly record struct ReplicaCount(int Replicas, int FullyLabeled, int Ready, int Available);

/// <summary>What the server refuses it, as a condition.</summary>
internal readonly record struct ReplicaFailure(string Reason, string? Message, DateTime? Since)
{
    public const string Type = "ReplicaFailure";
}

/// <summary>Keeps as many pods as an object asks for, no matter which: what replica sets and replication controllers have in common.</summary>
internal abstract class ReplicaReconciler<T>(ClusterControllersOptions options, Strays strays) : IReconciler<T>, ILetsGo<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<T> context, CancellationToken cancellation)
    {
        var controller = context.Object!;
        var wish = WishOf(controller);
        var now = options.Time.GetUtcNow().UtcDateTime;
        var pods = (await Claims.ClaimAsync<V1Pod>(context, controller, wish.Selector, strays, cancellation, static p => p.IsActive()).ConfigureAwait(false)).Where(p => p.IsActive()).ToList();
        var failure = await ReplicaPods.KeepAsync(context, pods, wish.Replicas, () => wish.Template.MakePod(controller), cancellation).ConfigureAwait(false);
        var count = new ReplicaCount(pods.Count, ReplicaPods.FullyLabeled(pods, wish.Template), pods.Count(p => p.IsReady()), pods.Count(p => p.IsAvailable(wish.MinReadySeconds, now)));
        // One that is told already stays as it was told.
        ReplicaFailure? failing = failure is null ? null : FailureOf(controller) ?? new ReplicaFailure(pods.Count > wish.Replicas ? "FailedDelete" : "FailedCreate", failure.Message, now);
        if (Tell(controller, count, failing))
        {
            await context.Client.Resource<T>(context.Key.Namespace).UpdateStatusAsync(controller, cancellation: cancellation).ConfigureAwait(false);
        }
        return failure is null ? ReplicaPods.LookAgain(pods, wish.MinReadySeconds, now) : throw failure;
    }

    public Task LetGoAsync(ReconcileContext<T> context, CancellationToken cancellation)
    {
        strays.Forget(context.Key);
        return Task.CompletedTask;
    }

    protected abstract ReplicaWish WishOf(T controller);

    /// <summary>What the status says of a failure.</summary>
    protected abstract ReplicaFailure? FailureOf(T controller);

    /// <summary>Says what there is in the status.</summary>
    /// <returns>Whether the status said something else before.</returns>
    protected abstract bool Tell(T controller, ReplicaCount count, ReplicaFailure? failure);
}
