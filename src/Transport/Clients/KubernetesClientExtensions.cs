using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>Shorthands.</summary>
public static class KubernetesClientExtensions
{
    /// <summary>A resource's lists and watches with fixed selectors: shorthand for <c>client.Resource(resource, namespace).ListWatch(…)</c>.</summary>
    public static IListWatch ListWatch(
        this IKubernetesClient client, ResourceDefinition resource, string? @namespace = null, string? labelSelector = null, string? fieldSelector = null) =>
        client.Resource(resource, @namespace).ListWatch(labelSelector, fieldSelector);

    /// <summary>
    /// Objects of a resource that is known by its name alone: its objects say their kind themselves, so events of another kind than expected cannot be told.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="resource">Group, version and plural.</param>
    /// <param name="namespace">The namespace; null for all, and for resources without one.</param>
    public static IResourceClient Dynamic(this IKubernetesClient client, GroupVersionResource resource, string? @namespace = null) =>
        client.Resource(new ResourceDefinition(resource.GroupVersion.WithKind(""), resource.Resource, @namespace is not null), @namespace);

    /// <summary>A page of objects as the server prints them for people: columns, and a row of cells an object.</summary>
    /// <param name="client">The resource: typed, as received, or of metadata.</param>
    /// <param name="options">Which objects.</param>
    /// <param name="cancellation">Gives up the request.</param>
    /// <exception cref="KubernetesException">The server refused, with <c>IsNotAcceptable</c> where it prints no tables.</exception>
    public static async Task<V1Table> ListTableAsync(this IResource client, ListOptions? options = null, CancellationToken cancellation = default)
    {
        var request = client.Rest.Get().GroupVersion(client.Resource.Kind.GroupVersion).Resource(client.Resource.Plural)
            .Params(options ?? new ListOptions()).Accept("application/json;as=Table;v=v1;g=meta.k8s.io");
        if (client.Namespace is { } @namespace) request.Namespace(@namespace);
        return (await request.DoAsync(cancellation).ConfigureAwait(false)).Into<V1Table>();
    }

    /// <summary>One object, without a class.</summary>
    public static async Task<Unstructured> GetUnstructuredAsync(
        this IResourceClient client, string name, GetOptions? options = null, CancellationToken cancellation = default) =>
        (await client.GetAsync(name, options, cancellation).ConfigureAwait(false)).ToUnstructured();

    /// <inheritdoc cref="IResourceClient.CreateAsync"/>
    public static async Task<Unstructured> CreateAsync(
        this IResourceClient client, Unstructured @object, CreateOptions? options = null, CancellationToken cancellation = default) =>
        (await client.CreateAsync(KubeObject.From(@object), options, cancellation).ConfigureAwait(false)).ToUnstructured();

    /// <inheritdoc cref="IResourceClient.UpdateAsync"/>
    public static async Task<Unstructured> UpdateAsync(
        this IResourceClient client, Unstructured @object, UpdateOptions? options = null, string? subresource = null, CancellationToken cancellation = default) =>
        (await client.UpdateAsync(KubeObject.From(@object), options, subresource, cancellation).ConfigureAwait(false)).ToUnstructured();

    /// <inheritdoc cref="IResourceClient.ApplyAsync"/>
    public static async Task<Unstructured> ApplyAsync(
        this IResourceClient client, Unstructured @object, ApplyOptions options, string? subresource = null, CancellationToken cancellation = default) =>
        (await client.ApplyAsync(KubeObject.From(@object), options, subresource, cancellation).ConfigureAwait(false)).ToUnstructured();
}
