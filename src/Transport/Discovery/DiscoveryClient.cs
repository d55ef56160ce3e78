using System.Text.Json;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>
/// Asks the server each time. Two requests where the server aggregates; else one a version, side by side. Held back by a
/// rate limit of its own: a burst of small reads at the start is what discovery is.
/// </summary>
internal sealed class DiscoveryClient(RestClient rest) : IDiscoveryClient
{
    public bool IsFresh => true;

    public void Invalidate() { }

    public async Task<VersionInfo> GetVersionAsync(CancellationToken cancellation) =>
        (await Get("/version").DoAsync(cancellation).ConfigureAwait(false)).Into<VersionInfo>();

    public async Task<DiscoveredApi> GetApiAsync(CancellationToken cancellation)
    {
        var failures = new Dictionary<GroupVersion, string>();
        var core = RootAsync("/api", cancellation);
        var others = RootAsync("/apis", cancellation);
        await Task.WhenAll(core, others).ConfigureAwait(false);
        var groups = new List<DiscoveredGroup>();
        try
        {
            foreach (var body in new[] { await core.ConfigureAwait(false), await others.ConfigureAwait(false) })
            {
                if (body is null) continue;
                groups.AddRange(AggregatedDiscovery.Read(body, failures) ?? await LegacyAsync(body, failures, cancellation).ConfigureAwait(false));
            }
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw new HttpRequestException(HttpRequestError.InvalidResponse, "The API server describes its groups in a way that cannot be read. Is this the address of an API server?", error);
        }
        return new DiscoveredApi(groups, failures);
    }

    /// <returns>Null where the server has nothing there, as one that serves extensions alone.</returns>
    async Task<byte[]?> RootAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await Get(path).Accept(AggregatedDiscovery.Accept).DoRawAsync(cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsNotAcceptable)
        {
            return await Get(path).DoRawAsync(cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsNotFound && path == "/api")
        {
            return null;
        }
    }

    async Task<IEnumerable<DiscoveredGroup>> LegacyAsync(byte[] body, Dictionary<GroupVersion, string> failures, CancellationToken cancellation)
    {
        using var document = JsonDocument.Parse(body);
        var isCore = document.RootElement.TryGetProperty("kind", out var kind) && kind.ValueEquals("APIVersions");
        var groups = isCore
            ? [new V1APIGroup { Name = "", Versions = [.. (KubeJson.Deserialize<V1APIVersions>(body).Versions ?? []).Select(version => new V1GroupVersionForDiscovery { Version = version, GroupVersion = version })] }]
            : KubeJson.Deserialize<V1APIGroupList>(body).Groups ?? [];
        var asked = groups.SelectMany(group => group.Versions ?? []).Select(version => GroupVersion.Parse(version.GroupVersion))
            .ToDictionary(version => version, version => TryResourcesAsync(version, cancellation));
        await Task.WhenAll(asked.Values).ConfigureAwait(false);

        var result = new List<DiscoveredGroup>();
        foreach (var group in groups.Where(group => group.Versions?.Count > 0))
        {
            var versions = new List<DiscoveredVersion>();
            foreach (var version in group.Versions)
            {
                var groupVersion = GroupVersion.Parse(version.GroupVersion);
                var (resources, failure) = await asked[groupVersion].ConfigureAwait(false);
                if (failure is not null) failures[groupVersion] = failure;
                versions.Add(new DiscoveredVersion(groupVersion, resources));
            }
            result.Add(new DiscoveredGroup(group.Name ?? "", group.PreferredVersion?.Version ?? group.Versions[0].Version, versions));
        }
        return result;
    }

    async Task<(IReadOnlyList<DiscoveredResource> Resources, string? Failure)> TryResourcesAsync(GroupVersion groupVersion, CancellationToken cancellation)
    {
        try
        {
            return (await GetResourcesAsync(groupVersion, cancellation).ConfigureAwait(false), null);
        }
        catch (Exception error) when (error is KubernetesException or HttpRequestException or FormatException)
        {
            return ([], error.Message);
        }
    }

    public async Task<IReadOnlyList<DiscoveredResource>> GetResourcesAsync(GroupVersion groupVersion, CancellationToken cancellation)
    {
        var root = groupVersion.Group.Length == 0 ? "/api/" : "/apis/";
        var list = KubeJson.Deserialize<V1APIResourceList>(await Get(root + groupVersion).DoRawAsync(cancellation).ConfigureAwait(false));
        return DiscoveryDocuments.ToResources(list, groupVersion);
    }

    public Task<byte[]> GetOpenApiV2Async(CancellationToken cancellation) => Get("/openapi/v2").DoRawAsync(cancellation);

    public async Task<IReadOnlyDictionary<string, string>> GetOpenApiV3PathsAsync(CancellationToken cancellation)
    {
        using var document = JsonDocument.Parse(await Get("/openapi/v3").DoRawAsync(cancellation).ConfigureAwait(false));
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        if (document.RootElement.TryGetProperty("paths", out var all) && all.ValueKind == JsonValueKind.Object)
        {
            foreach (var path in all.EnumerateObject())
                if (path.Value.TryGetProperty("serverRelativeURL", out var url) && url.GetString() is { } address) paths[path.Name] = address;
        }
        return paths;
    }

    public async Task<byte[]> GetOpenApiV3Async(string path, CancellationToken cancellation)
    {
        var paths = await GetOpenApiV3PathsAsync(cancellation).ConfigureAwait(false);
        if (!paths.TryGetValue(path, out var address))
            throw new ArgumentException($"The server has no OpenAPI v3 document for \"{path}\". It has {paths.Count}, such as {paths.Keys.FirstOrDefault()}.", nameof(path));
        var parts = address.Split('?', 2);
        var request = Get(parts[0]);
        foreach (var pair in parts.Length > 1 ? parts[1].Split('&', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            var (name, value) = pair.Split('=', 2) is [var left, var right] ? (left, right) : (pair, "");
            request.Param(Uri.UnescapeDataString(name), Uri.UnescapeDataString(value));
        }
        return await request.DoRawAsync(cancellation).ConfigureAwait(false);
    }

    RestRequest Get(string path)
    {
        var settings = rest.Configuration.Discovery;
        var request = rest.Verb("GET").AbsPath(path).Timeout(settings.Timeout).MaxRetries(settings.MaxRetries);
        return rest.DiscoveryLimiter is { } limiter ? request.Throttle(limiter) : request.Throttle(false);
    }
}
