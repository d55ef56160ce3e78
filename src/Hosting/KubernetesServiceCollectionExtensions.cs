using ActorKube.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Hosting;

/// <summary>The client as a service of the host.</summary>
public static class KubernetesServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="IKubernetesClient"/> for the whole host, disposed with it. <c>WithKubernetes()</c> uses it where it is not told another. (Reconcilers
    /// get the runtime's client in any case; this is for everything else in the host that wants one.)
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Which cluster.</param>
    public static IServiceCollection AddKubernetesClient(this IServiceCollection services, KubernetesClientConfiguration configuration) =>
        services.AddKubernetesClient(_ => configuration);

    /// <inheritdoc cref="AddKubernetesClient(IServiceCollection, KubernetesClientConfiguration)"/>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Which cluster; called once, when the client is first needed.</param>
    public static IServiceCollection AddKubernetesClient(this IServiceCollection services, Func<IServiceProvider, KubernetesClientConfiguration> configuration) =>
        services.AddSingleton(provider => Client(provider, configuration(provider)));

    // A controller that is kept from asking is a controller that is late: as in controller-runtime, the server's own fairness limits us unless the user does.
    internal static IKubernetesClient Client(IServiceProvider services, KubernetesClientConfiguration configuration) => new KubernetesClient(
        configuration.Qps == 0 ? configuration with { Qps = -1 } : configuration,
        new KubernetesClientOptions { LoggerFactory = services.GetService(typeof(ILoggerFactory)) as ILoggerFactory ?? NullLoggerFactory.Instance });
}
