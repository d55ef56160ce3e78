using ActorKube.Actors;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Configuration;

namespace ActorKube.ControllerManager;

/// <summary>
/// What kube-controller-manager does for workloads: deployments, replica sets, replication controllers, jobs, stateful sets, daemon sets and cron jobs, endpoints for services, disruption budgets, autoscalers and volumes; as reconcilers on ActorKube's own runtime. They work on any API server
/// that has no controllers of its own, above all the embedded one:
/// <c>await using var controllers = await ClusterControllers.StartAsync(server.CreateHandler());</c>
/// </summary>
/// <remarks>Disposing it stops the controllers and leaves the objects. Never start it on a cluster that has a controller manager: two would fight over every object.</remarks>
public sealed class ClusterControllers : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly IKubernetesClient? _owned;

    private ClusterControllers(ActorSystem system, IKubernetesClient? owned) => (_system, _owned) = (system, owned);

    /// <summary>Starts the controllers on the server behind a handler, such as that of an embedded server.</summary>
    /// <param name="handler">What requests go through; it brings the credentials. Not disposed.</param>
    /// <param name="options">Which controllers, with which numbers.</param>
    public static Task<ClusterControllers> StartAsync(HttpMessageHandler handler, ClusterControllersOptions? options = null)
    {
        options ??= new ClusterControllersOptions();
        var client = new KubernetesClient(
            new KubernetesClientConfiguration { Server = new Uri("http://controllers.actorkube.internal"), Qps = -1, UserAgent = "kube-controller-manager/actorkube" },
            new KubernetesClientOptions { Handler = handler, LoggerFactory = options.LoggerFactory });
        return StartAsync(client, owned: client, options);
    }

    /// <summary>Starts the controllers on a client's server.</summary>
    /// <param name="client">The client; not disposed.</param>
    /// <param name="options">Which controllers, with which numbers.</param>
    public static Task<ClusterControllers> StartAsync(IKubernetesClient client, ClusterControllersOptions? options = null) =>
        StartAsync(client, owned: null, options ?? new ClusterControllersOptions());

    private static async Task<ClusterControllers> StartAsync(IKubernetesClient client, IKubernetesClient? owned, ClusterControllersOptions options)
    {
        var system = ActorSystem.Create("controller-manager", ConfigurationFactory.ParseString(
            "akka.coordinated-shutdown.run-by-clr-shutdown-hook = off\nakka.log-dead-letters = off\nakka.log-dead-letters-during-shutdown = off\nakka.stdout-loglevel = OFF\nakka.loglevel = OFF"));
        var controllers = new ClusterControllers(system, owned);
        try
        {
            var kubernetes = system.AddKubernetes(client, new KubernetesOptions { Component = "controller-manager" }, options.LoggerFactory);
            foreach (var spec in ControllerSpecs.Of(options))
            {
                await kubernetes.AddAsync(spec).ConfigureAwait(false);
            }
            return controllers;
        }
        catch
        {
            await controllers.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _system.Terminate().ConfigureAwait(false);
        if (_owned is not null)
        {
            await _owned.DisposeAsync().ConfigureAwait(false);
        }
    }
}
