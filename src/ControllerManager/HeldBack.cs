using ActorKube.Actors;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// What all controllers have in common: nothing is done for an object that is gone or going, new ones may be held back, and being overtaken by another writer is
/// no error: the other's write brings another run.
/// </summary>
internal sealed class HeldBack<T>(IReconciler<T> inner, ClusterControllersOptions options) : IReconciler<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<T> context, CancellationToken cancellation)
    {
        if (context.Object is not { Metadata.DeletionTimestamp: null } found)
        {
            if (inner is ILetsGo<T> leaving)
            {
                await leaving.LetGoAsync(context, cancellation).ConfigureAwait(false);
            }
            return ReconcileResult.Done;
        }
        if (options.HoldBack > TimeSpan.Zero && found.Metadata.CreationTimestamp is { } created && found.GetController() is null
            && created + options.HoldBack - options.Time.GetUtcNow().UtcDateTime is var left && left > TimeSpan.Zero)
        {
            return ReconcileResult.RequeueAfter(left);
        }
        try
        {
            return await inner.ReconcileAsync(context, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException overtaken) when (overtaken.IsConflict || overtaken.IsNotFound || overtaken.IsAlreadyExists)
        {
            return ReconcileResult.RequeueAfter(Soon);
        }
        catch (KubernetesException closing) when (closing.HasStatusCause("NamespaceTerminating"))
        {
            return ReconcileResult.Done;
        }
    }
}

/// <summary>Has something to do for an object that is gone or going: what it holds on to would stay.</summary>
internal interface ILetsGo<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Lets go. The object may be gone already.</summary>
    Task LetGoAsync(ReconcileContext<T> context, CancellationToken cancellation);
}
