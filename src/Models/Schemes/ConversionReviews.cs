using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>
/// What a conversion webhook does, without HTTP: answers a server's <c>ConversionReview</c> with the conversions of a <see cref="Scheme"/>. Thread-safe.
/// </summary>
/// <remarks>
/// The rules are those of Kubernetes' documentation, "Versions in CustomResourceDefinitions", section "Webhook conversion": the answer has the request's uid and the
/// objects in its order, all or none; of their metadata only labels and annotations may differ, so that the rest is taken from what came.
/// </remarks>
/// <example><code>byte[] answer = ConversionReviews.Answer(scheme, review);</code></example>
public static class ConversionReviews
{
    private static readonly string[] Versions = [$"{V1ConversionReview.KubeGroup}/{V1ConversionReview.KubeApiVersion}", $"{V1ConversionReview.KubeGroup}/v1beta1"];

    /// <summary>Converts what a review asks for.</summary>
    /// <param name="scheme">As in <see cref="Answer(Scheme, V1ConversionReview)"/>.</param>
    /// <param name="review">The server's question as JSON, in <c>v1</c> or <c>v1beta1</c>, which are alike.</param>
    /// <returns>The answer to send, as JSON, in the version of the question.</returns>
    /// <exception cref="KubeFormatException">The bytes are no review, or one that asks nothing; says what is wrong.</exception>
    public static byte[] Answer(Scheme scheme, ReadOnlySpan<byte> review)
    {
        var asked = KubeJson.Deserialize<V1ConversionReview>(review);
        if (asked.Kind is { Length: > 0 } kind && kind != V1ConversionReview.KubeKind || asked.ApiVersion is { Length: > 0 } version && !Versions.Contains(version))
            throw new KubeFormatException($"Expected a ConversionReview of {string.Join(" or ", Versions)}, but found another kind");
        if (string.IsNullOrEmpty(asked.Request?.Uid)) throw new KubeFormatException("A ConversionReview without a request, or whose request has no uid, asks nothing");
        return KubeJson.Serialize(Answer(scheme, asked));
    }

    /// <summary>Converts what a review asks for.</summary>
    /// <param name="scheme">Knows the kind's versions and the conversions between them. Objects are filled in by its defaults before they are converted.</param>
    /// <param name="review">The server's question.</param>
    /// <returns>The answer to send; where an object cannot be converted, one that says so, which the server then tells whoever asked for the object.</returns>
    /// <exception cref="ArgumentException">The review asks nothing.</exception>
    public static V1ConversionReview Answer(Scheme scheme, V1ConversionReview review)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(review);
        if (review.Request is not { } request) throw new ArgumentException("A ConversionReview without a request asks nothing.", nameof(review));
        var answer = new V1ConversionReview
        {
            ApiVersion = Versions.Contains(review.ApiVersion) ? review.ApiVersion : Versions[0],
            Kind = V1ConversionReview.KubeKind,
            Response = new V1ConversionResponse { Uid = request.Uid, ConvertedObjects = [], Result = new V1Status { Status = "Success" } },
        };
        try
        {
            var version = GroupVersion.Parse(request.DesiredAPIVersion ?? "");
            foreach (var given in request.Objects ?? []) answer.Response.ConvertedObjects.Add(Convert(scheme, AnyJson.ToRaw(given), version));
        }
        // Whatever a conversion throws is the answer: the server has somebody who waits for it.
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            answer.Response.ConvertedObjects = [];
            answer.Response.Result = new V1Status { Status = "Failure", Message = $"Cannot convert to {request.DesiredAPIVersion}: {fault.Message}" };
        }
        return answer;
    }

    /// <summary>Makes a definition's server convert between versions with a webhook, in place of only changing <c>apiVersion</c>.</summary>
    /// <param name="definition">The definition; changed and returned.</param>
    /// <param name="webhook">Where the webhook is: a service or a URL, and the authority of its certificate.</param>
    public static V1CustomResourceDefinition WithConversionWebhook(this V1CustomResourceDefinition definition, Apiextensionsv1WebhookClientConfig webhook)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(webhook);
        definition.Spec.Conversion = new V1CustomResourceConversion
        {
            Strategy = "Webhook",
            Webhook = new V1WebhookConversion { ClientConfig = webhook, ConversionReviewVersions = [V1ConversionReview.KubeApiVersion] },
        };
        return definition;
    }

    private static object Convert(Scheme scheme, byte[] given, GroupVersion version)
    {
        var raw = KubeObject.Parse(given, KubeObjectOptions.Everything);
        if (!scheme.Recognizes(raw.GroupVersionKind)) throw new SchemeException($"{raw.GroupVersionKind} is not registered in the scheme.");
        var converted = (JsonObject)KubeJson.ParseNode(KubeJson.Serialize(scheme.ConvertToVersion(scheme.Decode(raw), version)))!;
        KeepMetadata((JsonObject)KubeJson.ParseNode(given)!, converted);
        return JsonSerializer.SerializeToElement(converted, KubeJson.Options);
    }

    private static void KeepMetadata(JsonObject given, JsonObject converted)
    {
        if (given["metadata"] is not JsonObject before) return;
        var kept = (JsonObject)before.DeepClone();
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            if ((converted["metadata"] as JsonObject)?[field] is { } wanted) kept[field] = wanted.DeepClone();
            else kept.Remove(field);
        }
        converted["metadata"] = kept;
    }
}
