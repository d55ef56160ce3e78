using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class RoleStrategy : ResourceStrategy
{
    public override NameRule Names => NameRule.PathSegment;

    public override bool CreatesOnUpdate => true;

    /// <summary>What changed is checked as new, and again with the change.</summary>
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (2, 1);

    public override void Default(JsonObject tree)
    {
        tree.TryAdd("rules", null);
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var namespaced = tree.Text("kind") == "Role";
        var index = 0;
        foreach (var rule in tree.List("rules").Objects())
        {
            var at = $"rules[{index++}]";
            if (rule.List("verbs") is not { Count: > 0 })
            {
                errors.Required($"{at}.verbs", "verbs must contain at least one value");
            }
            var paths = rule.List("nonResourceURLs") is { Count: > 0 };
            if (paths)
            {
                if (namespaced)
                {
                    errors.Invalid($"{at}.nonResourceURLs", rule["nonResourceURLs"]!.DeepClone(), "namespaced rules cannot apply to non-resource URLs");
                }
                if (rule.List("apiGroups") is { Count: > 0 } || rule.List("resources") is { Count: > 0 } || rule.List("resourceNames") is { Count: > 0 })
                {
                    errors.Invalid($"{at}.nonResourceURLs", rule["nonResourceURLs"]!.DeepClone(), "rules cannot apply to both regular resources and non-resource URLs");
                }
                continue;
            }
            if (rule.List("apiGroups") is not { Count: > 0 })
            {
                errors.Required($"{at}.apiGroups", "resource rules must supply at least one api group");
            }
            if (rule.List("resources") is not { Count: > 0 })
            {
                errors.Required($"{at}.resources", "resource rules must supply at least one resource");
            }
        }
        if (tree.Child("aggregationRule") is { } aggregation)
        {
            Aggregation(aggregation, errors);
        }
    }

    private static void Aggregation(JsonObject rule, FieldErrors errors)
    {
        if (rule.List("clusterRoleSelectors") is not { Count: > 0 } selectors)
        {
            errors.Required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil");
            return;
        }
        var index = 0;
        foreach (var selector in selectors.Objects())
        {
            var (at, before) = ($"aggregationRule.clusterRoleSelectors[{index++}]", errors.Count);
            SelectorValidation.Check(selector, at, errors);
            if (errors.Count > before)
            {
                errors.Invalid(at, null, "invalid label selector.");
            }
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        Validate(tree, errors);
    }
}

internal sealed class RoleBindingStrategy : ResourceStrategy
{
    public override NameRule Names => NameRule.PathSegment;

    public override bool CreatesOnUpdate => true;

    /// <summary>What changed is checked as new, and again with the change.</summary>
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (2, 1);

    public override void Default(JsonObject tree)
    {
        tree.Need("roleRef").Default("apiGroup", "rbac.authorization.k8s.io");
        foreach (var subject in tree.List("subjects").Objects())
        {
            if (subject.Text("apiGroup") is null or "" && subject.Text("kind") is "User" or "Group")
            {
                subject["apiGroup"] = "rbac.authorization.k8s.io";
            }
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var reference = tree.Need("roleRef");
        if (reference.Text("apiGroup") != "rbac.authorization.k8s.io")
        {
            errors.NotSupported("roleRef.apiGroup", reference.Text("apiGroup") ?? "", ["rbac.authorization.k8s.io"]);
        }
        string[] kinds = tree.Text("kind") == "RoleBinding" ? ["Role", "ClusterRole"] : ["ClusterRole"];
        if (Array.IndexOf(kinds, reference.Text("kind")) < 0)
        {
            errors.NotSupported("roleRef.kind", reference.Text("kind") ?? "", kinds);
        }
        if (string.IsNullOrEmpty(reference.Text("name")))
        {
            errors.Required("roleRef.name");
        }
        var index = 0;
        foreach (var subject in tree.List("subjects").Objects())
        {
            var at = $"subjects[{index++}]";
            if (string.IsNullOrEmpty(subject.Text("name")))
            {
                errors.Required($"{at}.name");
            }
            Subject(subject, at, tree.Text("kind") == "RoleBinding", errors);
        }
    }

    private static void Subject(JsonObject subject, string at, bool namespaced, FieldErrors errors)
    {
        var group = subject.Text("apiGroup") ?? "";
        switch (subject.Text("kind"))
        {
            case "ServiceAccount":
                PodValidation.Name(subject.Text("name"), NameRule.Subdomain, $"{at}.name", errors);
                if (group.Length > 0)
                {
                    errors.NotSupported($"{at}.apiGroup", group, [""]);
                }
                if (!namespaced && string.IsNullOrEmpty(subject.Text("namespace")))
                {
                    errors.Required($"{at}.namespace");
                }
                break;
            case "User" or "Group":
                if (group != "rbac.authorization.k8s.io")
                {
                    errors.NotSupported($"{at}.apiGroup", group, ["rbac.authorization.k8s.io"]);
                }
                break;
            case var other:
                errors.NotSupported($"{at}.kind", other ?? "", ["ServiceAccount", "User", "Group"]);
                break;
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        Validate(tree, errors);
        if (!JsonNode.DeepEquals(tree["roleRef"], old["roleRef"]))
        {
            var now = tree.Need("roleRef");
            errors.InvalidShown("roleRef",
                $"rbac.RoleRef{{APIGroup:{FieldErrors.Quote(now.Text("apiGroup") ?? "")}, Kind:{FieldErrors.Quote(now.Text("kind") ?? "")}, Name:{FieldErrors.Quote(now.Text("name") ?? "")}}}",
                "cannot change roleRef");
        }
    }
}
