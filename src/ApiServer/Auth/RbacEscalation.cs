using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Nobody gives away more than they hold: who writes a role or a binding must hold all that it gives, or be allowed to <c>escalate</c> or
/// <c>bind</c>.
/// </summary>
internal sealed class RbacEscalation(RbacAuthorizer authorizer)
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <exception cref="ApiException">403: the writer does not hold what the object gives.</exception>
    public void Check(ApiResource row, JsonObject tree, JsonObject? old, UserInfo user)
    {
        if (row.Group != Group || user.IsMaster)
        {
            return;
        }
        var space = tree.Metadata().Text("namespace") ?? "";
        var name = tree.Metadata().Text("name") ?? "";
        if (row.Plural is "roles" or "clusterroles")
        {
            if ((old is null || !JsonNode.DeepEquals(tree["rules"], old["rules"])) && !May("escalate", row.Plural, space, name, user))
            {
                Hold(row, name, [.. tree.List("rules").Objects().Select(PolicyRule.Read)], space, user);
            }
            return;
        }
        if (old is not null && JsonNode.DeepEquals(tree["subjects"], old["subjects"]) && JsonNode.DeepEquals(tree["roleRef"], old["roleRef"]))
        {
            return;
        }
        var (kind, role) = (tree.TextAt("roleRef", "kind") ?? "", tree.TextAt("roleRef", "name") ?? "");
        var plural = kind == "Role" ? "roles" : "clusterroles";
        if (!May("bind", plural, space, role, user))
        {
            Hold(row, name, authorizer.RulesOfRole(kind, role, space) ?? throw Errors.NotFound(row.GroupResource, role), space, user);
        }
    }

    private bool May(string verb, string plural, string @namespace, string name, UserInfo user) =>
        authorizer.Allows(new AccessAttributes(user, verb, Group, plural, "", @namespace, name, null)).Allowed;

    /// <summary>Rules that differ in nothing but what they allow, as one.</summary>
    private static IEnumerable<PolicyRule> Compact(List<PolicyRule> singles)
    {
        var plain = singles.Where(r => !r.IsAboutPaths && r.Names.Length == 0).GroupBy(r => (r.Groups[0], r.Resources[0]))
            .Select(g => g.First() with { Verbs = [.. g.SelectMany(r => r.Verbs).Distinct()] });
        return plain.Concat(singles.Where(r => r.IsAboutPaths || r.Names.Length > 0)).OrderBy(r => r.ToString(), StringComparer.Ordinal);
    }

    private void Hold(ApiResource row, string name, PolicyRule[] wanted, string @namespace, UserInfo user)
    {
        var held = authorizer.RulesOf(user, @namespace).ToList();
        var missing = wanted.SelectMany(w => w.Singles()).Where(single => !held.Exists(h => h.Covers(single))).ToList();
        if (missing.Count > 0)
        {
            var groups = string.Join(' ', user.Groups.Select(FieldErrors.Quote));
            throw Errors.Forbidden(row.GroupResource, name,
                $"user \"{user.Name}\" (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', Compact(missing))}");
        }
    }
}
