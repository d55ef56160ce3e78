using System.Runtime.CompilerServices;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>A resource's objects as received.</summary>
internal sealed class ResourceClient(RestClient rest, ResourceDefinition resource, string? @namespace, WriteHooks? hooks) : IResourceClient
{
    readonly ResourceVerbs<KubeObject> _verbs = new(rest, resource, @namespace,
        new RawCodec(KubeObjectOptions.Everything, resource.Kind, PrefersProtobuf(rest, resource)), hooks);

    public ResourceDefinition Resource => resource;

    public string? Namespace => _verbs.Namespace;

    public IRestClient Rest => hooks?.Over(rest) ?? rest;

    public Task<KubeObject> GetAsync(string name, GetOptions? options, CancellationToken cancellation) => _verbs.GetAsync(name, options, null, cancellation);

    public async Task<KubeList> ListAsync(ListOptions? options, CancellationToken cancellation) =>
        ToList(await _verbs.ListAsync(options, cancellation).ConfigureAwait(false), resource.Kind.ApiVersion, resource.Kind.Kind);

    internal static KubeList ToList(ListPage<KubeObject> page, string apiVersion, string kind) =>
        new(apiVersion, kind + "List", page.Items, page.ResourceVersion, page.Continue, page.RemainingItemCount);

    public IAsyncEnumerable<KubeObject> ListAllAsync(ListOptions? options, CancellationToken cancellation) => _verbs.ListAllAsync(options, cancellation);

    public IAsyncEnumerable<WatchEvent> WatchAsync(ListOptions? options, CancellationToken cancellation) => WatchAsync(_verbs, options, cancellation);

    internal static async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceVerbs<KubeObject> verbs, ListOptions? options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await verbs.WatchAsync(options, cancellation).ConfigureAwait(false);
        while (await connection.ReadAsync().ConfigureAwait(false)) yield return verbs.Decoder.Decode(connection).ToRaw();
    }

    public Task<KubeObject> CreateAsync(KubeObject @object, CreateOptions? options, CancellationToken cancellation) =>
        _verbs.CreateAsync(@object, options, null, null, cancellation);

    public Task<KubeObject> UpdateAsync(KubeObject @object, UpdateOptions? options, string? subresource, CancellationToken cancellation) =>
        _verbs.UpdateAsync(@object, options, subresource, cancellation);

    public Task<KubeObject> UpdateStatusAsync(KubeObject @object, UpdateOptions? options, CancellationToken cancellation) =>
        _verbs.UpdateAsync(@object, options, "status", cancellation);

    public Task<KubeObject> PatchAsync(string name, Patch patch, PatchOptions? options, string? subresource, CancellationToken cancellation) =>
        _verbs.PatchAsync(name, patch, options, subresource, cancellation);

    public Task<KubeObject> ApplyAsync(KubeObject @object, ApplyOptions options, string? subresource, CancellationToken cancellation) =>
        _verbs.ApplyAsync(@object, options, subresource, cancellation);

    public Task<KubeObject?> DeleteAsync(string name, DeleteOptions? options, CancellationToken cancellation) => _verbs.DeleteAsync(name, options, cancellation);

    public Task DeleteCollectionAsync(DeleteOptions? options, ListOptions? selection, CancellationToken cancellation) =>
        _verbs.DeleteCollectionAsync(options, selection, cancellation);

    public IListWatch ListWatch(string? labelSelector, string? fieldSelector) =>
        new ListWatch(rest, resource, @namespace, labelSelector, fieldSelector, CacheCodec(rest, resource));

    /// <summary>For caches: as received, without the managed fields that no cache wants, and what follows the metadata packed.</summary>
    internal static RawCodec CacheCodec(RestClient rest, ResourceDefinition resource) => new(
        rest.Configuration.PackCachedObjects ? KubeObjectOptions.Default with { Packer = new ObjectPacker() } : KubeObjectOptions.Default,
        resource.Kind, PrefersProtobuf(rest, resource));

    /// <summary>Servers have protobuf for the kinds they were built with, and no others.</summary>
    internal static bool PrefersProtobuf(RestClient rest, ResourceDefinition resource) =>
        rest.Configuration.WireFormat == WireFormat.Protobuf && !rest.LogsBodies && ResourceDefinition.ForBuiltIn(resource.Kind) is not null;

    /// <summary>Only generated classes can be read from protobuf.</summary>
    internal static bool PrefersProtobuf<T>(RestClient rest, ResourceDefinition resource) =>
        rest.Configuration.WireFormat != WireFormat.Json && !rest.LogsBodies && typeof(KubeModel).IsAssignableFrom(typeof(T))
        && ResourceDefinition.ForBuiltIn(resource.Kind) is not null;
}

