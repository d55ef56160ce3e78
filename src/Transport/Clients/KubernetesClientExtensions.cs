using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>Shorthands.</summary>
public static class KubernetesClientExtensions
{
    /// <summary>A resource's lists and watches with fixed selectors: shorthand for <c>client.Resource(resource, namespace).ListWatch(…)</c>.</summary>
    public static IListWatch ListWatch(
        this IKubernetesClient client, ResourceDefinition resource, string? @namespace = null, string? labelSelector = null, string? fieldSelector = null) =>
        client.Resource(resource, @namespace).ListWatch(labelSelector, fieldSelector);
}
