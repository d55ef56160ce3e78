using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;

namespace ActorKube.Actors;

/// <summary>How a cache compares with what the server lists at the very version that the cache says it shows.</summary>
/// <param name="Version">The version.</param>
/// <param name="Differences">What differs, a phrase an object.</param>
/// <param name="NotChecked">Why nothing could be compared; null where something was.</param>
sealed record ConsistencyReport(string Version, IReadOnlyList<string> Differences, string? NotChecked)
{
    public bool IsConsistent => Differences.Count == 0;

    /// <summary>Lists, page by page, and compares. Never fails.</summary>
    /// <remarks>Objects are compared by key, uid and version, so transforms make no difference.</remarks>
    public static async Task<ConsistencyReport> MakeAsync(IListWatch listWatch, CacheSnapshot snapshot, ListAndWatchSettings settings, CancellationToken cancellation)
    {
        if (!snapshot.HasSynced || snapshot.ResourceVersion is "" or "0")
            return new ConsistencyReport(snapshot.ResourceVersion, [], "the cache has not been read yet");
        try
        {
            var listed = new Dictionary<NamespacedName, KubeObject>();
            var options = new ListOptions { ResourceVersion = snapshot.ResourceVersion, ResourceVersionMatch = ResourceVersionMatch.Exact, Limit = settings.PageSize };
            while (true)
            {
                var page = await listWatch.ListAsync(settings.Tweak?.Invoke(options) ?? options, cancellation).ConfigureAwait(false);
                foreach (var item in page.Items)
                    listed[item.Key] = item;
                if (string.IsNullOrEmpty(page.Continue))
                    break;
                options = new ListOptions { Limit = settings.PageSize, Continue = page.Continue };
            }
            return new ConsistencyReport(snapshot.ResourceVersion, Compare(listed, snapshot), null);
        }
        catch (Exception error)
        {
            // Versions grow old while nobody looks: the next check has a newer one.
            return new ConsistencyReport(snapshot.ResourceVersion, [], error.Message);
        }
    }

    static List<string> Compare(Dictionary<NamespacedName, KubeObject> listed, CacheSnapshot snapshot)
    {
        var differences = new List<string>();
        foreach (var (key, there) in listed)
        {
            if (!snapshot.TryGet(key, out var here))
                differences.Add($"{key} is missing");
            else if (here.ResourceVersion != there.ResourceVersion || here.Uid != there.Uid)
                differences.Add($"{key} is held at {here.ResourceVersion} where the server has {there.ResourceVersion}");
        }
        foreach (var held in snapshot.Objects)
        {
            if (!listed.ContainsKey(held.Key))
                differences.Add($"{held.Key} should be gone");
        }
        return differences;
    }
}
