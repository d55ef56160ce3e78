namespace Cnat;

/// <summary>What the command line asks for.</summary>
public sealed record CnatOptions
{
    /// <summary>Port of the embedded API server on loopback; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Where to write the embedded server's kubeconfig (mode 0600); null for a file of its own in the temporary folder.</summary>
    public string? WriteKubeconfig { get; init; }

    /// <summary>A real cluster: the path of a kubeconfig. Null, and not <see cref="InCluster"/>, means the embedded server.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The context of <see cref="Kubeconfig"/> to use; null for its current one.</summary>
    public string? Context { get; init; }

    /// <summary>A real cluster: the one whose pod this process runs in.</summary>
    public bool InCluster { get; init; }

    /// <summary>Whether to create the At definition in a real cluster; without it, a missing one is waited for.</summary>
    public bool InstallCrd { get; init; }

    /// <summary>In which of the three ways the operator runs.</summary>
    public CnatFlavour Flavour { get; init; }

    /// <summary>The port on loopback where health and metrics are told; null for none, 0 takes a free one.</summary>
    public int? HealthPort { get; init; }

    /// <summary>Whether to create a few At objects to look at.</summary>
    public bool Demo { get; init; } = true;

    /// <summary>Whether to end once the demo objects have settled.</summary>
    public bool ExitWhenDone { get; init; }

    /// <summary>How long the demo objects may take to settle.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether errors come with their stack traces, and logs with detail.</summary>
    public bool Verbose { get; init; }

    /// <summary>How this process shares the work with others; null where it does all of it.</summary>
    public CnatCluster? Cluster { get; init; }

    /// <summary>Whether the cluster is one that the user named, as opposed to the embedded server.</summary>
    public bool IsRealCluster => Kubeconfig is not null || InCluster;
}
