using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Creates and deletes a controller's pods, and tells so as Events of the controller's object.</summary>
internal static class PodControl
{
    /// <summary>No more than so many at a time: the rest comes with the next run.</summary>
    private const int Burst = 500;

    public static async Task CreateAsync(ReconcileContext context, IEnumerable<V1Pod> pods, CancellationToken cancellation)
    {
        var wanted = pods.Take(Burst).ToList();
        // Twice as many at once after each success: a template that nobody can create costs one request, not hundreds.
        for (var (done, batch) = (0, 1); done < wanted.Count; done += batch, batch *= 2)
        {
            await Task.WhenAll(wanted.Skip(done).Take(batch).Select(pod => CreateAsync(context, pod, cancellation))).ConfigureAwait(false);
        }
    }

    private static async Task CreateAsync(ReconcileContext context, V1Pod pod, CancellationToken cancellation)
    {
        try
        {
            var created = await context.Client.Resource<V1Pod>(context.Key.Namespace).CreateAsync(pod, cancellation: cancellation).ConfigureAwait(false);
            context.Events.Normal("SuccessfulCreate", $"Created pod: {created.Metadata.Name}");
        }
        catch (KubernetesException refused) when (!refused.IsConflict && !refused.HasStatusCause("NamespaceTerminating"))
        {
            context.Events.Warning("FailedCreate", $"Error creating: {refused.Message}");
            throw;
        }
    }

    public static async Task DeleteAsync(ReconcileContext context, IEnumerable<V1Pod> pods, CancellationToken cancellation) =>
        await Task.WhenAll(pods.Take(Burst).ToList().Select(async pod =>
        {
            try
            {
                await context.Client.Resource<V1Pod>(context.Key.Namespace).DeleteAsync(pod.Metadata.Name, new DeleteOptions { Uid = pod.Metadata.Uid }, cancellation).ConfigureAwait(false);
                context.Events.Normal("SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
            }
            catch (KubernetesException gone) when (gone.IsNotFound || gone.IsConflict)
            {
                // Somebody else was faster.
            }
        })).ConfigureAwait(false);
}
