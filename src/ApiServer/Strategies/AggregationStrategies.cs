using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>What other servers serve behind this one: stored and checked, nobody is asked.</summary>
internal sealed class ApiServiceStrategy : ResourceStrategy
{
    /// <summary>Hears of every committed change.</summary>
    public Action<StoreEventType, StoredObject>? OnCommitted { get; set; }

    public override void Committed(StoreEventType type, StoredObject value) => OnCommitted?.Invoke(type, value);

    public override NameRule Names => NameRule.PathSegment;

    public override bool AllowsUnconditionalUpdate => false;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void Default(JsonObject tree) => (tree.Need("spec").Child("service") ?? []).Default("port", 443);

    public override void PrepareForCreate(JsonObject tree)
    {
        tree["status"] = new JsonObject();
        if (tree.At("spec", "service") is null)
        {
            // Who names no service speaks of this server itself, which is there.
            tree.Need("status")["conditions"] = new JsonArray(Local(tree.Metadata().Text("creationTimestamp") ?? ""));
        }
    }

    /// <summary>The condition of what this server serves itself.</summary>
    public static JsonObject Local(string since) => new()
    {
        ["type"] = "Available",
        ["status"] = "True",
        ["lastTransitionTime"] = since,
        ["reason"] = "Local",
        ["message"] = "Local APIServices are always available",
    };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        var (group, version) = (spec.Text("group") ?? "", spec.Text("version") ?? "");
        var (name, wanted) = (tree.Metadata().Text("name") ?? "", $"{version}.{group}");
        if (tree.Metadata().Text("generateName") is { Length: > 0 } prefix && prefix != wanted)
        {
            errors.Invalid("metadata.generateName", prefix, $"must be `spec.version+\".\"+spec.group`: {FieldErrors.Quote(wanted)}");
        }
        if (name.Length > 0 && name != wanted)
        {
            errors.Invalid("metadata.name", name, $"must be `spec.version+\".\"+spec.group`: {FieldErrors.Quote(wanted)}");
        }
        if (group.Length == 0 && version != "v1")
        {
            errors.Required("spec.group", "only v1 may have an empty group and it better be legacy kube");
        }
        if (group.Length > 0)
        {
            PodValidation.Name(group, NameRule.Subdomain, "spec.group", errors);
        }
        foreach (var problem in NameRules.CheckDns1035Label(version))
        {
            errors.Invalid("spec.version", version, problem);
        }
        foreach (var (field, most) in ((string, int)[])[("groupPriorityMinimum", 20000), ("versionPriority", 1000)])
        {
            var priority = spec[field].AsLong() ?? 0;
            if (priority <= 0 || priority > most)
            {
                errors.Invalid($"spec.{field}", priority, $"must be positive and less than {most}");
            }
        }
        var (bundle, insecure) = (spec.Text("caBundle") is { Length: > 0 } text ? text : null, spec["insecureSkipTLSVerify"].AsBool() == true);
        if (spec.Child("service") is not { } service)
        {
            if (bundle is not null)
            {
                errors.Invalid("spec.caBundle", $"{bundle.Length / 4 * 3 - bundle.Count(c => c == '=')} bytes", "local APIServices may not have a caBundle");
            }
            if (insecure)
            {
                errors.Invalid("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify");
            }
            return;
        }
        foreach (var field in (string[])["namespace", "name"])
        {
            if (string.IsNullOrEmpty(service.Text(field)))
            {
                errors.Required($"spec.service.{field}");
            }
        }
        if (service["port"].AsLong() is not (>= 1 and <= 65535) and var port)
        {
            errors.Invalid("spec.service.port", port ?? 0, "port is not valid: must be between 1 and 65535, inclusive");
        }
        if (insecure && bundle is not null)
        {
            errors.Invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present");
        }
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        var index = 0;
        foreach (var condition in (tree.At("status", "conditions") as JsonArray).Objects())
        {
            PodValidation.Choice(condition, "status", $"status.conditions[{index++}]", ["True", "False", "Unknown"], errors, required: true);
        }
    }
}
