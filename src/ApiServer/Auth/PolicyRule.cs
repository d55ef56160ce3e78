using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>One rule of a Role or ClusterRole.</summary>
internal sealed record PolicyRule(string[] Verbs, string[] Groups, string[] Resources, string[] Names, string[] Paths)
{
    private static readonly string[] All = ["*"];

    public static PolicyRule[] Everything { get; } = [new(All, All, All, [], []), new(All, [], [], [], All)];

    public static PolicyRule[] OpenPaths { get; } = [new(["get"], [], [], [], ["/healthz", "/livez", "/readyz", "/version", "/version/"])];

    /// <summary>What everybody may do who is known by name: ask who they are, what they may do, and what there is (<c>system:basic-user</c>, <c>system:discovery</c>).</summary>
    public static PolicyRule[] Basics { get; } =
    [
        new(["create"], ["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], [], []),
        new(["create"], ["authentication.k8s.io"], ["selfsubjectreviews"], [], []),
        new(["get"], [], [], [], ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"]),
    ];

    public bool IsAboutPaths => Paths.Length > 0;

    public static PolicyRule Read(JsonObject tree) => new([.. tree.List("verbs").Texts()], [.. tree.List("apiGroups").Texts()], [.. tree.List("resources").Texts()],
        [.. tree.List("resourceNames").Texts()], [.. tree.List("nonResourceURLs").Texts()]);

    public bool Covers(AccessAttributes wanted)
    {
        if (!Has(Verbs, wanted.Verb))
        {
            return false;
        }
        if (wanted.Path is { } path)
        {
            return CoversPath(path);
        }
        return Has(Groups, wanted.Group) && CoversResource(wanted.Resource, wanted.Subresource) && (Names.Length == 0 || Array.IndexOf(Names, wanted.Name) >= 0);
    }

    /// <summary>Whether this rule gives all that a rule of one verb, one group, one resource or path and at most one name gives.</summary>
    public bool Covers(PolicyRule single)
    {
        if (!Has(Verbs, single.Verbs[0]))
        {
            return false;
        }
        if (single.IsAboutPaths)
        {
            return CoversPath(single.Paths[0]);
        }
        var slash = single.Resources[0].IndexOf('/', StringComparison.Ordinal);
        var (resource, subresource) = slash < 0 ? (single.Resources[0], "") : (single.Resources[0][..slash], single.Resources[0][(slash + 1)..]);
        return Has(Groups, single.Groups[0]) && CoversResource(resource, subresource)
            && (Names.Length == 0 || (single.Names.Length > 0 && Array.IndexOf(Names, single.Names[0]) >= 0));
    }

    /// <summary>The smallest rules that give together what this one gives.</summary>
    public IEnumerable<PolicyRule> Singles()
    {
        foreach (var verb in Verbs)
        {
            foreach (var path in Paths)
            {
                yield return new PolicyRule([verb], [], [], [], [path]);
            }
            foreach (var group in Groups)
            {
                foreach (var resource in Resources)
                {
                    if (Names.Length == 0)
                    {
                        yield return new PolicyRule([verb], [group], [resource], [], []);
                    }
                    foreach (var name in Names)
                    {
                        yield return new PolicyRule([verb], [group], [resource], [name], []);
                    }
                }
            }
        }
    }

    public JsonObject Describe()
    {
        var tree = new JsonObject { ["verbs"] = List(Verbs) };
        if (IsAboutPaths)
        {
            tree["nonResourceURLs"] = List(Paths);
            return tree;
        }
        tree["apiGroups"] = List(Groups);
        tree["resources"] = List(Resources);
        if (Names.Length > 0)
        {
            tree["resourceNames"] = List(Names);
        }
        return tree;
    }

    /// <summary>As refusals show it.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        foreach (var (name, values) in ((string, string[])[])[("APIGroups", Groups), ("Resources", Resources), ("ResourceNames", Names), ("NonResourceURLs", Paths), ("Verbs", Verbs)])
        {
            if (values.Length > 0)
            {
                parts.Add($"{name}:[{string.Join(' ', values.Select(FieldErrors.Quote))}]");
            }
        }
        return $"{{{string.Join(", ", parts)}}}";
    }

    private bool CoversPath(string path) => Array.Exists(Paths, u => u == "*" || u == path || (u.EndsWith('*') && path.StartsWith(u[..^1], StringComparison.Ordinal)));

    private bool CoversResource(string resource, string subresource)
    {
        var full = subresource.Length == 0 ? resource : $"{resource}/{subresource}";
        return Has(Resources, full) || (subresource.Length > 0 && Array.IndexOf(Resources, $"*/{subresource}") >= 0);
    }

    private static JsonArray List(string[] values) => [.. values.Select(v => (JsonNode)v)];

    private static bool Has(string[] values, string value) => Array.Exists(values, v => v == "*" || v == value);
}
