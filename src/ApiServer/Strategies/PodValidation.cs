using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What must hold for every pod spec and template. Containers, probes, volumes and affinities have files of their own.</summary>
internal static class PodValidation
{
    private const int MostNameservers = 3;
    private const int MostSearchPaths = 32;

    /// <summary>A pod template, as workloads have it.</summary>
    public static void Template(JsonObject? template, string path, FieldErrors errors)
    {
        if (template is null)
        {
            return;
        }
        NameValidation.Labels(template.Child("metadata")?.Child("labels"), $"{path}.labels", errors);
        NameValidation.Annotations(template.Child("metadata")?.Child("annotations"), $"{path}.annotations", errors);
        if (template.Child("spec") is not { } spec)
        {
            return;
        }
        Spec(spec, $"{path}.spec", errors);
        if (spec.List("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden($"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
        }
    }

    public static void Spec(JsonObject spec, string path, FieldErrors errors, bool isPod = false)
    {
        var volumes = VolumeValidation.Volumes(spec.List("volumes"), $"{path}.volumes", errors);
        ContainerValidation.Containers(spec, path, volumes, errors);
        HostNetwork(spec, path, isPod, errors);
        Choice(spec, "restartPolicy", path, ["Always", "OnFailure", "Never"], errors, required: true);
        Choice(spec, "dnsPolicy", path, ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], errors, required: true);
        NameValidation.Labels(spec.Child("nodeSelector"), $"{path}.nodeSelector", errors);
        SecurityContexts.OfPod(spec, path, errors);
        AffinityValidation.Affinity(spec.Child("affinity"), $"{path}.affinity", errors);
        DnsConfig(spec, $"{path}.dnsConfig", errors);
        var index = 0;
        foreach (var gate in spec.List("readinessGates").Objects())
        {
            Qualified(gate.Text("conditionType") ?? "", $"{path}.readinessGates[{index++}].conditionType", errors);
        }
        SchedulingGates(spec.List("schedulingGates"), $"{path}.schedulingGates", errors);
        AffinityValidation.Spread(spec.List("topologySpreadConstraints"), $"{path}.topologySpreadConstraints", errors);
        Name(spec.Text("serviceAccountName"), NameRule.Subdomain, $"{path}.serviceAccountName", errors);
        Name(spec.Text("nodeName"), NameRule.Subdomain, $"{path}.nodeName", errors);
        if (spec["activeDeadlineSeconds"].AsLong() is { } deadline and (< 1 or > int.MaxValue))
        {
            errors.Invalid($"{path}.activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive");
        }
        Name(spec.Text("hostname"), NameRule.Label, $"{path}.hostname", errors);
        Name(spec.Text("subdomain"), NameRule.Label, $"{path}.subdomain", errors);
        Tolerations(spec.List("tolerations"), $"{path}.tolerations", errors);
        HostAliases(spec.List("hostAliases"), $"{path}.hostAliases", errors);
        Name(spec.Text("priorityClassName"), NameRule.Subdomain, $"{path}.priorityClassName", errors);
        if (spec.Text("runtimeClassName") is { } runtime)
        {
            foreach (var problem in NameValidation.Problems(NameRule.Subdomain, runtime))
            {
                errors.Invalid($"{path}.runtimeClassName", runtime, problem);
            }
        }
        Choice(spec, "preemptionPolicy", path, ["PreemptLowerPriority", "Never"], errors);
        if (spec.Child("os") is { } os)
        {
            Choice(os, "name", $"{path}.os", ["linux", "windows"], errors, required: true);
        }
    }

    /// <summary>One of a few texts.</summary>
    public static void Choice(JsonObject tree, string field, string path, string[] known, FieldErrors errors, bool required = false)
    {
        if (tree.Text(field) is not { Length: > 0 } value)
        {
            if (required)
            {
                errors.Required($"{path}.{field}");
            }
        }
        else if (Array.IndexOf(known, value) < 0)
        {
            errors.NotSupported($"{path}.{field}", value, known);
        }
    }

    public static void Name(string? value, NameRule rule, string field, FieldErrors errors)
    {
        foreach (var problem in string.IsNullOrEmpty(value) ? [] : NameValidation.Problems(rule, value))
        {
            errors.Invalid(field, value, problem);
        }
    }

    public static void Qualified(string value, string field, FieldErrors errors)
    {
        foreach (var problem in ActorKube.Models.NameRules.CheckQualifiedName(value))
        {
            errors.Invalid(field, value, problem);
        }
    }

    public static void NotNegative(JsonObject tree, string field, string path, FieldErrors errors)
    {
        if (tree[field].AsLong() is < 0 and var value)
        {
            errors.Invalid(path.Length == 0 ? field : $"{path}.{field}", value, "must be greater than or equal to 0");
        }
    }

