using System.Net;
using System.Text;
using ActorKube.Models;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>
/// From an answer that is not success to the exception for it: with the server's Status where it sent one, else with one that says what the code means, so that
/// callers can rely on a reason whoever answered (a proxy in between, for example).
/// </summary>
internal static class ErrorAnswers
{
    const int MaxQuoted = 2048;

    public static KubernetesException Create(RestCall call, HttpResponseMessage answer, ReadOnlySpan<byte> body, TimeSpan? retryAfter)
    {
        var status = TryRead(body, answer.Content.Headers.ContentType?.MediaType) ?? Synthesise(call, (int)answer.StatusCode, body);
        if (status.Code is null or 0) status.Code = (int)answer.StatusCode;
        if (retryAfter is { } delay && status.Details?.RetryAfterSeconds is null or 0)
        {
            status.Details ??= new V1StatusDetails();
            status.Details.RetryAfterSeconds = (int)Math.Min(Math.Ceiling(delay.TotalSeconds), int.MaxValue);
        }
        return new KubernetesException(status);
    }

    /// <returns>Null where the body is no Status.</returns>
    public static V1Status? TryRead(ReadOnlySpan<byte> body, string? mediaType)
    {
        if (body.IsEmpty) return null;
        try
        {
            var status = mediaType == ContentTypes.Protobuf ? KubeProtobuf.Deserialize<V1Status>(body) : KubeJson.Deserialize<V1Status>(body);
            return status is { Kind: "Status" } && status.Status != "Success" ? status : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The reason that servers give with a code; empty for codes that they do not use.</summary>
    public static string ReasonOf(int code, bool isCreation) => Meaning(code, isCreation).Reason;

    static (string Reason, string Message) Meaning(int code, bool isCreation) => code switch
    {
        400 => ("BadRequest", "the server found the request wrong"),
        401 => ("Unauthorized", "the server wants credentials, or does not take those it got"),
        403 => ("Forbidden", "the server does not allow this to this user"),
        404 => ("NotFound", "the server has nothing under this address"),
        405 => ("MethodNotAllowed", "the server does not offer this verb for this resource"),
        406 => ("NotAcceptable", "the server cannot answer in a format that this client reads"),
        409 when isCreation => ("AlreadyExists", "the server has an object of this name"),
        409 => ("Conflict", "the server has a newer object than the one this change is based on"),
        410 => ("Gone", "the server does not have this any more"),
        413 => ("RequestEntityTooLarge", "the server found the request too large"),
        415 => ("UnsupportedMediaType", "the server does not read the format of the request"),
        422 => ("Invalid", "the server found the object invalid"),
        429 => ("TooManyRequests", "the server has more requests than it can take: try again later"),
        500 => ("InternalError", "the server failed"),
        503 => ("ServiceUnavailable", "the server cannot take requests now"),
        504 => ("Timeout", "the server, or one behind it, did not answer in time; it may still be at work"),
        >= 500 => ("InternalError", "the server failed"),
        >= 300 and < 400 => ("", "the server sends elsewhere, where this client does not follow"),
        _ => ("", "the server's answer is not one of Kubernetes")
    };

    static V1Status Synthesise(RestCall call, int code, ReadOnlySpan<byte> body)
    {
        // What is no Status may be anything: where it may be a secret, it is not repeated.
        var said = call.IsSensitive ? "" : Quote(body);
        var (reason, message) = Meaning(code, call.Method == HttpMethod.Post);
        var about = new StringBuilder(call.Verb);
        if (call.Resource.Length > 0) about.Append(' ').Append(call.Resource);
        if (call.Group.Length > 0) about.Append('.').Append(call.Group);
        if (call.Name.Length > 0) about.Append(' ').Append(call.Name);
        return new V1Status
        {
            ApiVersion = "v1",
            Kind = "Status",
            Status = "Failure",
            Code = code,
            Reason = reason,
            Message = $"{message} (HTTP {code}, {about}){(said.Length > 0 ? $": {said}" : "")}",
            Details = new V1StatusDetails
            {
                Group = call.Group,
                Kind = call.Resource,
                Name = call.Name,
                // Says that no Kubernetes server wrote this; callers ask for it by this name.
                Causes = [new V1StatusCause { Reason = "UnexpectedServerResponse", Message = said.Length > 0 ? said : "the answer has no Status" }]
            }
        };
    }

    /// <summary>The body as one line of bounded length; empty for what is no text.</summary>
    static string Quote(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxQuoted)]).Trim();
        return new string([.. text.Select(character => char.IsControl(character) ? ' ' : character)]);
    }
}
