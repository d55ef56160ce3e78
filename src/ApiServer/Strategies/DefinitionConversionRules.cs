using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>What <c>spec.conversion</c> of a definition must be.</summary>
internal static class DefinitionConversionRules
{
    /// <param name="spec">The definition's spec.</param>
    /// <param name="old">The definition as it stood, where there was one.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void Check(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        const string at = "spec.conversion";
        var conversion = spec.Child("conversion") ?? [];
        var (config, reviews) = (conversion.Child("webhook")?.Child("clientConfig"), conversion.Child("webhook")?.List("conversionReviewVersions"));
        if (conversion.Text("strategy") is not { Length: > 0 } strategy)
        {
            errors.Required($"{at}.strategy");
            return;
        }
        if (strategy is not ("None" or "Webhook"))
        {
            errors.NotSupported($"{at}.strategy", strategy, ["None", "Webhook"]);
        }
        if (strategy != "Webhook")
        {
            if (config is not null)
            {
                errors.Forbidden($"{at}.webhookClientConfig", "should not be set when strategy is not set to Webhook");
            }
            if (reviews is { Count: > 0 })
            {
                errors.Forbidden($"{at}.conversionReviewVersions", "should not be set when strategy is not set to Webhook");
            }
            return;
        }
        if (config is null)
        {
            errors.Required($"{at}.webhookClientConfig", "required when strategy is set to Webhook");
        }
        else
        {
            WebhookConfigurationStrategy.ClientConfig(config, $"{at}.webhookClientConfig", errors, NeedsBundle(old));
        }
        Reviews(reviews, $"{at}.conversionReviewVersions", errors);
    }

    /// <summary>Certificates must be readable once a definition is established, unless they were not before.</summary>
    private static bool NeedsBundle(JsonObject? old) =>
        old is not null && (old.At("status", "conditions") as JsonArray).Objects().Any(c => c.Text("type") == "Established" && c.Text("status") == "True")
        && !(old.TextAt("spec", "conversion", "webhook", "clientConfig", "caBundle") is { Length: > 0 } bundle && WebhookCaller.BundleProblem(bundle) is not null);

    private static void Reviews(JsonArray? reviews, string at, FieldErrors errors)
    {
        var versions = reviews.Texts().ToList();
        if (versions.Count == 0)
        {
            errors.Required(at);
            return;
        }
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions.IndexOf(versions[i]) < i)
            {
                errors.Invalid($"{at}[{i}]", versions[i], "duplicate version");
                continue;
            }
            foreach (var problem in NameRules.CheckDns1035Label(versions[i]))
            {
                errors.Invalid($"{at}[{i}]", versions[i], problem);
            }
        }
        if (!versions.Exists(v => v is "v1" or "v1beta1"))
        {
            errors.InvalidTexts(at, versions, "must include at least one of v1, v1beta1");
        }
    }
}
