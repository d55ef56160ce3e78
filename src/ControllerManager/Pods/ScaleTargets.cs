using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Reads and sets the size of whatever has a <c>scale</c> subresource, built in or custom.</summary>
internal static class ScaleTargets
{
    /// <summary>The size of an object.</summary>
    /// <returns>Null where the server has no such kind.</returns>
    /// <exception cref="KubernetesException">There is no such object, or it cannot be scaled.</exception>
    public static async Task<(V1Scale Scale, ResourceDefinition Resource)?> GetAsync(IKubernetesClient client, string apiVersion, string kind, string @namespace, string name, CancellationToken cancellation)
    {
        var wanted = GroupVersionKind.From(apiVersion, kind);
        var resource = ResourceDefinition.ForBuiltIn(wanted);
        if (resource is null)
        {
            var known = await client.Discovery.GetResourcesAsync(wanted.GroupVersion, cancellation).ConfigureAwait(false);
            if (known.FirstOrDefault(r => r.Definition.Kind.Kind == kind) is not { } found)
            {
                return null;
            }
            resource = found.Definition;
        }
        return ((await Request(client, "GET", resource, @namespace, name).DoAsync(cancellation).ConfigureAwait(false)).Into<V1Scale>(), resource);
    }

    /// <exception cref="KubernetesException">It cannot be scaled, or somebody else was faster.</exception>
    public static async Task SetAsync(IKubernetesClient client, ResourceDefinition resource, V1Scale scale, CancellationToken cancellation) =>
        await Request(client, "PUT", resource, scale.Metadata.NamespaceProperty, scale.Metadata.Name).Object(scale).DoAsync(cancellation).ConfigureAwait(false);

    private static RestRequest Request(IKubernetesClient client, string verb, ResourceDefinition resource, string @namespace, string name) =>
        client.Rest.Verb(verb).GroupVersion(resource.Kind.GroupVersion).NamespaceIfScoped(@namespace, resource.Namespaced).Resource(resource.Plural).Name(name).SubResource("scale");
}
