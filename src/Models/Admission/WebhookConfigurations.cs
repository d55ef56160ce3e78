using k8s;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>The objects that tell an API server of webhooks.</summary>
/// <example><code>
/// foreach (var configuration in WebhookConfigurations.Of(AdmissionWebhookSpec.Of(typeof(Program).Assembly.GetTypes()), WebhookAddress.Service("shop", "webhook-service"), "shop"))
///     Console.WriteLine(KubeYaml.Serialize(configuration));
/// </code></example>
public static class WebhookConfigurations
{
    /// <summary>A <c>MutatingWebhookConfiguration</c> and a <c>ValidatingWebhookConfiguration</c>, as far as there is something for them.</summary>
    /// <param name="specs">The webhooks.</param>
    /// <param name="address">Where the server reaches them.</param>
    /// <param name="name">The name of both objects.</param>
    /// <exception cref="ArgumentException">A webhook makes no sense, or two have one name or path; says what to change.</exception>
    public static IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Of(IEnumerable<AdmissionWebhookSpec> specs, WebhookAddress address, string name)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var all = specs.OrderBy(spec => spec.Name, StringComparer.Ordinal).ToList();
        AdmissionWebhookSpec.Check(all);
        var objects = new List<IKubernetesObject<V1ObjectMeta>>();
        if (all.Exists(spec => spec.IsMutating))
        {
            objects.Add(new V1MutatingWebhookConfiguration
            {
                ApiVersion = $"{V1MutatingWebhookConfiguration.KubeGroup}/{V1MutatingWebhookConfiguration.KubeApiVersion}", Kind = V1MutatingWebhookConfiguration.KubeKind,
                Metadata = new V1ObjectMeta { Name = name }, Webhooks = [.. all.Where(spec => spec.IsMutating).Select(spec => spec.ToMutating(address))],
            });
        }
        if (all.Exists(spec => !spec.IsMutating))
        {
            objects.Add(new V1ValidatingWebhookConfiguration
            {
                ApiVersion = $"{V1ValidatingWebhookConfiguration.KubeGroup}/{V1ValidatingWebhookConfiguration.KubeApiVersion}", Kind = V1ValidatingWebhookConfiguration.KubeKind,
                Metadata = new V1ObjectMeta { Name = name }, Webhooks = [.. all.Where(spec => !spec.IsMutating).Select(spec => spec.ToValidating(address))],
            });
        }
        return objects;
    }
}
