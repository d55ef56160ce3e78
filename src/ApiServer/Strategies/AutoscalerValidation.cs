using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>The metrics and behaviors of autoscalers.</summary>
internal static class AutoscalerValidation
{
    private const int LongestWindow = 3600;
    private const int LongestPeriod = 1800;
    private static readonly string[] Kinds = ["ContainerResource", "External", "Object", "Pods", "Resource"];

    public static void Reference(JsonObject? reference, string at, FieldErrors errors)
    {
        foreach (var field in (string[])["kind", "name"])
        {
            Segment(reference, field, at, "", errors);
        }
    }

    public static void Metric(JsonObject metric, string at, FieldErrors errors)
    {
        var type = metric.Text("type") ?? "";
        if (type.Length == 0)
        {
            errors.Required($"{at}.type", "must specify a metric source type");
        }
        var known = Array.IndexOf(Kinds, type) >= 0;
        if (!known)
        {
            errors.NotSupported($"{at}.type", type, Kinds);
        }
        string[] sources = [.. ((string[])["object", "external", "pods", "resource", "containerResource"]).Where(s => metric.Child(s) is not null)];
        if (sources.Length > 0)
        {
            Source(sources[0], metric.Child(sources[0])!, $"{at}.{sources[0]}", errors);
        }
        var expected = known ? char.ToLowerInvariant(type[0]) + type[1..] : "";
        if (!known)
        {
            errors.NotSupported($"{at}.type", type, Kinds);
        }
        else if (metric.Child(expected) is null)
        {
            errors.Required($"{at}.{expected}", "must populate information for the given metric source");
        }
        foreach (var other in sources.Length == 1 ? [] : sources.Where(s => s != expected))
        {
            errors.Forbidden($"{at}.{other}", "must populate the given metric source only");
        }
    }

    private static void Source(string kind, JsonObject source, string at, FieldErrors errors)
    {
        var target = source.Child("target") ?? [];
        var (value, average, utilization) = (target["value"], target["averageValue"], target["averageUtilization"]);
        if (kind == "object")
        {
            Reference(source.Child("describedObject"), $"{at}.describedObject", errors);
        }
        if (kind is "object" or "external" or "pods")
        {
            Identifier(source.Child("metric"), $"{at}.metric", errors);
        }
        else
        {
            if (string.IsNullOrEmpty(source.Text("name")))
            {
                errors.Required($"{at}.name", "must specify a resource name");
            }
            if (kind == "containerResource" && string.IsNullOrEmpty(source.Text("container")))
            {
                errors.Required($"{at}.container", "must specify a container");
            }
        }
        Target(target, $"{at}.target", errors);
        switch (kind)
        {
            case "object" when value is null && average is null:
                errors.Required($"{at}.target.averageValue", "must set either a target value or averageValue");
                break;
            case "external" when value is null && average is null:
                errors.Required($"{at}.target.averageValue", "must set either a target value for metric or a per-pod target");
                break;
            case "external" when value is not null && average is not null:
                errors.Forbidden($"{at}.target.value", "may not set both a target value for metric and a per-pod target");
                break;
            case "pods" when average is null:
                errors.Required($"{at}.target.averageValue", "must specify a positive target averageValue");
                break;
            case "resource" or "containerResource" when utilization is null && average is null:
                errors.Required($"{at}.target.averageUtilization", "must set either a target raw value or a target utilization");
                break;
            case "resource" or "containerResource" when utilization is not null && average is not null:
                errors.Forbidden($"{at}.target.averageValue", "may not set both a target raw value and a target utilization");
                break;
        }
    }

    private static void Identifier(JsonObject? metric, string at, FieldErrors errors) => Segment(metric, "name", at, "must specify a metric name", errors);

    private static void Segment(JsonObject? owner, string field, string at, string missing, FieldErrors errors)
    {
        if (owner?.Text(field) is not { Length: > 0 } value)
        {
            errors.Required($"{at}.{field}", missing);
            return;
        }
        foreach (var problem in NameValidation.Problems(NameRule.PathSegment, value))
        {
            errors.Invalid($"{at}.{field}", value, problem);
        }
    }

    private static void Target(JsonObject target, string at, FieldErrors errors)
    {
        var type = target.Text("type") ?? "";
        if (type.Length == 0)
        {
            errors.Required($"{at}.type", "must specify a metric target type");
        }
        if (type is not ("Utilization" or "Value" or "AverageValue"))
        {
            errors.Invalid($"{at}.type", type, "must be either Utilization, Value, or AverageValue");
        }
        foreach (var field in (string[])["value", "averageValue"])
        {
            if (target[field] is { } amount && ResourceValidation.Quantity(amount) is { } quantity && quantity.ToDecimal() <= 0)
            {
                errors.Invalid($"{at}.{field}", amount.DeepClone(), "must be positive");
            }
        }
        if (target["averageUtilization"].AsLong() is < 1 and var utilization)
        {
            errors.Invalid($"{at}.averageUtilization", utilization, "must be greater than 0");
        }
    }

    public static void Behavior(JsonObject behavior, string at, FieldErrors errors)
    {
        foreach (var direction in (string[])["scaleUp", "scaleDown"])
        {
            if (behavior.Child(direction) is { } rules)
            {
                Rules(rules, $"{at}.{direction}", errors);
            }
        }
    }

    private static void Rules(JsonObject rules, string at, FieldErrors errors)
    {
        switch (rules["stabilizationWindowSeconds"].AsLong())
        {
            case < 0 and var window:
                errors.Invalid($"{at}.stabilizationWindowSeconds", window, "must be greater than or equal to zero");
                break;
            case > LongestWindow and var window:
                errors.Invalid($"{at}.stabilizationWindowSeconds", window, $"must be less than or equal to {LongestWindow}");
                break;
        }
        if (rules.Text("selectPolicy") is { } select and not ("Disabled" or "Max" or "Min"))
        {
            errors.NotSupported($"{at}.selectPolicy", select, ["Disabled", "Max", "Min"]);
        }
        if (rules.List("policies") is not { Count: > 0 })
        {
            errors.Required($"{at}.policies", "must specify at least one Policy");
        }
        var index = 0;
        foreach (var policy in rules.List("policies").Objects())
        {
            Policy(policy, $"{at}.policies[{index++}]", errors);
        }
    }

    private static void Policy(JsonObject policy, string at, FieldErrors errors)
    {
        if (policy.Text("type") is not ("Percent" or "Pods"))
        {
            errors.NotSupported($"{at}.type", policy.Text("type") ?? "", ["Percent", "Pods"]);
        }
        foreach (var field in (string[])["value", "periodSeconds"])
        {
            if ((policy[field].AsLong() ?? 0) is <= 0 and var number)
            {
                errors.Invalid($"{at}.{field}", number, "must be greater than zero");
            }
        }
        if (policy["periodSeconds"].AsLong() is > LongestPeriod and var period)
        {
            errors.Invalid($"{at}.periodSeconds", period, $"must be less than or equal to {LongestPeriod}");
        }
    }
}
