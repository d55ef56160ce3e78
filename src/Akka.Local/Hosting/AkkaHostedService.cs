using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Akka.Hosting;

/// <summary>
/// Ties an actor system to its host: starts it and its actors, runs <see cref="Akka.Actor.CoordinatedShutdown"/> when the host
/// stops, and stops the host when the system terminates by itself.
/// </summary>
public class AkkaHostedService : IHostedService
{
    /// <summary>The system, once started.</summary>
    protected ActorSystem? ActorSystem;

    /// <summary>Its shutdown, once started.</summary>
    protected CoordinatedShutdown? CoordinatedShutdown;

    /// <summary>The host's services.</summary>
    protected readonly IServiceProvider ServiceProvider;

    /// <summary>What the system is made of.</summary>
    protected readonly AkkaConfigurationBuilder ConfigurationBuilder;

    /// <summary>The host's lifetime, where there is a host.</summary>
    protected readonly IHostApplicationLifetime? HostApplicationLifetime;

    /// <summary>Logs as this service.</summary>
    protected readonly ILogger<AkkaHostedService> Logger;

    /// <param name="configurationBuilder">What the system is made of.</param>
    /// <param name="serviceProvider">The host's services.</param>
    /// <param name="logger">Logs as this service.</param>
    /// <param name="applicationLifetime">The host's lifetime, or null.</param>
    public AkkaHostedService(
        AkkaConfigurationBuilder configurationBuilder,
        IServiceProvider serviceProvider,
        ILogger<AkkaHostedService> logger,
        IHostApplicationLifetime? applicationLifetime)
    {
        ConfigurationBuilder = configurationBuilder;
        ServiceProvider = serviceProvider;
        Logger = logger;
        HostApplicationLifetime = applicationLifetime;
    }

    /// <inheritdoc />
    public virtual async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var system = ActorSystem = ServiceProvider.GetRequiredService<ActorSystem>();
            CoordinatedShutdown = CoordinatedShutdown.Get(system);
            if (HostApplicationLifetime is { } lifetime)
                CoordinatedShutdown.StopHost = lifetime.StopApplication;
            await ConfigurationBuilder.StartAsync(system).ConfigureAwait(false);
            _ = StopHostAfter(system);
        }
        catch (Exception cause)
        {
            Logger.LogCritical(cause, "The actor system could not be started.");
            await StopAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc />
    public virtual Task StopAsync(CancellationToken cancellationToken) =>
        CoordinatedShutdown is { } shutdown
            ? shutdown.Run(Akka.Actor.CoordinatedShutdown.ClrExitReason.Instance)
            : Task.CompletedTask;

    async Task StopHostAfter(ActorSystem system)
    {
        await system.WhenTerminated.ConfigureAwait(false);
        HostApplicationLifetime?.StopApplication();
    }
}
