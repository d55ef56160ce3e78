using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class EndpointSliceStrategy : ResourceStrategy
{
    private const int MostEndpoints = 1000;
    private const int MostAddresses = 100;
    private const int MostPorts = 20_000;
    private const int MostHints = 8;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 0);

    public override bool SpecChanged(JsonObject tree, JsonObject old) =>
        !JsonNode.DeepEquals(tree["endpoints"], old["endpoints"]) || !JsonNode.DeepEquals(tree["ports"], old["ports"]) || tree.Text("addressType") != old.Text("addressType")
        || !JsonNode.DeepEquals(tree.Metadata()["labels"], old.Metadata()["labels"]);

    public override void Default(JsonObject tree)
    {
        if (!tree.ContainsKey("endpoints"))
        {
            tree["endpoints"] = null;
        }
        if (!tree.ContainsKey("ports"))
        {
            tree["ports"] = null;
        }
        foreach (var port in tree.List("ports").Objects())
        {
            port.Default("name", "");
            port.Default("protocol", "TCP");
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var type = tree.Text("addressType");
        if (string.IsNullOrEmpty(type))
        {
            errors.Required("addressType");
        }
        else if (type is not ("FQDN" or "IPv4" or "IPv6"))
        {
            errors.NotSupported("addressType", type, ["FQDN", "IPv4", "IPv6"]);
        }
        if (tree.List("endpoints") is { Count: > MostEndpoints } many)
        {
            errors.TooMany("endpoints", many.Count, MostEndpoints);
        }
        else
        {
            var index = 0;
            foreach (var endpoint in tree.List("endpoints").Objects())
            {
                Endpoint(endpoint, type, $"endpoints[{index++}]", errors);
            }
        }
        PortsOf(tree.List("ports").Objects().ToList(), errors);
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        if (tree.Text("addressType") != old.Text("addressType"))
        {
            errors.Invalid("addressType", tree.Text("addressType") ?? "", "field is immutable");
        }
    }

    private static void Endpoint(JsonObject endpoint, string? type, string at, FieldErrors errors)
    {
        var addresses = endpoint.List("addresses").Texts().ToList();
        if (addresses.Count == 0)
        {
            errors.Required($"{at}.addresses", "must contain at least 1 address");
        }
        else if (addresses.Count > MostAddresses)
        {
            errors.TooMany($"{at}.addresses", addresses.Count, MostAddresses);
        }
        for (var i = 0; i < addresses.Count; i++)
        {
            Address(addresses[i], type, $"{at}.addresses[{i}]", errors);
        }
        if (endpoint.Text("nodeName") is { } node)
        {
            Named(NameRule.Subdomain, node, $"{at}.nodeName", errors);
        }
        NameValidation.Labels(endpoint.Child("deprecatedTopology"), $"{at}.deprecatedTopology", errors);
        if (endpoint.Text("hostname") is { } host)
        {
            Named(NameRule.Label, host, $"{at}.hostname", errors);
        }
        Hints(endpoint.Child("hints")?.List("forZones").Objects().Select(z => z.Text("name") ?? "").ToList() ?? [], $"{at}.hints.forZones", errors);
    }

    private static void Address(string address, string? type, string at, FieldErrors errors)
    {
        switch (type)
        {
            case "IPv4" or "IPv6":
                if (!IPAddress.TryParse(address, out var ip) || (ip.AddressFamily == AddressFamily.InterNetwork) != (type == "IPv4"))
                {
                    errors.Invalid(at, address, $"must be a valid {type} address");
                }
                Addresses.CheckEndpoint(address, at, errors);
                break;
            case "FQDN":
                FullName(address, at, errors);
                break;
        }
    }

    private static void FullName(string name, string at, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(at);
            return;
        }
        name = name.EndsWith('.') ? name[..^1] : name;
        if (NameValidation.Problems(NameRule.Subdomain, name) is { Count: > 0 } problems)
        {
            errors.Invalid(at, name, string.Join(",", problems));
        }
        else if (!name.Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid(at, name, "should be a domain with at least two segments separated by dots");
        }
        else if (name.Split('.').FirstOrDefault(l => NameValidation.Problems(NameRule.Label, l).Count > 0) is { } label)
        {
            errors.Invalid(at, label, string.Join(",", NameValidation.Problems(NameRule.Label, label)));
        }
    }

    private static void Hints(List<string> zones, string at, FieldErrors errors)
    {
        if (zones.Count > MostHints)
        {
            errors.TooMany(at, zones.Count, MostHints);
            return;
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < zones.Count; i++)
        {
            if (!seen.Add(zones[i]))
            {
                errors.Duplicate($"{at}[{i}].name", zones[i]);
            }
            foreach (var problem in Models.NameRules.CheckLabelValue(zones[i]))
            {
                errors.Invalid($"{at}[{i}].name", zones[i], problem);
            }
        }
    }

    private static void PortsOf(List<JsonObject> ports, FieldErrors errors)
    {
        if (ports.Count > MostPorts)
        {
            errors.TooMany("ports", ports.Count, MostPorts);
            return;
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var (at, name) = ($"ports[{i}]", ports[i].Text("name") ?? "");
            if (name.Length > 0)
            {
                Named(NameRule.Label, name, $"{at}.name", errors);
            }
            if (!seen.Add(name))
            {
                errors.Duplicate($"{at}.name", name);
            }
            if (ports[i].Text("protocol") is not ("TCP" or "UDP" or "SCTP"))
            {
                errors.NotSupported($"{at}.protocol", ports[i].Text("protocol") ?? "", ["SCTP", "TCP", "UDP"]);
            }
            if (ports[i].Text("appProtocol") is { } application)
            {
                PodValidation.Qualified(application, $"{at}.appProtocol", errors);
            }
        }
    }

    private static void Named(NameRule rule, string name, string at, FieldErrors errors)
    {
        foreach (var problem in NameValidation.Problems(rule, name))
        {
            errors.Invalid(at, name, problem);
        }
    }
}
