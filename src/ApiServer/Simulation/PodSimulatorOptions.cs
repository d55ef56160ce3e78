namespace ActorKube.ApiServer;

/// <summary>How the pod simulator moves pods. Times are on the server's clock.</summary>
public sealed record PodSimulatorOptions
{
    /// <summary>How long a new pod stays Pending.</summary>
    public TimeSpan StartDelay { get; init; } = TimeSpan.Zero;

    /// <summary>How long the containers of a pod run that is to end (restartPolicy OnFailure or Never).</summary>
    public TimeSpan RunTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a deleted pod takes to stop; never longer than its grace period.</summary>
    public TimeSpan StopDelay { get; init; } = TimeSpan.Zero;

    /// <summary>The node that pods are put on.</summary>
    public string NodeName { get; init; } = "simulated-node";
}
