using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Empties a namespace that was asked to go, resource by resource, pods first; says in its status what it waits for; and lets it go once it is empty.
/// </summary>
internal sealed class NamespaceReconciler(ClusterControllersOptions options) : IReconciler<V1Namespace>
{
    private const string Finalizer = "kubernetes";
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(8);
    private static readonly GroupResource Pods = new("", "pods");

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Namespace> context, CancellationToken cancellation)
    {
        if (context.Object?.Metadata.DeletionTimestamp is null)
        {
            return ReconcileResult.Done;
        }
        var namespaces = context.Client.Resource<V1Namespace>();
        try
        {
            // What the cache shows may be emptied already.
            var found = await namespaces.GetAsync(context.Key.Name, cancellation: cancellation).ConfigureAwait(false);
            if (found.Metadata.DeletionTimestamp is not { } deleted || found.Spec?.Finalizers is not { Count: > 0 })
            {
                return ReconcileResult.Done;
            }
            var content = await EmptyAsync(context.Client, found.Metadata.Name, deleted, cancellation).ConfigureAwait(false);
            if (NamespaceConditions.Tell(found.Status ??= new V1NamespaceStatus(), content, options.Time.GetUtcNow().UtcDateTime))
            {
                found = await namespaces.UpdateAsync(found, subresource: "status", cancellation: cancellation).ConfigureAwait(false);
            }
            if (content.IsEmpty)
            {
                found.Spec.Finalizers = [.. found.Spec.Finalizers.Where(f => f != Finalizer)];
                await namespaces.UpdateAsync(found, subresource: "finalize", cancellation: cancellation).ConfigureAwait(false);
                return ReconcileResult.Done;
            }
            // Who has just left may have been all that it waited for; who has stayed long will stay a while.
            var waited = (options.Time.GetUtcNow().UtcDateTime - deleted) / 4;
            return ReconcileResult.RequeueAfter(waited < Soonest ? Soonest : waited > Latest ? Latest : waited);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            return ReconcileResult.Done;
        }
        catch (KubernetesException overtaken) when (overtaken.IsConflict)
        {
            return ReconcileResult.RequeueAfter(Soonest);
        }
    }

    private async Task<NamespaceContent> EmptyAsync(IKubernetesClient client, string name, DateTime deleted, CancellationToken cancellation)
    {
        var content = new NamespaceContent();
        var api = await client.Discovery.GetApiAsync(cancellation).ConfigureAwait(false);
        content.Failures.AddRange(api.Failures.OrderBy(f => f.Key).Select(f => $"{f.Key}: {f.Value}"));
        var resources = api.PreferredResources.Where(r => r.Definition.Namespaced && r.Verbs.Contains("delete")).ToList();
        // Pods first: what they need to end in order is still there then.
        foreach (var pods in resources.Where(r => r.Definition.Resource.GroupResource == Pods))
        {
            await EmptyAsync(client, pods, name, await GraceAsync(client, name, deleted, cancellation).ConfigureAwait(false), content, cancellation).ConfigureAwait(false);
        }
        if (content.Remaining.Count == 0)
        {
            foreach (var resource in resources.Where(r => r.Definition.Resource.GroupResource != Pods))
            {
                await EmptyAsync(client, resource, name, TimeSpan.Zero, content, cancellation).ConfigureAwait(false);
            }
        }
        return content;
    }

    /// <summary>How much longer the pods that run may take to end.</summary>
    private async Task<TimeSpan> GraceAsync(IKubernetesClient client, string name, DateTime deleted, CancellationToken cancellation)
    {
        var longest = TimeSpan.Zero;
        foreach (var pod in (await client.Resource<V1Pod>(name).ListAsync(cancellation: cancellation).ConfigureAwait(false)).Items.Where(p => p.Status?.Phase is not ("Succeeded" or "Failed")))
        {
            var grace = TimeSpan.FromSeconds(pod.Spec?.TerminationGracePeriodSeconds ?? 0);
            longest = grace > longest ? grace : longest;
        }
        return options.Time.GetUtcNow().UtcDateTime - deleted >= longest ? TimeSpan.Zero : longest;
    }

    private static async Task EmptyAsync(IKubernetesClient client, DiscoveredResource resource, string name, TimeSpan grace, NamespaceContent content, CancellationToken cancellation)
    {
        var objects = client.Metadata(resource.Definition, name);
        try
        {
            var there = resource.Verbs.Contains("list") ? await ListAsync(objects, cancellation).ConfigureAwait(false) : null;
            // Most of what a cluster has a namespace does not: where nothing is there is nothing to delete.
            if (there is { Count: 0 })
            {
                return;
            }
            var options = new DeleteOptions { Propagation = DeletePropagation.Background };
            if (resource.Verbs.Contains("deletecollection"))
            {
                await objects.DeleteCollectionAsync(options, cancellation: cancellation).ConfigureAwait(false);
            }
            else
            {
                foreach (var item in there ?? [])
                {
                    await DeleteAsync(objects, item.Name, options, cancellation).ConfigureAwait(false);
                }
            }
            if (there is not null)
            {
                content.Remains(resource.Definition.Resource, name, await ListAsync(objects, cancellation).ConfigureAwait(false), grace);
            }
        }
        catch (KubernetesException missing) when (missing.IsNotFound || missing.IsMethodNotSupported)
        {
            // Its definition goes too.
        }
        catch (KubernetesException refused)
        {
            content.Errors.Add(refused.Status.Message ?? refused.Message);
        }
    }

    private static async Task<List<KubeObject>> ListAsync(IMetadataClient objects, CancellationToken cancellation)
    {
        var found = new List<KubeObject>();
        await foreach (var item in objects.ListAllAsync(cancellation: cancellation).ConfigureAwait(false))
        {
            found.Add(item);
        }
        return found;
    }

    private static async Task DeleteAsync(IMetadataClient objects, string name, DeleteOptions options, CancellationToken cancellation)
    {
        try
        {
            await objects.DeleteAsync(name, options, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            // So be it.
        }
    }
}
