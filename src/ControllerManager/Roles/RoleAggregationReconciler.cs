using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>Puts the rules of the cluster roles that an aggregation rule selects into the role that has it.</summary>
internal sealed class RoleAggregationReconciler : IReconciler<V1ClusterRole>
{
    private const string Manager = "clusterrole-aggregation-controller";
    private readonly ConcurrentDictionary<NamespacedName, bool> _aggregated = new();

    /// <summary>The roles with a rule, any of which a change of any role may concern.</summary>
    public IEnumerable<NamespacedName> Aggregated => _aggregated.Keys;

    /// <summary>Notes whether a role has a rule; answers that.</summary>
    public bool Note(CacheChange change)
    {
        if (change.Now?.As<V1ClusterRole>().AggregationRule is null)
        {
            _aggregated.TryRemove(change.Key, out _);
            return false;
        }
        _aggregated[change.Key] = true;
        return true;
    }

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1ClusterRole> context, CancellationToken cancellation)
    {
        if (context.Object is not { Metadata.DeletionTimestamp: null, AggregationRule: { } rule } role)
        {
            return ReconcileResult.Done;
        }
        var rules = RulesOf(rule, role.Metadata.Name, context.Cache<V1ClusterRole>().List());
        if (Text(rules) != Text(role.Rules ?? []))
        {
            // As its own, whoever wrote others: the rules are the aggregation's to say.
            var wanted = new V1ClusterRole { Metadata = new V1ObjectMeta { Name = role.Metadata.Name }, Rules = rules };
            await context.Client.Resource<V1ClusterRole>().ApplyAsync(wanted, new ApplyOptions(Manager) { Force = true }, cancellation: cancellation).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    /// <summary>The rules of all that is selected: selector by selector, roles by name, each rule once.</summary>
    internal static List<V1PolicyRule> RulesOf(V1AggregationRule aggregation, string self, IEnumerable<V1ClusterRole> roles)
    {
        var byName = roles.Where(r => r.Metadata.Name != self).OrderBy(r => r.Metadata.Name, StringComparer.Ordinal).ToList();
        var (rules, seen) = (new List<V1PolicyRule>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var selector in (aggregation.ClusterRoleSelectors ?? []).Select(LabelSelector.From))
        {
            rules.AddRange(byName.Where(r => selector.Matches(r.Metadata.Labels)).SelectMany(r => r.Rules ?? []).Where(r => seen.Add(KubeJson.SerializeToString(r))));
        }
        return rules;
    }

    private static string Text(IEnumerable<V1PolicyRule> rules) => string.Join('\n', rules.Select(r => KubeJson.SerializeToString(r)));
}
