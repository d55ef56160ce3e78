using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Where a pod wants to be: affinities, and how pods spread.</summary>
internal static class AffinityValidation
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";

    public static void Affinity(JsonObject? affinity, string path, FieldErrors errors)
    {
        if (affinity?.Child("nodeAffinity") is { } node)
        {
            if (node.Child(Required) is { } selector)
            {
                NodeSelector(selector, $"{path}.nodeAffinity.{Required}", errors);
            }
            var index = 0;
            foreach (var term in node.List(Preferred).Objects())
            {
                var at = $"{path}.nodeAffinity.{Preferred}[{index++}]";
                Weight(term, at, errors);
                NodeSelectorTerm(term.Child("preference") ?? [], $"{at}.preference", errors);
            }
        }
        foreach (var kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            if (affinity?.Child(kind) is not { } pods)
            {
                continue;
            }
            var index = 0;
            foreach (var term in pods.List(Required).Objects())
            {
                PodTerm(term, $"{path}.{kind}.{Required}[{index++}]", errors);
            }
            index = 0;
            foreach (var term in pods.List(Preferred).Objects())
            {
                var at = $"{path}.{kind}.{Preferred}[{index++}]";
                Weight(term, at, errors);
                PodTerm(term.Child("podAffinityTerm") ?? [], $"{at}.podAffinityTerm", errors);
            }
        }
    }

    /// <summary>A selector of nodes, as pods and volumes have it.</summary>
    public static void NodeSelector(JsonObject selector, string path, FieldErrors errors)
    {
        if (selector.List("nodeSelectorTerms") is not { Count: > 0 } terms)
        {
            errors.Required($"{path}.nodeSelectorTerms", "must have at least one node selector term");
            return;
        }
        var index = 0;
        foreach (var term in terms.Objects())
        {
            NodeSelectorTerm(term, $"{path}.nodeSelectorTerms[{index++}]", errors);
        }
    }

    private static void NodeSelectorTerm(JsonObject term, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var expression in term.List("matchExpressions").Objects())
        {
            var at = $"{path}.matchExpressions[{index++}]";
            var values = expression.List("values")?.Count ?? 0;
            switch (expression.Text("operator"))
            {
                case "In" or "NotIn" when values == 0:
                    errors.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                    break;
                case "Exists" or "DoesNotExist" when values > 0:
                    errors.Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    break;
                case "Gt" or "Lt" when values != 1:
                    errors.Required($"{at}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
                    break;
                case "In" or "NotIn" or "Exists" or "DoesNotExist" or "Gt" or "Lt":
                    break;
                case var other:
                    errors.Invalid($"{at}.operator", other ?? "", "not a valid selector operator");
                    break;
            }
            PodValidation.Qualified(expression.Text("key") ?? "", $"{at}.key", errors);
        }
        index = 0;
        foreach (var field in term.List("matchFields").Objects())
        {
            var at = $"{path}.matchFields[{index++}]";
            if (field.Text("operator") is not ("In" or "NotIn"))
            {
                errors.Invalid($"{at}.operator", field.Text("operator") ?? "", "not a valid selector operator");
            }
            else if (field.List("values") is not { Count: 1 })
            {
                errors.Required($"{at}.values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
            }
            if (field.Text("key") != "metadata.name")
            {
                errors.Invalid($"{at}.key", field.Text("key") ?? "", "not a valid field selector key");
            }
        }
    }

    private static void PodTerm(JsonObject term, string at, FieldErrors errors)
    {
        SelectorValidation.Check(term.Child("labelSelector"), $"{at}.labelSelector", errors);
        SelectorValidation.Check(term.Child("namespaceSelector"), $"{at}.namespaceSelector", errors);
        foreach (var name in term.List("namespaces").Texts())
        {
            PodValidation.Name(name, NameRule.Label, $"{at}.namespace", errors);
        }
        if (string.IsNullOrEmpty(term.Text("topologyKey")))
        {
            errors.Required($"{at}.topologyKey", "can not be empty");
        }
        PodValidation.Qualified(term.Text("topologyKey") ?? "", $"{at}.topologyKey", errors);
    }

    private static void Weight(JsonObject term, string at, FieldErrors errors)
    {
        if (term["weight"].AsLong() is not (>= 1 and <= 100) and var weight)
        {
            errors.Invalid($"{at}.weight", weight ?? 0, "must be in the range 1-100");
        }
    }

    /// <summary>How pods are spread over topologies.</summary>
    public static void Spread(JsonArray? constraints, string path, FieldErrors errors)
    {
        var all = constraints.Objects().ToList();
        for (var i = 0; i < all.Count; i++)
        {
            var (constraint, at) = (all[i], $"{path}[{i}]");
            if (constraint["maxSkew"].AsLong() is not > 0 and var skew)
            {
                errors.Invalid($"{at}.maxSkew", skew ?? 0, "must be greater than zero");
            }
            var (key, otherwise) = (constraint.Text("topologyKey") ?? "", constraint.Text("whenUnsatisfiable") ?? "");
            if (key.Length == 0)
            {
                errors.Required($"{at}.topologyKey", "can not be empty");
            }
            if (otherwise is not ("DoNotSchedule" or "ScheduleAnyway"))
            {
                errors.NotSupported($"{at}.whenUnsatisfiable", otherwise, ["DoNotSchedule", "ScheduleAnyway"]);
            }
            if (all.Skip(i + 1).Any(c => c.Text("topologyKey") == key && c.Text("whenUnsatisfiable") == otherwise))
            {
                errors.Duplicate($"{at}.{{topologyKey, whenUnsatisfiable}}", $"{{{key}, {otherwise}}}");
            }
            if (constraint["minDomains"].AsLong() is { } domains)
            {
                if (domains <= 0)
                {
                    errors.Invalid($"{at}.minDomains", domains, "must be greater than 0");
                }
                if (otherwise != "DoNotSchedule")
                {
                    errors.Invalid($"{at}.minDomains", domains, $"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {otherwise}");
                }
            }
            PodValidation.Choice(constraint, "nodeAffinityPolicy", at, ["Honor", "Ignore"], errors);
            PodValidation.Choice(constraint, "nodeTaintsPolicy", at, ["Honor", "Ignore"], errors);
            SelectorValidation.Check(constraint.Child("labelSelector"), $"{at}.labelSelector", errors);
        }
    }
}

/// <summary>Label selectors in objects.</summary>
internal static class SelectorValidation
{
    public static void Check(JsonObject? selector, string path, FieldErrors errors)
    {
        NameValidation.Labels(selector?.Child("matchLabels"), $"{path}.matchLabels", errors);
        var index = 0;
        foreach (var expression in selector?.List("matchExpressions").Objects() ?? [])
        {
            var at = $"{path}.matchExpressions[{index++}]";
            var values = expression.List("values").Texts().ToList();
            switch (expression.Text("operator"))
            {
                case "In" or "NotIn" when values.Count == 0:
                    errors.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                    break;
                case "Exists" or "DoesNotExist" when values.Count > 0:
                    errors.Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    break;
                case "In" or "NotIn" or "Exists" or "DoesNotExist":
                    break;
                case var other:
                    errors.Invalid($"{at}.operator", other ?? "", "not a valid selector operator");
                    break;
            }
            PodValidation.Qualified(expression.Text("key") ?? "", $"{at}.key", errors);
            for (var i = 0; i < values.Count; i++)
            {
                foreach (var problem in ActorKube.Models.NameRules.CheckLabelValue(values[i]))
                {
                    errors.Invalid($"{at}.values[{i}]", values[i], problem);
                }
            }
        }
    }
}
