using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Refuses what would exceed a quota, and writes down in the quota's status what it lets pass, so that writes that come at once cannot exceed it together. What
/// was charged for a write that failed later comes back with the next count of the quota's controller.
/// </summary>
internal sealed class QuotaAdmission(ClusterStore cluster)
{
    private static readonly GroupResource Quotas = new("", "resourcequotas");

    /// <exception cref="ApiException">403: a quota would be exceeded, or wants to be told more.</exception>
    public void Charge(ApiResource row, string @namespace, JsonObject tree, bool dryRun)
    {
        var store = cluster.Store(Quotas);
        if (store.Current.Count == 0)
        {
            return;
        }
        foreach (var name in store.Current.Enumerate(@namespace).Select(q => q.Name).ToList())
        {
            while (store.Current.Get(@namespace, name) is { } stored)
            {
                var quota = stored.ToTree();
                if (!Book(row, tree, quota) || dryRun || cluster.TryUpdate(store, stored, quota) is not null)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Enters an object into a quota's status; answers whether there was anything to enter.</summary>
    private static bool Book(ApiResource row, JsonObject tree, JsonObject quota)
    {
        var hard = quota.At("status", "hard") as JsonObject ?? [];
        var resource = row.GroupResource;
        var usage = QuotaUsage.Of(resource, tree).Where(u => hard.ContainsKey(u.Key) && !u.Value.IsZero).OrderBy(u => u.Key, StringComparer.Ordinal).ToList();
        if (hard.Count == 0 || !QuotaUsage.Matches(quota, resource, tree))
        {
            return false;
        }
        var name = quota.Metadata().Text("name");
        if (resource is { Group: "", Resource: "pods" } && QuotaUsage.Missing(tree, hard.Select(h => h.Key)) is { } missing)
        {
            throw AdmissionPlugins.Forbidden(row, tree, $"failed quota: {name}: {missing}");
        }
        if (usage.Count == 0)
        {
            return false;
        }
        var used = quota.Need("status").Need("used");
        if (usage.Where(u => used[u.Key] is null).Select(u => u.Key).ToList() is { Count: > 0 } unknown)
        {
            throw AdmissionPlugins.Forbidden(row, tree, $"status unknown for quota: {name}, resources: {string.Join(",", unknown)}");
        }
        var over = usage.Where(u => Amount(used, u.Key) + u.Value > Amount(hard, u.Key)).ToList();
        if (over.Count > 0)
        {
            string All(Func<KeyValuePair<string, ResourceQuantity>, ResourceQuantity> of) => string.Join(",", over.Select(o => $"{o.Key}={of(o)}"));
            throw AdmissionPlugins.Forbidden(row, tree, $"exceeded quota: {name}, requested: {All(o => o.Value)}, used: {All(o => Amount(used, o.Key))}, limited: {All(o => Amount(hard, o.Key))}");
        }
        foreach (var (key, amount) in usage)
        {
            used[key] = (Amount(used, key) + amount).ToString();
        }
        return true;
    }

    private static ResourceQuantity Amount(JsonObject amounts, string name) => ResourceValidation.Quantity(amounts[name]) ?? ResourceQuantity.Zero;
}
