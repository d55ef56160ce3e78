using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>What a server offers: versions, groups, resources, schemas. Thread-safe.</summary>
public interface IDiscoveryClient
{
    /// <summary>The server's version.</summary>
    /// <exception cref="KubernetesException">The server refused.</exception>
    Task<VersionInfo> GetVersionAsync(CancellationToken cancellation = default);

    /// <summary>
    /// All groups and their resources. Groups that cannot be asked, such as one served by an extension that is down, are named in
    /// <see cref="DiscoveredApi.Failures"/> beside what was found.
    /// </summary>
    /// <exception cref="KubernetesException">The server refused to say anything at all.</exception>
    Task<DiscoveredApi> GetApiAsync(CancellationToken cancellation = default);

    /// <summary>The resources of one version of one group.</summary>
    /// <exception cref="KubernetesException">The server has no such version.</exception>
    Task<IReadOnlyList<DiscoveredResource>> GetResourcesAsync(GroupVersion groupVersion, CancellationToken cancellation = default);

    /// <summary>The schemas of everything as one OpenAPI v2 document (JSON).</summary>
    Task<byte[]> GetOpenApiV2Async(CancellationToken cancellation = default);

    /// <summary>Where the OpenAPI v3 documents are, by path such as <c>apis/apps/v1</c>; the addresses change when the documents do.</summary>
    Task<IReadOnlyDictionary<string, string>> GetOpenApiV3PathsAsync(CancellationToken cancellation = default);

    /// <summary>The OpenAPI v3 document (JSON) of a path such as <c>apis/apps/v1</c>.</summary>
    Task<byte[]> GetOpenApiV3Async(string path, CancellationToken cancellation = default);

    /// <summary>Whether what was given last came from the server just then, not from what was kept: whether asking again is of no use.</summary>
    bool IsFresh { get; }

    /// <summary>Forgets what was kept: the next call asks the server.</summary>
    void Invalidate();
}
