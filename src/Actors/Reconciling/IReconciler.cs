using k8s;
using k8s.Models;

namespace ActorKube.Actors;

/// <summary>Brings one object's world from how it is to how it should be.</summary>
/// <remarks>
/// Called whenever the object or what it depends on may have changed, with its key and not with the change: look at how things are, and act on that.
/// For one key there is never more than one call at a time; for different keys there may be, so an instance must be safe to share unless it is resolved per call.
/// What is thrown is logged, counted and tried again with growing pauses.
/// </remarks>
/// <typeparam name="T">The kind that is reconciled.</typeparam>
public interface IReconciler<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Reconciles one object.</summary>
    /// <param name="context">The object, and the means to act.</param>
    /// <param name="cancellation">The reconcile took too long, or the process stops: leave soon.</param>
    Task<ReconcileResult> ReconcileAsync(ReconcileContext<T> context, CancellationToken cancellation);
}

/// <summary>Reconciles objects of a kind that has no class here, or whose class is not needed: objects as received.</summary>
/// <inheritdoc cref="IReconciler{T}"/>
public interface IReconciler
{
    /// <inheritdoc cref="IReconciler{T}.ReconcileAsync"/>
    Task<ReconcileResult> ReconcileAsync(ReconcileContext context, CancellationToken cancellation);
}

/// <summary>Undoes what an object caused outside of the cluster, or what no owner reference undoes, before the object may go.</summary>
/// <typeparam name="T">The object's kind.</typeparam>
public interface IFinalizer<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// Cleans up. Called when the object is asked to go, again and again until it ends with <see cref="ReconcileResult.Done"/>, which removes the finalizer; it may be
    /// called once more after that, so cleaning up what is clean must be fine.
    /// </summary>
    Task<ReconcileResult> CleanUpAsync(ReconcileContext<T> context, CancellationToken cancellation);
}
