using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>
/// Keeps what a server offers in memory until told to forget it. Asks once however many wait. An answer with failures is kept too; a failed one is not.
/// </summary>
public sealed class MemoryDiscoveryCache(IDiscoveryClient inner) : IDiscoveryClient
{
    readonly Lock _lock = new();
    Task<DiscoveredApi>? _api;
    bool _isFresh = true;

    /// <inheritdoc/>
    public bool IsFresh { get { lock (_lock) return _isFresh && inner.IsFresh; } }

    /// <inheritdoc/>
    public void Invalidate()
    {
        lock (_lock)
        {
            (_api, _isFresh) = (null, true);
            inner.Invalidate();
        }
    }

    /// <inheritdoc/>
    public Task<DiscoveredApi> GetApiAsync(CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            _isFresh = _api is not { IsFaulted: false, IsCanceled: false };
            // Shared by all who wait, so no single one of them may cancel it.
            if (_isFresh) _api = inner.GetApiAsync(CancellationToken.None);
            return _api!.WaitAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DiscoveredResource>> GetResourcesAsync(GroupVersion groupVersion, CancellationToken cancellation = default)
    {
        var api = await GetApiAsync(cancellation).ConfigureAwait(false);
        var version = api.Groups.SelectMany(group => group.Versions).FirstOrDefault(version => version.GroupVersion == groupVersion);
        return version is not null && !api.Failures.ContainsKey(groupVersion) ? version.Resources
            : await inner.GetResourcesAsync(groupVersion, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<VersionInfo> GetVersionAsync(CancellationToken cancellation = default) => inner.GetVersionAsync(cancellation);

    /// <inheritdoc/>
    public Task<byte[]> GetOpenApiV2Async(CancellationToken cancellation = default) => inner.GetOpenApiV2Async(cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, string>> GetOpenApiV3PathsAsync(CancellationToken cancellation = default) => inner.GetOpenApiV3PathsAsync(cancellation);

    /// <inheritdoc/>
    public Task<byte[]> GetOpenApiV3Async(string path, CancellationToken cancellation = default) => inner.GetOpenApiV3Async(path, cancellation);
}
