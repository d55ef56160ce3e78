using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class NamespaceStrategy : ResourceStrategy
{
    public override NameRule Names => NameRule.Label;

    public override void Default(JsonObject tree)
    {
        if (tree.Metadata().Text("name") is { Length: > 0 } name)
        {
            tree.Metadata().Need("labels")["kubernetes.io/metadata.name"] = name;
        }
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        Default(tree);
        var spec = tree.Need("spec");
        var finalizers = spec.List("finalizers") ?? [];
        if (!finalizers.Texts().Contains("kubernetes"))
        {
            finalizers.Add("kubernetes");
        }
        spec["finalizers"] = finalizers.DeepClone();
        tree["status"] = new JsonObject { ["phase"] = "Active" };
    }

    public override void PrepareForUpdate(JsonObject tree, JsonObject old)
    {
        tree["spec"] = old["spec"]?.DeepClone() ?? new JsonObject();
        tree["status"] = old["status"]?.DeepClone() ?? new JsonObject();
    }
}

internal sealed class ConfigMapStrategy : ResourceStrategy
{
    public override bool ChecksMetadataOnUpdate => true;

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var size = 0L;
        foreach (var map in (string[])["data", "binaryData"])
        {
            foreach (var (key, value) in tree.Child(map) ?? [])
            {
                ConfigKeys.Check(key, $"{map}[{key}]", errors);
                size += key.Length + Encoding.UTF8.GetByteCount(value.AsText() ?? "");
                if (map == "binaryData" && tree.Child("data")?.ContainsKey(key) == true)
                {
                    errors.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
                }
            }
        }
        if (size > 1024 * 1024)
        {
            errors.TooLong("", 1024 * 1024);
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        ConfigKeys.Immutable(tree, old, errors);
    }
}

internal sealed class SecretStrategy : ResourceStrategy
{
    public override bool ChecksMetadataOnUpdate => true;

    public override void Default(JsonObject tree)
    {
        tree.Default("type", "Opaque");
        if (tree.Child("stringData") is { } plain)
        {
            var data = tree.Need("data");
            foreach (var (key, value) in plain)
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.AsText() ?? ""));
            }
            tree.Remove("stringData");
            if (data.Count == 0)
            {
                tree.Remove("data");
            }
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var size = 0L;
        foreach (var (key, value) in tree.Child("data") ?? [])
        {
            ConfigKeys.Check(key, $"data[{key}]", errors);
            size += (value.AsText()?.Length ?? 0) * 3L / 4;
        }
        if (size > 1024 * 1024)
        {
            errors.TooLong("data", 1024 * 1024);
        }
        string[] needed = tree.Text("type") switch
        {
            "kubernetes.io/tls" => ["tls.crt", "tls.key"],
            "kubernetes.io/dockerconfigjson" => [".dockerconfigjson"],
            "kubernetes.io/dockercfg" => [".dockercfg"],
            "kubernetes.io/ssh-auth" => ["ssh-privatekey"],
            _ => [],
        };
        foreach (var key in needed.Where(key => tree.Child("data")?.ContainsKey(key) != true))
        {
            errors.Required($"data[{key}]");
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        if (tree.Text("type") != old.Text("type"))
        {
            errors.Invalid("type", tree.Text("type"), "field is immutable");
        }
        ConfigKeys.Immutable(tree, old, errors);
    }
}

internal static class ConfigKeys
{
    public static void Check(string key, string field, FieldErrors errors)
    {
        if (key.Length > 253)
        {
            errors.Invalid(field, key, "must be no more than 253 characters");
        }
        if (key.Length == 0 || key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
        {
            errors.Invalid(field, key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
        }
        else if (key is "." or "..")
        {
            errors.Invalid(field, key, $"must not be '{key}'");
        }
        else if (key.StartsWith("..", StringComparison.Ordinal))
        {
            errors.Invalid(field, key, "must not start with '..'");
        }
    }

    /// <summary>What <c>immutable: true</c> forbids.</summary>
    public static void Immutable(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        if (old["immutable"].AsBool() != true)
        {
            return;
        }
        if (tree["immutable"].AsBool() != true)
        {
            errors.Forbidden("immutable", "field is immutable when `immutable` is set");
        }
        foreach (var field in (string[])["data", "binaryData"])
        {
            if (!JsonNode.DeepEquals(tree[field], old[field]))
            {
                errors.Forbidden(field, "field is immutable when `immutable` is set");
            }
        }
    }
}

internal sealed class LeaseStrategy : ResourceStrategy
{
    public override bool CreatesOnUpdate => true;

    public override bool AllowsUnconditionalUpdate => false;

    public override void Default(JsonObject tree) => tree.Need("spec");

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (tree.LongAt("spec", "leaseDurationSeconds") is <= 0 and var duration)
        {
            errors.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
        }
        if (tree.LongAt("spec", "leaseTransitions") is < 0 and var transitions)
        {
            errors.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0");
        }
    }
}

internal sealed class ServiceAccountStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;
}

internal sealed class NodeStrategy : ResourceStrategy
{
    private static readonly string[] Facts =
    [
        "machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture",
    ];

    public override void Default(JsonObject tree)
    {
        tree.Need("spec");
        var status = tree.Need("status");
        // Structs of Go's that are written whatever stands in them.
        status.Need("daemonEndpoints").Need("kubeletEndpoint").Default("Port", 0);
        var facts = status.Need("nodeInfo");
        foreach (var fact in Facts)
        {
            facts.Default(fact, "");
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
        var index = 0;
        foreach (var taint in (tree.At("spec", "taints") as JsonArray).Objects())
        {
            var at = $"spec.taints[{index++}]";
            foreach (var problem in ActorKube.Models.NameRules.CheckQualifiedName(taint.Text("key") ?? ""))
            {
                errors.Invalid($"{at}.key", taint.Text("key") ?? "", problem);
            }
            if (taint.Text("effect") is not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            {
                errors.NotSupported($"{at}.effect", taint.Text("effect") ?? "", ["NoSchedule", "PreferNoSchedule", "NoExecute"]);
            }
        }
    }
}

internal sealed class EndpointsStrategy : ResourceStrategy
{
    public override bool CreatesOnUpdate => true;

    public override void Default(JsonObject tree)
    {
        foreach (var port in tree.List("subsets").Objects().SelectMany(s => s.List("ports").Objects()))
        {
            port.Default("protocol", "TCP");
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
                    Addresses.Check(address.Text("ip") ?? "", $"{at}.{list}[{number++}].ip", errors);
                }
            }
            var port = 0;
            foreach (var entry in subset.List("ports").Objects())
            {
                Ports.Check(entry["port"], $"{at}.ports[{port++}].port", errors);
            }
        }
    }
}

/// <summary>Kinds with a spec and a status and nothing else particular: a new one has an empty status.</summary>
internal sealed class StatusStrategy : ResourceStrategy
{
    public static StatusStrategy Instance { get; } = new();

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();
}
