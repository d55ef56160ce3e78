using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class NetworkPolicyStrategy : ResourceStrategy
{
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Need("podSelector");
        foreach (var port in spec.List("ingress").Objects().Concat(spec.List("egress").Objects()).SelectMany(r => r.List("ports").Objects()))
        {
            port.Default("protocol", "TCP");
        }
        if (spec.List("policyTypes") is not { Count: > 0 })
        {
            spec["policyTypes"] = spec.List("egress") is { Count: > 0 } ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        SelectorValidation.Check(spec.Child("podSelector"), "spec.podSelector", errors);
        foreach (var (direction, peers) in ((string, string)[])[("ingress", "from"), ("egress", "to")])
        {
            var index = 0;
            foreach (var rule in spec.List(direction).Objects())
            {
                var at = $"spec.{direction}[{index++}]";
                var port = 0;
                foreach (var entry in rule.List("ports").Objects())
                {
                    Port(entry, $"{at}.ports[{port++}]", errors);
                }
                var peer = 0;
                foreach (var entry in rule.List(peers).Objects())
                {
                    Peer(entry, $"{at}.{peers}[{peer++}]", errors);
                }
            }
        }
        var types = spec.List("policyTypes").Texts().ToList();
        if (types.Count > 2)
        {
            errors.Invalid("spec.policyTypes", spec["policyTypes"]!.DeepClone(), "may not specify more than two policyTypes");
            return;
        }
        for (var i = 0; i < types.Count; i++)
        {
            if (types[i] is not ("Ingress" or "Egress"))
            {
                errors.NotSupported($"spec.policyTypes[{i}]", types[i], ["Ingress", "Egress"]);
            }
        }
    }

    private static void Port(JsonObject entry, string at, FieldErrors errors)
    {
        if (entry.Text("protocol") is not ("TCP" or "UDP" or "SCTP"))
        {
            errors.NotSupported($"{at}.protocol", entry.Text("protocol") ?? "", ["TCP", "UDP", "SCTP"]);
        }
        var last = entry["endPort"].AsLong();
        if (entry["port"] is null)
        {
            if (last is not null)
            {
                errors.Invalid($"{at}.endPort", last, "may not be specified when `port` is not specified");
            }
            return;
        }
        if (entry["port"].AsLong() is { } first)
        {
            Ports.Check(entry["port"], $"{at}.port", errors);
            if (last < first)
            {
                errors.Invalid($"{at}.endPort", first, "must be greater than or equal to `port`");
            }
            if (last is not null)
            {
                Ports.Check(entry["endPort"], $"{at}.endPort", errors);
            }
            return;
        }
        if (last is not null)
        {
            errors.Invalid($"{at}.endPort", last, "may not be specified when `port` is non-numeric");
        }
        Ports.CheckTarget(entry["port"], $"{at}.port", errors);
    }

    private static void Peer(JsonObject peer, string at, FieldErrors errors)
    {
        foreach (var selector in (string[])["podSelector", "namespaceSelector"])
        {
            SelectorValidation.Check(peer.Child(selector), $"{at}.{selector}", errors);
        }
        var selects = peer["podSelector"] is not null || peer["namespaceSelector"] is not null;
        if (peer.Child("ipBlock") is { } block)
        {
            Block(block, $"{at}.ipBlock", errors);
            if (selects)
            {
                errors.Forbidden(at, "may not specify both ipBlock and another peer");
            }
        }
        else if (!selects)
        {
            errors.Required(at, "must specify a peer");
        }
    }

    private static void Block(JsonObject block, string at, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(block.Text("cidr")))
        {
            errors.Required($"{at}.cidr");
            return;
        }
        if (Range(block.Text("cidr")!, $"{at}.cidr", errors) is not { } whole)
        {
            return;
        }
        var index = 0;
        foreach (var except in block.List("except").Texts())
        {
            var field = $"{at}.except[{index++}]";
            if (Range(except, field, errors) is { } part && (part.PrefixLength <= whole.PrefixLength || !whole.Contains(part.BaseAddress)))
            {
                errors.Invalid(field, except, "must be a strict subset of `cidr`");
            }
        }
    }

    private static IPNetwork? Range(string text, string field, FieldErrors errors)
    {
        if (Formats.Holds("cidr", text) && text.Split('/') is [var address, var length] && IPAddress.TryParse(address, out var ip)
            && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits <= ip.GetAddressBytes().Length * 8)
        {
            return new IPNetwork(Masked(ip, bits), bits);
        }
        errors.Invalid(field, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        return null;
    }

    private static IPAddress Masked(IPAddress ip, int bits)
    {
        var bytes = ip.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] &= (byte)(0xFF00 >> Math.Clamp(bits - (i * 8), 0, 8));
        }
        return new IPAddress(bytes);
    }
}
