using System.Net;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>
/// A server's answer that is not success, or a watch's error event: the server's <c>Status</c>. The predicates are those of
/// apimachinery's <c>api/errors</c>: where the reason is one that apimachinery knows, it decides; otherwise the HTTP code does.
/// </summary>
/// <example><code>
/// try { await deployments.DeleteAsync(name); }
/// catch (KubernetesException e) when (e.IsNotFound) { }
/// </code></example>
public sealed class KubernetesException : Exception
{
    private static readonly HashSet<string> KnownReasons = new(StringComparer.Ordinal)
    {
        StatusReasons.Unauthorized, StatusReasons.Forbidden, StatusReasons.NotFound, StatusReasons.AlreadyExists, StatusReasons.Conflict,
        StatusReasons.Gone, StatusReasons.Invalid, StatusReasons.ServerTimeout, StatusReasons.StoreReadError, StatusReasons.Timeout,
        StatusReasons.TooManyRequests, StatusReasons.BadRequest, StatusReasons.MethodNotAllowed, StatusReasons.NotAcceptable,
        StatusReasons.RequestEntityTooLarge, StatusReasons.UnsupportedMediaType, StatusReasons.InternalError, StatusReasons.Expired,
        StatusReasons.ServiceUnavailable,
    };

    /// <summary>Wraps a server's answer.</summary>
    /// <param name="status">What the server said.</param>
    /// <param name="inner">What went wrong below, if anything.</param>
    public KubernetesException(V1Status status, Exception? inner = null) : base(Describe(status), inner) => Status = status;

    /// <summary>What the server said. Do not change it: it is this exception's own.</summary>
    public V1Status Status { get; }

    /// <summary>The HTTP code, also for errors that came as an event of a watch; 0 where the server gave none.</summary>
    public int StatusCode => Status.Code ?? 0;

    /// <summary>The reason in one word, one of <see cref="StatusReasons"/>; empty where the server gave none.</summary>
    public string Reason => Status.Reason ?? "";

    /// <summary>The object, or the kind of object, is not there.</summary>
    public bool IsNotFound => Is(StatusReasons.NotFound, HttpStatusCode.NotFound);

    /// <summary>An object of this name is there already.</summary>
    public bool IsAlreadyExists => Reason == StatusReasons.AlreadyExists;

    /// <summary>The object has changed since it was read, or another manager owns what was applied.</summary>
    public bool IsConflict => Is(StatusReasons.Conflict, HttpStatusCode.Conflict);

    /// <summary>The server says that the object does not validate.</summary>
    public bool IsInvalid => Is(StatusReasons.Invalid, HttpStatusCode.UnprocessableEntity);

    /// <summary>What was there is gone for good.</summary>
    public bool IsGone => Is(StatusReasons.Gone, HttpStatusCode.Gone);

    /// <summary>The resourceVersion or continue token is too old: list again.</summary>
    public bool IsResourceExpired => Reason == StatusReasons.Expired;

    /// <summary>The media type that was asked for cannot be had.</summary>
    public bool IsNotAcceptable => Is(StatusReasons.NotAcceptable, HttpStatusCode.NotAcceptable);

    /// <summary>The media type that was sent is not understood.</summary>
    public bool IsUnsupportedMediaType => Is(StatusReasons.UnsupportedMediaType, HttpStatusCode.UnsupportedMediaType);

    /// <summary>The resource has no such verb.</summary>
    public bool IsMethodNotSupported => Is(StatusReasons.MethodNotAllowed, HttpStatusCode.MethodNotAllowed);

    /// <summary>The server cannot serve now.</summary>
    public bool IsServiceUnavailable => Is(StatusReasons.ServiceUnavailable, HttpStatusCode.ServiceUnavailable);

    /// <summary>The request itself makes no sense to the server.</summary>
    public bool IsBadRequest => Is(StatusReasons.BadRequest, HttpStatusCode.BadRequest);

    /// <summary>Who is asking is not known.</summary>
    public bool IsUnauthorized => Is(StatusReasons.Unauthorized, HttpStatusCode.Unauthorized);

    /// <summary>Who is asking may not do this.</summary>
    public bool IsForbidden => Is(StatusReasons.Forbidden, HttpStatusCode.Forbidden);

    /// <summary>The request took too long; what it did is not known.</summary>
    public bool IsTimeout => Is(StatusReasons.Timeout, HttpStatusCode.GatewayTimeout);

    /// <summary>The server could not answer in time and asks to come again.</summary>
    public bool IsServerTimeout => Reason == StatusReasons.ServerTimeout;

    /// <summary>The server failed.</summary>
    public bool IsInternalError => Is(StatusReasons.InternalError, HttpStatusCode.InternalServerError);

    /// <summary>The server is asked too often.</summary>
    public bool IsTooManyRequests => Reason == StatusReasons.TooManyRequests || StatusCode == (int)HttpStatusCode.TooManyRequests;

    /// <summary>The request is larger than the server takes.</summary>
    public bool IsRequestEntityTooLarge => Reason == StatusReasons.RequestEntityTooLarge || StatusCode == (int)HttpStatusCode.RequestEntityTooLarge;

    /// <summary>What answered was not an API server, or one in trouble: its answer was no <c>Status</c>.</summary>
    public bool IsUnexpectedServerError => HasStatusCause(StatusCauses.UnexpectedServerResponse);

    /// <summary>What the server keeps of the object cannot be read.</summary>
    public bool IsStoreReadError => Reason == StatusReasons.StoreReadError;

    /// <summary>How long the server asks to wait before the next try; null where it does not.</summary>
    /// <example><code>catch (KubernetesException error) when (error.SuggestsClientDelay is { } delay) { await Task.Delay(delay, cancellation); }</code></example>
    public TimeSpan? SuggestsClientDelay
    {
        get
        {
            if (Status.Details is not { } details) return null;
            // Of these two reasons apimachinery believes a delay of any length, of others only one that is given.
            var seconds = details.RetryAfterSeconds ?? 0;
            if (Reason is StatusReasons.ServerTimeout or StatusReasons.TooManyRequests || seconds > 0) return TimeSpan.FromSeconds(seconds);
            return null;
        }
    }

    /// <summary>Whether a cause of this type (one of <see cref="StatusCauses"/>) is among the details.</summary>
    /// <example><code>if (error.HasStatusCause(StatusCauses.NamespaceTerminating)) …   // creating anything here has no sense any more</code></example>
    public bool HasStatusCause(string type) => StatusCause(type) is not null;

    /// <summary>The first cause of this type among the details; null where there is none.</summary>
    public V1StatusCause? StatusCause(string type) => Status.Details?.Causes?.FirstOrDefault(cause => cause.Reason == type);

    /// <summary>The reason of an error: of a <see cref="KubernetesException"/> found on the way down its inner exceptions; empty otherwise.</summary>
    public static string ReasonForError(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is KubernetesException known) return known.Reason;
        }
        return StatusReasons.Unknown;
    }

    private bool Is(string reason, HttpStatusCode code) =>
        Reason == reason || (!KnownReasons.Contains(Reason) && StatusCode == (int)code);

    private static string Describe(V1Status status)
    {
        if (!string.IsNullOrEmpty(status.Message)) return status.Message;
        if (!string.IsNullOrEmpty(status.Reason)) return $"The server answered {status.Code ?? 0} {status.Reason} without a message.";
        return $"The server answered {status.Code ?? 0} without saying why.";
    }
}
