using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Puts the rules of the cluster roles that an aggregation rule selects into the role that has it.</summary>
internal sealed class RoleAggregator(ObjectService objects, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    private static readonly GroupResource Roles = new("rbac.authorization.k8s.io", "clusterroles");

    // What a role selects is read once for each of its states.
    private static readonly ConditionalWeakTable<StoredObject, LabelSelector[]> Selectors = [];

    public Task RunAsync() => FollowAsync(objects.Cluster.Store(Roles), OnRole);

    private void OnRole(StoreEvent change)
    {
        var concerned = objects.Cluster.Store(Roles).Current.Enumerate(null).Where(role => Selectors.GetValue(role, SelectorsOf) is { Length: > 0 } selectors
            && (role.Name == change.Object!.Name || Array.Exists(selectors, s => s.Matches(change.Object.Labels) || (change.Previous is { } before && s.Matches(before.Labels))))).ToList();
        foreach (var role in concerned)
        {
            Guarded(role.Name, Aggregate);
        }
    }

    private static LabelSelector[] SelectorsOf(StoredObject role) => role.Json.Span.IndexOf("\"aggregationRule\""u8) < 0 ? []
        : [.. (role.ToTree().At("aggregationRule", "clusterRoleSelectors") as JsonArray).Objects().Select(Selector)];

    private static LabelSelector Selector(JsonObject selector) => LabelSelector.From(KubeJson.Deserialize<k8s.Models.V1LabelSelector>(Json.Bytes(selector)));

    private void Aggregate(string name)
    {
        var row = objects.Table.Current.Find(Roles.Group, "v1", Roles.Resource)!;
        if (row.Store.Current.Get("", name)?.ToTree() is not { } role || role.At("aggregationRule", "clusterRoleSelectors") is not JsonArray selectors)
        {
            return;
        }
        var rules = new List<JsonNode>();
        foreach (var selector in selectors.Objects().Select(Selector))
        {
            foreach (var other in row.Store.Current.Enumerate(null).Where(r => r.Name != name && selector.Matches(r.Labels)))
            {
                rules.AddRange(other.ToTree().List("rules").Objects().Where(rule => !rules.Exists(r => JsonNode.DeepEquals(r, rule))).Select(rule => rule.DeepClone()));
            }
        }
        objects.Rewrite(row, "", name, tree => tree["rules"] = rules.Count == 0 ? null : new JsonArray([.. rules.Select(r => r.DeepClone())]));
    }
}
