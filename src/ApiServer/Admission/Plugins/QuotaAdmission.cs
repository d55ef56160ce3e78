using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Refuses what would exceed a quota, and writes down in the quota's status what it lets pass, so that writes that come at once cannot exceed it together. What
/// was charged for a write that failed later, and what objects that have gone had used, comes back when a controller counts anew.
/// </summary>
internal sealed class QuotaAdmission(ClusterStore cluster, ResourceTable table, FieldManagement fieldManagement, TimeProvider time)
{
    private static readonly GroupResource Quotas = new("", "resourcequotas");

    /// <summary>Charges for a new object, or for what a changed one uses more than before.</summary>
    /// <exception cref="ApiException">403: a quota would be exceeded, or wants to be told more.</exception>
    public void Charge(ApiResource row, string @namespace, JsonObject tree, JsonObject? old, bool dryRun)
    {
        var store = cluster.Store(Quotas);
        if (store.Current.Count == 0 || (old is not null && !IsChargedAnew(row.GroupResource)))
        {
            return;
        }
        Claim? claim = null;
        foreach (var name in store.Current.Enumerate(@namespace).Select(q => q.Name).ToList())
        {
            while (store.Current.Get(@namespace, name) is { } stored)
            {
                var quota = stored.ToTree();
                claim ??= new Claim(row, tree, old, time.GetUtcNow().UtcDateTime);
                if (!claim.Book(quota) || dryRun)
                {
                    break;
                }
                fieldManagement.Updated(table.Current.Find(Quotas.Group, "v1", Quotas.Resource)!, quota, stored.ToTree(), WriteContext.Internal("kube-apiserver"), "status");
                if (cluster.TryUpdate(store, stored, quota) is not null)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Whether a change may use more: services change their type, claims grow.</summary>
    private static bool IsChargedAnew(GroupResource resource) => resource == QuotaNames.Services || resource == QuotaNames.Claims;

    /// <summary>What one write asks of quotas.</summary>
    private sealed class Claim
    {
        private readonly ApiResource _row;
        private readonly JsonObject _tree;
        private readonly QuotaItem _item;
        private readonly bool _isNew;
        private readonly List<KeyValuePair<string, ResourceQuantity>> _usage;

        public Claim(ApiResource row, JsonObject tree, JsonObject? old, DateTime now)
        {
            (_row, _tree, _item, _isNew) = (row, tree, Item(row, tree), old is null);
            var before = old is null ? [] : Item(row, old).Usage(now);
            _usage = [.. _item.Usage(now).Select(u => KeyValuePair.Create(u.Key, before.TryGetValue(u.Key, out var had) ? u.Value - had : u.Value)).Where(u => u.Value.Sign > 0).OrderBy(u => u.Key, StringComparer.Ordinal)];
        }

        private static QuotaItem Item(ApiResource row, JsonObject tree) =>
            new(row.GroupResource, QuotaItem.IsLookedAt(row.GroupResource) ? KubeObject.Parse(Json.Bytes(tree), KubeObjectOptions.Everything) : null);

        /// <summary>Enters it into a quota's status; answers whether there was anything to enter.</summary>
        public bool Book(JsonObject quota)
        {
            var hard = (quota.At("status", "hard") as JsonObject ?? []).Where(h => QuotaNames.ResourceOf(h.Key) == _row.GroupResource).ToDictionary(h => h.Key, h => Amount(h.Value), StringComparer.Ordinal);
            if (hard.Count == 0 || !_item.IsMeantBy(KubeJson.Deserialize<V1ResourceQuotaSpec>(Json.Bytes(quota.Need("spec")))))
            {
                return false;
            }
            var name = quota.Metadata().Text("name");
            if (_isNew && _item.Missing(hard.Keys) is { } missing)
            {
                throw AdmissionPlugins.Forbidden(_row, _tree, $"failed quota: {name}: {missing}");
            }
            var used = quota.Need("status").Need("used");
            if (hard.Keys.Where(h => used[h] is null).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } unknown)
            {
                throw AdmissionPlugins.Forbidden(_row, _tree, $"status unknown for quota: {name}, resources: {string.Join(",", unknown)}");
            }
            var usage = _usage.Where(u => hard.ContainsKey(u.Key)).ToList();
            var over = usage.Where(u => Amount(used[u.Key]) + u.Value > hard[u.Key]).ToList();
            if (over.Count > 0)
            {
                string All(Func<KeyValuePair<string, ResourceQuantity>, ResourceQuantity> of) => string.Join(",", over.Select(o => $"{o.Key}={of(o)}"));
                throw AdmissionPlugins.Forbidden(_row, _tree, $"exceeded quota: {name}, requested: {All(o => o.Value)}, used: {All(o => Amount(used[o.Key]))}, limited: {All(o => hard[o.Key])}");
            }
            foreach (var (key, amount) in usage)
            {
                used[key] = (Amount(used[key]) + amount).ToString();
            }
            return usage.Count > 0;
        }

        private static ResourceQuantity Amount(JsonNode? amount) => ResourceValidation.Quantity(amount) ?? ResourceQuantity.Zero;
    }
}
