namespace ActorKube.Transport;

/// <summary>How a server is asked what it offers. Numbers are client-go's.</summary>
public sealed record DiscoverySettings
{
    /// <summary>How long one try of a request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(32);

    /// <summary>How often one request is tried again.</summary>
    public int MaxRetries { get; init; } = 2;

    /// <summary>
    /// Requests that may go at once, since many small reads at the start are what discovery is; beyond these at <see cref="KubernetesClientConfiguration.Qps"/>. Where that is unlimited, so is this.
    /// They do not count in the client's own limit.
    /// </summary>
    public int Burst { get; init; } = 300;

    /// <exception cref="ArgumentOutOfRangeException">A number makes no sense; the message says which and why.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRetries);
        ArgumentOutOfRangeException.ThrowIfLessThan(Burst, 1);
    }
}
