using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <inheritdoc cref="IKubernetesClient"/>
public sealed class KubernetesClient : IKubernetesClient
{
    readonly RestClient _rest;
    readonly WriteHooks? _hooks;
    readonly bool _ownsConnections = true;

    /// <summary>Makes a client. No connection is made before the first request; files that the configuration names are read now.</summary>
    /// <param name="configuration">Where the server is and who to be.</param>
    /// <param name="options">What the program around gives; null for nothing.</param>
    /// <exception cref="KubeConfigException">A credential or certificate cannot be used.</exception>
    public KubernetesClient(KubernetesClientConfiguration configuration, KubernetesClientOptions? options = null) =>
        _rest = new RestClient(configuration, options ?? new KubernetesClientOptions());

    KubernetesClient(RestClient rest, WriteHooks hooks) => (_rest, _hooks, _ownsConnections) = (rest, hooks, false);

    /// <inheritdoc/>
    public KubernetesClientConfiguration Configuration => _rest.Configuration;

    /// <inheritdoc/>
    public IRestClient Rest => _hooks?.Over(_rest) ?? _rest;

    /// <inheritdoc/>
    public IDiscoveryClient Discovery => new DiscoveryClient(_rest);

    /// <inheritdoc/>
    public IResourceClient<T> Resource<T>(string? @namespace = null) where T : class, IKubernetesObject<V1ObjectMeta> =>
        new ResourceClient<T>(_rest, ResourceDefinition.For<T>(), @namespace, _hooks);

    /// <inheritdoc/>
    public IResourceClient Resource(ResourceDefinition resource, string? @namespace = null) => new ResourceClient(_rest, resource, @namespace, _hooks);

    /// <inheritdoc/>
    public IMetadataClient Metadata(ResourceDefinition resource, string? @namespace = null) => new MetadataClient(_rest, resource, @namespace, _hooks);

    /// <inheritdoc/>
    public IKubernetesClient WithWriteObserver(Action<WrittenObject> observer, Action? guard = null)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return new KubernetesClient(_rest, new WriteHooks(_hooks?.Written + observer, _hooks?.Guard + guard));
    }

    /// <summary>Closes connections; requests under way fail.</summary>
    public void Dispose()
    {
        if (_ownsConnections) _rest.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }
}
