using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>A service's pods as the subsets of an Endpoints object: ports that lead to the same addresses stand together.</summary>
internal static class EndpointSubsets
{
    /// <summary>More than so many addresses are left out.</summary>
    private const int Most = 1000;

    public static List<V1EndpointSubset> Of(V1Service service, IReadOnlyList<ServiceBackend> backends)
    {
        var reached = new Dictionary<(string Name, int Number, string Protocol, string? Application), List<ServiceBackend>>();
        // Those that go are left out at once, unless the service wants all.
        var listed = backends.Where(b => b.Publish || !b.Terminating).OrderByDescending(b => b.Ready).Take(Most).ToList();
        foreach (var backend in listed)
        {
            foreach (var (port, number) in backend.Ports)
            {
                var key = (port.Name ?? "", number, port.Protocol ?? "TCP", port.AppProtocol);
                (reached.TryGetValue(key, out var there) ? there : reached[key] = []).Add(backend);
            }
        }
        if (service.Spec.ClusterIP is "None" && service.Spec.Ports is not { Count: > 0 } && listed.Count > 0)
        {
            return [Subset(service, listed, null)];
        }
        return
        [
            .. reached.GroupBy(r => string.Join(',', r.Value.Select(b => b.Pod.Metadata.Uid)), StringComparer.Ordinal).Select(same => Subset(service, same.First().Value,
            [
                .. same.Select(r => r.Key).OrderBy(k => PortHash(k.Name, k.Number, k.Protocol, k.Application), StringComparer.Ordinal)
                    .Select(k => new Corev1EndpointPort { Name = k.Name.Length == 0 ? null : k.Name, Port = k.Number, Protocol = k.Protocol, AppProtocol = k.Application }),
            ])),
        ];
    }

    /// <summary>What ports are sorted by on a real cluster: a hash of each as Go's spew writes it.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "An order that others have set, which protects nothing.")]
    private static string PortHash(string name, int number, string protocol, string? application) => Convert.ToHexString(MD5.HashData(Encoding.UTF8.GetBytes(
        $"(v1.EndpointPort){{Name:(string){name} Port:(int32){number} Protocol:(v1.Protocol){protocol} AppProtocol:(*string){application ?? "<nil>"}}}")));

    private static V1EndpointSubset Subset(V1Service service, IReadOnlyList<ServiceBackend> backends, IList<Corev1EndpointPort>? ports) => new()
    {
        Addresses = Addresses(service, backends.Where(b => b.Ready || b.Publish)),
        NotReadyAddresses = Addresses(service, backends.Where(b => !b.Ready && !b.Publish)),
        Ports = ports,
    };

    private static IList<V1EndpointAddress>? Addresses(V1Service service, IEnumerable<ServiceBackend> backends)
    {
        var found = backends.OrderBy(b => b.Address, StringComparer.Ordinal)
            .Select(b => new V1EndpointAddress { Ip = b.Address, NodeName = b.Pod.Spec.NodeName, Hostname = b.Hostname(service), TargetRef = b.Reference }).ToList();
        return found.Count == 0 ? null : found;
    }
}
