using ActorKube.Hosting;
using ActorKube.Models;
using k8s.Models;

namespace OperatorSpace;

/// <summary>What API servers ask before a Sprocket is stored.</summary>
internal static class SprocketWebhooks
{
    /// <summary>Adds the webhooks of the kind Sprocket.</summary>
    public static WebhookBuilder WithSprocketWebhooks(this WebhookBuilder webhooks) => webhooks
        .WithMutator<Sprocket, SprocketDefaults>()
        .WithValidator<Sprocket, SprocketRules>();
}

/// <summary>Fills in what a Sprocket leaves out. What is set here is sent as a patch; what the class does not know stays as it came.</summary>
internal sealed class SprocketDefaults : IMutatingWebhook<Sprocket>
{
    /// <summary>The label that each Sprocket has.</summary>
    public const string Label = "app.kubernetes.io/managed-by";

    /// <inheritdoc/>
    public Task<AdmissionResponse> MutateAsync(AdmissionRequest<Sprocket> request, CancellationToken cancellation)
    {
        // It may be asked more than once about the same object: what is there stays.
        (request.Object!.Metadata.Labels ??= new Dictionary<string, string>()).TryAdd(Label, Controllers.Name);
        return Task.FromResult(AdmissionResponse.Allow());
    }
}

/// <summary>Refuses what a schema cannot. It is asked about creations and changes; [AdmissionWebhook] says otherwise.</summary>
internal sealed class SprocketRules : IValidatingWebhook<Sprocket>
{
    /// <summary>A label's value holds no more, and a name is often one.</summary>
    public const int LongestName = 63;

    /// <inheritdoc/>
    public Task<AdmissionResponse> ValidateAsync(AdmissionRequest<Sprocket> request, CancellationToken cancellation) => Task.FromResult(
        request.Object!.Metadata.Name is { Length: > LongestName }
            ? AdmissionResponse.Invalid(request.Raw, new V1StatusCause { Field = "metadata.name", Message = $"must be no more than {LongestName} characters", Reason = StatusCauses.FieldValueInvalid })
            : AdmissionResponse.Allow());
}
