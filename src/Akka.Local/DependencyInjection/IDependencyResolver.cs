#nullable disable
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;

namespace Akka.DependencyInjection;

/// <summary>Makes actors and services from a container.</summary>
public interface IDependencyResolver
{
    IResolverScope CreateScope();

    /// <summary>The service, or null where the container has none.</summary>
    object GetService(Type type);

    T GetService<T>();

    /// <summary>Props whose constructor parameters come from <paramref name="args"/> and, where they fit none, from the container.</summary>
    Props Props(Type type, params object[] args);

    Props Props(Type type);

    Props Props<T>(params object[] args) where T : ActorBase;
}

/// <summary>A part of a container with a life of its own.</summary>
public interface IResolverScope : IDisposable
{
    IDependencyResolver Resolver { get; }
}

/// <summary>The resolver over an <see cref="IServiceProvider"/>. An actor gets its services from the provider itself: it makes scopes of its own where it needs scoped ones.</summary>
public class ServiceProviderDependencyResolver(IServiceProvider serviceProvider) : IDependencyResolver
{
    public IServiceProvider ServiceProvider { get; } = serviceProvider;

    public IResolverScope CreateScope() => new ServiceProviderScope(ServiceProvider.CreateScope());

    public object GetService(Type type) => ServiceProvider.GetService(type);

    public T GetService<T>() => ServiceProvider.GetService<T>();

    public Props Props(Type type, params object[] args) => Actor.Props.CreateBy(new ServiceProviderActorProducer(ServiceProvider, type, args));

    public Props Props(Type type) => Props(type, []);

    public Props Props<T>(params object[] args) where T : ActorBase => Props(typeof(T), args);
}

/// <summary>A scope of an <see cref="IServiceProvider"/>.</summary>
public class ServiceProviderScope : IResolverScope
{
    private readonly IServiceScope _scope;

    public ServiceProviderScope(IServiceScope scope)
    {
        _scope = scope;
        Resolver = new ServiceProviderDependencyResolver(scope.ServiceProvider);
    }

    public IDependencyResolver Resolver { get; }

    public void Dispose() => _scope.Dispose();
}

internal sealed class ServiceProviderActorProducer(IServiceProvider provider, Type actorType, object[] args) : IIndirectActorProducer
{
    private readonly ObjectFactory _factory = ActivatorUtilities.CreateFactory(actorType, (args ?? []).Select(a => a?.GetType() ?? throw new ArgumentException($"An argument for {actorType} is null: leave it out and let the container give the parameter.", nameof(args))).ToArray());

    public Type ActorType => actorType;

    public ActorBase Produce() => (ActorBase)_factory(provider, args);

    public void Release(ActorBase actor) { }
}