    /// <summary>The rest of what a pod, other than a template, must be.</summary>
    public static void OnlyPods(JsonObject spec, FieldErrors errors)
    {
        foreach (var list in (string[])["containers", "initContainers"])
        {
            var index = 0;
            foreach (var container in spec.List(list).Objects())
            {
                var image = container.Text("image") ?? "";
                if (image.Trim().Length != image.Length)
                {
                    errors.Invalid($"spec.{list}[{index}].image", image, "must not have leading or trailing whitespace");
                }
                index++;
            }
        }
    }

    private static void HostNetwork(JsonObject spec, string path, bool isPod, FieldErrors errors)
    {
        if (spec["hostNetwork"].AsBool() != true)
        {
            return;
        }
        var container = 0;
        foreach (var item in spec.List("containers").Objects())
        {
            var index = 0;
            foreach (var port in item.List("ports").Objects())
            {
                var host = port["hostPort"].AsLong() ?? 0;
                if ((isPod || host != 0) && host != (port["containerPort"].AsLong() ?? 0))
                {
                    errors.Invalid($"{path}.containers[{container}].ports[{index}].hostPort", host, "must match `containerPort` when `hostNetwork` is true");
                }
                index++;
            }
            container++;
        }
    }

    private static void DnsConfig(JsonObject spec, string path, FieldErrors errors)
    {
        var config = spec.Child("dnsConfig");
        if (spec.Text("dnsPolicy") == "None")
        {
            if (config is null)
            {
                errors.Required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
                return;
            }
            if (config.List("nameservers") is not { Count: > 0 })
            {
                errors.Required($"{path}.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
                return;
            }
        }
        if (config is null)
        {
            return;
        }
        if (config.List("nameservers") is { Count: > MostNameservers } servers)
        {
            errors.Invalid($"{path}.nameservers", servers.DeepClone(), $"must not have more than {MostNameservers} nameservers");
        }
        var index = 0;
        foreach (var server in config.List("nameservers").Texts())
        {
            Addresses.Check(server, $"{path}.nameservers[{index++}]", errors);
        }
        if (config.List("searches") is { Count: > MostSearchPaths } searches)
        {
            errors.Invalid($"{path}.searches", searches.DeepClone(), $"must not have more than {MostSearchPaths} search paths");
        }
        index = 0;
        foreach (var search in config.List("searches").Texts())
        {
            Name(search.EndsWith('.') ? search[..^1] : search, NameRule.Subdomain, $"{path}.searches[{index++}]", errors);
        }
        index = 0;
        foreach (var option in config.List("options").Objects())
        {
            if (string.IsNullOrEmpty(option.Text("name")))
            {
                errors.Required($"{path}.options[{index}]", "must not be empty");
            }
            index++;
        }
    }

    private static void SchedulingGates(JsonArray? gates, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var gate in gates.Objects())
        {
            var (at, name) = ($"{path}[{index++}]", gate.Text("name") ?? "");
            Qualified(name, at, errors);
            if (!seen.Add(name))
            {
                errors.Duplicate(at, name);
            }
        }
    }

    private static void HostAliases(JsonArray? aliases, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var alias in aliases.Objects())
        {
            var at = $"{path}[{index++}]";
            Addresses.Check(alias.Text("ip") ?? "", $"{at}.ip", errors);
            var host = 0;
            foreach (var name in alias.List("hostnames").Texts())
            {
                Name(name, NameRule.Subdomain, $"{at}.hostnames[{host++}]", errors);
            }
        }
    }

    public static void Tolerations(JsonArray? tolerations, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var toleration in tolerations.Objects())
        {
            var at = $"{path}[{index++}]";
            var (key, symbol, value) = (toleration.Text("key") ?? "", toleration.Text("operator") ?? "", toleration.Text("value") ?? "");
            if (key.Length > 0)
            {
                Qualified(key, $"{at}.key", errors);
            }
            else if (symbol != "Exists")
            {
                errors.Invalid($"{at}.operator", symbol, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }
            if (toleration["tolerationSeconds"] is not null && toleration.Text("effect") != "NoExecute")
            {
                errors.Invalid($"{at}.effect", toleration.Text("effect") ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }
            if (symbol is "" or "Equal")
            {
                if (ActorKube.Models.NameRules.CheckLabelValue(value) is { Count: > 0 } problems)
                {
                    errors.Invalid($"{at}.operator", value, string.Join(';', problems));
                }
            }
            else if (symbol != "Exists")
            {
                errors.NotSupported($"{at}.operator", symbol, ["Equal", "Exists"]);
            }
            else if (value.Length > 0)
            {
                errors.Invalid($"{at}.operator", value, "value must be empty when `operator` is 'Exists'");
            }
            Choice(toleration, "effect", at, ["NoSchedule", "PreferNoSchedule", "NoExecute"], errors);
        }
    }
}
