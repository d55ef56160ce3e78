using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>How a pod looks in a table: what <c>kubectl get pods</c> says about it.</summary>
internal static class PodPrinting
{
    public static JsonNode? Ready(JsonObject pod)
    {
        var total = (pod.At("spec", "containers") as JsonArray)?.Count ?? 0;
        var ready = Statuses(pod, "containerStatuses").Count(s => s["ready"].AsBool() == true && s.At("state", "running") is not null);
        return $"{ready}/{total}";
    }

    public static JsonNode? Status(JsonObject pod)
    {
        var reason = pod.TextAt("status", "reason") is { Length: > 0 } given ? given : pod.TextAt("status", "phase") ?? "";
        foreach (var condition in (pod.At("status", "conditions") as JsonArray).Objects())
        {
            if (condition.Text("type") == "PodScheduled" && condition.Text("reason") == "SchedulingGated")
            {
                reason = "SchedulingGated";
            }
        }
        var initialising = false;
        var inits = Statuses(pod, "initContainerStatuses").ToList();
        for (var i = 0; i < inits.Count && !initialising; i++)
        {
            var terminated = inits[i].At("state", "terminated");
            if (terminated.LongAt("exitCode") == 0)
            {
                continue;
            }
            initialising = true;
            reason = terminated is not null
                ? "Init:" + (terminated.TextAt("reason") is { Length: > 0 } why ? why : $"ExitCode:{terminated.LongAt("exitCode")}")
                : inits[i].TextAt("state", "waiting", "reason") is { Length: > 0 } waiting and not "PodInitializing" ? "Init:" + waiting
                : $"Init:{i}/{(pod.At("spec", "initContainers") as JsonArray)?.Count ?? inits.Count}";
        }
        if (!initialising)
        {
            var running = false;
            foreach (var status in Statuses(pod, "containerStatuses").Reverse())
            {
                if (status.TextAt("state", "waiting", "reason") is { Length: > 0 } waiting)
                {
                    reason = waiting;
                }
                else if (status.At("state", "terminated") is { } terminated)
                {
                    reason = terminated.TextAt("reason") is { Length: > 0 } why ? why
                        : terminated.LongAt("signal") is > 0 and var signal ? $"Signal:{signal}" : $"ExitCode:{terminated.LongAt("exitCode") ?? 0}";
                }
                else if (status["ready"].AsBool() == true && status.At("state", "running") is not null)
                {
                    running = true;
                }
            }
            if (reason == "Completed" && running)
            {
                var ready = (pod.At("status", "conditions") as JsonArray).Objects().Any(c => c.Text("type") == "Ready" && c.Text("status") == "True");
                reason = ready ? "Running" : "NotReady";
            }
        }
        if (pod.TextAt("metadata", "deletionTimestamp") is null)
        {
            return reason;
        }
        return pod.TextAt("status", "reason") == "NodeLost" ? "Unknown" : pod.TextAt("status", "phase") is "Succeeded" or "Failed" ? reason : "Terminating";
    }

    public static JsonNode? Restarts(JsonObject pod, TimeProvider time)
    {
        var restarts = 0L;
        DateTimeOffset? last = null;
        foreach (var status in Statuses(pod, "containerStatuses"))
        {
            restarts += status["restartCount"].AsLong() ?? 0;
            if (status.TextAt("lastState", "terminated", "finishedAt") is { } finished &&
                DateTimeOffset.TryParse(finished, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) && (last is null || at > last))
            {
                last = at;
            }
        }
        return restarts > 0 && last is { } when ? $"{restarts} ({Durations.Human(time.GetUtcNow() - when)} ago)" : restarts.ToString(CultureInfo.InvariantCulture);
    }

    public static JsonNode? Gates(JsonObject pod)
    {
        var gates = (pod.At("spec", "readinessGates") as JsonArray).Objects().Select(g => g.Text("conditionType")).ToList();
        if (gates.Count == 0)
        {
            return "<none>";
        }
        var met = (pod.At("status", "conditions") as JsonArray).Objects().Count(c => c.Text("status") == "True" && gates.Contains(c.Text("type")));
        return $"{met}/{gates.Count}";
    }

    private static IEnumerable<JsonObject> Statuses(JsonObject pod, string property) => (pod.At("status", property) as JsonArray).Objects();
}
