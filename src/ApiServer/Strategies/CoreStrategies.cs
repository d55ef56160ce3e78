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

internal sealed class EventStrategy : ResourceStrategy
{
    public override bool CreatesOnUpdate => true;

    public override void Default(JsonObject tree)
    {
        tree.Need("involvedObject");
        tree.Need("source");
        foreach (var field in (string[])["firstTimestamp", "lastTimestamp", "eventTime"])
        {
            if (!tree.ContainsKey(field))
            {
                tree[field] = null;
            }
        }
        tree.Default("reportingComponent", "");
        tree.Default("reportingInstance", "");
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var space = tree.Metadata().Text("namespace") ?? "";
        var involved = tree.TextAt("involvedObject", "namespace") ?? "";
        // Events of cluster-scoped objects stand in the default namespace and name none.
        if (involved != space && (involved.Length > 0 || space is not ("default" or "kube-system")))
        {
            errors.Invalid("involvedObject.namespace", involved, "does not match event.namespace");
        }
    }
}

internal sealed class ServiceStrategy : ResourceStrategy
{
    private int _lastAddress;

    public override NameRule Names => NameRule.Label1035;

    public override bool CreatesOnUpdate => true;

    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("sessionAffinity", "None");
        spec.Default("type", "ClusterIP");
        foreach (var port in spec.List("ports").Objects())
        {
            port.Default("protocol", "TCP");
            if (port["targetPort"] is null && port["port"] is { } number)
            {
                port["targetPort"] = number.DeepClone();
            }
        }
        if (spec.Text("type") != "ExternalName")
        {
            spec.Default("internalTrafficPolicy", "Cluster");
        }
        if (spec.Text("type") is "NodePort" or "LoadBalancer")
        {
            spec.Default("externalTrafficPolicy", "Cluster");
        }
        if (spec.Text("type") == "LoadBalancer")
        {
            spec.Default("allocateLoadBalancerNodePorts", true);
        }
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        tree["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        Allocate(tree.Need("spec"));
    }

    public override void PrepareForUpdate(JsonObject tree, JsonObject old)
    {
        var spec = tree.Need("spec");
        foreach (var field in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec[field] is null && spec.Text("type") != "ExternalName" && old.At("spec", field) is { } value)
            {
                spec[field] = value.DeepClone();
            }
        }
    }

    private void Allocate(JsonObject spec)
    {
        if (spec.Text("type") == "ExternalName")
        {
            return;
        }
        if (spec.Text("clusterIP") is null or "")
        {
            // 10.96.0.0/16 as kubeadm sets it up; the first addresses are for the server itself and its DNS.
            var next = Interlocked.Increment(ref _lastAddress) + 256;
            spec["clusterIP"] = string.Create(CultureInfo.InvariantCulture, $"10.96.{next / 250 % 250}.{next % 250 + 1}");
        }
        spec.Default("clusterIPs", new JsonArray(JsonValue.Create(spec.Text("clusterIP"))));
        spec.Default("ipFamilies", new JsonArray(JsonValue.Create("IPv4")));
        spec.Default("ipFamilyPolicy", "SingleStack");
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Child("spec");
        var type = spec?.Text("type");
        if (type is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
        {
            errors.NotSupported("spec.type", type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
        }
        var ports = spec?.List("ports");
        if (ports is not { Count: > 0 } && type != "ExternalName" && spec?.Text("clusterIP") != "None")
        {
            errors.Required("spec.ports");
        }
        var index = 0;
        foreach (var port in ports.Objects())
        {
            if (ports!.Count > 1 && string.IsNullOrEmpty(port.Text("name")))
            {
                errors.Required($"spec.ports[{index}].name");
            }
            if (port["port"].AsLong() is not (>= 1 and <= 65535))
            {
                errors.Invalid($"spec.ports[{index}].port", port["port"].AsLong() ?? 0, "must be between 1 and 65535, inclusive");
            }
            index++;
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        if (tree.TextAt("spec", "type") != "ExternalName" && old.TextAt("spec", "type") != "ExternalName" &&
            tree.TextAt("spec", "clusterIP") != old.TextAt("spec", "clusterIP"))
        {
            errors.Invalid("spec.clusterIPs[0]", tree.TextAt("spec", "clusterIP"), "field is immutable");
        }
    }
}

internal sealed class ServiceAccountStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;
}

internal sealed class NodeStrategy : ResourceStrategy
{
    public override void Default(JsonObject tree) => tree.Need("spec");

    public override void PrepareForCreate(JsonObject tree) => tree.Need("status");
}

internal sealed class PersistentVolumeClaimStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree) => tree.Need("spec").Default("volumeMode", "Filesystem");

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["phase"] = "Pending" };
}

internal sealed class PersistentVolumeStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree)
    {
        tree.Need("spec").Default("volumeMode", "Filesystem");
        tree.Need("spec").Default("persistentVolumeReclaimPolicy", "Retain");
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["phase"] = "Pending" };
}

/// <summary>Kinds with a spec and a status and nothing else particular: a new one has an empty status.</summary>
internal sealed class StatusStrategy : ResourceStrategy
{
    public static StatusStrategy Instance { get; } = new();

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();
}
