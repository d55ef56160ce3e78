using ActorKube.Transport;
using Akka.DependencyInjection;

namespace ActorKube.Hosting;

/// <summary>The host's container, with the runtime's client and a clock for reconcilers that ask for them.</summary>
sealed class RuntimeServices(IDependencyResolver resolver) : IServiceProvider
{
    /// <summary>The runtime's client: what is written through it is waited for before a key is reconciled again.</summary>
    public IKubernetesClient? Client { get; set; }

    public object? GetService(Type serviceType)
    {
        if (serviceType == typeof(IKubernetesClient) && Client is not null)
            return Client;
        return resolver.GetService(serviceType) ?? (serviceType == typeof(TimeProvider) ? TimeProvider.System : null);
    }
}
