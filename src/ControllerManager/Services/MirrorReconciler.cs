using System.Net;
using System.Net.Sockets;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Mirrors Endpoints that somebody wrote by hand, for a service without a selector, into endpoint slices: who looks at slices alone finds them too. What a controller writes of a service with a selector has
/// slices of its own.
/// </summary>
internal sealed class MirrorReconciler : IReconciler<V1Endpoints>
{
    public const string Manager = "endpointslicemirroring-controller.k8s.io";
    private const string ManagedBy = "endpointslice.kubernetes.io/managed-by";
    private const string ServiceName = "kubernetes.io/service-name";
    private const int Most = 1000;

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1Endpoints> context, CancellationToken cancellation)
    {
        var endpoints = context.Object!;
        var slices = context.Client.Resource<V1EndpointSlice>(context.Key.Namespace);
        var free = context.Owned<V1EndpointSlice>().Where(s => s.Metadata.DeletionTimestamp is null && s.Metadata.Labels?.TryGetValue(ManagedBy, out var by) == true && by == Manager)
            .OrderBy(s => s.Metadata.CreationTimestamp).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal).ToList();
        var labels = new Dictionary<string, string>(endpoints.Metadata.Labels ?? new Dictionary<string, string>()) { [ManagedBy] = Manager, [ServiceName] = endpoints.Metadata.Name };
        var annotations = new Dictionary<string, string>(endpoints.Metadata.Annotations ?? new Dictionary<string, string>());
        annotations.Remove("kubectl.kubernetes.io/last-applied-configuration");
        foreach (var part in IsMirrored(context, endpoints) ? (endpoints.Subsets ?? []).SelectMany(Parts) : [])
        {
            var known = free.Find(s => s.AddressType == part.Family && (s.Ports ?? []).SequenceEqual(part.Ports, SemanticComparer<Discoveryv1EndpointPort>.Default));
            if (known is null)
            {
                await slices.CreateAsync(new V1EndpointSlice
                {
                    Metadata = new V1ObjectMeta
                    {
                        GenerateName = $"{endpoints.Metadata.Name}-", NamespaceProperty = context.Key.Namespace, Labels = labels, Annotations = annotations.Count == 0 ? null : annotations,
                        OwnerReferences = [endpoints.MakeOwnerReference(controller: true, blockOwnerDeletion: true)],
                    },
                    AddressType = part.Family, Endpoints = part.Endpoints, Ports = part.Ports,
                }, cancellation: cancellation).ConfigureAwait(false);
                continue;
            }
            free.Remove(known);
            if (ServiceReconciler.Same(known.Metadata.Labels, labels) && ServiceReconciler.Same(known.Metadata.Annotations, annotations)
                && (known.Endpoints ?? []).SequenceEqual(part.Endpoints, SemanticComparer<V1Endpoint>.Default))
            {
                continue;
            }
            (known.Metadata.Labels, known.Metadata.Annotations, known.Metadata.GenerateName, known.Endpoints) = (labels, annotations.Count == 0 ? null : annotations, null, part.Endpoints);
            await slices.UpdateAsync(known, cancellation: cancellation).ConfigureAwait(false);
        }
        foreach (var left in free)
        {
            await slices.DeleteAsync(left.Metadata.Name, new DeleteOptions { Uid = left.Metadata.Uid }, cancellation).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    private static bool IsMirrored(ReconcileContext context, V1Endpoints endpoints) =>
        !(endpoints.Metadata.Labels?.TryGetValue("endpointslice.kubernetes.io/skip-mirror", out var skip) == true && skip == "true")
        && endpoints.Metadata.Annotations?.ContainsKey("control-plane.alpha.kubernetes.io/leader") != true
        && context.Get<V1Service>(context.Key) is { Metadata.DeletionTimestamp: null, Spec.Selector: null or { Count: 0 } };

    /// <summary>A subset's addresses by family, with its ports.</summary>
    private static IEnumerable<(string Family, List<V1Endpoint> Endpoints, List<Discoveryv1EndpointPort> Ports)> Parts(V1EndpointSubset subset)
    {
        List<Discoveryv1EndpointPort> ports = [.. (subset.Ports ?? []).Select(p => new Discoveryv1EndpointPort { Name = p.Name ?? "", Port = p.Port, Protocol = p.Protocol ?? "TCP", AppProtocol = p.AppProtocol })];
        return (subset.Addresses ?? []).Select(a => (Address: a, Ready: true)).Concat((subset.NotReadyAddresses ?? []).Select(a => (Address: a, Ready: false)))
            .DistinctBy(a => a.Address.Ip).Take(Most)
            .GroupBy(a => IPAddress.TryParse(a.Address.Ip, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4", StringComparer.Ordinal)
            .Select(family => (family.Key, family.Select(a => new V1Endpoint
            {
                Addresses = [a.Address.Ip], Conditions = new V1EndpointConditions { Ready = a.Ready }, Hostname = a.Address.Hostname, NodeName = a.Address.NodeName, TargetRef = a.Address.TargetRef,
            }).ToList(), ports));
    }
}
