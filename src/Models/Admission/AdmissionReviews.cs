using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>
/// What an admission webhook does, without HTTP: answers a server's <c>AdmissionReview</c> with what a handler says. Thread-safe.
/// </summary>
/// <remarks>The rules are those of Kubernetes' documentation, "Dynamic Admission Control", section "Webhook request and response"; versions <c>v1</c> and <c>v1beta1</c> are spoken, each as it is asked.</remarks>
/// <example><code>byte[] answer = await AdmissionReviews.AnswerAsync(review, AdmissionHandlers.Of(new CronTabRules()));</code></example>
public static class AdmissionReviews
{
    // A message is for people; what is longer than this is no message.
    private const int LongestMessage = 1024;

    /// <summary>Answers a review.</summary>
    /// <param name="review">The server's question, as JSON.</param>
    /// <param name="handler">Who decides.</param>
    /// <param name="cancellation">The server waits no longer.</param>
    /// <returns>The answer to send, as JSON.</returns>
    /// <exception cref="KubeFormatException">The bytes are no review; says what is wrong. There is no question, and so no answer.</exception>
    /// <exception cref="OperationCanceledException">The server waits no longer.</exception>
    public static async Task<byte[]> AnswerAsync(ReadOnlyMemory<byte> review, IAdmissionHandler handler, CancellationToken cancellation = default)
    {
        var request = Read(review.Span);
        return Write(request, await DecideAsync(request, handler, cancellation).ConfigureAwait(false));
    }

    /// <summary>Reads a server's question.</summary>
    /// <exception cref="KubeFormatException">The bytes are no review, or one that asks nothing.</exception>
    public static AdmissionRequest Read(ReadOnlySpan<byte> review) => AdmissionReviewReader.Read(review);

    /// <summary>Asks a handler. What it throws becomes an answer, whose <see cref="AdmissionResponse.Fault"/> it is.</summary>
    /// <remarks>
    /// A <see cref="KubernetesException"/> gives its own status, a <see cref="KubeFormatException"/> a 400, and anything else a 500 with the first line of its message, or without it
    /// where the request is about something that holds secrets. No stack trace is ever told.
    /// </remarks>
    /// <param name="request">The question.</param>
    /// <param name="handler">Who decides.</param>
    /// <param name="cancellation">The server waits no longer.</param>
    /// <exception cref="OperationCanceledException">The server waits no longer.</exception>
    public static async Task<AdmissionResponse> DecideAsync(AdmissionRequest request, IAdmissionHandler handler, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(handler);
        try
        {
            return await handler.AnswerAsync(request, cancellation).ConfigureAwait(false) ?? throw new InvalidOperationException("The handler answered nothing.");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (KubernetesException refusal)
        {
            return Fault(refusal, new V1Status
            {
                Status = "Failure", Reason = refusal.Status.Reason, Details = refusal.Status.Details, Code = refusal.StatusCode == 0 ? 500 : refusal.StatusCode,
                Message = request.HoldsSecrets ? null : refusal.Status.Message,
            });
        }
        // These say where something is wrong, and never quote it.
        catch (KubeFormatException malformed)
        {
            return Fault(malformed, new V1Status { Status = "Failure", Reason = StatusReasons.BadRequest, Code = 400, Message = malformed.Message });
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return Fault(fault, new V1Status { Status = "Failure", Reason = StatusReasons.InternalError, Code = 500, Message = $"The webhook failed: {Told(fault, request)}" });
        }
    }

    /// <summary>Writes an answer.</summary>
    /// <param name="request">The question, whose uid and version it repeats.</param>
    /// <param name="response">What is said to it.</param>
    public static byte[] Write(AdmissionRequest request, AdmissionResponse response)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(response);
        var patch = response is { IsAllowed: true, Patch.Count: > 0 } ? KubeJson.Serialize<JsonNode>(response.Patch) : null;
        return KubeJson.Serialize(new V1AdmissionReview
        {
            ApiVersion = $"{V1AdmissionReview.KubeGroup}/{request.ReviewVersion}",
            Kind = V1AdmissionReview.KubeKind,
            Response = new V1AdmissionResponse
            {
                Uid = request.Uid,
                Allowed = response.IsAllowed,
                Status = response.Status,
                Patch = patch,
                PatchType = patch is null ? null : "JSONPatch",
                Warnings = response.Warnings.Count == 0 ? null : [.. response.Warnings],
                AuditAnnotations = response.AuditAnnotations.Count == 0 ? null : new Dictionary<string, string>(response.AuditAnnotations),
            },
        });
    }

    /// <summary>Writes a question as an API server does, for tests and tools.</summary>
    public static byte[] Ask(AdmissionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return KubeJson.Serialize(new V1AdmissionReview
        {
            ApiVersion = $"{V1AdmissionReview.KubeGroup}/{request.ReviewVersion}",
            Kind = V1AdmissionReview.KubeKind,
            Request = new V1AdmissionRequest
            {
                Uid = request.Uid,
                Operation = AdmissionOperationNames.Of(request.Operation).FirstOrDefault(),
                Kind = Kind(request.Kind),
                Resource = Resource(request.Resource),
                SubResource = request.Subresource,
                RequestKind = Kind(request.RequestKind),
                RequestResource = Resource(request.RequestResource),
                RequestSubResource = request.RequestSubresource,
                Name = request.Name,
                NamespaceProperty = request.Namespace,
                UserInfo = request.User,
                DryRun = request.IsDryRun,
                ObjectProperty = request.Object,
                OldObject = request.OldObject,
                Options = request.Options,
            },
        });
    }

    /// <summary>Reads an answer as an API server does, for tests and tools.</summary>
    /// <exception cref="KubeFormatException">The bytes are no answer.</exception>
    public static V1AdmissionResponse ReadAnswer(ReadOnlySpan<byte> review) =>
        KubeJson.Deserialize<V1AdmissionReview>(review).Response ?? throw new KubeFormatException("An AdmissionReview without a response answers nothing");

    private static AdmissionResponse Fault(Exception fault, V1Status status) => AdmissionResponse.Deny(status) with { Fault = fault };

    private static string Told(Exception fault, AdmissionRequest request)
    {
        if (request.HoldsSecrets) return $"{fault.GetType().Name}; its log says more of {request.Uid}";
        var line = fault.Message.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        if (end >= 0) line = line[..end];
        return line.Length > LongestMessage ? $"{line[..LongestMessage]}…" : line.ToString();
    }

    private static V1GroupVersionKind Kind(GroupVersionKind kind) => new() { Group = kind.Group, Version = kind.Version, Kind = kind.Kind };

    private static V1GroupVersionResource Resource(GroupVersionResource resource) => new() { Group = resource.Group, Version = resource.Version, Resource = resource.Resource };
}
