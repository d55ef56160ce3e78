using System.Text.RegularExpressions;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>
/// Keeps what a server offers on disk, in kubectl's layout, so that both profit from each other: <c>servergroups.json</c> and, a version each,
/// <c>GROUP/VERSION/serverresources.json</c>. A file is written beside and moved into place, so that no reader ever sees half of one; a file that cannot be read
/// counts as missing. Not being able to write costs nothing but the cache.
/// </summary>
public sealed partial class DiskDiscoveryCache : IDiscoveryClient
{
    /// <summary>How long kubectl believes its files.</summary>
    public static readonly TimeSpan DefaultTimeToLive = TimeSpan.FromHours(6);

    readonly IDiscoveryClient _inner;
    readonly string _directory;
    readonly TimeSpan _timeToLive;
    readonly TimeProvider _time;
    readonly SemaphoreSlim _turn = new(1, 1);
    DateTimeOffset _notBefore = DateTimeOffset.MinValue;
    volatile bool _isFresh = true;

    /// <param name="inner">Asks the server.</param>
    /// <param name="directory">Where the files of this server are; see <see cref="DirectoryFor"/>.</param>
    /// <param name="timeToLive">How old a file may be; null for <see cref="DefaultTimeToLive"/>.</param>
    /// <param name="time">The clock; null for the machine's.</param>
    public DiskDiscoveryCache(IDiscoveryClient inner, string directory, TimeSpan? timeToLive = null, TimeProvider? time = null) =>
        (_inner, _directory, _timeToLive, _time) = (inner, directory, timeToLive ?? DefaultTimeToLive, time ?? TimeProvider.System);

    /// <summary>The directory kubectl uses for a server.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="cacheDirectory">The directory of all caches; null for <c>~/.kube/cache</c>.</param>
    public static string DirectoryFor(Uri server, string? cacheDirectory = null)
    {
        cacheDirectory ??= Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "cache");
        var host = server.OriginalString.Replace("https://", "", StringComparison.Ordinal).Replace("http://", "", StringComparison.Ordinal);
        return Path.Combine(cacheDirectory, "discovery", Unsafe().Replace(host, "_").Trim('/'));
    }

    /// <inheritdoc/>
    public bool IsFresh => _isFresh && _inner.IsFresh;

    /// <inheritdoc/>
    public void Invalidate()
    {
        _notBefore = _time.GetUtcNow();
        _isFresh = true;
        _inner.Invalidate();
    }

    /// <inheritdoc/>
    public async Task<DiscoveredApi> GetApiAsync(CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (Read<V1APIGroupList>("servergroups.json") is { Groups: not null } groups && await FromFilesAsync(groups, cancellation).ConfigureAwait(false) is { } known)
            {
                _isFresh = false;
                return known;
            }
            var api = await _inner.GetApiAsync(cancellation).ConfigureAwait(false);
            Write("servergroups.json", DiscoveryDocuments.ToGroups(api.Groups));
            foreach (var version in api.Groups.SelectMany(group => group.Versions))
                if (!api.Failures.ContainsKey(version.GroupVersion)) Write(FileOf(version.GroupVersion), DiscoveryDocuments.ToList(version));
            return api;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <returns>Null where most is to be asked anyway.</returns>
    async Task<DiscoveredApi?> FromFilesAsync(V1APIGroupList list, CancellationToken cancellation)
    {
        var failures = new Dictionary<GroupVersion, string>();
        var groups = new List<DiscoveredGroup>();
        var missing = 0;
        var total = list.Groups.Sum(group => group.Versions?.Count ?? 0);
        foreach (var group in list.Groups.Where(group => group.Versions?.Count > 0))
        {
            var versions = new List<DiscoveredVersion>();
            foreach (var version in group.Versions)
            {
                if (!GroupVersion.TryParse(version.GroupVersion, out var groupVersion)) return null;
                IReadOnlyList<DiscoveredResource> resources = [];
                if (Read<V1APIResourceList>(FileOf(groupVersion)) is { Resources: not null } file)
                {
                    resources = DiscoveryDocuments.ToResources(file, groupVersion);
                }
                else if (++missing > Math.Max(1, total / 4))
                {
                    return null;
                }
                else
                {
                    // A version that was down, or a file that somebody broke: only that one is asked for.
                    try
                    {
                        resources = await _inner.GetResourcesAsync(groupVersion, cancellation).ConfigureAwait(false);
                        Write(FileOf(groupVersion), DiscoveryDocuments.ToList(new DiscoveredVersion(groupVersion, resources)));
                    }
                    catch (Exception error) when (error is KubernetesException or HttpRequestException or FormatException)
                    {
                        failures[groupVersion] = error.Message;
                    }
                }
                versions.Add(new DiscoveredVersion(groupVersion, resources));
            }
            groups.Add(new DiscoveredGroup(group.Name ?? "", group.PreferredVersion?.Version ?? group.Versions[0].Version, versions));
        }
        return groups.Count > 0 ? new DiscoveredApi(groups, failures) : null;
    }

    static string FileOf(GroupVersion groupVersion) => Path.Combine([.. groupVersion.ToString().Split('/').Select(part => part is "." or ".." ? "_" : part), "serverresources.json"]);

    T? Read<T>(string name) where T : class
    {
        var path = Path.Combine(_directory, name);
        try
        {
            var written = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
            if (written < _notBefore || written + _timeToLive <= _time.GetUtcNow()) return null;
            return KubeJson.Deserialize<T>(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    void Write<T>(string name, T document) where T : class
    {
        var path = Path.Combine(_directory, name);
        var beside = $"{path}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(beside, KubeJson.Serialize(document));
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A full or read-only disk: the answer is at hand all the same.
            TryDelete(beside);
        }
    }

    static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Then it stays.
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DiscoveredResource>> GetResourcesAsync(GroupVersion groupVersion, CancellationToken cancellation = default) =>
        Read<V1APIResourceList>(FileOf(groupVersion)) is { Resources: not null } file
            ? DiscoveryDocuments.ToResources(file, groupVersion) : await _inner.GetResourcesAsync(groupVersion, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<VersionInfo> GetVersionAsync(CancellationToken cancellation = default) => _inner.GetVersionAsync(cancellation);

    /// <inheritdoc/>
    public Task<byte[]> GetOpenApiV2Async(CancellationToken cancellation = default) => _inner.GetOpenApiV2Async(cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, string>> GetOpenApiV3PathsAsync(CancellationToken cancellation = default) => _inner.GetOpenApiV3PathsAsync(cancellation);

    /// <inheritdoc/>
    public Task<byte[]> GetOpenApiV3Async(string path, CancellationToken cancellation = default) => _inner.GetOpenApiV3Async(path, cancellation);

    /// <summary>What kubectl replaces in a host's name before it is a directory.</summary>
    [GeneratedRegex(@"[^(\w/.)]")]
    private static partial Regex Unsafe();
}
