using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class IngressStrategy : ResourceStrategy
{
    public override void Default(JsonObject tree) => tree.Need("spec");

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        if (spec.List("rules") is not { Count: > 0 } && spec["defaultBackend"] is null)
        {
            errors.Invalid("spec", spec.DeepClone(), "either `defaultBackend` or `rules` must be specified");
        }
        if (spec.Child("defaultBackend") is { } fallback)
        {
            Backend(fallback, "spec.defaultBackend", errors);
        }
        if (spec.Text("ingressClassName") is { } name)
        {
            foreach (var problem in NameValidation.Problems(NameRule.Subdomain, name))
            {
                errors.Invalid("spec.ingressClassName", name, problem);
            }
        }
        var index = 0;
        foreach (var rule in spec.List("rules").Objects())
        {
            Rule(rule, $"spec.rules[{index++}]", errors);
        }
    }

    private static void Rule(JsonObject rule, string at, FieldErrors errors)
    {
        if (rule.Text("host") is { Length: > 0 } host)
        {
            if (System.Net.IPAddress.TryParse(host, out _))
            {
                errors.Invalid($"{at}.host", host, "must be a DNS name, not an IP address");
            }
            foreach (var problem in NameValidation.Problems(NameRule.Subdomain, host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host))
            {
                errors.Invalid($"{at}.host", host, problem);
            }
        }
        if (rule.Child("http") is not { } http)
        {
            return;
        }
        if (http.List("paths") is not { Count: > 0 })
        {
            errors.Required($"{at}.http.paths");
        }
        var index = 0;
        foreach (var path in http.List("paths").Objects())
        {
            var where = $"{at}.http.paths[{index++}]";
            switch (path.Text("pathType"))
            {
                case null or "":
                    errors.Required($"{where}.pathType", "pathType must be specified");
                    break;
                case "Exact" or "Prefix" or "ImplementationSpecific":
                    if (path.Text("path") is var text && !(text ?? "").StartsWith('/') && !(path.Text("pathType") == "ImplementationSpecific" && string.IsNullOrEmpty(text)))
                    {
                        errors.Invalid($"{where}.path", text ?? "", "must be an absolute path");
                    }
                    break;
                case var other:
                    errors.NotSupported($"{where}.pathType", other, ["Exact", "ImplementationSpecific", "Prefix"]);
                    break;
            }
            Backend(path.Child("backend") ?? [], $"{where}.backend", errors);
        }
    }

    private static void Backend(JsonObject backend, string at, FieldErrors errors)
    {
        var (service, resource) = (backend.Child("service"), backend.Child("resource"));
        if (service is null == resource is null)
        {
            if (service is null)
            {
                errors.Required(at, "resource or service backend is required");
            }
            else
            {
                errors.Invalid(at, "", "cannot set both resource and service backends");
            }
            return;
        }
        if (service is null)
        {
            return;
        }
        var name = service.Text("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required($"{at}.service.name");
        }
        else
        {
            foreach (var problem in NameValidation.Problems(NameRule.Label1035, name))
            {
                errors.Invalid($"{at}.service.name", name, problem);
            }
        }
        var (portName, number) = (service.Child("port")?.Text("name"), service.Child("port")?["number"].AsLong() ?? 0);
        if (string.IsNullOrEmpty(portName) && number == 0)
        {
            errors.Required($"{at}.service.port", "port name or number is required");
        }
        else if (!string.IsNullOrEmpty(portName) && number != 0)
        {
            errors.Invalid($"{at}.service.port", "", "cannot set both port name & port number");
        }
        else if (!string.IsNullOrEmpty(portName))
        {
            foreach (var problem in Ports.NameProblems(portName))
            {
                errors.Invalid($"{at}.service.port.name", portName, problem);
            }
        }
        else
        {
            Ports.Check(JsonValue.Create(number), $"{at}.service.port.number", errors);
        }
    }
}

