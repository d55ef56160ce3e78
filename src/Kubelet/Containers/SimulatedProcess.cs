namespace ActorKube.Kubelet;

/// <summary>
/// A program that somebody runs in a simulated container: by exec, or as the container's own. Streams are read and written asynchronously; the process ends when
/// its handler returns.
/// </summary>
public sealed record SimulatedProcess
{
    /// <summary>The pod's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The pod's name.</summary>
    public required string Pod { get; init; }

    /// <summary>The container's name.</summary>
    public required string Container { get; init; }

    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The container's environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>What the process reads; empty where nobody types.</summary>
    public Stream Input { get; init; } = Stream.Null;

    /// <summary>What it writes.</summary>
    public Stream Output { get; init; } = Stream.Null;

    /// <summary>What it complains of.</summary>
    public Stream Error { get; init; } = Stream.Null;

    /// <summary>Whether its streams are a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>Whether this is the container's own process, whose output is its log; else somebody's exec.</summary>
    public bool IsMain { get; init; }

    /// <summary>The server's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Cancelled when the client is gone or the container is killed.</summary>
    public CancellationToken Killed { get; init; }
}
