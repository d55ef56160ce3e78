using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.DependencyInjection;
using Akka.Hosting.Logging;
using Akka.Util;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Akka.Hosting;

/// <summary>How new configuration meets what is there already.</summary>
public enum HoconAddMode
{
    /// <summary>What is there wins.</summary>
    Append,

    /// <summary>The new one wins.</summary>
    Prepend,

    /// <summary>The new one wins, as with <see cref="Prepend"/>: what it does not name stays.</summary>
    Replace,
}

/// <summary>Starts actors when the host starts.</summary>
public delegate Task ActorStarter(ActorSystem system, IActorRegistry registry);

/// <summary>Starts actors that the container creates, when the host starts.</summary>
public delegate Task ActorStarterWithResolver(ActorSystem system, IActorRegistry registry, IDependencyResolver resolver);

/// <summary>Runs when all actors that are started with the host have been created.</summary>
public delegate Task StartupTask(ActorSystem system, IActorRegistry registry);

/// <summary>
/// Says what a host's actor system is made of: configuration, setups, the actors it starts with. What is said after the system
/// has started has no effect. Not thread-safe.
/// </summary>
public sealed class AkkaConfigurationBuilder
{
    readonly List<ActorStarter> _starters = [];
    readonly List<StartupTask> _startupTasks = [];
    readonly List<Type> _extensions = [];
    bool _complete;

    /// <param name="serviceCollection">The host's services.</param>
    /// <param name="actorSystemName">The system's name.</param>
    public AkkaConfigurationBuilder(IServiceCollection serviceCollection, string actorSystemName)
    {
        ServiceCollection = serviceCollection;
        ActorSystemName = actorSystemName;
    }

    /// <summary>The setups the system is created with, besides the bootstrap and dependency injection.</summary>
    public readonly HashSet<Setup> Setups = [];

    /// <summary>Who provides the system's refs, if that was said.</summary>
    public Option<ProviderSelection> ActorRefProvider { get; private set; } = Option<ProviderSelection>.None;

    /// <summary>The configuration so far.</summary>
    public Option<Config> Configuration { get; private set; } = Option<Config>.None;

    internal string ActorSystemName { get; }

    internal IServiceCollection ServiceCollection { get; }

    /// <summary>Starts actors when the host starts, in the order of these calls.</summary>
    public AkkaConfigurationBuilder StartActors(Action<ActorSystem, IActorRegistry> starter) => StartActors((system, registry) =>
    {
        starter(system, registry);
        return Task.CompletedTask;
    });

