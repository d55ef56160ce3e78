using System.Globalization;
using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Kubelet;

/// <summary>A pod's status as a kubelet tells it: from what the containers are now, with the times at which its own conditions changed; the conditions of others are not its to tell.</summary>
internal static class PodStatusText
{
    private static readonly JsonArray Order = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

    /// <param name="pod">The pod on its node.</param>
    /// <param name="seen">The pod as the API has it.</param>
    /// <param name="time">Now.</param>
    /// <returns>The status for a strategic merge patch, and its conditions.</returns>
    public static (JsonObject Status, IReadOnlyDictionary<string, (string Status, string Since)> Conditions) Of(SimulatedPod pod, V1Pod seen, DateTimeOffset time)
    {
        var now = Timestamp(time);
        var phase = Phase(pod, seen.Spec.RestartPolicy ?? "Always");
        var status = new JsonObject { ["phase"] = phase, ["startTime"] = pod.StartTime ??= seen.Status?.StartTime is { } start ? Timestamp(start) : now };
        if (pod.Address is { } address && pod.Containers.Any(c => c.Life is not null))
        {
            status["hostIP"] = "127.0.0.1";
            status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" });
            status["podIP"] = address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        }
        var conditions = new Conditions(pod, seen, now);
        conditions.Add(phase);
        status["conditions"] = conditions.List;
        // Where conditions of others stand between them is theirs to keep.
        status["$setElementOrder/conditions"] = new JsonArray([.. Order.Select(t => new JsonObject { ["type"] = t!.DeepClone() })]);
        status["containerStatuses"] = Containers(pod.Containers.Where(c => !c.IsInit), waitsForInit: !InitDone(pod));
        if (pod.Containers.Any(c => c.IsInit))
        {
            status["initContainerStatuses"] = Containers(pod.Containers.Where(c => c.IsInit), waitsForInit: false);
        }
        return (status, conditions.Told);
    }

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static bool InitDone(SimulatedPod pod) => pod.Containers.Where(c => c.IsInit).All(c => c.IsSidecar ? c.Life is not null : c.IsDone);

    /// <summary>The phase that containers make of their pod.</summary>
    public static string Phase(SimulatedPod pod, string policy)
    {
        var main = pod.Containers.Where(c => !c.IsInit).ToList();
        if (pod.IsKilled && pod.Containers.All(c => c.Life is null))
        {
            return "Failed";
        }
        if (main.TrueForAll(c => c.Phase == ContainerPhase.Terminated) && (policy != "Always" || pod.IsKilled))
        {
            // A pod has not ended before what served it has.
            if (pod.Containers.Any(c => c is { IsSidecar: true, Phase: ContainerPhase.Running }))
            {
                return "Running";
            }
            return main.TrueForAll(c => c.Life!.ExitCode == 0) ? "Succeeded" : policy == "Never" || pod.IsKilled ? "Failed" : "Running";
        }
        if ((policy == "Never" || pod.IsKilled) && pod.Containers.Any(c => c is { IsInit: true, IsSidecar: false, Phase: ContainerPhase.Terminated, Life.ExitCode: not 0 }))
        {
            return "Failed";
        }
        // One that waits for its first life keeps the pod pending.
        return main.Exists(c => c.Life is not null) && main.TrueForAll(c => c.Phase != ContainerPhase.Waiting || c.Life is not null) ? "Running" : "Pending";
    }

    private static JsonArray Containers(IEnumerable<SimulatedContainer> containers, bool waitsForInit)
    {
        var statuses = new JsonArray();
        foreach (var container in containers.OrderBy(c => c.IsInit ? "" : c.Name, StringComparer.Ordinal))
        {
            var image = container.Spec.Image ?? "";
            var status = new JsonObject
            {
                ["name"] = container.Name,
                ["state"] = waitsForInit && container.Life is null ? Waiting("PodInitializing", null) : State(container),
                ["lastState"] = Last(container),
                ["ready"] = container.IsReady || (container is { IsInit: true, IsSidecar: false } && container.IsDone),
                ["restartCount"] = container.Restarts,
                ["image"] = image,
                ["imageID"] = container.Life is null ? "" : $"simulated://{image}",
                ["started"] = container.HasStarted,
            };
            if (container.Life is { } life)
            {
                status["containerID"] = life.Id;
            }
            statuses.Add(status);
        }
        return statuses;
    }

