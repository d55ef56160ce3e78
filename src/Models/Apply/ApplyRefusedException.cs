namespace ActorKube.Models;

/// <summary>An apply configuration is malformed.</summary>
public sealed class ApplyRefusedException : Exception
{
    internal ApplyRefusedException(string message, int statusCode) : base(message) => StatusCode = statusCode;

    /// <summary>The HTTP status that the API server answers it with: 400, or 500 where a field does not fit the schema.</summary>
    public int StatusCode { get; }
}
