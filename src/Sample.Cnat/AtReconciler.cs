using ActorKube.Actors;
using ActorKube.Transport;
using k8s.Models;

namespace Cnat;

/// <summary>The builder's way, and the default: a reconciler, called whenever its At or the At's pod may have changed.</summary>
public sealed class AtReconciler(IKubernetesClient client, TimeProvider time) : IReconciler<At>
{
    readonly AtWorker _worker = new(client, time);

    /// <inheritdoc/>
    public Task<ReconcileResult> ReconcileAsync(ReconcileContext<At> context, CancellationToken cancellation) =>
        _worker.StepAsync(context.Key, context.Object, context.Get<V1Pod>(AtPod.KeyFor(context.Key)), context.Events, context.Logger, cancellation);
}
