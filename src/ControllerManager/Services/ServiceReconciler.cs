using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Writes where a service's pods are: as its Endpoints, and as its endpoint slices. A service without a selector is left to whoever wrote it.</summary>
internal sealed class ServiceReconciler(ServiceSelectors selectors) : IReconciler<V1Service>, ILetsGo<V1Service>
{
    internal const string Headless = "service.kubernetes.io/headless";
    private const string Trigger = "endpoints.kubernetes.io/last-change-trigger-time";

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Service> context, CancellationToken cancellation)
    {
        var service = context.Object!;
        if (service.Spec.Selector is not { Count: > 0 } || service.Spec.Type == "ExternalName")
        {
            selectors.Forget(context.Key);
            return ReconcileResult.Done;
        }
        selectors.Note(service);
        var backends = ServiceBackend.Of(service, context.Cache<V1Pod>().List(context.Key.Namespace));
        await WriteEndpointsAsync(context, service, backends, cancellation).ConfigureAwait(false);
        await SliceWriter.WriteAsync(context, service, backends, cancellation).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    /// <summary>The Endpoints go with their service; the slices are its own, and the garbage collector's.</summary>
    public async Task LetGoAsync(ReconcileContext<V1Service> context, CancellationToken cancellation)
    {
        selectors.Forget(context.Key);
        if (context.Object is not null || context.Cache<V1Endpoints>().Get(context.Key) is not { } left)
        {
            return;
        }
        try
        {
            await context.Client.Resource<V1Endpoints>(context.Key.Namespace).DeleteAsync(context.Key.Name, new DeleteOptions { Uid = left.Metadata.Uid }, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException gone) when (gone.IsNotFound || gone.IsConflict)
        {
            // Somebody else was faster.
        }
    }

    private static async Task WriteEndpointsAsync(ReconcileContext<V1Service> context, V1Service service, IReadOnlyList<ServiceBackend> backends, CancellationToken cancellation)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>());
        labels.Remove(Headless);
        if (service.Spec.ClusterIP is "None")
        {
            labels[Headless] = "";
        }
        var subsets = EndpointSubsets.Of(service, backends);
        var known = context.Cache<V1Endpoints>().Get(context.Key);
        if (known is not null && Same(known.Metadata.Labels, labels) && (known.Subsets ?? []).SequenceEqual(subsets, SemanticComparer<V1EndpointSubset>.Default))
        {
            return;
        }
        var wanted = known ?? new V1Endpoints { Metadata = new V1ObjectMeta { Name = context.Key.Name, NamespaceProperty = context.Key.Namespace } };
        wanted.Metadata.Labels = labels;
        (wanted.Metadata.Annotations ??= new Dictionary<string, string>())[Trigger] = TriggerOf(service, backends);
        wanted.Subsets = subsets;
        var endpoints = context.Client.Resource<V1Endpoints>(context.Key.Namespace);
        _ = known is null ? await endpoints.CreateAsync(wanted, cancellation: cancellation).ConfigureAwait(false) : await endpoints.UpdateAsync(wanted, cancellation: cancellation).ConfigureAwait(false);
    }

    /// <summary>When what is being written came to be: the last time that a pod became ready or not, at least the service's own.</summary>
    internal static string TriggerOf(V1Service service, IReadOnlyList<ServiceBackend> backends)
    {
        var times = backends.Select(b => b.Pod.Status.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.LastTransitionTime).Append(service.Metadata.CreationTimestamp).OfType<DateTime>();
        return times.Max().ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
    }

    internal static bool Same(IDictionary<string, string>? one, IDictionary<string, string>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0) && (one is null || one.All(e => other!.TryGetValue(e.Key, out var value) && value == e.Value));
}
