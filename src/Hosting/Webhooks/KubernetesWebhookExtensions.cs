using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>Webhooks of a controller's own: admission and conversion, over HTTPS.</summary>
public static class KubernetesWebhookExtensions
{
    /// <summary>For workers: webhooks on a listener of their own, port 9443 of loopback unless said otherwise. A host that cannot listen, or lacks what a webhook asks for, does not start.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Which webhooks, and whose certificate.</param>
    /// <exception cref="ArgumentException">The webhooks do not fit together; says what to change.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting makes no sense; says which.</exception>
    /// <example><code>
    /// builder.Services.AddKubernetesWebhooks(webhooks => webhooks
    ///     .WithDefaults&lt;CronTab>(tab => tab.Spec.Replicas ??= 1)
    ///     .WithValidator&lt;CronTab, CronTabRules>()
    ///     .UseCertificateFiles("/etc/webhooks"));
    /// </code></example>
    public static IServiceCollection AddKubernetesWebhooks(this IServiceCollection services, Action<WebhookBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var webhooks = new WebhookBuilder();
        configure(webhooks);
        webhooks.Finish();
        webhooks.CheckCertificate();
        services.AddSingleton(provider => new WebhookListener(provider, webhooks, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IKubernetesWebhooks>(static provider => provider.GetRequiredService<WebhookListener>());
        services.AddHostedService(static provider => provider.GetRequiredService<WebhookListener>());
        return services;
    }

    /// <summary>The same, where an operator may say in the host's configuration where to listen.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="section">Such as <c>builder.Configuration.GetSection("Webhooks")</c>, see <see cref="WebhookBuilder.Bind"/>.</param>
    /// <param name="configure">Which webhooks, and whose certificate.</param>
    /// <inheritdoc cref="AddKubernetesWebhooks(IServiceCollection, Action{WebhookBuilder})" path="/exception"/>
    public static IServiceCollection AddKubernetesWebhooks(this IServiceCollection services, IConfiguration section, Action<WebhookBuilder> configure) =>
        services.AddKubernetesWebhooks(webhooks =>
        {
            webhooks.Bind(section);
            configure(webhooks);
        });

    /// <summary>For ASP.NET hosts: the same webhooks among the host's own endpoints. TLS, addresses and certificates are the host's business.</summary>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="configure">Which webhooks.</param>
    /// <returns>To add conventions to all of them, such as <c>RequireHost("*:9443")</c>.</returns>
    /// <exception cref="ArgumentException">The webhooks do not fit together, or a certificate is said here; says what to change.</exception>
    public static IEndpointConventionBuilder MapKubernetesWebhooks(this IEndpointRouteBuilder endpoints, Action<WebhookBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var webhooks = new WebhookBuilder();
        configure(webhooks);
        webhooks.Finish();
        if (webhooks.OwnCertificate is not null || webhooks.Registration is not null || webhooks.Options.CertificateFolder is not null)
            throw new ArgumentException("Certificate and registration of webhooks among a host's own endpoints are the host's business: leave them out, or use AddKubernetesWebhooks.");
        var logger = endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("ActorKube.Webhooks");
        var answers = new WebhookAnswers(webhooks, new WebhookServices(endpoints.ServiceProvider), logger);
        var group = endpoints.MapGroup("");
        foreach (var path in answers.Paths)
            group.Map(path, (RequestDelegate)answers.AnswerAsync);
        return group;
    }
}
