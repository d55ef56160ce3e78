using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Watches what quotas count, each resource from when a quota first names it, and tells when something uses less: what is charged for more is the API server's to say. Thread-safe.
/// </summary>
/// <param name="kubernetes">The runtime, whose caches are shared.</param>
/// <param name="concerns">Whether a namespace has quotas: what goes elsewhere is not looked at.</param>
/// <param name="released">Told what has become less, and where.</param>
/// <param name="now">The time.</param>
internal sealed class QuotaMonitors(Kubernetes kubernetes, Func<string, bool> concerns, Action<GroupResource, string> released, Func<DateTime> now) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Those of which more than their metadata counts, and nearly every controller watches anyway.</summary>
    private static readonly Dictionary<GroupResource, ResourceDefinition> Whole = new()
    {
        [QuotaNames.Pods] = ResourceDefinition.For<V1Pod>(), [QuotaNames.Services] = ResourceDefinition.For<V1Service>(), [QuotaNames.Claims] = ResourceDefinition.For<V1PersistentVolumeClaim>(),
    };

    private readonly SemaphoreSlim _lock = new(1);
    private readonly ConcurrentDictionary<GroupResource, (ResourceDefinition Resource, Informer Informer)> _watched = new();

    /// <summary>Sees to it that a resource is watched: whatever of it goes from now on is told.</summary>
    /// <returns>The resource; null where the server has none that can be counted.</returns>
    public async Task<ResourceDefinition?> WatchAsync(GroupResource name, CancellationToken cancellation)
    {
        if (_watched.TryGetValue(name, out var known))
        {
            return known.Resource;
        }
        await _lock.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_watched.TryGetValue(name, out known))
            {
                return known.Resource;
            }
            var whole = Whole.GetValueOrDefault(name);
            if ((whole ?? await FindAsync(name, cancellation).ConfigureAwait(false)) is not { } resource)
            {
                return null;
            }
            var informer = await kubernetes.InformerAsync(new CacheSpec(resource, MetadataOnly: whole is null)).ConfigureAwait(false);
            _watched[name] = (resource, informer);
            try
            {
                await informer.AddHandler(change => OnChange(name, change)).WaitForSyncAsync(cancellation).WaitAsync(Patience, cancellation).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Counted all the same, and again after a while.
            }
            return resource;
        }
        finally
        {
            _lock.Release();
        }
    }

    private async Task<ResourceDefinition?> FindAsync(GroupResource name, CancellationToken cancellation)
    {
        // Events were never counted.
        if (name is { Group: "" or "events.k8s.io", Resource: "events" })
        {
            return null;
        }
        var api = await kubernetes.Client.Discovery.GetApiAsync(cancellation).ConfigureAwait(false);
        return api.PreferredResources.FirstOrDefault(r => r.Definition.Namespaced && r.Definition.Resource.GroupResource == name && r.Verbs.Contains("list") && r.Verbs.Contains("watch"))?.Definition;
    }

    /// <summary>No longer watches what the server has no more.</summary>
    public async Task ForgetAsync(GroupResource name)
    {
        if (_watched.TryRemove(name, out var gone))
        {
            await gone.Informer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void OnChange(GroupResource name, CacheChange change)
    {
        if (change is CacheChange.Deleted ? concerns(change.Key.Namespace) : change is CacheChange.Modified && concerns(change.Key.Namespace) && UsesLess(name, change.Before!, change.Now!))
        {
            released(name, change.Key.Namespace);
        }
    }

    private bool UsesLess(GroupResource name, KubeObject before, KubeObject after)
    {
        if (!Whole.ContainsKey(name))
        {
            return false;
        }
        var time = now();
        var left = new QuotaItem(name, after).Usage(time);
        return new QuotaItem(name, before).Usage(time).Any(u => !left.TryGetValue(u.Key, out var amount) || amount < u.Value);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _watched.Keys)
        {
            await ForgetAsync(name).ConfigureAwait(false);
        }
        _lock.Dispose();
    }
}
