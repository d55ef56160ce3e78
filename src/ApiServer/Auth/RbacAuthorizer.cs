using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Roles and bindings, enforced. Members of <c>system:masters</c> may do everything.</summary>
internal sealed class RbacAuthorizer(ClusterStore cluster) : IAuthorizer
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>Discovery is open to whoever is known.</summary>
    private static readonly string[] DiscoveryPaths = ["/api", "/apis", "/openapi"];

    public AccessDecision Allows(AccessAttributes attributes)
    {
        if (attributes.User.IsMaster || attributes.IsOpenPath)
        {
            return new AccessDecision(true, "");
        }
        var known = attributes.User.Groups.Contains("system:authenticated");
        if (attributes.Path is { } path && known && attributes.Verb == "get" && (path == "/" || Array.Exists(DiscoveryPaths, p => path == p || path.StartsWith(p + "/", StringComparison.Ordinal))))
        {
            return new AccessDecision(true, "");
        }
        if (known && attributes.Resource is "selfsubjectaccessreviews" or "selfsubjectrulesreviews" or "selfsubjectreviews" && known)
        {
            return new AccessDecision(true, "");
        }
        foreach (var binding in Objects("clusterrolebindings", null))
        {
            if (Binds(binding, attributes.User, "") && Role(binding, "") is { } role && Covers(role, attributes))
            {
                return new AccessDecision(true, $"RBAC: allowed by ClusterRoleBinding \"{binding.TextAt("metadata", "name")}\" of ClusterRole \"{binding.TextAt("roleRef", "name")}\"");
            }
        }
        if (attributes.Namespace.Length > 0)
        {
            foreach (var binding in Objects("rolebindings", attributes.Namespace))
            {
                if (Binds(binding, attributes.User, attributes.Namespace) && Role(binding, attributes.Namespace) is { } role && Covers(role, attributes))
                {
                    return new AccessDecision(true, $"RBAC: allowed by RoleBinding \"{binding.TextAt("metadata", "name")}/{attributes.Namespace}\" of {binding.TextAt("roleRef", "kind")} \"{binding.TextAt("roleRef", "name")}\"");
                }
            }
        }
        return new AccessDecision(false, "");
    }

    private IEnumerable<JsonObject> Objects(string plural, string? @namespace) =>
        cluster.Store(new GroupResource(Group, plural)).Current.Enumerate(@namespace).Select(o => o.ToTree());

    private JsonObject? Role(JsonObject binding, string @namespace)
    {
        var name = binding.TextAt("roleRef", "name") ?? "";
        return binding.TextAt("roleRef", "kind") == "Role"
            ? cluster.Store(new GroupResource(Group, "roles")).Current.Get(@namespace, name)?.ToTree()
            : cluster.Store(new GroupResource(Group, "clusterroles")).Current.Get("", name)?.ToTree();
    }

    private static bool Binds(JsonObject binding, UserInfo user, string @namespace) => binding.List("subjects").Objects().Any(subject => subject.Text("kind") switch
    {
        "User" => subject.Text("name") == user.Name,
        "Group" => user.Groups.Contains(subject.Text("name")),
        "ServiceAccount" => user.Name == $"system:serviceaccount:{subject.Text("namespace") ?? @namespace}:{subject.Text("name")}",
        _ => false,
    });

    private static bool Covers(JsonObject role, AccessAttributes attributes) => role.List("rules").Objects().Any(rule =>
    {
        if (!Has(rule, "verbs", attributes.Verb))
        {
            return false;
        }
        if (attributes.Path is { } path)
        {
            return rule.List("nonResourceURLs").Texts().Any(u => u == "*" || u == path || (u.EndsWith('*') && path.StartsWith(u[..^1], StringComparison.Ordinal)));
        }
        var resource = attributes.Subresource.Length == 0 ? attributes.Resource : $"{attributes.Resource}/{attributes.Subresource}";
        var names = rule.List("resourceNames").Texts().ToList();
        return Has(rule, "apiGroups", attributes.Group)
            && (Has(rule, "resources", resource) || (attributes.Subresource.Length > 0 && rule.List("resources").Texts().Contains($"*/{attributes.Subresource}")))
            && (names.Count == 0 || names.Contains(attributes.Name));
    });

    private static bool Has(JsonObject rule, string field, string value) => rule.List(field).Texts().Any(v => v == "*" || v == value);
}
