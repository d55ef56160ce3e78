using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// What an autoscaler of <c>autoscaling/v2</c> says and <c>v1</c> has no fields for: metrics but the processor's, behavior, conditions, what was measured. Who reads v1 finds it in annotations, and who writes them
/// back loses nothing.
/// </summary>
internal static class AutoscalerAnnotations
{
    private const string Prefix = "autoscaling.alpha.kubernetes.io/";

    /// <summary>The parts of a metric: what each is called in v1, in order, and where it stands in v2.</summary>
    private static readonly Dictionary<string, (string Old, string[] New)[]> Wanted = new(StringComparer.Ordinal)
    {
        ["object"] = [("target", ["describedObject"]), ("metricName", ["metric", "name"]), ("targetValue", ["target", "value"]), ("selector", ["metric", "selector"]), ("averageValue", ["target", "averageValue"])],
        ["pods"] = [("metricName", ["metric", "name"]), ("targetAverageValue", ["target", "averageValue"]), ("selector", ["metric", "selector"])],
        ["resource"] = [("name", ["name"]), ("targetAverageUtilization", ["target", "averageUtilization"]), ("targetAverageValue", ["target", "averageValue"])],
        ["containerResource"] = [("name", ["name"]), ("targetAverageUtilization", ["target", "averageUtilization"]), ("targetAverageValue", ["target", "averageValue"]), ("container", ["container"])],
        ["external"] = [("metricName", ["metric", "name"]), ("metricSelector", ["metric", "selector"]), ("targetValue", ["target", "value"]), ("targetAverageValue", ["target", "averageValue"])],
    };

    private static readonly Dictionary<string, (string Old, string[] New)[]> Measured = new(StringComparer.Ordinal)
    {
        ["object"] = [("target", ["describedObject"]), ("metricName", ["metric", "name"]), ("currentValue", ["current", "value"]), ("selector", ["metric", "selector"]), ("averageValue", ["current", "averageValue"])],
        ["pods"] = [("metricName", ["metric", "name"]), ("currentAverageValue", ["current", "averageValue"]), ("selector", ["metric", "selector"])],
        ["resource"] = [("name", ["name"]), ("currentAverageUtilization", ["current", "averageUtilization"]), ("currentAverageValue", ["current", "averageValue"])],
        ["containerResource"] = [("name", ["name"]), ("currentAverageUtilization", ["current", "averageUtilization"]), ("currentAverageValue", ["current", "averageValue"]), ("container", ["container"])],
        ["external"] = [("metricName", ["metric", "name"]), ("metricSelector", ["metric", "selector"]), ("currentValue", ["current", "value"]), ("currentAverageValue", ["current", "averageValue"])],
    };

    /// <summary>Whether a metric is the one that v1 has a field for.</summary>
    public static bool IsProcessor(JsonObject metric) => metric.Text("type") == "Resource" && metric.TextAt("resource", "name") == "cpu" && metric.LongAt("resource", "target", "averageUtilization") is not null;

    /// <summary>Moves what v1 has no fields for into annotations.</summary>
    public static void Put(JsonObject tree)
    {
        var (spec, status) = (tree.Child("spec") ?? [], tree.Child("status") ?? []);
        Put(tree, "metrics", [.. spec.List("metrics").Objects().Where(m => !IsProcessor(m)).Select(m => Older(m, Wanted))]);
        Put(tree, "current-metrics", [.. status.List("currentMetrics").Objects().Select(m => Older(m, Measured))]);
        Put(tree, "conditions", [.. status.List("conditions").Objects().Select(c => c.Copy())]);
        if (spec.Child("behavior") is { } behavior)
        {
            // Written as Go's own fields are called, not as the API calls them.
            Annotate(tree, "behavior", new JsonObject { ["ScaleUp"] = Rules(behavior.Child("scaleUp")), ["ScaleDown"] = Rules(behavior.Child("scaleDown")) });
        }
    }

