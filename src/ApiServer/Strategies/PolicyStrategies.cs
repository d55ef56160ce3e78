using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

internal sealed class DisruptionBudgetStrategy : ResourceStrategy
{
    /// <summary>Kubernetes looks at nothing of a budget's metadata but what holds for everything.</summary>
    public override NameRule Names => NameRule.PathSegment;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (0, 0);

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
            errors.InvalidShown("spec", GoValues.DisruptionBudget(spec), "minAvailable and maxUnavailable cannot be both set");
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

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (string[])["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"])
        {
            PodValidation.NotNegative(tree.Child("status") ?? [], field, "status", errors);
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
                errors.InvalidShown(field, GoValues.IntOrString(value), "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
            }
            else if (!mayExceedAll && (!int.TryParse(text[..^1], out var percent) || percent > 100))
            {
                errors.InvalidShown(field, GoValues.IntOrString(value), "must not be greater than 100%");
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
        tree.Child("status")?.Default("desiredReplicas", 0);
        if (tree.Text("apiVersion") == "autoscaling/v1")
        {
            tree.Child("status")?.Default("currentReplicas", 0);
        }
        else
        {
            tree.Child("status")?.TryAdd("currentMetrics", null);
        }
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
        if (min == 0 && !spec.List("metrics").Objects().Any(m => m.Text("type") is "Object" or "External"))
        {
            errors.Forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas");
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
            errors.NotSupported("preemptionPolicy", policy, ["PreemptLowerPriority", "Never"]);
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
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override bool CreatesOnUpdate => true;

    public override bool AllowsUnconditionalUpdate => false;

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        foreach (var problem in NameValidation.Problems(NameRule.Label, tree.Text("handler") ?? ""))
        {
            errors.Invalid("handler", tree.Text("handler") ?? "", problem);
        }
        foreach (var (name, value) in tree.At("overhead", "podFixed") as JsonObject ?? [])
        {
            ResourceValidation.ContainerName(name, $"overhead.limits[{name}]", errors);
            ResourceValidation.Amount(name, value, $"overhead.limits[{name}]", errors);
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
