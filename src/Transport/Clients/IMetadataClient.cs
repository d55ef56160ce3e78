using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>
/// A resource's objects as <c>PartialObjectMetadata</c>: name, labels, annotations, owners and the rest of their metadata, without what they say or are. Servers leave the
/// rest out before they send. Thread-safe; errors as those of <see cref="IResourceClient"/>.
/// </summary>
public interface IMetadataClient : IResource
{
    /// <inheritdoc cref="IResourceClient.GetAsync"/>
    Task<KubeObject> GetAsync(string name, GetOptions? options = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="IResourceClient.ListAsync"/>
    Task<KubeList> ListAsync(ListOptions? options = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="IResourceClient.ListAllAsync"/>
    IAsyncEnumerable<KubeObject> ListAllAsync(ListOptions? options = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="IResourceClient.WatchAsync"/>
    IAsyncEnumerable<WatchEvent> WatchAsync(ListOptions? options = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="IResourceClient.PatchAsync"/>
    Task<KubeObject> PatchAsync(string name, Patch patch, PatchOptions? options = null, string? subresource = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="IResourceClient.DeleteAsync"/>
    Task<KubeObject?> DeleteAsync(string name, DeleteOptions? options = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="IResourceClient.DeleteCollectionAsync"/>
    Task DeleteCollectionAsync(DeleteOptions? options = null, ListOptions? selection = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="IResourceClient.ListWatch"/>
    IListWatch ListWatch(string? labelSelector = null, string? fieldSelector = null);
}
