using System.Collections.Concurrent;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What each service selects, for finding the services of a pod. A service is noted before its pods are read: whatever changes later finds it.</summary>
internal sealed class ServiceSelectors
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, IDictionary<string, string>>> _known = new(StringComparer.Ordinal);

    public void Note(V1Service service) => _known.GetOrAdd(service.Metadata.NamespaceProperty, static _ => new(StringComparer.Ordinal))[service.Metadata.Name] = service.Spec.Selector;

    public void Forget(NamespacedName service)
    {
        if (_known.TryGetValue(service.Namespace, out var services))
        {
            services.TryRemove(service.Name, out _);
        }
    }

    public IEnumerable<NamespacedName> Of(V1Pod pod) => _known.TryGetValue(pod.Metadata.NamespaceProperty, out var services)
        ? services.Where(s => Selects(s.Value, pod)).Select(s => new NamespacedName(pod.Metadata.NamespaceProperty, s.Key)) : [];

    public static bool Selects(IDictionary<string, string> selector, V1Pod pod) =>
        selector.All(want => pod.Metadata.Labels?.TryGetValue(want.Key, out var value) == true && value == want.Value);
}
