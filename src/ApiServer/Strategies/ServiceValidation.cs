using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What services must be, and what may not change of them.</summary>
internal static class ServiceValidation
{
    private static bool IsHeadless(JsonObject spec) => spec.List("clusterIPs") is { Count: 1 } addresses && addresses[0].AsText() == "None";

    public static void Check(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Child("spec") ?? [];
        var type = spec.Text("type");
        var headless = IsHeadless(spec);
        var ports = spec.List("ports");
        if (ports is not { Count: > 0 } && type != "ExternalName" && !headless)
        {
            errors.Required("spec.ports");
        }
        if (type is "LoadBalancer" or "NodePort" && headless)
        {
            errors.Invalid("spec.clusterIPs[0]", "None", $"may not be set to 'None' for {type} services");
        }
        if (type == "ExternalName")
        {
            ExternalName(spec, errors);
        }
        CheckPorts(ports, errors);
        NameValidation.Labels(spec.Child("selector"), "spec.selector", errors);
        Affinity(spec, errors);
        ClusterAddresses(spec, errors);
        var index = 0;
        foreach (var address in spec.List("externalIPs").Texts())
        {
            var before = errors.Count;
            Addresses.Check(address, $"spec.externalIPs[{index}]", errors);
            if (errors.Count == before)
            {
                Addresses.CheckEndpoint(address, $"spec.externalIPs[{index}]", errors);
            }
            index++;
        }
        if (type is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
        {
            errors.NotSupported("spec.type", type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
        }
        NodePorts(ports, type, errors);
        Balancer(spec, type, errors);
        ExternalTraffic(spec, type, errors);
        Policy(spec, "internalTrafficPolicy", errors);
        PodValidation.Choice(spec, "trafficDistribution", "spec", ["PreferClose"], errors);
    }

    private static void ExternalName(JsonObject spec, FieldErrors errors)
    {
        foreach (var field in (string[])["clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec[field] is not (null or JsonArray { Count: 0 }) || (field == "clusterIPs" && spec.Text("clusterIP") is { Length: > 0 }))
            {
                errors.Forbidden($"spec.{field}", "may not be set for ExternalName services");
            }
        }
        var name = spec.Text("externalName") ?? "";
        name = name.EndsWith('.') ? name[..^1] : name;
        if (name.Length == 0)
        {
            errors.Required("spec.externalName");
        }
        PodValidation.Name(name, NameRule.Subdomain, "spec.externalName", errors);
    }

    private static void CheckPorts(JsonArray? ports, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var port in ports.Objects())
        {
            var at = $"spec.ports[{index++}]";
            var name = port.Text("name") ?? "";
            if (name.Length == 0)
            {
                if (ports!.Count > 1)
                {
                    errors.Required($"{at}.name");
                }
            }
            else
            {
                PodValidation.Name(name, NameRule.Label, $"{at}.name", errors);
                if (!names.Add(name))
                {
                    errors.Duplicate($"{at}.name", name);
                }
            }
            Ports.Check(port["port"], $"{at}.port", errors);
            PodValidation.Choice(port, "protocol", at, ["SCTP", "TCP", "UDP"], errors, required: true);
            Ports.CheckTarget(port["targetPort"] ?? JsonValue.Create(0), $"{at}.targetPort", errors);
            if (port.Text("appProtocol") is { } protocol)
            {
                PodValidation.Qualified(protocol, $"{at}.appProtocol", errors);
            }
        }
    }

    private static void NodePorts(JsonArray? ports, string? type, FieldErrors errors)
    {
        var (nodes, numbers) = (new HashSet<(string?, long)>(), new HashSet<(string?, long?)>());
        var all = ports.Objects().ToList();
        for (var i = 0; type == "ClusterIP" && i < all.Count; i++)
        {
            if (all[i]["nodePort"].AsLong() is not (null or 0))
            {
                errors.Forbidden($"spec.ports[{i}].nodePort", "may not be used when `type` is 'ClusterIP'");
            }
        }
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i]["nodePort"].AsLong() is { } node and not 0 && !nodes.Add((all[i].Text("protocol"), node)))
            {
                errors.Invalid($"spec.ports[{i}].nodePort", node, "provided port is already allocated");
            }
        }
        for (var i = 0; i < all.Count; i++)
        {
            if (!numbers.Add((all[i].Text("protocol"), all[i]["port"].AsLong())))
            {
                errors.Add("FieldValueDuplicate", $"spec.ports[{i}]",
                    $"Duplicate value: core.ServicePort{{Name:\"\", Protocol:{FieldErrors.Quote(all[i].Text("protocol") ?? "")}, AppProtocol:(*string)(nil), Port:{all[i]["port"].AsLong()}, TargetPort:{GoValues.IntOrString(null)}, NodePort:0}}");
            }
        }
    }

    private static void Affinity(JsonObject spec, FieldErrors errors)
    {
        PodValidation.Choice(spec, "sessionAffinity", "spec", ["ClientIP", "None"], errors, required: true);
        if (spec.Text("sessionAffinity") == "ClientIP" && spec.LongAt("sessionAffinityConfig", "clientIP", "timeoutSeconds") is { } timeout and not (>= 1 and <= 86400))
        {
            errors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", timeout, "must be greater than 0 and less than 86400");
        }
    }

    /// <summary>The addresses in themselves: what is looked at before any is given out.</summary>
    public static void ClusterAddresses(JsonObject spec, FieldErrors errors)
    {
        if (spec.Text("type") == "ExternalName")
        {
            return;
        }
        var addresses = spec.List("clusterIPs") ?? [];
        var first = spec.Text("clusterIP") ?? "";
        if (first.Length > 0 && addresses.Count > 0 && addresses[0].AsText() != first)
        {
            errors.InvalidTexts("spec.clusterIPs", addresses.Texts(), "first value must match `clusterIP`");
        }
        else if (first.Length == 0 && addresses.Count > 0)
        {
            errors.InvalidTexts("spec.clusterIPs", addresses.Texts(), "must be empty when `clusterIP` is not specified");
        }
        var families = spec.List("ipFamilies").Texts().ToList();
        for (var i = 0; i < families.Count; i++)
        {
            if (families[i] is not ("IPv4" or "IPv6"))
            {
                errors.NotSupported($"spec.ipFamilies[{i}]", families[i], ["IPv4", "IPv6"]);
            }
            if (families.IndexOf(families[i]) < i)
            {
                errors.Duplicate($"spec.ipFamilies[{i}]", families[i]);
            }
        }
        PodValidation.Choice(spec, "ipFamilyPolicy", "spec", ["PreferDualStack", "RequireDualStack", "SingleStack"], errors);
        for (var i = 0; i < addresses.Count; i++)
        {
            if (addresses[i].AsText() is { Length: > 0 } address && !(i == 0 && address == "None"))
            {
                Addresses.Check(address, $"spec.clusterIPs[{i}]", errors);
            }
            else if (i == 0 && addresses.Count > 1 && addresses[0].AsText() == "None")
            {
                errors.InvalidTexts("spec.clusterIPs", addresses.Texts(), "'None' must be the first and only value");
            }
        }
        if (addresses.Count > 2)
        {
            errors.InvalidTexts("spec.clusterIPs", addresses.Texts(), "may only hold up to 2 values");
        }
    }

    private static void Balancer(JsonObject spec, string? type, FieldErrors errors)
    {
        var balances = type == "LoadBalancer";
        if (spec.List("loadBalancerSourceRanges") is { Count: > 0 } ranges)
        {
            if (!balances)
            {
                errors.Forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'");
            }
            var index = 0;
            foreach (var range in ranges.Texts())
            {
                if (!Formats.Holds("cidr", range.Trim()))
                {
                    errors.Invalid($"spec.LoadBalancerSourceRanges[{index}]", range, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
                }
                index++;
            }
        }
        if (!balances && spec["allocateLoadBalancerNodePorts"] is not null)
        {
            errors.Forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'");
        }
        if (spec.Text("loadBalancerClass") is { } name)
        {
            if (balances)
            {
                PodValidation.Qualified(name, "spec.loadBalancerClass", errors);
            }
            else
            {
                errors.Forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'");
            }
        }
    }

    private static void ExternalTraffic(JsonObject spec, string? type, FieldErrors errors)
    {
        var accessible = type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 });
        var policy = spec.Text("externalTrafficPolicy") ?? "";
        if (!accessible && policy.Length > 0)
        {
            errors.Invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services");
        }
        else if (accessible)
        {
            PodValidation.Choice(spec, "externalTrafficPolicy", "spec", ["Cluster", "Local"], errors, required: true);
        }
        if (!(type == "LoadBalancer" && policy == "Local") && spec["healthCheckNodePort"].AsLong() is { } port and not 0)
        {
            errors.Invalid("spec.healthCheckNodePort", port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }
    }

    private static void Policy(JsonObject spec, string field, FieldErrors errors) => PodValidation.Choice(spec, field, "spec", ["Cluster", "Local"], errors);

    /// <summary>Addresses and families that were given out stay.</summary>
    public static void CheckAddresses(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (tree.Child("spec") ?? [], old.Child("spec") ?? []);
        if (spec.Text("type") == "ExternalName" || before.Text("type") == "ExternalName" || (IsHeadless(spec) && IsHeadless(before)))
        {
            return;
        }
        var (now, then) = (spec.List("clusterIPs").Texts().ToList(), before.List("clusterIPs").Texts().ToList());
        if (now.Count == then.Count)
        {
            for (var i = 0; i < now.Count; i++)
            {
                if (now[i] != then[i])
                {
                    errors.Invalid($"spec.clusterIPs[{i}]", spec["clusterIPs"]?.DeepClone(), "may not change once set");
                }
            }
        }
        else if (now.Count == 0)
        {
            errors.Invalid("spec.clusterIPs[0]", spec["clusterIPs"]?.DeepClone(), "primary clusterIP can not be unset");
        }
        else if (then.Count > 0 && now[0] != then[0])
        {
            errors.Invalid("spec.clusterIPs[0]", spec["clusterIPs"]?.DeepClone(), "may not change once set");
        }
        if (now.Count == 1 && then.Count > 1 && spec.Text("ipFamilyPolicy") != "SingleStack")
        {
            errors.Invalid("spec.ipFamilyPolicy", spec["ipFamilyPolicy"]?.DeepClone(), "must be set to 'SingleStack' when releasing the secondary clusterIP");
        }
        var (families, oldFamilies) = (spec.List("ipFamilies").Texts().ToList(), before.List("ipFamilies").Texts().ToList());
        if (IsHeadless(spec) == IsHeadless(before) && families.Count > 0 && oldFamilies.Count > 0 && families[0] != oldFamilies[0])
        {
            errors.Invalid("spec.ipFamilies[0]", spec["ipFamilies"]?.DeepClone(), "may not change once set");
        }
    }

    public static void CheckBalancing(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (tree.Child("spec") ?? [], old.Child("spec") ?? []);
        if (spec.Text("type") != "LoadBalancer" || before.Text("type") != "LoadBalancer")
        {
            return;
        }
        if (spec.Text("loadBalancerClass") != before.Text("loadBalancerClass"))
        {
            errors.Invalid("spec.loadBalancerClass", spec["loadBalancerClass"]?.DeepClone(), "may not change once set");
        }
        if (spec.Text("externalTrafficPolicy") == "Local" && before.Text("externalTrafficPolicy") == "Local" && spec["healthCheckNodePort"].AsLong() != before["healthCheckNodePort"].AsLong())
        {
            errors.Forbidden("spec.healthCheckNodePort", "field is immutable");
        }
    }

    public static void CheckStatus(JsonObject tree, FieldErrors errors)
    {
        var ingress = (tree.At("status", "loadBalancer", "ingress") as JsonArray).Objects().ToList();
        if (ingress.Count > 0 && tree.TextAt("spec", "type") != "LoadBalancer")
        {
            errors.Forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'");
            return;
        }
        for (var i = 0; i < ingress.Count; i++)
        {
            var at = $"status.loadBalancer.ingress[{i}]";
            if (ingress[i].Text("ip") is { Length: > 0 } address)
            {
                Addresses.Check(address, $"{at}.ip", errors);
            }
            if (ingress[i].Text("hostname") is { Length: > 0 } host)
            {
                PodValidation.Name(host, NameRule.Subdomain, $"{at}.hostname", errors);
                if (System.Net.IPAddress.TryParse(host, out _))
                {
                    errors.Invalid($"{at}.hostname", host, "must be a DNS name, not an IP address");
                }
            }
        }
    }

    public static IEnumerable<string> Warnings(JsonObject tree)
    {
        if (tree.TextAt("metadata", "annotations", "service.kubernetes.io/topology-aware-hints") is not null)
        {
            yield return "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead";
        }
        var spec = tree.Child("spec") ?? [];
        var type = spec.Text("type");
        if (type == "ClusterIP" && spec.Text("clusterIP") == "None")
        {
            if (!string.IsNullOrEmpty(spec.Text("loadBalancerIP")))
            {
                yield return "spec.loadBalancerIP is ignored for headless services";
            }
            if (spec.List("externalIPs") is { Count: > 0 })
            {
                yield return "spec.externalIPs is ignored for headless services";
            }
            if (spec.Text("sessionAffinity") is { } affinity && affinity != "None")
            {
                yield return "spec.SessionAffinity is ignored for headless services";
            }
        }
        if (type == "ExternalName" && spec.List("externalIPs") is { Count: > 0 })
        {
            yield return "spec.externalIPs is ignored when spec.type is \"ExternalName\"";
        }
        if (type != "ExternalName" && !string.IsNullOrEmpty(spec.Text("externalName")))
        {
            yield return "spec.externalName is ignored when spec.type is not \"ExternalName\"";
        }
    }
}
