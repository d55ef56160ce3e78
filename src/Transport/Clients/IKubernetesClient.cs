using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>
/// A client of one API server: typed for classes that describe a kind, raw for every other. One client a cluster is enough for a process: it is thread-safe and
/// all parts of it share its connections, credentials and rate limit.
/// </summary>
public interface IKubernetesClient : IDisposable, IAsyncDisposable
{
    /// <summary>What this client was built from.</summary>
    KubernetesClientConfiguration Configuration { get; }

    /// <summary>Objects of a class.</summary>
    /// <param name="namespace">The namespace; null for all (which reads and writes of single objects cannot use), and for kinds without one.</param>
    /// <typeparam name="T">A class of <c>k8s.Models</c>, or one's own with <c>[KubernetesEntity]</c>.</typeparam>
    IResourceClient<T> Resource<T>(string? @namespace = null) where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Objects of any resource, as received.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="namespace">The namespace; null for all (which reads and writes of single objects cannot use), and for kinds without one.</param>
    IResourceClient Resource(ResourceDefinition resource, string? @namespace = null);

    /// <summary>The metadata alone of objects of any resource.</summary>
    /// <inheritdoc cref="Resource(ResourceDefinition, string?)"/>
    IMetadataClient Metadata(ResourceDefinition resource, string? @namespace = null);

    /// <summary>What the server offers, asked each time; <see cref="MemoryDiscoveryCache"/> and <see cref="DiskDiscoveryCache"/> keep it.</summary>
    IDiscoveryClient Discovery { get; }

    /// <summary>
    /// A client over the same connections, credentials and rate limit that tells of each object it creates, replaces, patches, applies or deletes, once the server has
    /// confirmed it. Not told: dry runs, deletions of whole collections, and requests put together by hand, which are also what scales, evicts, binds and connects. Disposing it closes nothing.
    /// </summary>
    /// <param name="observer">
    /// Is called before the write's caller gets its answer, in that caller's flow (so that an <see cref="AsyncLocal{T}"/> is the caller's). Observers of this client are
    /// told too. It must be quick and must not throw.
    /// </param>
    /// <param name="guard">
    /// Is called before each write is sent, dry runs, deletions of whole collections and requests put together by hand too (those that read pass), in the caller's flow; what it throws keeps
    /// the write from being sent. Null lets all pass.
    /// </param>
    IKubernetesClient WithWriteObserver(Action<WrittenObject> observer, Action? guard = null);

    /// <summary>Requests put together by hand, for paths that no other part of this client knows.</summary>
    IRestClient Rest { get; }
}
