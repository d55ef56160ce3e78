using ActorKube.Models;

namespace ActorKube.Transport;

internal sealed class MetadataClient(RestClient rest, ResourceDefinition resource, string? @namespace, WriteHooks? hooks) : IMetadataClient
{
    readonly ResourceVerbs<KubeObject> _verbs = new(rest, resource, @namespace, new MetadataCodec(KubeObjectOptions.Everything), hooks);

    public ResourceDefinition Resource => resource;

    public string? Namespace => _verbs.Namespace;

    public IRestClient Rest => hooks?.Over(rest) ?? rest;

    public Task<KubeObject> GetAsync(string name, GetOptions? options, CancellationToken cancellation) => _verbs.GetAsync(name, options, null, cancellation);

    public async Task<KubeList> ListAsync(ListOptions? options, CancellationToken cancellation) =>
        ResourceClient.ToList(await _verbs.ListAsync(options, cancellation).ConfigureAwait(false), "meta.k8s.io/v1", "PartialObjectMetadata");

    public IAsyncEnumerable<KubeObject> ListAllAsync(ListOptions? options, CancellationToken cancellation) => _verbs.ListAllAsync(options, cancellation);

    public IAsyncEnumerable<WatchEvent> WatchAsync(ListOptions? options, CancellationToken cancellation) => ResourceClient.WatchAsync(_verbs, options, cancellation);

    public Task<KubeObject> PatchAsync(string name, Patch patch, PatchOptions? options, string? subresource, CancellationToken cancellation) =>
        _verbs.PatchAsync(name, patch, options, subresource, cancellation);

    public Task<KubeObject?> DeleteAsync(string name, DeleteOptions? options, CancellationToken cancellation) => _verbs.DeleteAsync(name, options, cancellation);

    public Task DeleteCollectionAsync(DeleteOptions? options, ListOptions? selection, CancellationToken cancellation) =>
        _verbs.DeleteCollectionAsync(options, selection, cancellation);

    public IListWatch ListWatch(string? labelSelector, string? fieldSelector) =>
        new ListWatch(rest, resource, @namespace, labelSelector, fieldSelector, new MetadataCodec(KubeObjectOptions.Default));
}
