using System.Net.Http;
using System.Net.Sockets;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Streams;

/// <summary>Tells the errors of lists and watches apart.</summary>
static class Failure
{
    // Servers before 1.18 named no cause for a version that they had not reached yet, and said it only in the text.
    const string TooLargeText = "Too large resource version";

    public static TroubleKind Of(Exception error) => error switch
    {
        KubernetesException { IsResourceExpired: true } or KubernetesException { IsGone: true } => TroubleKind.Expired,
        KubernetesException e when e.HasStatusCause(StatusCauses.ResourceVersionTooLarge) || (e.IsTimeout && e.Message.Contains(TooLargeText, StringComparison.Ordinal)) => TroubleKind.VersionTooLarge,
        KubernetesException { IsTooManyRequests: true } => TroubleKind.TooManyRequests,
        KubernetesException { IsNotFound: true } => TroubleKind.MissingKind,
        KubernetesException { IsUnauthorized: true } => TroubleKind.Unauthorized,
        KubernetesException { IsForbidden: true } => TroubleKind.Forbidden,
        KubernetesException => TroubleKind.Failed,
        HttpRequestException or IOException or SocketException or TimeoutException or OperationCanceledException => TroubleKind.Unreachable,
        _ => TroubleKind.Failed,
    };

    /// <summary>The error that a watch's ERROR event carries.</summary>
    public static KubernetesException From(WatchEvent watchEvent) => new(watchEvent.Status ?? new V1Status
    {
        Status = "Failure",
        Code = 500,
        Reason = "Unknown",
        Message = watchEvent.Malformed ?? "The watch brought an ERROR event that carries no status.",
    });
}
