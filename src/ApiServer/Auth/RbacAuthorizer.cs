using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Roles and bindings, enforced. Members of <c>system:masters</c> may do everything. Thread-safe.</summary>
internal sealed class RbacAuthorizer(ClusterStore cluster) : IAuthorizer
{
    private const string Group = "rbac.authorization.k8s.io";

    // A stored role or binding is read once, however many requests are held against it.
    private static readonly ConditionalWeakTable<StoredObject, PolicyRule[]> Roles = [];
    private static readonly ConditionalWeakTable<StoredObject, Binding> Bindings = [];

    public AccessDecision Allows(AccessAttributes attributes)
    {
        if (attributes.User.IsMaster)
        {
            return new AccessDecision(true, "");
        }
        foreach (var (binding, rules) in Granted(attributes.User, attributes.Path is null ? attributes.Namespace : ""))
        {
            if (Array.Exists(rules, r => r.Covers(attributes)))
            {
                return new AccessDecision(true, $"RBAC: allowed by {binding.Shown} of {binding.RoleKind} \"{binding.RoleName}\" to {binding.Of(attributes.User)}");
            }
        }
        return new AccessDecision(false, "");
    }

    public IEnumerable<PolicyRule> RulesOf(UserInfo user, string @namespace)
    {
        var granted = Granted(user, @namespace).ToList();
        // Masters may do everything whoever unbinds them.
        return (user.IsMaster && !granted.Exists(g => g.Binding.RoleName == "cluster-admin") ? PolicyRule.Everything : []).Concat(granted.SelectMany(g => g.Rules));
    }

    /// <summary>The rules of a role that a binding names; null where there is no such role.</summary>
    public PolicyRule[]? RulesOfRole(string kind, string name, string @namespace)
    {
        var stored = kind == "Role"
            ? cluster.Store(new GroupResource(Group, "roles")).Current.Get(@namespace, name)
            : cluster.Store(new GroupResource(Group, "clusterroles")).Current.Get("", name);
        return stored is null ? null : Roles.GetValue(stored, static s => [.. s.ToTree().List("rules").Objects().Select(PolicyRule.Read)]);
    }

    private IEnumerable<(Binding Binding, PolicyRule[] Rules)> Granted(UserInfo user, string @namespace)
    {
        var bindings = cluster.Store(new GroupResource(Group, "clusterrolebindings")).Current.Enumerate(null);
        if (@namespace.Length > 0)
        {
            bindings = bindings.Concat(cluster.Store(new GroupResource(Group, "rolebindings")).Current.Enumerate(@namespace));
        }
        foreach (var stored in bindings)
        {
            var binding = Bindings.GetValue(stored, static s => new Binding(s));
            if (binding.Binds(user) && RulesOfRole(binding.RoleKind, binding.RoleName, stored.Namespace) is { } rules)
            {
                yield return (binding, rules);
            }
        }
    }

    private sealed class Binding
    {
        private readonly string _namespace;
        private readonly (string Kind, string Name, string Namespace)[] _subjects;

        public Binding(StoredObject stored)
        {
            var tree = stored.ToTree();
            _namespace = stored.Namespace;
            Shown = _namespace.Length == 0 ? $"ClusterRoleBinding \"{stored.Name}\"" : $"RoleBinding \"{stored.Name}/{_namespace}\"";
            RoleKind = tree.TextAt("roleRef", "kind") ?? "";
            RoleName = tree.TextAt("roleRef", "name") ?? "";
            _subjects = [.. tree.List("subjects").Objects().Select(s => (s.Text("kind") ?? "", s.Text("name") ?? "", s.Text("namespace") ?? _namespace))];
        }

        public string Shown { get; }

        public string RoleKind { get; }

        public string RoleName { get; }

        public bool Binds(UserInfo user) => Array.Exists(_subjects, s => Is(s, user));

        public string Of(UserInfo user)
        {
            var (kind, name, space) = Array.Find(_subjects, s => Is(s, user));
            return kind == "ServiceAccount" ? $"ServiceAccount \"{name}/{space}\"" : $"{kind} \"{name}\"";
        }

        private static bool Is((string Kind, string Name, string Namespace) subject, UserInfo user) => subject.Kind switch
        {
            "User" => subject.Name == user.Name,
            "Group" => user.Groups.Contains(subject.Name),
            "ServiceAccount" => user.Name == $"system:serviceaccount:{subject.Namespace}:{subject.Name}",
            _ => false,
        };
    }
}
