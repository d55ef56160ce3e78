namespace ActorKube.Kubelet;

/// <summary>A connection to a port of a simulated pod, seen from the pod. It ends when its handler returns.</summary>
public sealed record SimulatedConnection
{
    /// <summary>The pod's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The pod's name.</summary>
    public required string Pod { get; init; }

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>Reads what the client sends (to its end) and writes to the client. Asynchronous.</summary>
    public required Stream Stream { get; init; }

    /// <summary>Cancelled when the client is gone.</summary>
    public CancellationToken Closed { get; init; }
}
