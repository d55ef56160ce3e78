using System.Globalization;

namespace ActorKube.Kubelet;

/// <summary>
/// What a container is told to do by its pod's annotations <c>simulator.actorkube.dev/…</c>; one that ends with <c>.CONTAINER</c> is for that container alone.
/// </summary>
internal sealed record PodScript
{
    private const string Prefix = "simulator.actorkube.dev/";
    private static readonly PodScript None = new();

    /// <summary><c>start-delay</c>: how long the container is created (ContainerCreating).</summary>
    public TimeSpan StartDelay { get; private init; }

    /// <summary><c>run-time</c>: how long it runs; null where its command, or the simulator's default, says so.</summary>
    public TimeSpan? RunTime { get; private init; }

    /// <summary><c>run-time: never</c>: it does not end by itself.</summary>
    public bool Forever { get; private init; }

    /// <summary><c>exit-code</c>: what it ends with.</summary>
    public int? ExitCode { get; private init; }

    /// <summary><c>fail-times</c>: only so many of its lives end with the exit code; those after them with 0.</summary>
    public int? FailTimes { get; private init; }

    /// <summary><c>log</c>: what it writes when it starts.</summary>
    public string? Log { get; private init; }

    /// <summary><c>ready-delay</c>: how long after its start it becomes ready; <c>never</c> for not at all.</summary>
    public TimeSpan? ReadyDelay { get; private init; }

    public bool NeverReady { get; private init; }

    /// <summary><c>waiting</c>: a reason for which it never starts, such as <c>ImagePullBackOff</c>.</summary>
    public string? Waiting { get; private init; }

    /// <summary>What a pod's annotations tell a container to do.</summary>
    public static PodScript Of(IDictionary<string, string>? annotations, string container)
    {
        if (annotations is null || !annotations.Keys.Any(k => k.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            return None;
        }
        string? Read(string key) => annotations.TryGetValue(key, out var value) ? value : null;
        string? Say(string key) => Read($"{Prefix}{key}.{container}") ?? Read(Prefix + key);
        int? Number(string key) => int.TryParse(Say(key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
        var failTimes = Number("fail-times");
        return new PodScript
        {
            StartDelay = SimulatorDurations.Read(Say("start-delay")) ?? TimeSpan.Zero,
            RunTime = SimulatorDurations.Read(Say("run-time")),
            Forever = Say("run-time") == "never",
            ExitCode = Number("exit-code") ?? (failTimes is null ? null : 1),
            FailTimes = failTimes,
            Log = Say("log"),
            ReadyDelay = SimulatorDurations.Read(Say("ready-delay")),
            NeverReady = Say("ready-delay") == "never",
            Waiting = Say("waiting"),
        };
    }

    /// <summary>The exit code of a life that this script ends.</summary>
    public int ExitCodeOf(int restarts) => ExitCode is { } code && (FailTimes is null || restarts < FailTimes) ? code : 0;
}
