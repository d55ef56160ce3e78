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

    private static readonly IPNetwork Range = IPNetwork.Parse("10.96.0.0/12");

    // What stored services hold. Two that ask at the same moment for the same may both get it; what is given out is counted on and differs.
    private readonly ConcurrentDictionary<long, string> _nodePorts = new();
    private readonly ConcurrentDictionary<string, string> _addresses = new(StringComparer.Ordinal);
    private int _lastAddress;
    private int _lastPort;

    /// <summary>Hears of every committed change.</summary>
    public Action<StoredObject>? OnCommitted { get; set; }

    public override NameRule Names => NameRule.Label1035;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override bool CreatesOnUpdate => true;

    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree)
    {
        tree.Child("status")?.Need("loadBalancer");
        var spec = tree.Need("spec");
        spec.Default("sessionAffinity", "None");
        spec.Default("type", "ClusterIP");
        if (spec.Text("sessionAffinity") == "ClientIP")
        {
            if (spec.At("sessionAffinityConfig", "clientIP", "timeoutSeconds") is null)
            {
                spec["sessionAffinityConfig"] = new JsonObject { ["clientIP"] = new JsonObject { ["timeoutSeconds"] = 10800 } };
            }
        }
        else if (spec.Text("sessionAffinity") == "None")
        {
            spec.Remove("sessionAffinityConfig");
        }
        foreach (var port in spec.List("ports").Objects())
        {
            port.Default("protocol", "TCP");
            if ((port["targetPort"] is null || port["targetPort"].AsLong() == 0 || port["targetPort"].AsText() == "") && port["port"] is { } number)
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
            foreach (var ingress in (tree.At("status", "loadBalancer", "ingress") as JsonArray).Objects().Where(i => !string.IsNullOrEmpty(i.Text("ip"))))
            {
                ingress.Default("ipMode", "VIP");
            }
        }
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        tree["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
    }

    /// <summary>What only another type needs goes with that type, unless the user changed it too.</summary>
    private static void DropUnneeded(JsonObject spec, JsonObject old)
    {
        var balances = spec.Text("type") == "LoadBalancer";
        var checks = balances && spec.Text("externalTrafficPolicy") == "Local";
        foreach (var (field, needed) in ((string, bool)[])
            [
                ("healthCheckNodePort", checks), ("allocateLoadBalancerNodePorts", balances), ("loadBalancerClass", balances),
                ("externalTrafficPolicy", balances || spec.Text("type") == "NodePort" || (spec.Text("type") == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 })),
            ])
        {
            if (!needed && JsonNode.DeepEquals(spec[field], old[field]))
            {
                spec.Remove(field);
            }
        }
    }

    public override void PrepareForUpdate(JsonObject tree, JsonObject old)
    {
        var spec = tree.Need("spec");
        DropUnneeded(spec, old.Need("spec"));
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
            if (spec[field] is null && old.At("spec", field) is { } value && (field != "clusterIPs" || spec.Text("clusterIP") == old.TextAt("spec", "clusterIP")))
            {
                spec[field] = value.DeepClone();
            }
        }
        if (spec.Text("clusterIP") is { } single && single != old.TextAt("spec", "clusterIP") && JsonNode.DeepEquals(spec["clusterIPs"], old.At("spec", "clusterIPs")))
        {
            // Who knows only the one field means both.
            spec["clusterIPs"] = single.Length == 0 ? null : new JsonArray(single);
            spec.DropEmpty("clusterIPs");
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
    }

    public override void Committed(StoreEventType type, StoredObject value)
    {
        var owner = Key(value.Namespace, value.Name);
        var spec = type == StoreEventType.Deleted ? [] : value.ToTree().Child("spec") ?? [];
        var (addresses, ports) = (spec.List("clusterIPs").Texts().Where(a => a != "None").ToHashSet(StringComparer.Ordinal), PortsOf(spec).ToHashSet());
        Hold(_addresses, owner, addresses);
        Hold(_nodePorts, owner, ports);
        OnCommitted?.Invoke(value);
    }

    private static void Hold<T>(ConcurrentDictionary<T, string> held, string owner, HashSet<T> now)
        where T : notnull
    {
        foreach (var (item, by) in held)
        {
            if (by == owner && !now.Contains(item))
            {
                held.TryRemove(item, out _);
            }
        }
        foreach (var item in now)
        {
            held[item] = owner;
        }
    }

    private static IEnumerable<long> PortsOf(JsonObject spec) =>
        spec.List("ports").Objects().Select(p => p["nodePort"].AsLong()).Append(spec["healthCheckNodePort"].AsLong()).OfType<long>().Where(p => p > 0);

    public override void Allocate(JsonObject tree, JsonObject? old, bool dryRun)
    {
        var spec = tree.Need("spec");
        if (spec.Text("type") == "ExternalName")
        {
            return;
        }
        var owner = Key(tree.Metadata().Text("namespace") ?? "", tree.Metadata().Text("name") ?? "");
        var errors = new FieldErrors();
        if (old is null && spec.Text("clusterIP") is { Length: > 0 } single)
        {
            spec.Default("clusterIPs", new JsonArray(single));
        }
        ServiceValidation.ClusterAddresses(spec, errors);
        if (old is null && !errors.Any)
        {
            Families(spec, errors);
        }
        if (old is null && !errors.Any)
        {
            Asked(spec, owner, dryRun, errors);
        }
        if (errors.Any)
        {
            throw Errors.Invalid("", "Service", tree.Metadata().Text("name") ?? "", errors);
        }
        if (spec.Text("clusterIP") is null or "")
        {
            spec["clusterIP"] = dryRun ? Range.BaseAddress.ToString() : FreeAddress();
        }
        spec.Default("clusterIPs", new JsonArray(JsonValue.Create(spec.Text("clusterIP"))));
        var anywhere = spec.Text("clusterIP") == "None" && spec.Child("selector") is not { Count: > 0 };
        spec.Default("ipFamilyPolicy", anywhere ? "RequireDualStack" : "SingleStack");
        spec.Default("ipFamilies", anywhere && spec.Text("ipFamilyPolicy") == "RequireDualStack" ? new JsonArray("IPv4", "IPv6") : new JsonArray(Family(spec.Text("clusterIP")!)));
        if (spec.Text("type") == "NodePort" || (spec.Text("type") == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"].AsBool() != false))
        {
            GivePorts(spec, owner, dryRun, errors);
        }
        if (errors.Any)
        {
            throw Errors.Invalid("", "Service", tree.Metadata().Text("name") ?? "", errors);
        }
        if (spec.Text("type") == "LoadBalancer" && spec.Text("externalTrafficPolicy") == "Local" && spec["healthCheckNodePort"].AsLong() is null or 0)
        {
            spec["healthCheckNodePort"] = old?.At("spec", "healthCheckNodePort")?.DeepClone() ?? (dryRun ? DummyPort([.. PortsOf(spec)]) : FreePort());
        }
    }

    /// <summary>What a dry run shows for a port that nobody was given: a number beyond the range, after those that stand there.</summary>
    private static long DummyPort(IReadOnlyCollection<long> others) => Math.Max(LastNodePort + 1, others.DefaultIfEmpty(0).Max()) + 1;

    /// <summary>This cluster has addresses of one family, IPv4: what demands another is refused, unless it gets none at all.</summary>
    private static void Families(JsonObject spec, FieldErrors errors)
    {
        if (spec.Text("clusterIP") == "None" && spec.Child("selector") is not { Count: > 0 })
        {
            return;
        }
        var addresses = spec.List("clusterIPs").Texts().Where(a => a != "None").ToList();
        for (var i = spec.List("ipFamilies")?.Count ?? 0; i < addresses.Count; i++)
        {
            if (Family(addresses[i]) == "IPv6")
            {
                errors.InvalidTexts($"spec.clusterIPs[{i}]", addresses, "IPv6 is not configured on this cluster");
            }
        }
        if (errors.Any)
        {
            return;
        }
        if (spec.Text("ipFamilyPolicy") == "RequireDualStack")
        {
            errors.Invalid("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services");
        }
        var families = spec.List("ipFamilies").Texts().ToList();
        for (var i = 0; i < families.Count; i++)
        {
            if (families[i] == "IPv6")
            {
                errors.Invalid($"spec.ipFamilies[{i}]", "IPv6", "not configured on this cluster");
            }
        }
    }

    private void Asked(JsonObject spec, string owner, bool dryRun, FieldErrors errors)
    {
        foreach (var address in spec.List("clusterIPs").Texts().Where(a => a is not ("None" or "")))
        {
            var why = !Range.Contains(IPAddress.Parse(address)) ? $"the provided IP ({address}) is not in the valid range. The range of valid IPs is {Range}"
                : !dryRun && _addresses.TryGetValue(address, out var holder) && holder != owner ? "provided IP is already allocated" : null;
            if (why is not null)
            {
                errors.InvalidTexts("spec.clusterIPs", [address], $"failed to allocate IP {address}: {why}");
            }
        }
    }

    private void GivePorts(JsonObject spec, string owner, bool dryRun, FieldErrors errors)
    {
        var (index, given) = (0, new Dictionary<long, List<(string?, long?)>>());
        bool Had(long number) => _nodePorts.TryGetValue(number, out var by) && by == owner;
        foreach (var port in spec.List("ports").Objects())
        {
            var at = $"spec.ports[{index++}].nodePort";
            var number = port["nodePort"].AsLong() ?? 0;
            if (number <= 0)
            {
                // The same port of two protocols gets one number.
                number = given.FirstOrDefault(g => g.Value.TrueForAll(p => p.Item1 != port.Text("protocol")) && g.Value.Exists(p => p.Item2 == port["port"].AsLong())).Key;
                number = number > 0 ? number : dryRun ? DummyPort(given.Keys) : FreePort();
                port["nodePort"] = number;
            }
            else if (number is < FirstNodePort or > LastNodePort)
            {
                if (!dryRun && !Had(number))
                {
                    errors.Invalid(at, number, $"provided port is not in the valid range. The range of valid ports is {FirstNodePort}-{LastNodePort}");
                }
            }
            else if (_nodePorts.TryGetValue(number, out var holder) && holder != owner)
            {
                errors.Invalid(at, number, "provided port is already allocated");
            }
            if (!given.TryGetValue(number, out var users))
            {
                given.Add(number, users = []);
            }
            users.Add((port.Text("protocol"), port["port"].AsLong()));
        }
    }

    private string FreeAddress()
    {
        for (var tries = 0; tries < 62_500; tries++)
        {
            // 10.96.0.0/12 as kubeadm sets it up; the first addresses are for the server itself and its DNS.
            var next = Interlocked.Increment(ref _lastAddress) + 256;
            var address = string.Create(CultureInfo.InvariantCulture, $"10.96.{next / 250 % 250}.{next % 250 + 1}");
            if (!_addresses.ContainsKey(address))
            {
                return address;
            }
        }
        throw Errors.Internal("failed to allocate a clusterIP: range is full");
    }

    private long FreePort()
    {
        for (var tries = 0; tries <= LastNodePort - FirstNodePort; tries++)
        {
            var port = FirstNodePort + ((long)(uint)Interlocked.Increment(ref _lastPort) * 7919 % (LastNodePort - FirstNodePort + 1));
            if (!_nodePorts.ContainsKey(port))
            {
                return port;
            }
        }
        throw Errors.Internal("failed to allocate a nodePort: range is full");
    }

    private static string Key(string @namespace, string name) => $"{@namespace}/{name}";

    private static string Family(string address) => address.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4";

    public override void Validate(JsonObject tree, FieldErrors errors) => ServiceValidation.Check(tree, errors);

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        ServiceValidation.CheckAddresses(tree, old, errors);
        ServiceValidation.CheckBalancing(tree, old, errors);
        Validate(tree, errors);
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => ServiceValidation.CheckStatus(tree, errors);

    public override IEnumerable<string> Warnings(JsonObject tree, JsonObject? old) => ServiceValidation.Warnings(tree);
}
