namespace ActorKube.Transport;

/// <summary>How one object is read.</summary>
public sealed record GetOptions
{
    /// <summary>Not older than this version; <c>0</c> for whatever the server has at hand; null for the latest.</summary>
    public string? ResourceVersion { get; init; }
}
