using ActorKube.Hosting;
using ActorKube.Models;

namespace OperatorSpace;

/// <summary>The operator's webhooks, and where API servers find them.</summary>
internal static class Webhooks
{
    const string Namespace = $"{Controllers.Name}-system";

    /// <summary>The service in config/webhooks.yaml, which has the rights for what follows, too.</summary>
    static readonly WebhookAddress Service = WebhookAddress.Service(Namespace, $"{Controllers.Name}-webhooks");

    /// <summary>What config/generated/webhooks.yaml says beside what the classes say.</summary>
    public static WebhookManifests InManifests { get; } = new(Service, Controllers.Name);

    /// <summary>All webhooks: a line for each kind.</summary>
    public static WebhookBuilder WithOperatorWebhooks(this WebhookBuilder webhooks) => webhooks
        .WithSprocketWebhooks();

    /// <summary>For a cluster in this process, and for tests: at a free port of loopback, and known to the server until the process ends.</summary>
    public static WebhookBuilder OnLoopback(this WebhookBuilder webhooks) => webhooks
        .UseOwnCertificate()
        .RegisterAs(Controllers.Name)
        .With(options => options with { Port = 0 });

    /// <summary>For a pod: behind the service, with a certificate that the first replica makes. cert-manager's would be UseCertificateFiles, see ActorKube's docs/webhooks.md.</summary>
    public static WebhookBuilder BehindTheService(this WebhookBuilder webhooks) => webhooks
        .UseOwnCertificate(Service, new NamespacedName(Namespace, $"{Controllers.Name}-webhooks"))
        .InjectInto(Controllers.Name);
}
