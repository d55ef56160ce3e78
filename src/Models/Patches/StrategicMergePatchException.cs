namespace ActorKube.Models;

/// <summary>A strategic merge patch is malformed or cannot be applied.</summary>
public sealed class StrategicMergePatchException : Exception
{
    internal StrategicMergePatchException(string message, int statusCode) : base(message) => StatusCode = statusCode;

    /// <summary>The HTTP status that the API server answers such a patch with: 400, 422 or 500.</summary>
    public int StatusCode { get; }
}
