using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>An answer that is not success: carries the Status object that the client gets.</summary>
internal sealed class ApiException(int code, JsonObject status) : Exception(status.Text("message"))
{
    public int Code { get; } = code;

    /// <summary>The body: a <c>v1 Status</c>. Written once, not to be changed after the throw.</summary>
    public JsonObject Status { get; } = status;

    public string Reason => Status.Text("reason") ?? "";


    /// <summary>Value of the Retry-After header, in seconds; 0 for none.</summary>
    public int RetryAfterSeconds { get; init; }
}
