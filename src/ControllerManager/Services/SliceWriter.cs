using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Writes a service's endpoint slices: one for each set of port numbers and each hundred pods, at least an empty one.</summary>
internal static class SliceWriter
{
    private const string Manager = "endpointslice-controller.k8s.io";
    private const int Most = 100;

    public static async Task WriteAsync(ReconcileContext<V1Service> context, V1Service service, IReadOnlyList<ServiceBackend> backends, string? trigger, CancellationToken cancellation)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>())
        {
            ["endpointslice.kubernetes.io/managed-by"] = Manager, ["kubernetes.io/service-name"] = service.Metadata.Name,
        };
        if (service.Spec.ClusterIP is "None")
        {
            labels[ServiceReconciler.Headless] = "";
        }
        // The numbers of named ports may differ from pod to pod.
        var contents = backends.GroupBy(b => string.Join(',', b.Ports.Select(p => $"{p.Port.Name}:{p.Number}:{p.Port.Protocol}")), StringComparer.Ordinal)
            .SelectMany(same => same.Chunk(Most).Select(part => (Ports: Ports(part[0]), Endpoints: part.Select(b => Endpoint(service, b)).ToList()))).ToList();
        if (contents.Count == 0)
        {
            contents.Add(([], []));
        }
        var slices = context.Client.Resource<V1EndpointSlice>(context.Key.Namespace);
        var free = context.Owned<V1EndpointSlice>().Where(s => s.Metadata.DeletionTimestamp is null && s.Metadata.Labels?.TryGetValue("endpointslice.kubernetes.io/managed-by", out var by) == true && by == Manager)
            .OrderBy(s => s.Metadata.CreationTimestamp).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal).ToList();
        foreach (var (ports, endpoints) in contents)
        {
            var known = free.Find(s => SamePorts(s, ports)) ?? free.FirstOrDefault();
            if (known is null)
            {
                await slices.CreateAsync(new V1EndpointSlice
                {
                    Metadata = new V1ObjectMeta
                    {
                        GenerateName = $"{service.Metadata.Name}-", NamespaceProperty = context.Key.Namespace, Labels = labels, Annotations = TriggerTimes.With(null, trigger),
                        OwnerReferences = [service.MakeOwnerReference(controller: true, blockOwnerDeletion: true)],
                    },
                    AddressType = "IPv4", Endpoints = endpoints.Count == 0 ? null : endpoints, Ports = ports.Count == 0 ? null : ports,
                }, cancellation: cancellation).ConfigureAwait(false);
                continue;
            }
            free.Remove(known);
            if (ServiceReconciler.Same(known.Metadata.Labels, labels) && SamePorts(known, ports) && (known.Endpoints ?? []).SequenceEqual(endpoints, SemanticComparer<V1Endpoint>.Default))
            {
                continue;
            }
            (known.Metadata.Labels, known.Endpoints, known.Ports) = (labels, endpoints.Count == 0 ? null : endpoints, ports.Count == 0 ? null : ports);
            known.Metadata.Annotations = TriggerTimes.With(known.Metadata.Annotations, trigger);
            await slices.UpdateAsync(known, cancellation: cancellation).ConfigureAwait(false);
        }
        foreach (var left in free)
        {
            await slices.DeleteAsync(left.Metadata.Name, new DeleteOptions { Uid = left.Metadata.Uid }, cancellation).ConfigureAwait(false);
        }
    }

    private static bool SamePorts(V1EndpointSlice slice, List<Discoveryv1EndpointPort> ports) => (slice.Ports ?? []).SequenceEqual(ports, SemanticComparer<Discoveryv1EndpointPort>.Default);

    private static List<Discoveryv1EndpointPort> Ports(ServiceBackend backend) =>
        [.. backend.Ports.Select(p => new Discoveryv1EndpointPort { Name = p.Port.Name ?? "", Port = p.Number, Protocol = p.Port.Protocol ?? "TCP", AppProtocol = p.Port.AppProtocol })];

    private static V1Endpoint Endpoint(V1Service service, ServiceBackend backend) => new()
    {
        Addresses = [backend.Address],
        // Whoever is going serves what it has, and gets nothing new.
        Conditions = new V1EndpointConditions { Ready = backend.Publish || (backend.Ready && !backend.Terminating), Serving = backend.Ready, Terminating = backend.Terminating },
        Hostname = backend.Hostname(service),
        NodeName = backend.Pod.Spec.NodeName,
        TargetRef = backend.Reference,
    };
}