    private static JsonObject State(SimulatedContainer container) => container.Phase switch
    {
        ContainerPhase.Running => new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Timestamp(container.Life!.StartedAt) } },
        ContainerPhase.Terminated => Terminated(container.Life!),
        _ => Waiting(container.Reason, container.Message),
    };

    /// <summary>How the last life ended that is not the present state: while a container waits, that of the life just over.</summary>
    private static JsonObject Last(SimulatedContainer container) =>
        container.Phase == ContainerPhase.Waiting && container.Life is { } over ? Terminated(over) : container.Before is { } before ? Terminated(before) : [];

    private static JsonObject Waiting(string reason, string? message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null)
        {
            waiting["message"] = message;
        }
        return new JsonObject { ["waiting"] = waiting };
    }

    private static JsonObject Terminated(ContainerLife life) => new()
    {
        ["terminated"] = new JsonObject
        {
            ["exitCode"] = life.ExitCode,
            ["reason"] = life.ExitCode == 0 ? "Completed" : "Error",
            ["startedAt"] = Timestamp(life.StartedAt),
            ["finishedAt"] = Timestamp(life.FinishedAt ?? life.StartedAt),
            ["containerID"] = life.Id,
        },
    };

    /// <summary>The kubelet's own conditions of one pod.</summary>
    private sealed class Conditions(SimulatedPod pod, V1Pod seen, string now)
    {
        private readonly Dictionary<string, (string Status, string Since)> _told = new(StringComparer.Ordinal);

        public JsonArray List { get; } = [];

        public IReadOnlyDictionary<string, (string Status, string Since)> Told => _told;

        public void Add(string phase)
        {
            var ended = phase is "Succeeded" or "Failed";
            var finished = phase == "Succeeded" ? "PodCompleted" : "PodFailed";
            var uninitialized = Names(c => c is { IsInit: true, IsSidecar: false } && !c.IsDone);
            var unready = Names(c => (!c.IsInit || c.IsSidecar) && !c.IsReady);
            Add("PodReadyToStartContainers", !ended && pod.Containers.Any(c => c.Life is not null));
            Add("Initialized", uninitialized.Count == 0, uninitialized.Count > 0 ? "ContainersNotInitialized" : phase == "Succeeded" ? "PodCompleted" : null,
                uninitialized.Count > 0 ? $"containers with incomplete status: [{string.Join(' ', uninitialized)}]" : null);
            var (ready, reason, message) = ended ? (false, finished, null)
                : unready.Count > 0 ? (false, "ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]") : (true, (string?)null, (string?)null);
            var closed = (seen.Spec.ReadinessGates ?? []).Select(g => g.ConditionType).Where(g => seen.Status?.Conditions?.Any(c => c.Type == g && c.Status == "True") != true).ToList();
            if (ready && closed.Count > 0)
            {
                Add("Ready", false, "ReadinessGatesNotReady", string.Join(", ", closed.Select(g => $"corresponding condition of pod readiness gate \"{g}\" does not exist or is not True.")));
            }
            else
            {
                Add("Ready", ready, reason, message);
            }
            Add("ContainersReady", ready, reason, message);
            Add("PodScheduled", true);
        }

        private List<string> Names(Func<SimulatedContainer, bool> which) => [.. pod.Containers.Where(which).Select(c => c.Name)];

        private void Add(string type, bool holds, string? reason = null, string? message = null)
        {
            var value = holds ? "True" : "False";
            var since = Since(type, value);
            _told[type] = (value, since);
            var condition = new JsonObject { ["type"] = type, ["status"] = value, ["lastProbeTime"] = null, ["lastTransitionTime"] = since, ["reason"] = reason, ["message"] = message };
            List.Add(condition);
        }

        private string Since(string type, string value)
        {
            if (pod.Told is { } told)
            {
                return told.Conditions.TryGetValue(type, out var before) && before.Status == value ? before.Since : now;
            }
            return seen.Status?.Conditions?.FirstOrDefault(c => c.Type == type) is { LastTransitionTime: { } at } known && known.Status == value ? Timestamp(at) : now;
        }
    }
}
