using System.Collections.ObjectModel;
using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>What a webhook says to a request. Immutable; do not change what it holds.</summary>
/// <example><code>
/// return AdmissionResponse.Allow("spec.schedule is read in UTC");
/// return AdmissionResponse.Deny("no cron tabs on Fridays");
/// return AdmissionResponse.Invalid(request.Raw, new V1StatusCause { Field = "spec.schedule", Message = "five fields are wanted", Reason = StatusCauses.FieldValueInvalid });
/// </code></example>
public sealed record AdmissionResponse
{
    private AdmissionResponse()
    {
    }

    /// <summary>Whether the request may go on.</summary>
    public bool IsAllowed { get; private init; }

    /// <summary>Why not: code, reason, message and causes; null for what is allowed.</summary>
    public V1Status? Status { get; private init; }

    /// <summary>What the client is told beside the answer. Kubernetes asks for at most 120 characters each, and none that the API server would tell anyway.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>What the audit log keeps, under keys that the server prefixes with the webhook's name.</summary>
    public IReadOnlyDictionary<string, string> AuditAnnotations { get; private init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>What is to be changed in the object as it came, as a JSON patch; null for nothing.</summary>
    public JsonArray? Patch { get; private init; }

    /// <summary>What a handler threw in place of an answer, for logs; the server is told no more than <see cref="Status"/>.</summary>
    public Exception? Fault { get; internal init; }

    /// <summary>The request may go on.</summary>
    /// <param name="warnings">What the client is told all the same.</param>
    public static AdmissionResponse Allow(params IReadOnlyList<string> warnings) => new() { IsAllowed = true, Warnings = warnings };

    /// <summary>The request may not go on.</summary>
    /// <param name="message">Why, for whoever asked.</param>
    /// <param name="reason">The same in one word, one of <see cref="StatusReasons"/>.</param>
    /// <param name="code">The HTTP code that the client gets; 0 for the reason's own.</param>
    public static AdmissionResponse Deny(string message, string reason = StatusReasons.Forbidden, int code = 0) =>
        Deny(new V1Status { Status = "Failure", Message = message, Reason = reason.Length == 0 ? null : reason, Code = code == 0 ? CodeOf(reason) : code });

    /// <summary>The request may not go on, in the words of a status.</summary>
    /// <param name="status">Code, reason, message, causes.</param>
    public static AdmissionResponse Deny(V1Status status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return new AdmissionResponse { Status = status };
    }

    /// <summary>The request may not go on, because fields have values that they cannot have: 422, as the server itself says of what it finds.</summary>
    /// <param name="request">The request.</param>
    /// <param name="causes">Which fields (<c>spec.schedule</c>), and what is wrong with each.</param>
    public static AdmissionResponse Invalid(AdmissionRequest request, params IReadOnlyList<V1StatusCause> causes)
    {
        ArgumentNullException.ThrowIfNull(request);
        var told = causes.Select(cause => string.IsNullOrEmpty(cause.Field) ? cause.Message : $"{cause.Field}: {cause.Message}").ToList();
        var kind = request.Kind.Group.Length == 0 ? request.Kind.Kind : $"{request.Kind.Kind}.{request.Kind.Group}";
        return Deny(new V1Status
        {
            Status = "Failure", Reason = StatusReasons.Invalid, Code = 422,
            Message = $"{kind} \"{request.Name}\" is invalid: {(told.Count == 1 ? told[0] : $"[{string.Join(", ", told)}]")}",
            Details = new V1StatusDetails { Group = request.Kind.Group, Kind = request.Kind.Kind, Name = request.Name, Causes = [.. causes] },
        });
    }

    /// <summary>The same, and tells the client this too.</summary>
    public AdmissionResponse WithWarnings(params IReadOnlyList<string> warnings) => this with { Warnings = [.. Warnings, .. warnings] };

    /// <summary>The same, and the audit log keeps this too.</summary>
    /// <param name="key">A name without a prefix, such as <c>checked-against</c>.</param>
    /// <param name="value">What it keeps.</param>
    public AdmissionResponse WithAuditAnnotation(string key, string value) => this with { AuditAnnotations = new Dictionary<string, string>(AuditAnnotations) { [key] = value } };

    /// <summary>The same, and changes the object: for handlers of raw requests. Those of typed ones change the object that they are given.</summary>
    /// <param name="patch">A JSON patch against the object as it came, see <see cref="JsonPatch.Diff"/>; an empty one changes nothing.</param>
    public AdmissionResponse WithPatch(JsonArray patch)
    {
        ArgumentNullException.ThrowIfNull(patch);
        return this with { Patch = patch.Count == 0 ? null : patch };
    }

    private static int CodeOf(string reason) => reason switch
    {
        StatusReasons.BadRequest => 400,
        StatusReasons.Unauthorized => 401,
        StatusReasons.NotFound => 404,
        StatusReasons.MethodNotAllowed => 405,
        StatusReasons.NotAcceptable => 406,
        StatusReasons.AlreadyExists or StatusReasons.Conflict => 409,
        StatusReasons.Gone or StatusReasons.Expired => 410,
        StatusReasons.RequestEntityTooLarge => 413,
        StatusReasons.UnsupportedMediaType => 415,
        StatusReasons.Invalid => 422,
        StatusReasons.TooManyRequests => 429,
        StatusReasons.InternalError or StatusReasons.ServerTimeout => 500,
        StatusReasons.ServiceUnavailable => 503,
        StatusReasons.Timeout => 504,
        _ => 403,
    };
}
