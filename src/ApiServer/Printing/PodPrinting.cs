using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>How a pod looks in a table: what <c>kubectl get pods</c> says about it.</summary>
internal static class PodPrinting
{
    public static JsonNode? Ready(JsonObject pod) => Summary.Of(pod).Ready;

    public static JsonNode? Status(JsonObject pod) => Summary.Of(pod).Reason;

    public static JsonNode? Restarts(JsonObject pod, TimeProvider time)
    {
        var summary = Summary.Of(pod);
        return summary.Restarts > 0 && summary.LastRestart is { } when
            ? string.Create(CultureInfo.InvariantCulture, $"{summary.Restarts} ({Durations.Human(time.GetUtcNow() - when)} ago)")
            : summary.Restarts.ToString(CultureInfo.InvariantCulture);
    }

    public static JsonNode? Address(JsonObject pod) => (pod.At("status", "podIPs") as JsonArray).Objects().FirstOrDefault()?.Text("ip") is { Length: > 0 } address ? address : "<none>";

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

    /// <summary>What three columns say is found in one walk over a pod's containers: those that initialise it first, sidecars counted among the others.</summary>
    private sealed class Summary
    {
        private readonly JsonObject _pod;
        private readonly HashSet<string> _sidecars;
        private int _ready;

        private Summary(JsonObject pod)
        {
            _pod = pod;
            _sidecars = (pod.At("spec", "initContainers") as JsonArray).Objects().Where(c => c.Text("restartPolicy") == "Always").Select(c => c.Text("name") ?? "").ToHashSet(StringComparer.Ordinal);
        }

        public string Reason { get; private set; } = "";

        public long Restarts { get; private set; }

        public DateTimeOffset? LastRestart { get; private set; }

        public string Ready => string.Create(CultureInfo.InvariantCulture, $"{_ready}/{((_pod.At("spec", "containers") as JsonArray)?.Count ?? 0) + _sidecars.Count}");

        public static Summary Of(JsonObject pod)
        {
            var summary = new Summary(pod);
            summary.Walk();
            return summary;
        }

        private void Walk()
        {
            var phase = _pod.TextAt("status", "phase") ?? "";
            Reason = _pod.TextAt("status", "reason") is { Length: > 0 } given ? given : phase;
            if (Conditions.Any(c => c.Text("type") == "PodScheduled" && c.Text("reason") == "SchedulingGated"))
            {
                Reason = "SchedulingGated";
            }
            if (!Initialising() || HasCondition("Initialized"))
            {
                Containers();
            }
            if (_pod.TextAt("metadata", "deletionTimestamp") is not null)
            {
                Reason = _pod.TextAt("status", "reason") == "NodeLost" ? "Unknown" : phase is "Succeeded" or "Failed" ? Reason : "Terminating";
            }
        }

        private bool Initialising()
        {
            var statuses = Statuses("initContainerStatuses").ToList();
            var (sidecarRestarts, sidecarLast) = (0L, (DateTimeOffset?)null);
            for (var i = 0; i < statuses.Count; i++)
            {
                var status = statuses[i];
                var sidecar = _sidecars.Contains(status.Text("name") ?? "");
                Count(status);
                if (sidecar)
                {
                    sidecarRestarts += status["restartCount"].AsLong() ?? 0;
                    sidecarLast = Later(sidecarLast, status);
                }
                var ended = status.At("state", "terminated");
                if (ended is not null && (ended.LongAt("exitCode") ?? 0) == 0)
                {
                    continue;
                }
                if (sidecar && status["started"].AsBool() == true)
                {
                    _ready += status["ready"].AsBool() == true ? 1 : 0;
                    continue;
                }
                Reason = ended is not null ? "Init:" + Ended(ended)
                    : status.TextAt("state", "waiting", "reason") is { Length: > 0 } waiting and not "PodInitializing" ? "Init:" + waiting
                    : $"Init:{i}/{(_pod.At("spec", "initContainers") as JsonArray)?.Count ?? 0}";
                if (HasCondition("Initialized"))
                {
                    (Restarts, LastRestart) = (sidecarRestarts, sidecarLast);
                }
                return true;
            }
            // Who has done its work is not counted any more.
            (Restarts, LastRestart) = (sidecarRestarts, sidecarLast);
            return false;
        }

        private void Containers()
        {
            var running = false;
            foreach (var status in Statuses("containerStatuses").Reverse())
            {
                Count(status);
                if (status.TextAt("state", "waiting", "reason") is { Length: > 0 } waiting)
                {
                    Reason = waiting;
                }
                else if (status.At("state", "terminated") is { } ended)
                {
                    Reason = Ended(ended);
                }
                else if (status["ready"].AsBool() == true && status.At("state", "running") is not null)
                {
                    running = true;
                    _ready++;
                }
            }
            if (Reason == "Completed" && running)
            {
                Reason = HasCondition("Ready") ? "Running" : "NotReady";
            }
        }

        private void Count(JsonObject status)
        {
            Restarts += status["restartCount"].AsLong() ?? 0;
            LastRestart = Later(LastRestart, status);
        }

        private static DateTimeOffset? Later(DateTimeOffset? last, JsonObject status) =>
            status.TextAt("lastState", "terminated", "finishedAt") is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) && (last is null || at > last) ? at : last;

        private static string Ended(JsonNode ended) => ended.TextAt("reason") is { Length: > 0 } why ? why
            : ended.LongAt("signal") is > 0 and var signal ? $"Signal:{signal}" : $"ExitCode:{ended.LongAt("exitCode") ?? 0}";

        private IEnumerable<JsonObject> Conditions => (_pod.At("status", "conditions") as JsonArray).Objects();

        private bool HasCondition(string type) => Conditions.Any(c => c.Text("type") == type && c.Text("status") == "True");

        private IEnumerable<JsonObject> Statuses(string property) => (_pod.At("status", property) as JsonArray).Objects();
    }
}
