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

    /// <param name="context">The controller's context.</param>
    /// <param name="pods">The pods to make.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="told">How an event says that one was made, from its name; null for the usual words.</param>
    public static async Task CreateAsync(ReconcileContext context, IEnumerable<V1Pod> pods, CancellationToken cancellation, PodWords? told = null)
    {
        var wanted = pods.Take(Burst).ToList();
        // Twice as many at once after each success: a template that nobody can create costs one request, not hundreds.
        for (var (done, batch) = (0, 1); done < wanted.Count; done += batch, batch *= 2)
        {
            await Task.WhenAll(wanted.Skip(done).Take(batch).Select(pod => CreateAsync(context, pod, told ?? PodWords.Usual, cancellation))).ConfigureAwait(false);
        }
    }

    private static async Task CreateAsync(ReconcileContext context, V1Pod pod, PodWords told, CancellationToken cancellation)
    {
        try
        {
            var created = await context.Client.Resource<V1Pod>(context.Key.Namespace).CreateAsync(pod, cancellation: cancellation).ConfigureAwait(false);
            context.Events.Normal("SuccessfulCreate", told.Created(created.Metadata.Name));
        }
        catch (KubernetesException refused) when (!refused.IsConflict && !refused.HasStatusCause("NamespaceTerminating"))
        {
            context.Events.Warning("FailedCreate", told.NotCreated(pod.Metadata.Name ?? "", refused.Message));
            throw;
        }
    }

    public static async Task DeleteAsync(ReconcileContext context, IEnumerable<V1Pod> pods, CancellationToken cancellation, PodWords? told = null) =>
        await Task.WhenAll(pods.Take(Burst).ToList().Select(async pod =>
        {
            try
            {
                await context.Client.Resource<V1Pod>(context.Key.Namespace).DeleteAsync(pod.Metadata.Name, new DeleteOptions { Uid = pod.Metadata.Uid }, cancellation).ConfigureAwait(false);
                context.Events.Normal("SuccessfulDelete", (told ?? PodWords.Usual).Deleted(pod.Metadata.Name));
            }
            catch (KubernetesException gone) when (gone.IsNotFound || gone.IsConflict)
            {
                // Somebody else was faster.
            }
        })).ConfigureAwait(false);
}

/// <summary>How events say what became of a pod.</summary>
internal sealed record PodWords(Func<string, string> Created, Func<string, string, string> NotCreated, Func<string, string> Deleted)
{
    public static PodWords Usual { get; } = new(static name => $"Created pod: {name}", static (_, why) => $"Error creating: {why}", static name => $"Deleted pod: {name}");
}
