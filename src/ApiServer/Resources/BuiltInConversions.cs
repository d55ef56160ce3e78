using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Events have two forms: the core group's, in which they are stored, and that of events.k8s.io.</summary>
internal sealed class EventConversion : IVersionConversion
{
    private static readonly (string Core, string Events)[] Names =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ];

    public static EventConversion Instance { get; } = new();

    public void ToStorage(JsonObject tree)
    {
        tree["apiVersion"] = "v1";
        foreach (var (core, events) in Names)
        {
            Move(tree, events, core);
        }
        EventStrategy.Core(tree);
    }

    public void FromStorage(JsonObject tree)
    {
        tree["apiVersion"] = "events.k8s.io/v1";
        foreach (var (core, events) in Names)
        {
            Move(tree, core, events);
        }
        tree.DropEmpty("reportingController");
        tree.DropEmpty("reportingInstance");
    }

    private static void Move(JsonObject tree, string from, string to)
    {
        if (tree.TryGetPropertyValue(from, out var value))
        {
            tree.Remove(from);
            tree[to] = value;
        }
    }
}

/// <summary>autoscaling/v1 says in one number what v2, in which autoscalers are stored, says as a metric.</summary>
internal sealed class AutoscalerConversion : IVersionConversion
{
    public void ToStorage(JsonObject tree)
    {
        tree["apiVersion"] = "autoscaling/v2";
        var spec = tree.Need("spec");
        if (spec["targetCPUUtilizationPercentage"].AsLong() is { } target)
        {
            spec.Remove("targetCPUUtilizationPercentage");
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = "cpu",
                    ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = target },
                },
            });
        }
        AutoscalerAnnotations.Take(tree);
        if (tree.Child("status") is { } status && !status.ContainsKey("currentMetrics"))
        {
            status["currentMetrics"] = null;
            if (status["currentReplicas"].AsLong() == 0)
            {
                status.Remove("currentReplicas");
            }
        }
    }

    public void FromStorage(JsonObject tree)
    {
        tree["apiVersion"] = "autoscaling/v1";
        AutoscalerAnnotations.Put(tree);
        var spec = tree.Need("spec");
        foreach (var metric in spec.List("metrics").Objects().Where(AutoscalerAnnotations.IsProcessor))
        {
            spec["targetCPUUtilizationPercentage"] = metric.LongAt("resource", "target", "averageUtilization");
        }
        spec.Remove("metrics");
        spec.Remove("behavior");
        if (tree.Child("status") is { } status)
        {
            status.Remove("conditions");
            status.Remove("currentMetrics");
            status.Default("currentReplicas", 0);
            status.Default("desiredReplicas", 0);
        }
    }
}
