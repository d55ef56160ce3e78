using k8s;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>What the manifests of a program's webhooks say beside what their classes say.</summary>
/// <param name="Address">Where API servers reach them.</param>
/// <param name="Name">The name of the configurations.</param>
/// <param name="InjectCaFrom">The certificate of cert-manager's whose authority it puts into what names webhooks, as <c>NAMESPACE/NAME</c>; null for none.</param>
public sealed record WebhookManifests(WebhookAddress Address, string Name = WebhookManifests.DefaultName, string? InjectCaFrom = null)
{
    /// <summary>The configurations' name unless told otherwise.</summary>
    public const string DefaultName = "webhooks";

    internal static WebhookManifests Draft { get; } = new(WebhookAddress.Service("system", "webhook-service"));

    /// <summary>The configurations of the webhooks among classes; nothing where there are none.</summary>
    internal IReadOnlyList<object> Configurations(IEnumerable<Type> classes) => [.. WebhookConfigurations.Of(AdmissionWebhookSpec.Of(classes), Address, Name).Select(Annotated)];

    /// <summary>A definition with what its conversion needs.</summary>
    internal V1CustomResourceDefinition In(V1CustomResourceDefinition definition) => definition.Spec.Conversion is null ? definition : Annotated(definition);

    private T Annotated<T>(T made) where T : IKubernetesObject<V1ObjectMeta>
    {
        if (InjectCaFrom is not null) made.Metadata.Annotations = new Dictionary<string, string> { ["cert-manager.io/inject-ca-from"] = InjectCaFrom };
        return made;
    }
}
