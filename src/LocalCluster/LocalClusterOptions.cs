using ActorKube.ApiServer;
using ActorKube.ControllerManager;
using ActorKube.Kubelet;

namespace ActorKube.Local;

/// <summary>What a <see cref="LocalCluster"/> is put together from. The defaults are a whole cluster.</summary>
public sealed record LocalClusterOptions
{
    /// <summary>The API server; its clock is everybody's.</summary>
    public EmbeddedApiServerOptions Server { get; init; } = new();

    /// <summary>The controllers beside it, each of which can be switched off; null for none. Their clock is the server's, whatever is said here; only pauses after errors, and limits, go by the machine's.</summary>
    public ClusterControllersOptions? Controllers { get; init; } = new();

    /// <summary>The node that runs pods; null for none: pods stay Pending, as in a cluster without nodes. Its clock is the server's unless this says otherwise.</summary>
    public PodSimulatorOptions? Pods { get; init; } = new();
}
