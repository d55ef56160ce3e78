using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Rules, selectors and conditions under which admission is asked: the part that webhooks, policies and bindings share.</summary>
internal static class AdmissionMatchValidation
{
    private const int MostConditions = 64;

    private static readonly string[] Operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

    /// <summary>What a match leaves open.</summary>
    public static void Default(JsonObject match)
    {
        match.Default("matchPolicy", "Equivalent");
        match.Default("namespaceSelector", new JsonObject());
        match.Default("objectSelector", new JsonObject());
        DefaultScopes(match, "resourceRules");
        DefaultScopes(match, "excludeResourceRules");
    }

    /// <summary>Rules without a scope mean both.</summary>
    public static void DefaultScopes(JsonObject tree, string property)
    {
        foreach (var rule in tree.List(property).Objects())
        {
            rule.Default("scope", "*");
        }
    }

    /// <summary>What a policy or a binding is about.</summary>
    public static void Resources(JsonObject match, string path, FieldErrors errors)
    {
        Policy(match, path, errors);
        Selectors(match, path, errors);
        NamedRules(match.List("resourceRules"), $"{path}.resourceRules", errors);
        NamedRules(match.List("excludeResourceRules"), $"{path}.excludeResourceRules", errors);
    }

    public static void Policy(JsonObject match, string path, FieldErrors errors)
    {
        if (match.Text("matchPolicy") is not ("Equivalent" or "Exact"))
        {
            errors.NotSupported($"{path}.matchPolicy", match.Text("matchPolicy"), ["Equivalent", "Exact"]);
        }
    }

    public static void Selectors(JsonObject match, string path, FieldErrors errors)
    {
        SelectorValidation.Check(match.Child("namespaceSelector"), $"{path}.namespaceSelector", errors);
        SelectorValidation.Check(match.Child("objectSelector"), $"{path}.objectSelector", errors);
    }

