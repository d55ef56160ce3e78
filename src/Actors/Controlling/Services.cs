using Microsoft.Extensions.DependencyInjection;

namespace ActorKube.Actors;

/// <summary>Makes reconcilers with a container's help.</summary>
static class Services
{
    /// <summary>The registered instance where there is one, else a new one whose constructor gets what the container has.</summary>
    /// <exception cref="InvalidOperationException">The container lacks something; the message says what.</exception>
    public static T Make<T>(IServiceProvider services)
        where T : class =>
        (T?)services.GetService(typeof(T)) ?? ActivatorUtilities.CreateInstance<T>(services);

    /// <summary>A scope of its own.</summary>
    public static AsyncServiceScope Scope(IServiceProvider services) =>
        services.GetService(typeof(IServiceScopeFactory)) is IServiceScopeFactory factory
            ? new AsyncServiceScope(factory.CreateScope())
            : throw new InvalidOperationException("A scoped reconciler needs a container: use it with a host, or pass a service provider to Build.");
}

/// <summary>A scope, and behind it what the runtime knows beside the container.</summary>
sealed class ScopedServices(IServiceProvider scope, IServiceProvider runtime) : IServiceProvider
{
    public object? GetService(Type serviceType) => scope.GetService(serviceType) ?? runtime.GetService(serviceType);
}

/// <summary>A container with nothing in it.</summary>
sealed class NoServices : IServiceProvider
{
    public static readonly NoServices Instance = new();

    public object? GetService(Type serviceType) => null;
}
