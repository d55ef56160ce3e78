using System.Text.Json;
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
    /// <summary>Converts what a review asks for.</summary>
    /// <param name="scheme">As in <see cref="Answer(Scheme, V1ConversionReview)"/>.</param>
    /// <param name="review">The server's question as JSON, in <c>v1</c> or <c>v1beta1</c>, which are alike.</param>
    /// <returns>The answer to send, as JSON, in the version of the question.</returns>
    /// <exception cref="KubeFormatException">The bytes are no review, or one that asks nothing; says what is wrong.</exception>
    public static byte[] Answer(Scheme scheme, ReadOnlySpan<byte> review)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        var asked = ConversionQuestion.Read(review);
        using var answer = new PooledBytes();
        try
        {
            var version = GroupVersion.Parse(asked.DesiredVersion ?? "");
            answer.Append("{\"kind\":\"ConversionReview\",\"apiVersion\":"u8);
            AppendText(answer, asked.ApiVersion);
            answer.Append(",\"response\":{\"uid\":"u8);
            AppendText(answer, asked.Uid);
            answer.Append(",\"convertedObjects\":["u8);
            for (var i = 0; i < asked.Objects.Count; i++)
            {
                if (i > 0) answer.Append(","u8);
                ConvertedObject.Append(scheme, review[asked.Objects[i]], version, answer);
            }
            answer.Append("],\"result\":{\"status\":\"Success\"}}}"u8);
            return answer.Written.ToArray();
        }
        // Whatever a conversion throws is the answer: the server has somebody who waits for it.
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return KubeJson.Serialize(Failure(asked.ApiVersion, asked.Uid, asked.DesiredVersion, fault));
        }
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
        var apiVersion = ConversionQuestion.Versions.Contains(review.ApiVersion) ? review.ApiVersion : ConversionQuestion.Versions[0];
        try
        {
            var version = GroupVersion.Parse(request.DesiredAPIVersion ?? "");
            var answer = new V1ConversionReview
            {
                ApiVersion = apiVersion, Kind = V1ConversionReview.KubeKind,
                Response = new V1ConversionResponse { Uid = request.Uid, ConvertedObjects = [], Result = new V1Status { Status = "Success" } },
            };
            foreach (var given in request.Objects ?? [])
            {
                using var converted = new PooledBytes();
                ConvertedObject.Append(scheme, AnyJson.ToRaw(given), version, converted);
                answer.Response.ConvertedObjects.Add(JsonElement.Parse(converted.Written));
            }
            return answer;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return Failure(apiVersion, request.Uid, request.DesiredAPIVersion, fault);
        }
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

    private static V1ConversionReview Failure(string apiVersion, string uid, string? desired, Exception fault) => new()
    {
        ApiVersion = apiVersion, Kind = V1ConversionReview.KubeKind,
        Response = new V1ConversionResponse { Uid = uid, ConvertedObjects = [], Result = new V1Status { Status = "Failure", Message = $"Cannot convert to {desired}: {fault.Message}" } },
    };

    private static void AppendText(PooledBytes output, string text)
    {
        using var buffer = new JsonBuffer();
        buffer.Writer.WriteStringValue(text);
        output.Append(buffer.Written);
    }
}
