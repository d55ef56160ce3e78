using System.Reflection;
using k8s;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>The roles that a program needs, from the <see cref="RbacRuleAttribute"/>s of its classes.</summary>
/// <example><code>foreach (var role in RbacRules.Roles(typeof(Program).Assembly, "my-controller")) Console.Write(KubeYaml.Serialize(role));</code></example>
public static class RbacRules
{
    /// <summary>Collects the rules of an assembly into a cluster role, and a role for each namespace that some are limited to.</summary>
    /// <param name="assembly">The program.</param>
    /// <param name="roleName">The name of the roles.</param>
    /// <returns>The roles, the cluster's first; nothing where there are no rules.</returns>
    public static IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Roles(Assembly assembly, string roleName) =>
        Roles(assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<RbacRuleAttribute>()).Concat(assembly.GetCustomAttributes<RbacRuleAttribute>()), roleName);

    /// <summary>Collects rules into a cluster role, and a role for each namespace that some are limited to. Rules for the same things become one, and all are ordered.</summary>
    public static IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Roles(IEnumerable<RbacRuleAttribute> rules, string roleName)
    {
        var roles = new List<IKubernetesObject<V1ObjectMeta>>();
        foreach (var scope in rules.GroupBy(rule => rule.Namespace ?? "").OrderBy(scope => scope.Key, StringComparer.Ordinal))
        {
            var merged = Merge(scope);
            var metadata = new V1ObjectMeta { Name = roleName, NamespaceProperty = scope.Key.Length == 0 ? null : scope.Key };
            const string apiVersion = $"{V1Role.KubeGroup}/{V1Role.KubeApiVersion}";
            if (scope.Key.Length == 0) roles.Add(new V1ClusterRole { ApiVersion = apiVersion, Kind = V1ClusterRole.KubeKind, Metadata = metadata, Rules = merged });
            else roles.Add(new V1Role { ApiVersion = apiVersion, Kind = V1Role.KubeKind, Metadata = metadata, Rules = merged });
        }
        return roles;
    }

    private static List<V1PolicyRule> Merge(IEnumerable<RbacRuleAttribute> rules)
    {
        // First verbs of the same things come together, then things with the same verbs.
        var byThing = new SortedDictionary<string, (string Group, string Resource, string Names, string Urls, SortedSet<string> Verbs)>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            var names = string.Join(',', rule.ResourceNames.Order(StringComparer.Ordinal));
            foreach (var thing in Things(rule))
            {
                var key = $"{thing.Group}\n{thing.Resource}\n{names}\n{thing.Url}";
                if (!byThing.TryGetValue(key, out var known)) byThing.Add(key, known = (thing.Group, thing.Resource, names, thing.Url, new SortedSet<string>(StringComparer.Ordinal)));
                known.Verbs.UnionWith(rule.Verbs);
            }
        }
        return [.. byThing.Values
            .GroupBy(thing => (thing.Group, thing.Names, IsUrl: thing.Urls.Length > 0, Verbs: string.Join(',', thing.Verbs)))
            .Select(same => new V1PolicyRule
            {
                ApiGroups = same.Key.IsUrl ? null : [same.Key.Group],
                Resources = same.Key.IsUrl ? null : [.. same.Select(thing => thing.Resource)],
                NonResourceURLs = same.Key.IsUrl ? [.. same.Select(thing => thing.Urls)] : null,
                ResourceNames = same.Key.Names.Length == 0 ? null : same.Key.Names.Split(','),
                Verbs = same.Key.Verbs.Split(',', StringSplitOptions.RemoveEmptyEntries),
            })];
    }

    private static IEnumerable<(string Group, string Resource, string Url)> Things(RbacRuleAttribute rule)
    {
        if (rule.Verbs.Length == 0) throw new ArgumentException("An [RbacRule] has no Verbs.");
        if (rule.Resources.Length == 0 == (rule.NonResourceUrls.Length == 0)) throw new ArgumentException("An [RbacRule] has either Resources or NonResourceUrls.");
        foreach (var url in rule.NonResourceUrls) yield return ("", "", url);
        foreach (var group in rule.Groups.Length == 0 ? [""] : rule.Groups)
        {
            foreach (var resource in rule.Resources) yield return (group, resource, "");
        }
    }
}
