using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Writes pod statuses as a kubelet would.</summary>
internal static class PodStatus
{
    public static void Running(JsonObject pod, string now, string address)
    {
        var status = pod.Need("status");
        status["phase"] = "Running";
        status["hostIP"] = "127.0.0.1";
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" });
        status["podIP"] = address;
        status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        status["startTime"] = now;
        status["conditions"] = Conditions(now, ready: true, null);
        status["containerStatuses"] = Containers(pod, "containers", _ => new JsonObject { ["running"] = new JsonObject { ["startedAt"] = now } }, running: true);
        if (pod.At("spec", "initContainers") is JsonArray { Count: > 0 })
        {
            status["initContainerStatuses"] = Containers(pod, "initContainers", _ => Terminated(now, now, 0), running: false);
        }
    }

    public static void Finished(JsonObject pod, string now, int exitCode)
    {
        var status = pod.Need("status");
        var started = status.Text("startTime") ?? now;
        status["phase"] = exitCode == 0 ? "Succeeded" : "Failed";
        status["conditions"] = Conditions(started, ready: false, exitCode == 0 ? "PodCompleted" : "PodFailed", now);
        status["containerStatuses"] = Containers(pod, "containers", _ => Terminated(started, now, exitCode), running: false);
    }

    private static JsonArray Conditions(string started, bool ready, string? reason, string? changed = null)
    {
        JsonObject Condition(string type, bool holds, string? why)
        {
            var condition = new JsonObject
            {
                ["type"] = type,
                ["status"] = holds ? "True" : "False",
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = holds ? started : changed ?? started,
            };
            if (why is not null)
            {
                condition["reason"] = why;
            }
            return condition;
        }
        return
        [
            Condition("PodReadyToStartContainers", ready, null),
            Condition("Initialized", true, reason == "PodCompleted" ? reason : null),
            Condition("Ready", ready, reason),
            Condition("ContainersReady", ready, reason),
            Condition("PodScheduled", true, null),
        ];
    }

    private static JsonArray Containers(JsonObject pod, string list, Func<JsonObject, JsonObject> state, bool running)
    {
        var statuses = new JsonArray();
        foreach (var container in (pod.At("spec", list) as JsonArray).Objects())
        {
            statuses.Add(new JsonObject
            {
                ["name"] = container.Text("name"),
                ["state"] = state(container),
                ["lastState"] = new JsonObject(),
                ["ready"] = running || list == "initContainers",
                ["restartCount"] = 0,
                ["image"] = container.Text("image"),
                ["imageID"] = $"simulated://{container.Text("image")}",
                ["containerID"] = $"simulated://{pod.Metadata().Text("uid")}/{container.Text("name")}",
                ["started"] = running,
            });
        }
        return statuses;
    }

    private static JsonObject Terminated(string started, string finished, int exitCode) => new()
    {
        ["terminated"] = new JsonObject
        {
            ["exitCode"] = exitCode,
            ["reason"] = exitCode == 0 ? "Completed" : "Error",
            ["startedAt"] = started,
            ["finishedAt"] = finished,
        },
    };
}
