using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Counts what quotas limit, into their status: when they come or change, when something goes that they count, and every few minutes. What is made is charged by the API server's admission, in the same place.
/// </summary>
/// <remarks>
/// A quota is read before what it counts, both from the server and not from a cache, and written only where nobody has charged it meanwhile: what is charged and not stored yet may be missed, as on any cluster, what is stored is not.
/// </remarks>
internal sealed class QuotaController : IAsyncDisposable
{
    public const string Name = "resourcequota-controller";

    private const int Tries = 10;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(5);

    private readonly Kubernetes _kubernetes;
    private readonly ClusterControllersOptions _options;
    private readonly KeyQueue _keys;
    private readonly QuotaMonitors _monitors;
    private Informer? _quotas;

    private QuotaController(Kubernetes kubernetes, ClusterControllersOptions options)
    {
        (_kubernetes, _options, _keys) = (kubernetes, options, kubernetes.Keys(Name));
        _monitors = new QuotaMonitors(kubernetes, space => _quotas?.Cache.List(space).Count > 0, OnReleased, Now);
    }

    /// <summary>Starts it; it goes on with the runtime, or until it is disposed.</summary>
    public static async Task<QuotaController> StartAsync(Kubernetes kubernetes, ClusterControllersOptions options)
    {
        var controller = new QuotaController(kubernetes, options);
        await kubernetes.QueueAsync(Name, controller.CountAsync, new ControllerOptions { MaxConcurrentReconciles = options.MaxConcurrentReconciles }).ConfigureAwait(false);
        controller._quotas = await kubernetes.InformerAsync(CacheSpec.Of<V1ResourceQuota>()).ConfigureAwait(false);
        controller._quotas.AddHandler(controller.OnQuota);
        return controller;
    }

    private DateTime Now() => _options.Time.GetUtcNow().UtcDateTime;

    /// <summary>What is charged changes the status, and is no reason to count.</summary>
    private void OnQuota(CacheChange change)
    {
        if (change is CacheChange.Added || (change is CacheChange.Modified && change.Now!.As<V1ResourceQuota>() is var quota && !Same(quota.Spec?.Hard, quota.Status?.Hard)))
        {
            _keys.Add(change.Key);
        }
    }

    private void OnReleased(GroupResource resource, string @namespace)
    {
        foreach (var quota in _quotas?.Cache.List(@namespace) ?? [])
        {
            if (quota.As<V1ResourceQuota>().Spec?.Hard?.Keys.Any(h => QuotaNames.ResourceOf(h) == resource) is true)
            {
                _keys.Add(quota.Key);
            }
        }
    }

    private async Task<ReconcileResult> CountAsync(NamespacedName key, CancellationToken cancellation)
    {
        var quotas = _kubernetes.Client.Resource<V1ResourceQuota>(key.Namespace);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var quota = await quotas.GetAsync(key.Name, cancellation: cancellation).ConfigureAwait(false);
                if (quota.Metadata.DeletionTimestamp is not null)
                {
                    return ReconcileResult.Done;
                }
                var hard = quota.Spec?.Hard ?? new Dictionary<string, ResourceQuantity>();
                var used = await UsedAsync(quota, hard, cancellation).ConfigureAwait(false);
                if (quota.Status?.Hard is null || quota.Status.Used is null || !Same(hard, quota.Status.Hard) || !Same(used, quota.Status.Used))
                {
                    quota.Status = new V1ResourceQuotaStatus { Hard = hard, Used = used };
                    await quotas.UpdateStatusAsync(quota, cancellation: cancellation).ConfigureAwait(false);
                }
                return ReconcileResult.RequeueAfter(LookAgain);
            }
            catch (KubernetesException gone) when (gone.IsNotFound)
            {
                return ReconcileResult.Done;
            }
            catch (KubernetesException charged) when (charged.IsConflict && attempt < Tries)
            {
                // Counted again from there.
            }
        }
    }

    /// <summary>What is used of all that is limited. What nobody knows how to count stays as somebody else has said it.</summary>
    private async Task<Dictionary<string, ResourceQuantity>> UsedAsync(V1ResourceQuota quota, IDictionary<string, ResourceQuantity> hard, CancellationToken cancellation)
    {
        var used = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal);
        foreach (var name in hard.Keys)
        {
            if (quota.Status?.Used?.TryGetValue(name, out var before) is true)
            {
                used[name] = before;
            }
        }
        foreach (var names in hard.Keys.GroupBy(QuotaNames.ResourceOf))
        {
            // Watched before it is counted: what goes meanwhile brings another count.
            if (names.Key is { } counted && await _monitors.WatchAsync(counted, cancellation).ConfigureAwait(false) is { } resource)
            {
                var sum = names.ToDictionary(static n => n, static _ => ResourceQuantity.Zero, StringComparer.Ordinal);
                await foreach (var item in ItemsAsync(resource, counted, quota, cancellation).ConfigureAwait(false))
                {
                    foreach (var (name, amount) in item.IsMeantBy(quota.Spec) ? item.Usage(Now()) : [])
                    {
                        if (sum.TryGetValue(name, out var before))
                        {
                            sum[name] = before + amount;
                        }
                    }
                }
                foreach (var (name, amount) in sum)
                {
                    used[name] = amount;
                }
            }
        }
        return used;
    }

    private async IAsyncEnumerable<QuotaItem> ItemsAsync(
        ResourceDefinition resource, GroupResource name, V1ResourceQuota quota, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var space = quota.Metadata.NamespaceProperty;
        var items = QuotaItem.IsLookedAt(name) ? _kubernetes.Client.Resource(resource, space).ListAllAsync(cancellation: cancellation) : _kubernetes.Client.Metadata(resource, space).ListAllAsync(cancellation: cancellation);
        await using var next = items.GetAsyncEnumerator(cancellation);
        while (await NextAsync(next, name).ConfigureAwait(false))
        {
            yield return new QuotaItem(name, next.Current);
        }
    }

    /// <summary>Nothing is left of what the server has no more.</summary>
    private async Task<bool> NextAsync(IAsyncEnumerator<KubeObject> items, GroupResource name)
    {
        try
        {
            return await items.MoveNextAsync().ConfigureAwait(false);
        }
        catch (KubernetesException missing) when (missing.IsNotFound || missing.IsMethodNotSupported)
        {
            await _monitors.ForgetAsync(name).ConfigureAwait(false);
            return false;
        }
    }

    private static bool Same(IDictionary<string, ResourceQuantity>? left, IDictionary<string, ResourceQuantity>? right) =>
        (left?.Count ?? 0) == (right?.Count ?? 0) && (left is null || left.All(l => right!.TryGetValue(l.Key, out var other) && other == l.Value));

    public async ValueTask DisposeAsync()
    {
        await _keys.ShutDownAsync().ConfigureAwait(false);
        if (_quotas is not null)
        {
            await _quotas.DisposeAsync().ConfigureAwait(false);
        }
        await _monitors.DisposeAsync().ConfigureAwait(false);
    }
}
