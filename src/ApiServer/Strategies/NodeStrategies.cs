using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class NodeStrategy : ResourceStrategy
{
    private static readonly string[] Facts =
    [
        "machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture",
    ];

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        // One network, or the first of several: each says the other.
        if (spec.List("podCIDRs") is not { Count: > 0 } && spec.Text("podCIDR") is { Length: > 0 } one)
        {
            spec["podCIDRs"] = new JsonArray(one);
        }
        else if (spec.List("podCIDRs").Texts().FirstOrDefault() is { } first)
        {
            spec["podCIDR"] = first;
        }
        var status = tree.Need("status");
        // Structs of Go's that are written whatever stands in them.
        status.Need("daemonEndpoints").Need("kubeletEndpoint").Default("Port", 0);
        var facts = status.Need("nodeInfo");
        foreach (var fact in Facts)
        {
            facts.Default(fact, "");
        }
        if (status["capacity"] is { } capacity)
        {
            status.Default("allocatable", capacity.DeepClone());
        }
    }

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        Taints(tree, errors);
        foreach (var field in (string[])["podCIDRs", "providerID"])
        {
            if (old.At("spec", field) is { } before && !JsonNode.DeepEquals(before, tree.At("spec", field)))
            {
                errors.Forbidden($"spec.{field}", $"node updates may not change {(field == "podCIDRs" ? "podCIDR" : field)} except from \"\" to valid");
            }
        }
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        // A new node takes nothing until somebody says that it is ready.
        var spec = tree.Need("spec");
        if (spec["taints"] is not JsonArray taints)
        {
            spec["taints"] = taints = [];
        }
        if (!taints.Objects().Any(t => t.Text("key") == "node.kubernetes.io/not-ready"))
        {
            taints.Add(new JsonObject { ["key"] = "node.kubernetes.io/not-ready", ["effect"] = "NoSchedule" });
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        Taints(tree, errors);
        PodNetworks(tree, errors);
        foreach (var field in (string[])["capacity", "allocatable"])
        {
            foreach (var (name, value) in tree.At("status", field) as JsonObject ?? [])
            {
                ResourceValidation.Amount(name, value, $"status.{field}.{name}", errors);
            }
        }
    }

    private static void PodNetworks(JsonObject tree, FieldErrors errors)
    {
        var networks = tree.At("spec", "podCIDRs") is JsonArray { Count: > 0 } all ? all.Texts().ToList() : tree.TextAt("spec", "podCIDR") is { Length: > 0 } one ? [one] : [];
        for (var i = 0; i < networks.Count; i++)
        {
            if (!System.Net.IPNetwork.TryParse(networks[i], out _))
            {
                errors.Invalid($"spec.podCIDRs[{i}]", networks[i], "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
        }
        if (networks.Count > 2)
        {
            errors.InvalidTexts("spec.podCIDRs", networks, "may specify no more than one CIDR for each IP family");
        }
    }

    /// <summary>Taints. Kubernetes says that they stand in metadata.</summary>
    private static void Taints(JsonObject tree, FieldErrors errors)
    {
        var seen = new HashSet<(string?, string?)>();
        var index = 0;
        foreach (var taint in (tree.At("spec", "taints") as JsonArray).Objects())
        {
            var at = $"metadata.taints[{index++}]";
            PodValidation.Qualified(taint.Text("key") ?? "", $"{at}.key", errors);
            if (ActorKube.Models.NameRules.CheckLabelValue(taint.Text("value") ?? "") is { Count: > 0 } problems)
            {
                errors.Invalid($"{at}.value", taint.Text("value"), string.Join(';', problems));
            }
            PodValidation.Choice(taint, "effect", at, ["NoSchedule", "PreferNoSchedule", "NoExecute"], errors, required: true);
            if (!seen.Add((taint.Text("key"), taint.Text("effect"))))
            {
                errors.Add("FieldValueDuplicate", at,
                    $"Duplicate value: core.Taint{{Key:{FieldErrors.Quote(taint.Text("key") ?? "")}, Value:{FieldErrors.Quote(taint.Text("value") ?? "")}, Effect:{FieldErrors.Quote(taint.Text("effect") ?? "")}, TimeAdded:<nil>}}: taints must be unique by key and effect pair");
            }
        }
    }
}

internal sealed class EndpointsStrategy : ResourceStrategy
{
    /// <summary>Hears of every committed change.</summary>
    public Action<StoredObject>? OnCommitted { get; set; }

    public override void Committed(StoreEventType type, StoredObject value) => OnCommitted?.Invoke(value);

    public override bool CreatesOnUpdate => true;

    public override void Default(JsonObject tree)
    {
        foreach (var port in tree.List("subsets").Objects().SelectMany(s => s.List("ports").Objects()))
        {
            port.Default("protocol", "TCP");
        }
    }

    /// <summary>Addresses are kept in their order, each once.</summary>
    public override void Canonicalize(JsonObject tree)
    {
        foreach (var subset in tree.List("subsets").Objects())
        {
            foreach (var list in (string[])["addresses", "notReadyAddresses"])
            {
                if (subset[list] is JsonArray { Count: > 1 } addresses)
                {
                    subset[list] = new JsonArray([.. addresses.Objects().OrderBy(a => a.Text("ip"), StringComparer.Ordinal)
                        .ThenBy(a => a.TextAt("targetRef", "uid"), StringComparer.Ordinal).Select(a => (JsonNode)a.DeepClone())]);
                }
            }
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var index = 0;
        foreach (var subset in tree.List("subsets").Objects())
        {
            var at = $"subsets[{index++}]";
            if (subset.List("addresses") is not { Count: > 0 } && subset.List("notReadyAddresses") is not { Count: > 0 })
            {
                errors.Required(at, "must specify `addresses` or `notReadyAddresses`");
            }
            foreach (var list in (string[])["addresses", "notReadyAddresses"])
            {
                var number = 0;
                foreach (var address in subset.List(list).Objects())
                {
                    var where = $"{at}.{list}[{number++}]";
                    Addresses.Check(address.Text("ip") ?? "", $"{where}.ip", errors);
                    PodValidation.Name(address.Text("hostname"), NameRule.Label, $"{where}.hostname", errors);
                    PodValidation.Name(address.Text("nodeName"), NameRule.Subdomain, $"{where}.nodeName", errors);
                    Addresses.CheckEndpoint(address.Text("ip") ?? "", $"{where}.ip", errors);
                }
            }
            var port = 0;
            foreach (var entry in subset.List("ports").Objects())
            {
                var where = $"{at}.ports[{port++}]";
                if (subset.List("ports")!.Count > 1 && string.IsNullOrEmpty(entry.Text("name")))
                {
                    errors.Required($"{where}.name");
                }
                PodValidation.Name(entry.Text("name"), NameRule.Label, $"{where}.name", errors);
                Ports.Check(entry["port"], $"{where}.port", errors);
                PodValidation.Choice(entry, "protocol", where, ["SCTP", "TCP", "UDP"], errors, required: true);
            }
        }
    }

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);
}