/// <summary>A resource's objects, decoded.</summary>
internal sealed class ResourceClient<T>(RestClient rest, ResourceDefinition resource, string? @namespace, WriteHooks? hooks) : IResourceClient<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    readonly ResourceVerbs<T> _verbs = new(rest, resource, @namespace, new TypedCodec<T>(resource, ResourceClient.PrefersProtobuf<T>(rest, resource)), hooks);

    public ResourceDefinition Resource => resource;

    public string? Namespace => _verbs.Namespace;

    public IRestClient Rest => hooks?.Over(rest) ?? rest;

    public Task<T> GetAsync(string name, GetOptions? options, CancellationToken cancellation) => _verbs.GetAsync(name, options, null, cancellation);

    public async Task<KubeList<T>> ListAsync(ListOptions? options, CancellationToken cancellation)
    {
        var page = await _verbs.ListAsync(options, cancellation).ConfigureAwait(false);
        return new KubeList<T>(page.Items, page.ResourceVersion, page.Continue, page.RemainingItemCount);
    }

    public IAsyncEnumerable<T> ListAllAsync(ListOptions? options, CancellationToken cancellation) => _verbs.ListAllAsync(options, cancellation);

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync(ListOptions? options, CancellationToken cancellation) => EventsAsync(options, cancellation);

    async IAsyncEnumerable<WatchEvent<T>> EventsAsync(ListOptions? options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await _verbs.WatchAsync(options, cancellation).ConfigureAwait(false);
        while (await connection.ReadAsync().ConfigureAwait(false))
        {
            var decoded = _verbs.Decoder.Decode(connection);
            if (decoded.Status is not null) throw new KubernetesException(decoded.Status);
            yield return new WatchEvent<T>(decoded.Type, decoded.Object, decoded.Malformed);
        }
    }

    public Task<T> CreateAsync(T @object, CreateOptions? options, CancellationToken cancellation) =>
        _verbs.CreateAsync(@object, options, null, null, cancellation);

    public Task<T> UpdateAsync(T @object, UpdateOptions? options, string? subresource, CancellationToken cancellation) =>
        _verbs.UpdateAsync(@object, options, subresource, cancellation);

    public Task<T> UpdateStatusAsync(T @object, UpdateOptions? options, CancellationToken cancellation) =>
        _verbs.UpdateAsync(@object, options, "status", cancellation);

    public Task<T> PatchAsync(string name, Patch patch, PatchOptions? options, string? subresource, CancellationToken cancellation) =>
        _verbs.PatchAsync(name, patch, options, subresource, cancellation);

    public Task<T> ApplyAsync(T @object, ApplyOptions options, string? subresource, CancellationToken cancellation) =>
        _verbs.ApplyAsync(@object, options, subresource, cancellation);

    public Task<T?> DeleteAsync(string name, DeleteOptions? options, CancellationToken cancellation) => _verbs.DeleteAsync(name, options, cancellation);

    public Task DeleteCollectionAsync(DeleteOptions? options, ListOptions? selection, CancellationToken cancellation) =>
        _verbs.DeleteCollectionAsync(options, selection, cancellation);

    public IListWatch ListWatch(string? labelSelector, string? fieldSelector) =>
        new ListWatch(rest, resource, @namespace, labelSelector, fieldSelector, ResourceClient.CacheCodec(rest, resource));
}