    /// <summary>Takes it back from there; what is no JSON is passed over.</summary>
    public static void Take(JsonObject tree)
    {
        if (Taken(tree, "metrics") is JsonArray metrics)
        {
            var spec = tree.Need("spec");
            var processor = spec.List("metrics").Objects().Select(m => m.Copy()).ToList();
            spec["metrics"] = new JsonArray([.. metrics.Objects().Select(m => Newer(m, Wanted, "target")), .. processor]);
        }
        if (Taken(tree, "current-metrics") is JsonArray measured)
        {
            tree.Need("status")["currentMetrics"] = new JsonArray([.. measured.Objects().Select(m => Newer(m, Measured, null))]);
        }
        if (Taken(tree, "conditions") is JsonArray conditions)
        {
            tree.Need("status")["conditions"] = conditions.DeepClone();
        }
        if (Taken(tree, "behavior") is JsonObject behavior)
        {
            var taken = new JsonObject();
            foreach (var (name, go) in ((string, string)[])[("scaleUp", "ScaleUp"), ("scaleDown", "ScaleDown")])
            {
                if (behavior.Child(go) is { } rules)
                {
                    taken[name] = Small(rules);
                }
            }
            tree.Need("spec")["behavior"] = taken;
        }
        tree.Metadata().DropEmpty("annotations");
    }

    private static JsonObject? Rules(JsonObject? rules) => rules is null ? null : new JsonObject
    {
        ["StabilizationWindowSeconds"] = rules["stabilizationWindowSeconds"]?.DeepClone(),
        ["SelectPolicy"] = rules["selectPolicy"]?.DeepClone(),
        ["Policies"] = rules.List("policies") is { } policies
            ? new JsonArray([.. policies.Objects().Select(p => new JsonObject { ["Type"] = p["type"]?.DeepClone(), ["Value"] = p["value"]?.DeepClone(), ["PeriodSeconds"] = p["periodSeconds"]?.DeepClone() })]) : null,
    };

    /// <summary>The same with the API's names; what is null is left out.</summary>
    private static JsonObject Small(JsonObject go)
    {
        var small = new JsonObject();
        foreach (var (name, value) in go)
        {
            if (name.Length > 0 && value is not null)
            {
                small[char.ToLowerInvariant(name[0]) + name[1..]] = value is JsonArray list ? new JsonArray([.. list.Objects().Select(Small)]) : value.DeepClone();
            }
        }
        return small;
    }

    private static JsonObject Older(JsonObject metric, Dictionary<string, (string Old, string[] New)[]> names)
    {
        var older = new JsonObject { ["type"] = metric.Text("type") };
        foreach (var (part, fields) in names)
        {
            if (metric.Child(part) is { } source)
            {
                var target = new JsonObject();
                foreach (var (old, at) in fields)
                {
                    if (source.At(at) is { } value)
                    {
                        target[old] = value.DeepClone();
                    }
                }
                older[part] = target;
            }
        }
        return older;
    }

    private static JsonObject Newer(JsonObject metric, Dictionary<string, (string Old, string[] New)[]> names, string? typed)
    {
        var newer = new JsonObject { ["type"] = metric.Text("type") };
        foreach (var (part, fields) in names)
        {
            if (metric.Child(part) is not { } source)
            {
                continue;
            }
            var target = new JsonObject();
            foreach (var (old, at) in fields)
            {
                if (source[old] is { } value)
                {
                    (at.Length == 1 ? target : target.Need(at[0]))[at[^1]] = value.DeepClone();
                }
            }
            if (typed is not null)
            {
                var goal = target.Need(typed);
                goal["type"] = goal["averageUtilization"] is not null ? "Utilization" : goal["averageValue"] is not null ? "AverageValue" : "Value";
            }
            newer[part] = target;
        }
        return newer;
    }

    private static void Put(JsonObject tree, string name, JsonObject[] items)
    {
        if (items.Length > 0)
        {
            Annotate(tree, name, new JsonArray([.. items]));
        }
    }

    private static void Annotate(JsonObject tree, string name, JsonNode value) => tree.Metadata().Need("annotations")[Prefix + name] = value.ToJsonString(Json.Compact);

    private static JsonNode? Taken(JsonObject tree, string name)
    {
        if (tree.Metadata().Child("annotations") is not { } annotations || annotations.Text(Prefix + name) is not { } text)
        {
            return null;
        }
        annotations.Remove(Prefix + name);
        try
        {
            return Json.Parse(System.Text.Encoding.UTF8.GetBytes(text));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
