namespace ActorKube.Kubelet;

internal enum ProbeKind
{
    Startup,
    Readiness,
    Liveness,
}

/// <summary>What a probe's result means for its container.</summary>
internal enum ProbeVerdict
{
    Nothing,
    Ready,
    Unready,
    Started,
    Restart,
}

/// <summary>Counts a probe's results in a row, and decides when they are enough.</summary>
internal sealed class ProbeTally(ProbeKind kind, int failureThreshold, int successThreshold)
{
    private int _failures;
    private int _successes;

    /// <param name="succeeded">The newest result.</param>
    /// <param name="ready">Whether the container is ready.</param>
    public ProbeVerdict Add(bool succeeded, bool ready)
    {
        (_failures, _successes) = succeeded ? (0, _successes + 1) : (_failures + 1, 0);
        return kind switch
        {
            ProbeKind.Readiness when ready => _failures >= failureThreshold ? ProbeVerdict.Unready : ProbeVerdict.Nothing,
            ProbeKind.Readiness => _successes >= successThreshold ? ProbeVerdict.Ready : ProbeVerdict.Nothing,
            ProbeKind.Startup when succeeded => ProbeVerdict.Started,
            _ => _failures >= failureThreshold ? ProbeVerdict.Restart : ProbeVerdict.Nothing,
        };
    }
}
