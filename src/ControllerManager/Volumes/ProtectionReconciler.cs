using ActorKube.Actors;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Keeps an object that was asked to go as long as it is used, by a finalizer: takes it away once it is used no more, and gives it to one that lacks it.</summary>
/// <param name="options">How long one that was asked to go is left alone.</param>
/// <param name="finalizer">What protects it.</param>
internal abstract class ProtectionReconciler<T>(ClusterControllersOptions options, string finalizer) : IReconciler<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<T> context, CancellationToken cancellation)
    {
        // There is something to do for one that goes and is protected, and for one that stays and is not.
        if (context.Object is not { } found || found.HasFinalizer(finalizer) != found.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }
        if (found.Metadata.DeletionTimestamp is { } deleted)
        {
            if (deleted + options.HoldBack - options.Time.GetUtcNow().UtcDateTime is var left && options.HoldBack > TimeSpan.Zero && left > TimeSpan.Zero)
            {
                return ReconcileResult.RequeueAfter(left);
            }
            if (await IsUsedAsync(context, found, cancellation).ConfigureAwait(false))
            {
                return ReconcileResult.Done;
            }
        }
        if (!found.RemoveFinalizer(finalizer))
        {
            found.AddFinalizer(finalizer);
        }
        try
        {
            await context.Client.Resource<T>(context.Key.Namespace is { Length: > 0 } space ? space : null).UpdateAsync(found, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException overtaken) when (overtaken.IsConflict || overtaken.IsNotFound)
        {
            // What overtook it brings another run.
        }
        return ReconcileResult.Done;
    }

    /// <summary>Whether somebody uses it still.</summary>
    protected abstract ValueTask<bool> IsUsedAsync(ReconcileContext<T> context, T found, CancellationToken cancellation);
}
