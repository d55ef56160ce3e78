using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

internal sealed class DisruptionBudgetStrategy : ResourceStrategy
{
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 0);

    public override bool AllowsUnconditionalUpdate => false;

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject
    {
        ["disruptionsAllowed"] = 0,
        ["currentHealthy"] = 0,
        ["desiredHealthy"] = 0,
        ["expectedPods"] = 0,
    };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            errors.Invalid("spec", spec.DeepClone(), "minAvailable and maxUnavailable cannot be both set");
        }
        foreach (var field in (string[])["minAvailable", "maxUnavailable"])
        {
            Share.Check(spec[field], $"spec.{field}", errors);
        }
        SelectorValidation.Check(spec.Child("selector"), "spec.selector", errors);
        if (spec.Text("unhealthyPodEvictionPolicy") is { } policy and not ("AlwaysAllow" or "IfHealthyBudget"))
        {
            errors.NotSupported("spec.unhealthyPodEvictionPolicy", policy, ["AlwaysAllow", "IfHealthyBudget"]);
        }
    }
}

/// <summary>A count, or a share in percent.</summary>
internal static class Share
{
    public static void Check(JsonNode? value, string field, FieldErrors errors, bool mayExceedAll = false)
    {
        if (value.AsLong() is < 0 and var count)
        {
            errors.Invalid(field, count, "must be greater than or equal to 0");
        }
        else if (value.AsText() is { } text)
        {
            if (!text.EndsWith('%') || text.Length < 2 || !text[..^1].All(char.IsAsciiDigit))
            {
                errors.Invalid(field, text, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
            }
            else if (!mayExceedAll && (!int.TryParse(text[..^1], out var percent) || percent > 100))
            {
                errors.Invalid(field, text, "must not be greater than 100%");
            }
        }
    }

    public static bool IsZero(JsonNode? value) => value is null || value.AsLong() == 0 || value.AsText() is "0%";
}

internal sealed class AutoscalerStrategy : ResourceStrategy
{
    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("minReplicas", 1);
        if (tree.Text("apiVersion") == "autoscaling/v1")
        {
            // Stored as v2, which scales by CPU where nothing else is asked for.
            spec.Default("targetCPUUtilizationPercentage", 80);
            return;
        }
        if (spec.List("metrics") is not { Count: > 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 } },
            });
        }
        if (spec.Child("behavior") is { } behavior)
        {
            Rules(behavior.Need("scaleUp"), 0, ("Pods", 4), ("Percent", 100));
            Rules(behavior.Need("scaleDown"), null, ("Percent", 100));
        }
    }

    private static void Rules(JsonObject rules, int? window, params (string Type, int Value)[] policies)
    {
        if (window is { } seconds)
        {
            rules.Default("stabilizationWindowSeconds", seconds);
        }
        rules.Default("selectPolicy", "Max");
        if (rules.List("policies") is not { Count: > 0 })
        {
            rules["policies"] = new JsonArray([.. policies.Select(p => new JsonObject { ["type"] = p.Type, ["value"] = p.Value, ["periodSeconds"] = 15 })]);
        }
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = tree.Text("apiVersion") == "autoscaling/v1"
        ? new JsonObject { ["currentReplicas"] = 0, ["desiredReplicas"] = 0 }
        : new JsonObject { ["desiredReplicas"] = 0, ["currentMetrics"] = null };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        var (min, max) = (spec["minReplicas"].AsLong() ?? 1, spec["maxReplicas"].AsLong() ?? 0);
        if (min < 1)
        {
            errors.Invalid("spec.minReplicas", min, "must be greater than or equal to 1");
        }
        if (max < 1)
        {
            errors.Invalid("spec.maxReplicas", max, "must be greater than 0");
        }
        if (min > max)
        {
            errors.Invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`");
        }
        AutoscalerValidation.Reference(spec.Child("scaleTargetRef"), "spec.scaleTargetRef", errors);
        // The older version's one number is a metric of the version that is stored, and told as such.
        if (spec["targetCPUUtilizationPercentage"].AsLong() is < 1 and var utilization)
        {
            errors.Invalid("spec.metrics[0].resource.target.averageUtilization", utilization, "must be greater than 0");
        }
        var index = 0;
        foreach (var metric in spec.List("metrics").Objects())
        {
            AutoscalerValidation.Metric(metric, $"spec.metrics[{index++}]", errors);
        }
        if (spec.Child("behavior") is { } behavior)
        {
            AutoscalerValidation.Behavior(behavior, "spec.behavior", errors);
        }
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (string[])["currentReplicas", "desiredReplicas"])
        {
            if (tree.LongAt("status", field) is < 0 and var number)
            {
                errors.Invalid($"status.{field}", number, "must be greater than or equal to 0");
            }
        }
    }
}

internal sealed class PriorityClassStrategy : ResourceStrategy
{
    private const long HighestForUsers = 1_000_000_000;

    /// <summary>One of the classes that every cluster has, and users cannot make.</summary>
    public static JsonObject System(string name, int value, string description, TimeProvider time)
    {
        var meta = new JsonObject { ["name"] = name };
        MetadataRules.PrepareForCreate(meta, hasGeneration: true, time);
        return new JsonObject
        {
            ["apiVersion"] = "scheduling.k8s.io/v1", ["kind"] = "PriorityClass", ["metadata"] = meta, ["value"] = value, ["description"] = description, ["preemptionPolicy"] = "PreemptLowerPriority",
        };
    }

    public override bool SpecChanged(JsonObject tree, JsonObject old) => false;

    public override void Default(JsonObject tree)
    {
        tree.Default("preemptionPolicy", "PreemptLowerPriority");
        tree.Default("value", 0);
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (tree["value"].AsLong() > HighestForUsers)
        {
            errors.Forbidden("value", $"maximum allowed value of a user defined priority is {HighestForUsers}");
        }
        if (tree.Metadata().Text("name") is { } name && name.StartsWith("system-", StringComparison.Ordinal))
        {
            errors.Forbidden("metadata.name", "priority class names with 'system-' prefix are reserved for system use only");
        }
        if (tree.Text("preemptionPolicy") is { } policy and not ("Never" or "PreemptLowerPriority"))
        {
            errors.NotSupported("preemptionPolicy", policy, ["Never", "PreemptLowerPriority"]);
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        if (tree["value"].AsLong() != old["value"].AsLong())
        {
            errors.Forbidden("value", "may not be changed in an update.");
        }
        if (tree.Text("preemptionPolicy") != old.Text("preemptionPolicy"))
        {
            errors.Invalid("preemptionPolicy", tree.Text("preemptionPolicy"), "field is immutable");
        }
    }
}

internal sealed class RuntimeClassStrategy : ResourceStrategy
{
    public override bool AllowsUnconditionalUpdate => false;

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        foreach (var problem in NameValidation.Problems(NameRule.Label, tree.Text("handler") ?? ""))
        {
            errors.Invalid("handler", tree.Text("handler") ?? "", problem);
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        if (tree.Text("handler") != old.Text("handler"))
        {
            errors.Invalid("handler", tree.Text("handler"), "field is immutable");
        }
    }
}

internal sealed class LimitRangeStrategy : ResourceStrategy
{
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 0);

    public override bool CreatesOnUpdate => true;

    private static readonly string[] Fields = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

    public override void Default(JsonObject tree)
    {
        foreach (var limit in (tree.Need("spec").List("limits")).Objects().Where(l => l.Text("type") == "Container"))
        {
            // What may be used at most is used by default; what is used by default is asked for by default.
            Fill(limit, "default", limit.Child("max"));
            Fill(limit, "defaultRequest", limit.Child("default"));
            Fill(limit, "defaultRequest", limit.Child("min"));
        }
    }

    private static void Fill(JsonObject limit, string field, JsonObject? from)
    {
        foreach (var (name, value) in from ?? [])
        {
            limit.Need(field).Default(name, value!.DeepClone());
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var limit in (tree.At("spec", "limits") as JsonArray).Objects())
        {
            var at = $"spec.limits[{index++}]";
            var type = limit.Text("type") ?? "";
            if (type is not ("Pod" or "Container" or "PersistentVolumeClaim"))
            {
                PodValidation.Qualified(type, $"{at}.type", errors);
                if (type.Length > 0 && !type.Contains('/', StringComparison.Ordinal))
                {
                    errors.Invalid($"{at}.type", type, "must be a standard limit type or fully qualified");
                }
            }
            if (!types.Add(type))
            {
                errors.Duplicate($"{at}.type", type);
            }
            if (type == "Pod")
            {
                foreach (var field in (string[])["default", "defaultRequest"])
                {
                    if (limit.Child(field) is { Count: > 0 })
                    {
                        errors.Forbidden($"{at}.{field}", "may not be specified when `type` is 'Pod'");
                    }
                }
            }
            foreach (var field in Fields)
            {
                foreach (var (name, _) in limit.Child(field) ?? [])
                {
                    if (type is "Pod" or "Container")
                    {
                        ResourceValidation.ContainerName(name, $"{at}.{field}[{name}]", errors);
                    }
                    else
                    {
                        ResourceValidation.BaseName(name, $"{at}.{field}[{name}]", errors);
                    }
                }
            }
            if (type == "PersistentVolumeClaim" && limit.At("min", "storage") is null && limit.At("max", "storage") is null)
            {
                errors.Required($"{at}.limits", "either minimum or maximum storage value is required, but neither was provided");
            }
            foreach (var name in Fields.SelectMany(f => limit.Child(f)?.Select(p => p.Key) ?? []).Distinct(StringComparer.Ordinal))
            {
                Order(limit, name, at, errors);
            }
        }
    }

    private static void Order(JsonObject limit, string name, string at, FieldErrors errors)
    {
        decimal? Of(string field) => limit.Child(field)?[name] is { } value && ResourceQuantity.TryParse(value.ToString(), out var quantity) ? quantity.ToDecimal() : null;
        foreach (var (low, high) in ((string, string)[])[("min", "max"), ("min", "defaultRequest"), ("defaultRequest", "max"), ("defaultRequest", "default"), ("default", "max")])
        {
            if (Of(low) is { } small && Of(high) is { } large && small > large)
            {
                var shown = high == "max" ? low : high;
                errors.Invalid($"{at}.{(high == "max" ? low : low == "min" ? high : low)}[{name}]", limit.Child(shown)![name]!.DeepClone(), $"{low} value {limit.Child(low)![name]} is greater than {high} value {limit.Child(high)![name]}");
            }
        }
    }
}

internal sealed class ResourceQuotaStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree) => tree.Need("spec");

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        foreach (var (name, value) in tree.At("spec", "hard") as JsonObject ?? [])
        {
            var at = $"spec.hard[{name}]";
            ResourceValidation.QuotaName(name, at, errors);
            ResourceValidation.Amount(name, value, at, errors);
        }
        var scopes = (tree.At("spec", "scopes") as JsonArray).Texts().ToList();
        foreach (var scope in scopes.Where(s => Array.IndexOf(Scopes, s) < 0))
        {
            errors.Invalid("spec.scopes", tree.At("spec", "scopes")!.DeepClone(), "unsupported scope");
        }
        foreach (var (one, other) in ((string, string)[])[("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")])
        {
            if (scopes.Contains(one) && scopes.Contains(other))
            {
                errors.Invalid("spec.scopes", tree.At("spec", "scopes")!.DeepClone(), "conflicting scopes");
            }
        }
    }

    private static readonly string[] Scopes = ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"];

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        static HashSet<string> Of(JsonObject quota) => (quota.At("spec", "scopes") as JsonArray).Texts().ToHashSet(StringComparer.Ordinal);
        if (!Of(tree).SetEquals(Of(old)))
        {
            errors.Invalid("spec.scopes", tree.At("spec", "scopes")?.DeepClone(), "field is immutable");
        }
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        foreach (var list in (string[])["hard", "used"])
        {
            foreach (var (name, value) in tree.At("status", list) as JsonObject ?? [])
            {
                ResourceValidation.QuotaName(name, $"status.{list}[{name}]", errors);
                ResourceValidation.Amount(name, value, $"status.{list}[{name}]", errors);
            }
        }
    }
}
