using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>The finalizer that keeps what is in use: who has it too long, and who lacks it.</summary>
internal static class Protection
{
    /// <summary>Whether there is anything to do: one that goes and has it, or one that stays and has it not.</summary>
    public static bool Concerns(V1ObjectMeta metadata, string finalizer) => metadata.Finalizers?.Contains(finalizer) is true == metadata.DeletionTimestamp is not null;

    /// <summary>How much longer one that goes is left alone; null where no longer.</summary>
    public static TimeSpan? Left(DateTime deleted, ClusterControllersOptions options) =>
        deleted + options.HoldBack - options.Time.GetUtcNow().UtcDateTime is var left && options.HoldBack > TimeSpan.Zero && left > TimeSpan.Zero ? left : null;

    /// <summary>Takes the finalizer away where it is, and gives it where it is not.</summary>
    public static async Task<ReconcileResult> ChangeAsync<T>(IResourceClient<T> objects, T found, string finalizer, CancellationToken cancellation)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var finalizers = found.Metadata.Finalizers ?? [];
        found.Metadata.Finalizers = finalizers.Contains(finalizer) ? [.. finalizers.Where(f => f != finalizer)] : [.. finalizers, finalizer];
        try
        {
            await objects.UpdateAsync(found, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException overtaken) when (overtaken.IsConflict || overtaken.IsNotFound)
        {
            // What overtook it brings another run.
        }
        return ReconcileResult.Done;
    }
}