    private static void NamedRules(JsonArray? rules, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var rule in rules.Objects())
        {
            var at = $"{path}[{index++}]";
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var place = 0;
            foreach (var name in rule.List("resourceNames").Texts())
            {
                foreach (var problem in PathSegment(name))
                {
                    errors.Invalid($"{at}.resourceNames[{place}]", name, problem);
                }
                if (!seen.Add(name))
                {
                    errors.Duplicate($"{at}.resourceNames[{place}]", name);
                }
                place++;
            }
            Rule(rule, at, errors);
        }
    }

    /// <summary>What is wrong with a name that stands in paths.</summary>
    public static IEnumerable<string> PathSegment(string name)
    {
        if (name is "." or "..")
        {
            return [$"may not be '{name}'"];
        }
        return ((string[])["/", "%"]).Where(c => name.Contains(c, StringComparison.Ordinal)).Select(c => $"may not contain '{c}'");
    }

    public static void Rules(JsonArray? rules, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var rule in rules.Objects())
        {
            Rule(rule, $"{path}[{index++}]", errors);
        }
    }

    private static void Rule(JsonObject rule, string at, FieldErrors errors)
    {
        Wildcard(rule, "operations", "[]admissionregistration.OperationType", "operations", at, errors);
        var operation = 0;
        foreach (var name in rule.List("operations").Texts())
        {
            if (Array.IndexOf(Operations, name) < 0)
            {
                errors.NotSupported($"{at}.operations[{operation}]", name, Operations);
            }
            operation++;
        }
        Wildcard(rule, "apiGroups", "[]string", "API groups", at, errors);
        Wildcard(rule, "apiVersions", "[]string", "API versions", at, errors);
        var version = 0;
        foreach (var name in rule.List("apiVersions").Texts())
        {
            if (name.Length == 0)
            {
                errors.Required($"{at}.apiVersions[{version}]");
            }
            version++;
        }
        Resources([.. rule.List("resources").Texts()], $"{at}.resources", errors);
        if (rule.Text("scope") is { } scope and not ("*" or "Cluster" or "Namespaced"))
        {
            errors.NotSupported($"{at}.scope", scope, ["*", "Cluster", "Namespaced"]);
        }
    }

    private static void Wildcard(JsonObject rule, string field, string type, string others, string at, FieldErrors errors)
    {
        var values = rule.List(field).Texts().ToList();
        if (values.Count == 0)
        {
            errors.Required($"{at}.{field}");
        }
        else if (values.Count > 1 && values.Contains("*"))
        {
            errors.InvalidShown($"{at}.{field}", GoValues.Texts(type, rule[field]), $"if '*' is present, must not specify other {others}");
        }
    }

    private static void Resources(List<string> resources, string path, FieldErrors errors)
    {
        if (resources.Count == 0)
        {
            errors.Required(path);
        }
        var (wholeBelow, belowAll) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var isPlain = false;
        for (var i = 0; i < resources.Count; i++)
        {
            var name = resources[i];
            if (name.Length == 0)
            {
                errors.Required($"{path}[{i}]");
                continue;
            }
            if (name.Split('/', 2) is not [var resource, var below])
            {
                // The last one that stands without a subresource counts.
                isPlain = name != "*";
                continue;
            }
            if (wholeBelow.Contains(resource))
            {
                errors.Invalid($"{path}[{i}]", name, $"if '{resource}/*' is present, must not specify {name}");
            }
            if (belowAll.Contains(below))
            {
                errors.Invalid($"{path}[{i}]", name, $"if '*/{below}' is present, must not specify {name}");
            }
            if (below == "*")
            {
                wholeBelow.Add(resource);
            }
            if (resource == "*")
            {
                belowAll.Add(below);
            }
        }
        if (resources.Count > 1 && resources.Contains("*/*"))
        {
            errors.InvalidTexts(path, resources, "if '*/*' is present, must not specify other resources");
        }
        if (resources.Contains("*") && isPlain)
        {
            errors.InvalidTexts(path, resources, "if '*' is present, must not specify other resources without subresources");
        }
    }

    public static void Conditions(JsonArray? conditions, string path, bool hasParams, FieldErrors errors)
    {
        if (conditions is { Count: > MostConditions })
        {
            errors.TooMany(path, conditions.Count, MostConditions);
        }
        var environment = PolicyShapes.Environment(hasParams, hasAuthorizer: true, isStored: false);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var condition in conditions.Objects())
        {
            var at = $"{path}[{index++}]";
            if (condition.Text("expression")?.Trim() is not { Length: > 0 } expression)
            {
                errors.Required($"{at}.expression");
            }
            else
            {
                Expression(environment, expression, [CelShape.Bool], $"{at}.expression", errors);
            }
            var name = condition.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
                continue;
            }
            PodValidation.Qualified(name, $"{at}.name", errors);
            if (!names.Add(name))
            {
                errors.Duplicate($"{at}.name", name);
            }
        }
    }

    /// <summary>An expression that must give one of some types; answers what it gives.</summary>
    public static CelShape Expression(CelEnvironment environment, string expression, CelShape[] wanted, string path, FieldErrors errors)
    {
        var compiled = environment.Compile(expression);
        if (compiled.Failure is { } failure)
        {
            errors.Invalid(path, expression, $"compilation failed: {failure}");
        }
        else if (wanted.Length > 0 && !Array.Exists(wanted, compiled.Shape.Is))
        {
            var names = wanted.Select(w => w.Declared).ToList();
            errors.Invalid(path, expression, $"must evaluate to {(names.Count == 1 ? names[0] : $"one of [{string.Join(' ', names)}]")} but got {compiled.Shape.Declared}");
        }
        else if (CelConstants.Problem(compiled.Node) is { } problem)
        {
            errors.Add("InternalError", path, $"Internal error: program instantiation failed: {problem}");
        }
        return compiled.Shape;
    }
}
