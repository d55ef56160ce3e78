using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Counts what quotas limit, into their status: admission charges from there. On the server's stores, because what is counted and what is charged must be one sum
/// also where a test owns the clock.
/// </summary>
internal sealed class QuotaController(ObjectService objects, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    private static readonly GroupResource Quotas = new("", "resourcequotas");

    private readonly Lock _counting = new();

    private Task? _others;

    public async Task RunAsync()
    {
        await FollowAsync(objects.Cluster.Store(Quotas), OnQuota).ConfigureAwait(false);
        await (_others ?? Task.CompletedTask).ConfigureAwait(false);
    }

    /// <summary>Nothing but quotas is followed until there is one.</summary>
    private void OnQuota(StoreEvent change)
    {
        _others ??= Task.WhenAll(objects.Table.Current.Rows.Where(r => r.Namespaced && r.Custom is null && r.Has("list") && r.GroupResource != Quotas).DistinctBy(r => r.Store)
            .Select(row => FollowAsync(row.Store, OnChange)));
        OnChange(change);
    }

    private void OnChange(StoreEvent change)
    {
        if (change.Object is { } found && objects.Cluster.Store(Quotas).Current.Enumerate(found.Namespace).Any())
        {
            Count(found.Namespace);
        }
    }

    private void Count(string @namespace)
    {
        lock (_counting)
        {
            var store = objects.Cluster.Store(Quotas);
            foreach (var name in store.Current.Enumerate(@namespace).Select(q => q.Name).ToList())
            {
                while (store.Current.Get(@namespace, name) is { Terminating: false } stored)
                {
                    var quota = stored.ToTree();
                    var status = quota.Need("status");
                    var hard = quota.At("spec", "hard")?.DeepClone() as JsonObject ?? [];
                    var used = Used(@namespace, quota, hard);
                    if (JsonNode.DeepEquals(status["hard"], hard) && JsonNode.DeepEquals(status["used"], used))
                    {
                        break;
                    }
                    var before = quota.Copy();
                    status["hard"] = hard;
                    status["used"] = used;
                    objects.FieldManagement.Updated(objects.Table.Current.Find("", "v1", "resourcequotas")!, quota, before, WriteContext.Internal("kube-controller-manager"), "status");
                    if (objects.Cluster.TryUpdate(store, stored, quota) is not null)
                    {
                        break;
                    }
                }
            }
        }
    }

    private JsonObject Used(string @namespace, JsonObject quota, JsonObject hard)
    {
        var sum = hard.ToDictionary(h => h.Key, _ => ResourceQuantity.Zero, StringComparer.Ordinal);
        foreach (var row in objects.Table.Current.Rows.Where(r => r.Namespaced && r.Has("list") && Concerns(r.GroupResource, sum)).DistinctBy(r => r.Store))
        {
            foreach (var item in row.Store.Current.Enumerate(@namespace))
            {
                var tree = item.ToTree();
                if (!QuotaUsage.Matches(quota, row.GroupResource, tree))
                {
                    continue;
                }
                foreach (var (name, amount) in QuotaUsage.Of(row.GroupResource, tree))
                {
                    if (sum.TryGetValue(name, out var before))
                    {
                        sum[name] = before + amount;
                    }
                }
            }
        }
        return new JsonObject(sum.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value.ToString())));
    }

    /// <summary>Whether a quota counts anything of a resource: its objects are not read otherwise.</summary>
    private static bool Concerns(GroupResource resource, Dictionary<string, ResourceQuantity> hard) => resource switch
    {
        { Group: "", Resource: "pods" } => hard.Keys.Any(h => !h.StartsWith("count/", StringComparison.Ordinal) || h == "count/pods"),
        { Group: "", Resource: "services" or "persistentvolumeclaims" or "secrets" or "configmaps" or "replicationcontrollers" or "resourcequotas" } =>
            hard.Keys.Any(h => h.Contains(resource.Resource, StringComparison.Ordinal) || h.Contains("storage", StringComparison.Ordinal)),
        _ => hard.ContainsKey($"count/{(resource.Group.Length == 0 ? resource.Resource : $"{resource.Resource}.{resource.Group}")}"),
    };
}
