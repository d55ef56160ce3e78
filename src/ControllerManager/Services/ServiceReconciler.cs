using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Writes where a service's pods are: as its Endpoints, and as its endpoint slices. A service without a selector is left to whoever wrote it.</summary>
internal sealed class ServiceReconciler(Selections selections, TriggerTimes triggers) : IReconciler<V1Service>, ILetsGo<V1Service>
{
    internal const string Headless = "service.kubernetes.io/headless";

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Service> context, CancellationToken cancellation)
    {
        var service = context.Object!;
        if (service.Spec.Selector is not { Count: > 0 } || service.Spec.Type == "ExternalName")
        {
            selections.Forget(context.Key);
            return ReconcileResult.Done;
        }
        selections.Note(context.Key, LabelSelector.FromSet(service.Spec.Selector));
        var backends = ServiceBackend.Of(service, context.Cache<V1Pod>().List(context.Key.Namespace));
        var trigger = triggers.Next(context.Key, service, backends);
        await WriteEndpointsAsync(context, service, backends, trigger, cancellation).ConfigureAwait(false);
        await SliceWriter.WriteAsync(context, service, backends, trigger, cancellation).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    /// <summary>The Endpoints go with their service; the slices are its own, and the garbage collector's.</summary>
    public async Task LetGoAsync(ReconcileContext<V1Service> context, CancellationToken cancellation)
    {
        selections.Forget(context.Key);
        // What somebody wrote by hand, and nobody has a service for yet, is not a service's that has gone.
        if (!triggers.Forget(context.Key) || context.Object is not null || context.Cache<V1Endpoints>().Get(context.Key) is not { } left)
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

    private static async Task WriteEndpointsAsync(ReconcileContext<V1Service> context, V1Service service, IReadOnlyList<ServiceBackend> backends, string? trigger, CancellationToken cancellation)
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
        wanted.Metadata.Annotations = TriggerTimes.With(wanted.Metadata.Annotations, trigger);
        wanted.Subsets = subsets;
        var endpoints = context.Client.Resource<V1Endpoints>(context.Key.Namespace);
        _ = known is null ? await endpoints.CreateAsync(wanted, cancellation: cancellation).ConfigureAwait(false) : await endpoints.UpdateAsync(wanted, cancellation: cancellation).ConfigureAwait(false);
    }

    internal static bool Same(IDictionary<string, string>? one, IDictionary<string, string>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0) && (one is null || one.All(e => other!.TryGetValue(e.Key, out var value) && value == e.Value));
}
