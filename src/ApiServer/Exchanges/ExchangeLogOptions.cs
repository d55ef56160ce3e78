namespace ActorKube.ApiServer;

/// <summary>How much an <see cref="EmbeddedApiServer"/> remembers of what it was asked.</summary>
public sealed record ExchangeLogOptions
{
    /// <summary>The last so many exchanges are kept.</summary>
    public int Exchanges { get; init; } = 1000;

    /// <summary>Of each body the first so many bytes are kept; 0 for none.</summary>
    public int BodyBytes { get; init; } = 4096;
}