internal sealed class IngressClassStrategy : ResourceStrategy
{
    public override void Default(JsonObject tree) => tree.Need("spec").Child("parameters")?.Default("scope", "Cluster");

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(tree.TextAt("spec", "controller")))
        {
            errors.Required("spec.controller");
        }
        else if (!tree.TextAt("spec", "controller")!.Contains('/', StringComparison.Ordinal))
        {
            errors.Invalid("spec.controller", tree.TextAt("spec", "controller"), "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        if (tree.TextAt("spec", "controller") != old.TextAt("spec", "controller"))
        {
            errors.Invalid("spec.controller", tree.TextAt("spec", "controller"), "field is immutable");
        }
    }
}

internal sealed class NetworkPolicyStrategy : ResourceStrategy
{
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
        var types = spec.List("policyTypes").Texts().ToList();
        if (types.Count > 2)
        {
            errors.Invalid("spec.policyTypes", spec["policyTypes"]!.DeepClone(), "may not specify more than two policyTypes");
        }
        for (var i = 0; i < types.Count; i++)
        {
            if (types[i] is not ("Ingress" or "Egress"))
            {
                errors.NotSupported($"spec.policyTypes[{i}]", types[i], ["Egress", "Ingress"]);
            }
        }
        foreach (var (direction, peers) in ((string, string)[])[("ingress", "from"), ("egress", "to")])
        {
            var index = 0;
            foreach (var rule in spec.List(direction).Objects())
            {
                var at = $"spec.{direction}[{index++}]";
                var port = 0;
                foreach (var entry in rule.List("ports").Objects())
                {
                    if (entry.Text("protocol") is not ("TCP" or "UDP" or "SCTP"))
                    {
                        errors.NotSupported($"{at}.ports[{port}].protocol", entry.Text("protocol") ?? "", ["SCTP", "TCP", "UDP"]);
                    }
                    Ports.CheckTarget(entry["port"], $"{at}.ports[{port++}].port", errors);
                }
                var peer = 0;
                foreach (var entry in rule.List(peers).Objects())
                {
                    Peer(entry, $"{at}.{peers}[{peer++}]", errors);
                }
            }
        }
    }

    private static void Peer(JsonObject peer, string at, FieldErrors errors)
    {
        var selects = peer["podSelector"] is not null || peer["namespaceSelector"] is not null;
        if (peer.Child("ipBlock") is not { } block)
        {
            if (!selects)
            {
                errors.Required(at, "must specify a peer");
            }
            return;
        }
        if (selects)
        {
            errors.Forbidden(at, "may not specify both ipBlock and another peer");
        }
        if (string.IsNullOrEmpty(block.Text("cidr")))
        {
            errors.Required($"{at}.ipBlock.cidr");
        }
        else if (!Formats.Holds("cidr", block.Text("cidr")!))
        {
            errors.Invalid($"{at}.ipBlock.cidr", block.Text("cidr"), "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }
    }
}

internal sealed class EndpointSliceStrategy : ResourceStrategy
{
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
        if (string.IsNullOrEmpty(tree.Text("addressType")))
        {
            errors.Required("addressType");
        }
        else if (tree.Text("addressType") is not ("FQDN" or "IPv4" or "IPv6"))
        {
            errors.NotSupported("addressType", tree.Text("addressType"), ["FQDN", "IPv4", "IPv6"]);
        }
        var index = 0;
        foreach (var endpoint in tree.List("endpoints").Objects())
        {
            var at = $"endpoints[{index++}].addresses";
            if (endpoint.List("addresses") is not { Count: > 0 } addresses)
            {
                errors.Required(at, "must contain at least 1 address");
                continue;
            }
            var number = 0;
            foreach (var address in addresses.Texts())
            {
                if (tree.Text("addressType") is "IPv4" or "IPv6")
                {
                    Addresses.Check(address, $"{at}[{number}]", errors);
                }
                number++;
            }
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        if (tree.Text("addressType") != old.Text("addressType"))
        {
            errors.Invalid("addressType", tree.Text("addressType"), "field is immutable");
        }
    }
}
