namespace ActorKube.Transport;

/// <summary>How connections are made and found dead. Numbers are those of Go's clients of Kubernetes. A handler of the program's own (<see cref="KubernetesClientOptions.Handler"/>) has its own.</summary>
public sealed record ConnectionSettings
{
    /// <summary>How long a connection to a host may take to be made.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the TLS handshake on a new connection may take. Through an HTTP proxy, whose answer comes between, only <see cref="DialTimeout"/> and this together are a limit.
    /// </summary>
    public TimeSpan TlsHandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may carry nothing until TCP asks whether its other end is there: what finds dead connections of HTTP/1.1. In whole seconds.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection of HTTP/2 or WebSocket may bring nothing until it is asked whether it lives. At least a second.</summary>
    public TimeSpan ReadIdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take to answer that; also the time between TCP's questions, three of which in a row may stay without an answer. At least a second.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense; the message says which and why.</exception>
    public void Validate()
    {
        var second = TimeSpan.FromSeconds(1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(DialTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TlsHandshakeTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(KeepAlive, second);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReadIdleTimeout, second);
        ArgumentOutOfRangeException.ThrowIfLessThan(PingTimeout, second);
    }
}
