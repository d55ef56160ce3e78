using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>What validators and mutators have in common: whether a request is about their class at all.</summary>
internal static class TypedRequests
{
    /// <summary>The request as one about a class.</summary>
    /// <exception cref="KubeFormatException">It is about another kind.</exception>
    public static AdmissionRequest<T> Typed<T>(AdmissionRequest request) where T : class
    {
        if (typeof(T) != typeof(Unstructured) && ResourceDefinition.TryFor(typeof(T))?.Kind is { } expected && expected != request.Kind)
            throw new KubeFormatException($"This webhook is for {expected}, and the request is about {request.Kind}: correct the rules of its configuration");
        return new AdmissionRequest<T>(request);
    }
}

/// <summary>A validator as a handler of raw requests.</summary>
internal sealed class ValidatingHandler<T>(IValidatingWebhook<T> webhook) : IAdmissionHandler where T : class
{
    public Task<AdmissionResponse> AnswerAsync(AdmissionRequest request, CancellationToken cancellation) => webhook.ValidateAsync(TypedRequests.Typed<T>(request), cancellation);
}

/// <summary>A mutator as a handler of raw requests: what it changed in its object becomes a patch of the object as it came.</summary>
internal sealed class MutatingHandler<T>(IMutatingWebhook<T> webhook) : IAdmissionHandler where T : class
{
    public async Task<AdmissionResponse> AnswerAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var typed = TypedRequests.Typed<T>(request);
        // What the class makes of the object is not what came: only the difference that the webhook makes counts.
        var before = typed.Object is { } given ? Bytes(given) : [];
        var response = await webhook.MutateAsync(typed, cancellation).ConfigureAwait(false);
        if (!response.IsAllowed || typed.Object is not { } changed || Bytes(changed) is not { } after || after.AsSpan().SequenceEqual(before)) return response;
        var came = KubeJson.ParseNode(request.Object!.Bytes.Span);
        var wanted = TypedChange.Carry(came?.DeepClone(), KubeJson.ParseNode(before), KubeJson.ParseNode(after));
        return response.WithPatch([.. JsonPatch.Diff(came, wanted).Concat(response.Patch ?? []).Select(operation => operation?.DeepClone())]);
    }

    private static byte[] Bytes(T value) => value is Unstructured unstructured ? KubeJson.Serialize<JsonNode>(unstructured.Root) : KubeJson.Serialize(value);
}
