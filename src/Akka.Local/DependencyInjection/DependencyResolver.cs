#nullable disable
using Akka.Actor;
using Akka.Configuration;

namespace Akka.DependencyInjection;

/// <summary>A system's container, as an extension. It is given by <see cref="DependencyResolverSetup"/> when the system is made.</summary>
public sealed class DependencyResolver : IExtension
{
    public DependencyResolver(IDependencyResolver resolver) => Resolver = resolver;

    public IDependencyResolver Resolver { get; }

    public static DependencyResolver For(ActorSystem actorSystem) => actorSystem.WithExtension<DependencyResolver, DependencyResolverExtension>();

    public Props Props<T>(params object[] args) where T : ActorBase => Resolver.Props<T>(args);

    public Props Props<T>() where T : ActorBase => Resolver.Props<T>();

    public Props Props(Type type) => Resolver.Props(type);

    public Props Props(Type type, params object[] args) => Resolver.Props(type, args);
}

/// <summary>The key of <see cref="DependencyResolver"/>.</summary>
public sealed class DependencyResolverExtension : ExtensionIdProvider<DependencyResolver>
{
    public override DependencyResolver CreateExtension(ExtendedActorSystem system)
    {
        var setup = system.Settings.Setup.Get<DependencyResolverSetup>();
        if (setup.HasValue)
            return new DependencyResolver(setup.Value.DependencyResolver);
        var provider = system.Settings.Setup.Get<ServiceProviderSetup>();
        if (provider.HasValue)
            return new DependencyResolver(new ServiceProviderDependencyResolver(provider.Value.ServiceProvider));
        throw new ConfigurationException("Unable to find [DependencyResolverSetup] in the ActorSystem's setup. Create the system with DependencyResolverSetup.Create(serviceProvider).");
    }
}

/// <summary>Gives a system its container.</summary>
public class DependencyResolverSetup : Actor.Setup.Setup
{
    private DependencyResolverSetup(IDependencyResolver resolver) => DependencyResolver = resolver;

    public IDependencyResolver DependencyResolver { get; }

    public static DependencyResolverSetup Create(IServiceProvider provider) => new(new ServiceProviderDependencyResolver(provider));

    public static DependencyResolverSetup Create(IDependencyResolver provider) => new(provider);
}

/// <summary>Gives a system its <see cref="IServiceProvider"/>.</summary>
public class ServiceProviderSetup : Actor.Setup.Setup
{
    private ServiceProviderSetup(IServiceProvider serviceProvider) => ServiceProvider = serviceProvider;

    public IServiceProvider ServiceProvider { get; }

    public static ServiceProviderSetup Create(IServiceProvider provider) => new(provider);
}
