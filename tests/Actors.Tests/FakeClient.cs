using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;

namespace ActorKube.Actors.Tests;

/// <summary>A client of what the test gives it; whatever else is asked for is the test's mistake.</summary>
sealed class FakeClient(params object[] resources) : IKubernetesClient
{
    internal static NotSupportedException Unused => new("This test's server knows nothing of that.");

    public KubernetesClientConfiguration Configuration => throw Unused;

    public IRestClient Rest => throw Unused;

    public IDiscoveryClient Discovery => throw Unused;

    public IMetadataClient Metadata(ResourceDefinition resource, string? @namespace = null) => throw Unused;

    public IResourceClient<T> Resource<T>(string? @namespace = null) where T : class, IKubernetesObject<V1ObjectMeta> => resources.OfType<IResourceClient<T>>().FirstOrDefault() ?? throw Unused;

    public IResourceClient Resource(ResourceDefinition resource, string? @namespace = null) => throw Unused;

    public IKubernetesClient WithWriteObserver(Action<WrittenObject> observer, Action? guard = null) => this;

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A resource of which a test implements what it needs.</summary>
abstract class FakeResource<T> : IResourceClient<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    public ResourceDefinition Resource => ResourceDefinition.For<T>();

    public string? Namespace => "default";

    public IRestClient Rest => throw FakeClient.Unused;

    public virtual Task<T> GetAsync(string name, GetOptions? options = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public virtual Task<T> CreateAsync(T @object, CreateOptions? options = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public virtual Task<T> UpdateAsync(T @object, UpdateOptions? options = null, string? subresource = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public virtual Task<T> PatchAsync(string name, Patch patch, PatchOptions? options = null, string? subresource = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public Task<KubeList<T>> ListAsync(ListOptions? options = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public IAsyncEnumerable<T> ListAllAsync(ListOptions? options = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync(ListOptions? options = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public Task<T> UpdateStatusAsync(T @object, UpdateOptions? options = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public Task<T> ApplyAsync(T @object, ApplyOptions options, string? subresource = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public Task<T?> DeleteAsync(string name, DeleteOptions? options = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public Task DeleteCollectionAsync(DeleteOptions? options = null, ListOptions? selection = null, CancellationToken cancellation = default) => throw FakeClient.Unused;

    public IListWatch ListWatch(string? labelSelector = null, string? fieldSelector = null) => throw FakeClient.Unused;
}
