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