    /// <inheritdoc cref="StartActors(Action{ActorSystem, IActorRegistry})" />
    public AkkaConfigurationBuilder StartActors(Action<ActorSystem, IActorRegistry, IDependencyResolver> starter) =>
        StartActors((system, registry) =>
        {
            starter(system, registry, DependencyResolver.For(system).Resolver);
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="StartActors(Action{ActorSystem, IActorRegistry})" />
    public AkkaConfigurationBuilder StartActors(ActorStarterWithResolver starter) =>
        StartActors((system, registry) => starter(system, registry, DependencyResolver.For(system).Resolver));

    /// <inheritdoc cref="StartActors(Action{ActorSystem, IActorRegistry})" />
    public AkkaConfigurationBuilder StartActors(ActorStarter starter)
    {
        ArgumentNullException.ThrowIfNull(starter);
        if (!_complete)
            _starters.Add(starter);
        return this;
    }

    /// <summary>Runs something when all actors that are started with the host have been created, in the order of these calls.</summary>
    public AkkaConfigurationBuilder AddStartup(Action<ActorSystem, IActorRegistry> startupTask) => AddStartup((system, registry) =>
    {
        startupTask(system, registry);
        return Task.CompletedTask;
    });

    /// <inheritdoc cref="AddStartup(Action{ActorSystem, IActorRegistry})" />
    public AkkaConfigurationBuilder AddStartup(StartupTask startupTask)
    {
        ArgumentNullException.ThrowIfNull(startupTask);
        if (!_complete)
            _startupTasks.Add(startupTask);
        return this;
    }

    /// <summary>Registers an extension as soon as the system is there.</summary>
    public AkkaConfigurationBuilder WithExtension<T>()
        where T : IExtensionId => WithExtensions(typeof(T));

    /// <summary>Registers extensions as soon as the system is there.</summary>
    /// <exception cref="ConfigurationException">A type is no extension, or cannot be created.</exception>
    public AkkaConfigurationBuilder WithExtensions(params Type[] extensions)
    {
        foreach (var extension in extensions)
        {
            if (!typeof(IExtensionId).IsAssignableFrom(extension))
                throw new ConfigurationException($"{extension} is no extension: it does not implement {nameof(IExtensionId)}.");
            if (extension.IsAbstract || extension.GetConstructor(Type.EmptyTypes) is null)
                throw new ConfigurationException($"The extension {extension} cannot be created: it is abstract or has no public constructor without parameters.");
            if (!_complete && !_extensions.Contains(extension))
                _extensions.Add(extension);
        }

        return this;
    }

    internal AkkaConfigurationBuilder AddSetup(Setup setup)
    {
        switch (setup)
        {
            case var _ when _complete:
            case DependencyResolverSetup:
                // The host's container resolves dependencies, whatever another setup says.
                return this;
            case BootstrapSetup bootstrap:
                if (bootstrap.Config.HasValue)
                    AddHocon(bootstrap.Config.Value, HoconAddMode.Prepend);
                ActorRefProvider = bootstrap.ActorRefProvider;
                return this;
            default:
                Setups.Add(setup);
                return this;
        }
    }

    internal AkkaConfigurationBuilder AddHocon(Config hocon, HoconAddMode addMode)
    {
        ArgumentNullException.ThrowIfNull(hocon);
        if (_complete)
            return this;

        Configuration = !Configuration.HasValue
            ? hocon
            : addMode switch
            {
                HoconAddMode.Append => Configuration.Value.WithFallback(hocon),
                HoconAddMode.Prepend or HoconAddMode.Replace => hocon.WithFallback(Configuration.Value),
                _ => throw new ArgumentOutOfRangeException(nameof(addMode), addMode, "Append, Prepend or Replace."),
            };
        return this;
    }

    internal AkkaConfigurationBuilder WithActorRefProvider(ProviderSelection provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        if (!_complete)
            ActorRefProvider = provider;
        return this;
    }

    /// <summary>Makes the container create the system, once, from what has been said by then.</summary>
    internal void Bind()
    {
        ServiceCollection.AddSingleton(services => services.GetRequiredService<AkkaConfigurationBuilder>().CreateSystem(services));
        ServiceCollection.AddSingleton(services => ActorRegistry.For(services.GetRequiredService<ActorSystem>()));
        ServiceCollection.AddSingleton<IActorRegistry>(services => services.GetRequiredService<ActorRegistry>());
        ServiceCollection.AddSingleton<IReadOnlyActorRegistry>(services => services.GetRequiredService<ActorRegistry>());
        ServiceCollection.AddSingleton(typeof(IRequiredActor<>), typeof(RequiredActor<>));
    }

    internal async Task StartAsync(ActorSystem system)
    {
        if (_complete)
            return;
        _complete = true;

        var registry = ActorRegistry.For(system);
        foreach (var starter in _starters)
            await starter(system, registry).ConfigureAwait(false);
        foreach (var startupTask in _startupTasks)
            await startupTask(system, registry).ConfigureAwait(false);
    }

    ActorSystem CreateSystem(IServiceProvider services)
    {
        if (!Setups.OfType<LoggerFactorySetup>().Any() && services.GetService<ILoggerFactory>() is { } loggerFactory)
            Setups.Add(new LoggerFactorySetup(loggerFactory));

        var bootstrap = BootstrapSetup.Create().WithConfig(Configuration.HasValue ? Configuration.Value : Config.Empty);
        if (ActorRefProvider.HasValue)
            bootstrap = bootstrap.WithActorRefProvider(ActorRefProvider.Value);

        var setup = bootstrap.And(DependencyResolverSetup.Create(services));
        foreach (var other in Setups)
            setup = setup.And(other);

        var system = ActorSystem.Create(ActorSystemName, setup);
        foreach (var extension in _extensions)
            system.RegisterExtension((IExtensionId)Activator.CreateInstance(extension)!);
        return system;
    }
}
