using ActorKube.Actors;
using ActorKube.Hosting;
using Akka.Hosting;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Cluster;

/// <summary>Controllers that a cluster shares.</summary>
public static class ShardedControllerExtensions
{
    /// <summary>
    /// Adds a controller whose keys are divided over the cluster's nodes: each key is reconciled on one of them at a time, and moves when nodes come, go or crash. The reconciler is the same as for
    /// <see cref="KubernetesHostingExtensions.WithController{T}"/>; <see cref="ControllerOptions.MaxConcurrentReconciles"/> counts for each node. Leader election does not concern it.
    /// </summary>
    /// <param name="akka">The actor system's builder; it needs <c>WithClustering</c> too.</param>
    /// <param name="name">The controller's name, the same on all nodes.</param>
    /// <param name="shards">
    /// How many slices the keys are divided into, the same on all nodes and not to be changed while some of them run: ten times the greatest number of nodes is plenty.
    /// </param>
    /// <param name="configure">What it watches and does.</param>
    /// <param name="options">How it is divided; null for the defaults.</param>
    /// <typeparam name="T">The kind that is reconciled.</typeparam>
    /// <exception cref="ArgumentException">An argument makes no sense; the message says which and why.</exception>
    public static AkkaConfigurationBuilder WithShardedController<T>(this AkkaConfigurationBuilder akka, string name, int shards, Action<ControllerBuilder<T>> configure, ShardedControllerOptions? options = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        options ??= new ShardedControllerOptions();
        options.Validate();
        options.Lease?.Apply(akka);
        ShardedControllers.Of(akka).LeaveTimeToHandOff(akka, options.DrainTimeout);
        var runtime = KubernetesRegistration.Of(akka);
        var controller = new ControllerBuilder<T>();
        configure(controller);
        controller.Named(name).With(o => o with { NeedsLeaderElection = false });
        // Configuration concerns both; what has a controller for each slice is built below.
        runtime.Controllers.Add(DeclaredController.Of(controller) with { Build = services => ShardedControllers.Sliced(controller.Build(services), shards), IsBuiltElsewhere = options.WatchLabel is not null });
        return akka.StartActors((system, _, resolver) =>
        {
            var labelled = options.WatchLabel is null ? null : controller.Build(new RuntimeServices(resolver) { Client = system.Kubernetes().Client });
            ShardedControllers.Start(system, name, shards, options, labelled, resolver.GetService(typeof(ILoggerFactory)) as ILoggerFactory);
        });
    }
}
