using ActorKube.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>One path of a listener for webhooks. Thread-safe.</summary>
abstract class WebhookEndpoint(string path, int longest)
{
    /// <summary>The path.</summary>
    public string Path { get; } = path;

    /// <summary>How many bytes a review may have.</summary>
    public int Longest { get; } = longest;

    /// <summary>Answers a review.</summary>
    /// <param name="review">The bytes, which are the caller's again once this has returned, whenever its task ends.</param>
    /// <param name="cancellation">Nobody waits any longer.</param>
    /// <exception cref="KubeFormatException">The bytes are no review.</exception>
    public abstract Task<byte[]> AnswerAsync(ReadOnlyMemory<byte> review, CancellationToken cancellation);

    /// <summary>Makes what the answers come from, where that has not been done.</summary>
    /// <exception cref="InvalidOperationException">The container lacks something.</exception>
    public virtual void Prepare()
    {
    }
}

/// <summary>The path of an admission webhook.</summary>
sealed class AdmissionEndpoint(DeclaredWebhook webhook, int longest, IServiceProvider services, ILogger logger) : WebhookEndpoint(webhook.Spec.Path, longest)
{
    // Not remembered where it fails: what it lacked may come with the rest of the host.
    readonly Lazy<IAdmissionHandler> _handler = new(() => webhook.Make(services), LazyThreadSafetyMode.PublicationOnly);

    public override void Prepare() => _ = _handler.Value;

    public override Task<byte[]> AnswerAsync(ReadOnlyMemory<byte> review, CancellationToken cancellation) => AnswerAsync(AdmissionReviews.Read(review.Span), cancellation);

    async Task<byte[]> AnswerAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        // The handler may not heed the token; who asked has gone by then.
        var response = await AdmissionReviews.DecideAsync(request, _handler.Value, cancellation).WaitAsync(cancellation).ConfigureAwait(false);
        var code = response.IsAllowed ? 200 : response.Status?.Code ?? 403;
        WebhookMetrics.Said(Path, code, response.Fault is not (null or KubernetesException or KubeFormatException));
        Log(request, response, code);
        return AdmissionReviews.Write(request, response);
    }

    // What an exception or a refusal says may quote what it is about: of Secrets and tokens it is not told.
    void Log(AdmissionRequest request, AdmissionResponse response, int code)
    {
        var why = request.HoldsSecrets ? "<hidden>" : response.Status?.Message;
        if (response.Fault is { } fault and not (KubeFormatException or KubernetesException))
        {
            if (request.HoldsSecrets)
                logger.LogError("{Webhook} failed on {Request}: {Fault}{Trace}", Path, request, fault.GetType(), Environment.NewLine + fault.StackTrace);
            else
                logger.LogError(fault, "{Webhook} failed on {Request}", Path, request);
        }
        else if (response.IsAllowed)
        {
            logger.LogDebug("{Webhook} allowed {Request}, {Changes} changes", Path, request, response.Patch?.Count ?? 0);
        }
        else
        {
            logger.LogInformation("{Webhook} denied {Request} of {User}: {Code} {Reason}", Path, request, request.User.Username, code, why);
        }
    }
}

/// <summary>The path of a conversion webhook.</summary>
sealed class ConversionEndpoint(DeclaredConversion conversion, int longest) : WebhookEndpoint(conversion.Path, longest)
{
    public override Task<byte[]> AnswerAsync(ReadOnlyMemory<byte> review, CancellationToken cancellation) => Task.FromResult(ConversionReviews.Answer(conversion.Scheme, review.Span));
}
