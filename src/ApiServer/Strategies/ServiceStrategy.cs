using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Services: addresses and node ports are given out; the first address stays.</summary>
internal sealed class ServiceStrategy : ResourceStrategy
{
    private const int FirstNodePort = 30000;
    private const int LastNodePort = 32767;

    private readonly ConcurrentDictionary<long, string> _nodePorts = new();
    private int _lastAddress;
    private int _lastPort;

    public override NameRule Names => NameRule.Label1035;

    public override bool CreatesOnUpdate => true;

    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("sessionAffinity", "None");
        spec.Default("type", "ClusterIP");
        if (spec.Text("sessionAffinity") == "ClientIP")
        {
            spec.Need("sessionAffinityConfig").Need("clientIP").Default("timeoutSeconds", 10800);
        }
        else if (spec.Text("sessionAffinity") == "None")
        {
            spec.Remove("sessionAffinityConfig");
        }
        foreach (var port in spec.List("ports").Objects())
        {
            port.Default("protocol", "TCP");
            if (port["targetPort"] is null && port["port"] is { } number)
            {
                port["targetPort"] = number.DeepClone();
            }
        }
        var type = spec.Text("type");
        if (type is "ClusterIP" or "NodePort" or "LoadBalancer")
        {
            spec.Default("internalTrafficPolicy", "Cluster");
        }
        if (type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 }))
        {
            spec.Default("externalTrafficPolicy", "Cluster");
        }
        if (type == "LoadBalancer")
        {
            spec.Default("allocateLoadBalancerNodePorts", true);
        }
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        tree["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        Allocate(tree, null);
    }

    public override void PrepareForUpdate(JsonObject tree, JsonObject old)
    {
        var spec = tree.Need("spec");
        if (spec.Text("type") == "ExternalName")
        {
            if (old.TextAt("spec", "type") != "ExternalName")
            {
                // What was given out goes back.
                foreach (var field in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy", "externalTrafficPolicy"])
                {
                    if (JsonNode.DeepEquals(spec[field], old.At("spec", field)))
                    {
                        spec.Remove(field);
                    }
                }
            }
            return;
        }
        foreach (var field in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec[field] is null && old.At("spec", field) is { } value)
            {
                spec[field] = value.DeepClone();
            }
        }
        if (spec.Text("type") is "NodePort" or "LoadBalancer")
        {
            foreach (var port in spec.List("ports").Objects().Where(p => p["nodePort"].AsLong() is null or 0))
            {
                var before = (old.At("spec", "ports") as JsonArray).Objects().FirstOrDefault(o => o["port"].AsLong() == port["port"].AsLong() && o.Text("protocol") == port.Text("protocol"));
                if (before?["nodePort"] is { } kept)
                {
                    port["nodePort"] = kept.DeepClone();
                }
            }
        }
        else if (old.TextAt("spec", "type") is "NodePort" or "LoadBalancer")
        {
            foreach (var port in spec.List("ports").Objects())
            {
                var given = port["nodePort"].AsLong();
                if ((old.At("spec", "ports") as JsonArray).Objects().Any(o => o["nodePort"].AsLong() == given))
                {
                    port.Remove("nodePort");
                }
            }
            if (spec.Text("externalTrafficPolicy") == old.TextAt("spec", "externalTrafficPolicy") && spec.List("externalIPs") is not { Count: > 0 })
            {
                spec.Remove("externalTrafficPolicy");
            }
            spec.Remove("allocateLoadBalancerNodePorts");
        }
        Allocate(tree, old);
    }

    public override void Committed(StoreEventType type, StoredObject value)
    {
        if (type != StoreEventType.Deleted)
        {
            return;
        }
        foreach (var (port, owner) in _nodePorts)
        {
            if (owner == Key(value.Namespace, value.Name))
            {
                _nodePorts.TryRemove(port, out _);
            }
        }
    }

    private void Allocate(JsonObject tree, JsonObject? old)
    {
        var spec = tree.Need("spec");
        if (spec.Text("type") == "ExternalName")
        {
            return;
        }
        if (spec.Text("clusterIP") is null or "")
        {
            // 10.96.0.0/16 as kubeadm sets it up; the first addresses are for the server itself and its DNS.
            var next = Interlocked.Increment(ref _lastAddress) + 256;
            spec["clusterIP"] = (spec.List("clusterIPs").Texts().FirstOrDefault() is { Length: > 0 } given) ? given
                : string.Create(CultureInfo.InvariantCulture, $"10.96.{next / 250 % 250}.{next % 250 + 1}");
        }
        spec.Default("clusterIPs", new JsonArray(JsonValue.Create(spec.Text("clusterIP"))));
        var anywhere = spec.Text("clusterIP") == "None" && spec.Child("selector") is not { Count: > 0 };
        spec.Default("ipFamilyPolicy", anywhere ? "RequireDualStack" : "SingleStack");
        spec.Default("ipFamilies", anywhere && spec.Text("ipFamilyPolicy") == "RequireDualStack" ? new JsonArray("IPv4", "IPv6") : new JsonArray(Family(spec.Text("clusterIP")!)));
        if (spec.Text("type") == "NodePort" || (spec.Text("type") == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"].AsBool() != false))
        {
            var owner = Key(tree.Metadata().Text("namespace") ?? "", tree.Metadata().Text("name") ?? "");
            foreach (var port in spec.List("ports").Objects())
            {
                if (port["nodePort"].AsLong() is > 0 and var asked)
                {
                    _nodePorts.TryAdd(asked, owner);
                }
                else
                {
                    port["nodePort"] = FreePort(owner);
                }
            }
        }
        if (spec.Text("type") == "LoadBalancer" && spec.Text("externalTrafficPolicy") == "Local" && spec["healthCheckNodePort"].AsLong() is null or 0)
        {
            spec["healthCheckNodePort"] = old?.At("spec", "healthCheckNodePort")?.DeepClone() ?? FreePort(Key(tree.Metadata().Text("namespace") ?? "", tree.Metadata().Text("name") ?? ""));
        }
    }

    private long FreePort(string owner)
    {
        for (var tries = 0; tries <= LastNodePort - FirstNodePort; tries++)
        {
            var port = FirstNodePort + ((long)(uint)Interlocked.Increment(ref _lastPort) * 7919 % (LastNodePort - FirstNodePort + 1));
            if (_nodePorts.TryAdd(port, owner))
            {
                return port;
            }
        }
        throw Errors.Internal("failed to allocate a nodePort: range is full");
    }

    private static string Key(string @namespace, string name) => $"{@namespace}/{name}";

    private static string Family(string address) => address.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4";

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Child("spec") ?? [];
        var type = spec.Text("type");
        if (type is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
        {
            errors.NotSupported("spec.type", type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
        }
        var headless = spec.Text("clusterIP") == "None";
        var ports = spec.List("ports");
        if (ports is not { Count: > 0 } && type != "ExternalName" && !headless)
        {
            errors.Required("spec.ports");
        }
        if (type == "LoadBalancer" && headless)
        {
            errors.Invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services");
        }
        if (type == "NodePort" && headless)
        {
            errors.Invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services");
        }
        if (type == "ExternalName")
        {
            if (spec.List("clusterIPs") is { Count: > 0 })
            {
                errors.Forbidden("spec.clusterIPs", "may not be set when `type` is 'ExternalName'");
            }
            if (string.IsNullOrEmpty(spec.Text("externalName")))
            {
                errors.Required("spec.externalName");
            }
            else
            {
                foreach (var problem in NameValidation.Problems(NameRule.Subdomain, spec.Text("externalName")!.TrimEnd('.')))
                {
                    errors.Invalid("spec.externalName", spec.Text("externalName"), problem);
                }
            }
        }
        CheckPorts(ports, type, errors);
        foreach (var (key, value) in spec.Child("selector") ?? [])
        {
            foreach (var problem in ActorKube.Models.NameRules.CheckQualifiedName(key))
            {
                errors.Invalid("spec.selector", key, problem);
            }
            foreach (var problem in ActorKube.Models.NameRules.CheckLabelValue(value.AsText() ?? ""))
            {
                errors.Invalid("spec.selector", value.AsText(), problem);
            }
        }
        if (spec.Text("sessionAffinity") is { } affinity and not ("None" or "ClientIP"))
        {
            errors.NotSupported("spec.sessionAffinity", affinity, ["ClientIP", "None"]);
        }
        if ((spec.Child("sessionAffinityConfig")?.Child("clientIP"))?["timeoutSeconds"].AsLong() is { } timeout and not (>= 1 and <= 86400))
        {
            errors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", timeout, "must be greater than 0 and less than 86400");
        }
        var index = 0;
        foreach (var address in spec.List("clusterIPs").Texts())
        {
            if (address is not ("None" or ""))
            {
                Addresses.Check(address, $"spec.clusterIPs[{index}]", errors);
            }
            index++;
        }
        index = 0;
        foreach (var address in spec.List("externalIPs").Texts())
        {
            Addresses.Check(address, $"spec.externalIPs[{index++}]", errors);
        }
        Policy(spec, "internalTrafficPolicy", errors);
        Policy(spec, "externalTrafficPolicy", errors);
        if (type == "ClusterIP" && spec.Text("externalTrafficPolicy") is { Length: > 0 } external && spec.List("externalIPs") is not { Count: > 0 })
        {
            errors.Invalid("spec.externalTrafficPolicy", external, "may only be set for externally-accessible services");
        }
    }

    private static void Policy(JsonObject spec, string field, FieldErrors errors)
    {
        if (spec.Text(field) is { Length: > 0 } policy and not ("Cluster" or "Local"))
        {
            errors.NotSupported($"spec.{field}", policy, ["Cluster", "Local"]);
        }
    }

    private void CheckPorts(JsonArray? ports, string? type, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<(string?, long?)>();
        var index = 0;
        foreach (var port in ports.Objects())
        {
            var at = $"spec.ports[{index++}]";
            var name = port.Text("name");
            if (string.IsNullOrEmpty(name))
            {
                if (ports!.Count > 1)
                {
                    errors.Required($"{at}.name");
                }
            }
            else
            {
                foreach (var problem in NameValidation.Problems(NameRule.Label, name))
                {
                    errors.Invalid($"{at}.name", name, problem);
                }
                if (!names.Add(name))
                {
                    errors.Duplicate($"{at}.name", name);
                }
            }
            Ports.Check(port["port"], $"{at}.port", errors);
            if (port.Text("protocol") is not ("TCP" or "UDP" or "SCTP"))
            {
                errors.NotSupported($"{at}.protocol", port.Text("protocol") ?? "", ["SCTP", "TCP", "UDP"]);
            }
            Ports.CheckTarget(port["targetPort"], $"{at}.targetPort", errors);
            if (!numbers.Add((port.Text("protocol"), port["port"].AsLong())))
            {
                errors.Duplicate(at, new JsonObject { ["protocol"] = port.Text("protocol"), ["port"] = port["port"]?.DeepClone() });
            }
            if (port["nodePort"].AsLong() is > 0 and var node)
            {
                if (type == "ClusterIP")
                {
                    errors.Forbidden($"{at}.nodePort", "may not be used when `type` is 'ClusterIP'");
                }
                else if (node is < FirstNodePort or > LastNodePort)
                {
                    errors.Invalid($"{at}.nodePort", node, $"provided port is not in the valid range. The range of valid ports is {FirstNodePort}-{LastNodePort}");
                }
            }
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        if (tree.TextAt("spec", "type") == "ExternalName" || old.TextAt("spec", "type") == "ExternalName")
        {
            return;
        }
        var (now, before) = (tree.At("spec", "clusterIPs") as JsonArray, old.At("spec", "clusterIPs") as JsonArray);
        if (now is { Count: > 0 } && before is { Count: > 0 } && now[0].AsText() != before[0].AsText())
        {
            errors.Invalid("spec.clusterIPs[0]", now.DeepClone(), "may not change once set");
        }
        else if (tree.TextAt("spec", "clusterIP") != now.Texts().FirstOrDefault())
        {
            errors.Invalid("spec.clusterIPs[0]", now?.DeepClone() ?? new JsonArray(), "may not change once set");
        }
    }
}

/// <summary>IP addresses in built-in kinds.</summary>
internal static class Addresses
{
    public static void Check(string text, string field, FieldErrors errors)
    {
        if (!IPAddress.TryParse(text, out _) || (!text.Contains(':', StringComparison.Ordinal) && text.Count(c => c == '.') != 3))
        {
            errors.Invalid(field, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
    }
}

/// <summary>Port numbers and names in built-in kinds.</summary>
internal static class Ports
{
    public static void Check(JsonNode? port, string field, FieldErrors errors)
    {
        if (port.AsLong() is not (>= 1 and <= 65535))
        {
            errors.Invalid(field, port.AsLong() ?? 0, "must be between 1 and 65535, inclusive");
        }
    }

    /// <summary>A number, or the name of a container's port.</summary>
    public static void CheckTarget(JsonNode? target, string field, FieldErrors errors)
    {
        if (target.AsText() is not { } name)
        {
            if (target is not null)
            {
                Check(target, field, errors);
            }
            return;
        }
        foreach (var problem in NameProblems(name))
        {
            errors.Invalid(field, name, problem);
        }
    }

    public static IEnumerable<string> NameProblems(string name)
    {
        if (name.Length > 15)
        {
            yield return "must be no more than 15 characters";
        }
        if (name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
        {
            yield return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        }
        if (!name.Any(char.IsAsciiLetter))
        {
            yield return "must contain at least one letter (a-z)";
        }
        if (name.Contains("--", StringComparison.Ordinal))
        {
            yield return "must not contain consecutive hyphens";
        }
        if (name.StartsWith('-') || name.EndsWith('-'))
        {
            yield return "must not begin or end with a hyphen";
        }
    }
}
