using ActorKube.Actors;
using ActorKube.Cluster;
using ActorKube.Hosting;
using Akka.Actor;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Cnat;

/// <summary>The same operator in three ways, so that you can see which is yours.</summary>
public enum CnatFlavour
{
    /// <summary>A reconciler and what it watches: <see cref="AtReconciler"/>.</summary>
    Builder,

    /// <summary>Informers, handlers and a queue of keys: <see cref="AtInformers"/>.</summary>
    Informers,

    /// <summary>An actor an object: <see cref="AtActors"/>.</summary>
    Actors,
}

/// <summary>The operator as part of a host.</summary>
public static class CnatHosting
{
    /// <summary>Adds cnat to an actor system.</summary>
    /// <param name="akka">The actor system's builder.</param>
    /// <param name="flavour">In which of the three ways.</param>
    /// <param name="cluster">The cluster to share the work with, which the builder's way can; null for none.</param>
    public static AkkaConfigurationBuilder WithCnat(this AkkaConfigurationBuilder akka, CnatFlavour flavour, CnatCluster? cluster = null) => flavour switch
    {
        CnatFlavour.Informers => akka
            .WithKubernetes(Stop)
            .WithActors(async (system, _, services) => await AtInformers.StartAsync(system.Kubernetes(), Worker(system, services), Logger(services))),
        CnatFlavour.Actors => akka
            .WithKubernetes(Stop)
            .WithActors(async (system, _, services) => await system.Kubernetes().AddAsync(new ControllerBuilder<At>()
                .Owns<V1Pod>()
                .WithMaxConcurrentReconciles(2)
                .With(Waits)
                .WithReconcilerActor(system.ActorOf(AtActors.Props(Worker(system, services)), "ats"))
                .Build())),
        // On one node or on many: the same controller.
        _ when cluster is not null => cluster.Join(akka.WithKubernetes(Stop)).WithShardedController<At>("at", CnatCluster.Shards, Ats),
        _ => akka.WithKubernetes(Stop).WithController<At>(Ats),
    };

    static void Ats(ControllerBuilder<At> ats) => ats
        .Owns<V1Pod>()
        .WithMaxConcurrentReconciles(2)
        .With(Waits)
        .WithReconciler<AtReconciler>();

    // Its definition may be created after it: cnat waits for that instead of ending.
    static ControllerOptions Waits(ControllerOptions options) => options with { KeepTryingToSync = true };

    // A demo that is told to stop should stop soon; a real controller leaves its reconciles more time.
    static void Stop(KubernetesBuilder kube) => kube.With(options => options with { ShutdownTimeout = TimeSpan.FromSeconds(3) });

    // The runtime's own client: what is written through it is in the cache before the next look.
    static AtWorker Worker(ActorSystem system, Akka.DependencyInjection.IDependencyResolver services) =>
        new(system.Kubernetes().Client, services.GetService<TimeProvider>() ?? TimeProvider.System);

    static ILogger Logger(Akka.DependencyInjection.IDependencyResolver services) => services.GetService<ILoggerFactory>().CreateLogger("Cnat");
}
