using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>A pod behind a service: where it is, what state it is in, and which of its ports serve the service's.</summary>
internal sealed record ServiceBackend(V1Pod Pod, bool Ready, bool Terminating, bool Publish, IReadOnlyList<(V1ServicePort Port, int Number)> Ports)
{
    public string Address => Pod.Status.PodIP;

    public string? Hostname(V1Service service) => Pod.Spec.Hostname is { Length: > 0 } name && Pod.Spec.Subdomain == service.Metadata.Name ? name : null;

    public V1ObjectReference Reference => new() { Kind = "Pod", NamespaceProperty = Pod.Metadata.NamespaceProperty, Name = Pod.Metadata.Name, Uid = Pod.Metadata.Uid };

    /// <summary>The pods that a service has behind it: those it selects that have an address and have not ended. By address.</summary>
    public static IReadOnlyList<ServiceBackend> Of(V1Service service, IEnumerable<V1Pod> pods) =>
    [
        .. pods.Where(p => Selects(service.Spec.Selector, p) && !string.IsNullOrEmpty(p.Status?.PodIP) && p.Status.Phase is not ("Succeeded" or "Failed"))
            .Select(p => new ServiceBackend(p, p.IsReady(), p.Metadata.DeletionTimestamp is not null, service.Spec.PublishNotReadyAddresses == true,
                [.. (service.Spec.Ports ?? []).Select(port => (port, NumberOf(port, p))).Where(found => found.Item2 > 0)]))
            .OrderBy(b => b.Address, StringComparer.Ordinal).ThenBy(b => b.Pod.Metadata.Uid, StringComparer.Ordinal),
    ];

    private static bool Selects(IDictionary<string, string> selector, V1Pod pod) =>
        selector.All(want => pod.Metadata.Labels?.TryGetValue(want.Key, out var value) == true && value == want.Value);

    /// <summary>The port of a pod that a service's port leads to; 0 where the pod has none by that name.</summary>
    private static int NumberOf(V1ServicePort port, V1Pod pod) => port.TargetPort switch
    {
        null => port.Port,
        { IsInt: true } number => number.IntValue is 0 ? port.Port : number.IntValue,
        var name => pod.Spec.Containers.Concat((pod.Spec.InitContainers ?? []).Where(c => c.RestartPolicy == "Always")).SelectMany(c => c.Ports ?? [])
            .FirstOrDefault(p => p.Name == name.Value && (p.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.ContainerPort ?? 0,
    };
}
