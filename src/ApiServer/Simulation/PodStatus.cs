using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Writes pod statuses as a kubelet does: from what the containers are now, keeping the times at which conditions changed and the conditions of others.</summary>
internal static class PodStatus
{
    private static readonly string[] Own = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

    public static void Write(JsonObject tree, SimulatedPod pod, DateTimeOffset time, string address, bool killed)
    {
        var now = MetadataRules.Timestamp(time);
        var status = tree.Need("status");
        var phase = Phase(tree, pod, killed);
        status["phase"] = phase;
        status.Default("startTime", now);
        if (pod.Containers.Any(c => c.Log is not null))
        {
            status["hostIP"] = "127.0.0.1";
            status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" });
            status["podIP"] = address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        }
        SetConditions(tree, status, pod, phase, now);
        status["containerStatuses"] = Containers(pod.Containers.Where(c => !c.IsInit), waitsForInit: !InitDone(pod));
        if (pod.Containers.Any(c => c.IsInit))
        {
            status["initContainerStatuses"] = Containers(pod.Containers.Where(c => c.IsInit), waitsForInit: false);
        }
    }

    public static bool InitDone(SimulatedPod pod) => pod.Containers.All(c => !c.IsInit || c.IsSidecar ? c.Log is not null || !c.IsInit : c is { Phase: ContainerPhase.Terminated, ExitCode: 0 });

    private static string Phase(JsonObject tree, SimulatedPod pod, bool killed)
    {
        var main = pod.Containers.Where(c => !c.IsInit).ToList();
        var policy = tree.TextAt("spec", "restartPolicy");
        if (main.All(c => c.Phase == ContainerPhase.Terminated) && (policy != "Always" || killed))
        {
            return main.All(c => c.ExitCode == 0) ? "Succeeded" : policy == "Never" || killed ? "Failed" : "Running";
        }
        if (pod.Containers.Any(c => c is { IsInit: true, IsSidecar: false, Phase: ContainerPhase.Terminated, ExitCode: not 0 }) && policy == "Never")
        {
            return "Failed";
        }
        return main.Any(c => c.Log is not null) && main.All(c => c.Phase != ContainerPhase.Waiting || c.LastState is not null) ? "Running" : "Pending";
    }

    private static void SetConditions(JsonObject tree, JsonObject status, SimulatedPod pod, string phase, string now)
    {
        var before = status.List("conditions").Objects().ToDictionary(c => c.Text("type") ?? "", c => c, StringComparer.Ordinal);
        var conditions = new JsonArray();
        void Add(string type, bool holds, string? reason = null, string? message = null)
        {
            var old = before.GetValueOrDefault(type);
            var value = holds ? "True" : "False";
            var condition = new JsonObject
            {
                ["type"] = type, ["status"] = value, ["lastProbeTime"] = null,
                ["lastTransitionTime"] = old?.Text("status") == value ? old["lastTransitionTime"]?.DeepClone() : now,
            };
            if (reason is not null)
            {
                condition["reason"] = reason;
            }
            if (message is not null)
            {
                condition["message"] = message;
            }
            conditions.Add(condition);
        }
        var ended = phase is "Succeeded" or "Failed";
        var finished = phase == "Succeeded" ? "PodCompleted" : "PodFailed";
        var uninitialized = pod.Containers.Where(c => c is { IsInit: true, IsSidecar: false } && c is not { Phase: ContainerPhase.Terminated, ExitCode: 0 }).Select(c => c.Name).ToList();
        var unready = pod.Containers.Where(c => (!c.IsInit || c.IsSidecar) && !c.Ready).Select(c => c.Name).ToList();
        Add("PodReadyToStartContainers", !ended && pod.Containers.Any(c => c.Log is not null));
        if (uninitialized.Count > 0)
        {
            Add("Initialized", false, "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', uninitialized)}]");
        }
        else
        {
            Add("Initialized", true, phase == "Succeeded" ? "PodCompleted" : null);
        }
        var message = $"containers with unready status: [{string.Join(' ', unready)}]";
        var gates = (tree.At("spec", "readinessGates") as JsonArray).Objects().Select(g => g.Text("conditionType")).OfType<string>().ToList();
        var closed = gates.Where(g => before.GetValueOrDefault(g)?.Text("status") != "True").ToList();
        if (ended)
        {
            Add("Ready", false, finished);
            Add("ContainersReady", false, finished);
        }
        else
        {
            if (unready.Count > 0 || closed.Count == 0)
            {
                Add("Ready", unready.Count == 0, unready.Count == 0 ? null : "ContainersNotReady", unready.Count == 0 ? null : message);
            }
            else
            {
                Add("Ready", false, "ReadinessGatesNotReady", string.Join(", ", closed.Select(g => $"corresponding condition of pod readiness gate \"{g}\" does not exist or is not True.")));
            }
            Add("ContainersReady", unready.Count == 0, unready.Count == 0 ? null : "ContainersNotReady", unready.Count == 0 ? null : message);
        }
        Add("PodScheduled", true);
        foreach (var (type, condition) in before.Where(c => Array.IndexOf(Own, c.Key) < 0))
        {
            conditions.Add(condition.DeepClone());
        }
        status["conditions"] = conditions;
    }

    private static JsonArray Containers(IEnumerable<SimulatedContainer> containers, bool waitsForInit)
    {
        var statuses = new JsonArray();
        foreach (var container in containers.OrderBy(c => c.IsInit ? "" : c.Name, StringComparer.Ordinal))
        {
            var image = container.Spec.Text("image") ?? "";
            var status = new JsonObject
            {
                ["name"] = container.Name,
                ["state"] = waitsForInit && container.Log is null ? new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "PodInitializing" } } : container.State(),
                ["lastState"] = container.LastState?.DeepClone() ?? new JsonObject(),
                ["ready"] = container.Ready || container is { IsInit: true, IsSidecar: false, Phase: ContainerPhase.Terminated, ExitCode: 0 },
                ["restartCount"] = container.Restarts,
                ["image"] = image,
                ["imageID"] = container.Log is null ? "" : $"simulated://{image}",
                ["started"] = container is { Phase: ContainerPhase.Running, Started: true },
            };
            if (container.ContainerId.Length > 0)
            {
                status["containerID"] = container.ContainerId;
            }
            statuses.Add(status);
        }
        return statuses;
    }
}
