using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;

namespace ActorKube.Actors;

/// <summary>A client that remembers what a reconcile writes through it, whichever way the reconcile came by it. Requests put together by hand are not remembered.</summary>
sealed class TrackingClient(IKubernetesClient client) : IKubernetesClient
{
    public KubernetesClientConfiguration Configuration => client.Configuration;

    public IRestClient Rest => client.Rest;

    public IDiscoveryClient Discovery => client.Discovery;

    public IMetadataClient Metadata(ResourceDefinition resource, string? @namespace = null) => client.Metadata(resource, @namespace);

    public IResourceClient<T> Resource<T>(string? @namespace = null)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new Typed<T>(client.Resource<T>(@namespace));

    public IResourceClient Resource(ResourceDefinition resource, string? @namespace = null) => new Raw(client.Resource(resource, @namespace));

    // The client belongs to whoever made it, not to one run.
    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    sealed class Typed<T>(IResourceClient<T> inner) : IResourceClient<T>
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        public ResourceDefinition Resource => inner.Resource;

        public string? Namespace => inner.Namespace;

        public IRestClient Rest => inner.Rest;

        public Task<T> GetAsync(string name, GetOptions? options = null, CancellationToken cancellation = default) => inner.GetAsync(name, options, cancellation);

        public Task<KubeList<T>> ListAsync(ListOptions? options = null, CancellationToken cancellation = default) => inner.ListAsync(options, cancellation);

        public IAsyncEnumerable<T> ListAllAsync(ListOptions? options = null, CancellationToken cancellation = default) => inner.ListAllAsync(options, cancellation);

        public IAsyncEnumerable<WatchEvent<T>> WatchAsync(ListOptions? options = null, CancellationToken cancellation = default) => inner.WatchAsync(options, cancellation);

        public Task<T> CreateAsync(T @object, CreateOptions? options = null, CancellationToken cancellation = default) =>
            Log(inner.CreateAsync(@object, options, cancellation), options?.DryRun);

        public Task<T> UpdateAsync(T @object, UpdateOptions? options = null, string? subresource = null, CancellationToken cancellation = default) =>
            Log(inner.UpdateAsync(@object, options, subresource, cancellation), options?.DryRun);

        public Task<T> UpdateStatusAsync(T @object, UpdateOptions? options = null, CancellationToken cancellation = default) =>
            Log(inner.UpdateStatusAsync(@object, options, cancellation), options?.DryRun);

        public Task<T> PatchAsync(string name, Patch patch, PatchOptions? options = null, string? subresource = null, CancellationToken cancellation = default) =>
            Log(inner.PatchAsync(name, patch, options, subresource, cancellation), options?.DryRun);

        public Task<T> ApplyAsync(T @object, ApplyOptions options, string? subresource = null, CancellationToken cancellation = default) =>
            Log(inner.ApplyAsync(@object, options, subresource, cancellation), options.DryRun);

        public async Task<T?> DeleteAsync(string name, DeleteOptions? options = null, CancellationToken cancellation = default)
        {
            var last = await inner.DeleteAsync(name, options, cancellation).ConfigureAwait(false);
            if (options?.DryRun is not true)
                WriteLog.Current?.Add(Written(last?.Metadata, name));
            return last;
        }

        public Task DeleteCollectionAsync(DeleteOptions? options = null, ListOptions? selection = null, CancellationToken cancellation = default) =>
            inner.DeleteCollectionAsync(options, selection, cancellation);

        public IListWatch ListWatch(string? labelSelector = null, string? fieldSelector = null) => inner.ListWatch(labelSelector, fieldSelector);

        async Task<T> Log(Task<T> writing, bool? dryRun)
        {
            var stored = await writing.ConfigureAwait(false);
            if (dryRun is not true)
                WriteLog.Current?.Add(Written(stored.Metadata, ""));
            return stored;
        }

        ObjectWrite Written(V1ObjectMeta? stored, string name) =>
            new(inner.Resource, new NamespacedName(stored?.NamespaceProperty ?? inner.Namespace ?? "", stored?.Name ?? name), stored?.ResourceVersion ?? "", stored?.Uid ?? "");
    }

    sealed class Raw(IResourceClient inner) : IResourceClient
    {
        public ResourceDefinition Resource => inner.Resource;

        public string? Namespace => inner.Namespace;

        public IRestClient Rest => inner.Rest;

        public Task<KubeObject> GetAsync(string name, GetOptions? options = null, CancellationToken cancellation = default) => inner.GetAsync(name, options, cancellation);

        public Task<KubeList> ListAsync(ListOptions? options = null, CancellationToken cancellation = default) => inner.ListAsync(options, cancellation);

        public IAsyncEnumerable<KubeObject> ListAllAsync(ListOptions? options = null, CancellationToken cancellation = default) => inner.ListAllAsync(options, cancellation);

        public IAsyncEnumerable<WatchEvent> WatchAsync(ListOptions? options = null, CancellationToken cancellation = default) => inner.WatchAsync(options, cancellation);

        public Task<KubeObject> CreateAsync(KubeObject @object, CreateOptions? options = null, CancellationToken cancellation = default) =>
            Log(inner.CreateAsync(@object, options, cancellation), options?.DryRun);

        public Task<KubeObject> UpdateAsync(KubeObject @object, UpdateOptions? options = null, string? subresource = null, CancellationToken cancellation = default) =>
            Log(inner.UpdateAsync(@object, options, subresource, cancellation), options?.DryRun);

        public Task<KubeObject> UpdateStatusAsync(KubeObject @object, UpdateOptions? options = null, CancellationToken cancellation = default) =>
            Log(inner.UpdateStatusAsync(@object, options, cancellation), options?.DryRun);

        public Task<KubeObject> PatchAsync(string name, Patch patch, PatchOptions? options = null, string? subresource = null, CancellationToken cancellation = default) =>
            Log(inner.PatchAsync(name, patch, options, subresource, cancellation), options?.DryRun);

        public Task<KubeObject> ApplyAsync(KubeObject @object, ApplyOptions options, string? subresource = null, CancellationToken cancellation = default) =>
            Log(inner.ApplyAsync(@object, options, subresource, cancellation), options.DryRun);

        public async Task<KubeObject?> DeleteAsync(string name, DeleteOptions? options = null, CancellationToken cancellation = default)
        {
            var last = await inner.DeleteAsync(name, options, cancellation).ConfigureAwait(false);
            if (options?.DryRun is not true)
            {
                WriteLog.Current?.Add(last is null
                    ? new ObjectWrite(inner.Resource, new NamespacedName(inner.Namespace ?? "", name), "", "")
                    : new ObjectWrite(inner.Resource, last.Key, last.ResourceVersion, last.Uid));
            }
            return last;
        }

        public Task DeleteCollectionAsync(DeleteOptions? options = null, ListOptions? selection = null, CancellationToken cancellation = default) =>
            inner.DeleteCollectionAsync(options, selection, cancellation);

        public IListWatch ListWatch(string? labelSelector = null, string? fieldSelector = null) => inner.ListWatch(labelSelector, fieldSelector);

        async Task<KubeObject> Log(Task<KubeObject> writing, bool? dryRun)
        {
            var stored = await writing.ConfigureAwait(false);
            if (dryRun is not true)
                WriteLog.Current?.Add(new ObjectWrite(inner.Resource, stored.Key, stored.ResourceVersion, stored.Uid));
            return stored;
        }
    }
}
