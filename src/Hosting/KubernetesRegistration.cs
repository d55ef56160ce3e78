using System.Globalization;
using ActorKube.Actors;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.DependencyInjection;
using Akka.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Hosting;

/// <summary>What was said about Kubernetes while an actor system was being configured; it rides along as one of the system's setups, so that all calls find the same.</summary>
sealed class KubernetesRegistration : Setup
{
    // Akka gives each phase of its shutdown five seconds; whoever drains longer must say so there too.
    static readonly TimeSpan DefaultPhaseTimeout = TimeSpan.FromSeconds(5);

    public KubernetesBuilder Kubernetes { get; } = new();

    /// <summary>The controllers, in the order in which they were added.</summary>
    public List<DeclaredController> Controllers { get; } = [];

    /// <summary>The registration of a builder; the first call arranges that the runtime starts with the system.</summary>
    public static KubernetesRegistration Of(AkkaConfigurationBuilder akka)
    {
        if (akka.Setups.OfType<KubernetesRegistration>().FirstOrDefault() is { } existing)
            return existing;
        var registration = new KubernetesRegistration();
        akka.Setups.Add(registration);
        akka.StartActors(async (system, registry, resolver) => await registration.StartAsync(system, resolver).ConfigureAwait(false));
        return registration;
    }

    /// <summary>Takes over what configuration says, and gives the shutdown the time it needs.</summary>
    public void Configure(AkkaConfigurationBuilder akka)
    {
        Kubernetes.Configure();
        // Beside the drain itself: a second for reconciles that were told to leave, and one for messages.
        var needed = Kubernetes.Options.ShutdownTimeout + TimeSpan.FromSeconds(2);
        if (needed > DefaultPhaseTimeout)
        {
            akka.AddHocon(
                string.Create(CultureInfo.InvariantCulture, $"akka.coordinated-shutdown.phases.{CoordinatedShutdown.PhaseServiceRequestsDone}.timeout = {needed.TotalSeconds:0}s"),
                HoconAddMode.Prepend);
        }
    }

    async Task StartAsync(ActorSystem system, IDependencyResolver resolver)
    {
        var services = new RuntimeServices(resolver);
        var loggers = services.GetService(typeof(ILoggerFactory)) as ILoggerFactory ?? NullLoggerFactory.Instance;
        if (Kubernetes.Configuration is { } configuration)
        {
            foreach (var controller in Controllers)
                controller.Configure(configuration);
            configuration.ThrowIfWrong();
        }
        if (services.GetService(typeof(IEnumerable<IRuntimeObserver>)) is IEnumerable<IRuntimeObserver> observers)
            Kubernetes.With(options => options with { Observers = [.. options.Observers, .. observers] });
        if (services.GetService(typeof(IHostApplicationLifetime)) is IHostApplicationLifetime lifetime)
            Kubernetes.With(options => options with { Observers = [.. options.Observers, new StopsTheHost(lifetime, loggers.CreateLogger("ActorKube.Runtime"))] });
        // One clock for reconcilers and for what they are called by.
        if (resolver.GetService(typeof(TimeProvider)) is TimeProvider time)
            Kubernetes.With(options => options with { Time = options.Time ?? time });
        var client = Kubernetes.Client(services);
        if (Kubernetes.OwnsClient)
            _ = DisposeAfterAsync(system, client);
        var kubernetes = system.AddKubernetes(client, Kubernetes.Options, loggers);
        services.Client = kubernetes.Client;
        foreach (var controller in Controllers.Where(static c => !c.IsBuiltElsewhere))
            await kubernetes.AddAsync(controller.Build(services)).ConfigureAwait(false);
    }

    static async Task DisposeAfterAsync(ActorSystem system, IKubernetesClient client)
    {
        await system.WhenTerminated.ConfigureAwait(false);
        await client.DisposeAsync().ConfigureAwait(false);
    }
}
