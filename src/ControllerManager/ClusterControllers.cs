using ActorKube.Actors;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Configuration;

namespace ActorKube.ControllerManager;

/// <summary>
/// What kube-controller-manager does: owners are collected after, and workloads, services, disruption budgets, autoscalers and volumes do what they say; as controllers on ActorKube's own runtime. They work on any API server
/// that has none of its own, above all the embedded one:
/// <c>await using var controllers = await ClusterControllers.StartAsync(server.CreateHandler());</c>
/// </summary>
/// <remarks>Disposing it stops the controllers and leaves the objects. Never start it on a cluster that has a controller manager: two would fight over every object.</remarks>
public sealed class ClusterControllers : IAsyncDisposable
{
    private readonly Kubernetes _kubernetes;
    private readonly ActorSystem? _system;
    private readonly IKubernetesClient? _client;
    private readonly List<string> _controllers = [];
    private readonly List<IAsyncDisposable> _others = [];

    private ClusterControllers(Kubernetes kubernetes, ActorSystem? system, IKubernetesClient? client) => (_kubernetes, _system, _client) = (kubernetes, system, client);

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
    /// <param name="client">The client; not disposed. Its user agent names who manages the fields that controllers write.</param>
    /// <param name="options">Which controllers, with which numbers.</param>
    public static Task<ClusterControllers> StartAsync(IKubernetesClient client, ClusterControllersOptions? options = null) =>
        StartAsync(client, owned: null, options ?? new ClusterControllersOptions());

    /// <summary>Starts the controllers on a runtime that is there (see <see cref="KubernetesExtensions.StartKubernetes"/> for one of their own): with its client, its time, its dispatchers, its health.</summary>
    /// <param name="kubernetes">The runtime; disposing the controllers takes them out of it, and leaves it.</param>
    /// <param name="options">Which controllers, with which numbers.</param>
    /// <exception cref="InvalidOperationException">The runtime has a controller of the name of one of these.</exception>
    public static Task<ClusterControllers> StartAsync(Kubernetes kubernetes, ClusterControllersOptions? options = null) =>
        new ClusterControllers(kubernetes, null, null).StartAsync(options ?? new ClusterControllersOptions());

    private static Task<ClusterControllers> StartAsync(IKubernetesClient client, IKubernetesClient? owned, ClusterControllersOptions options)
    {
        var system = ActorSystem.Create("controller-manager", ConfigurationFactory.ParseString(
            "akka.coordinated-shutdown.run-by-clr-shutdown-hook = off\nakka.log-dead-letters = off\nakka.log-dead-letters-during-shutdown = off\nakka.stdout-loglevel = OFF\nakka.loglevel = OFF"));
        var kubernetes = system.AddKubernetes(client, new KubernetesOptions { Component = "controller-manager", Time = options.Time }, options.LoggerFactory);
        return new ClusterControllers(kubernetes, system, owned).StartAsync(options);
    }

    private async Task<ClusterControllers> StartAsync(ClusterControllersOptions options)
    {
        try
        {
            foreach (var spec in ControllerSpecs.Of(options, await _kubernetes.EventsAsync().ConfigureAwait(false)))
            {
                await _kubernetes.AddAsync(spec).ConfigureAwait(false);
                _controllers.Add(spec.Name);
            }
            if (options.GarbageCollector)
            {
                _others.Add(await GarbageCollector.StartAsync(_kubernetes, options.LoggerFactory).ConfigureAwait(false));
            }
            if (options.Quotas)
            {
                _others.Add(await QuotaController.StartAsync(_kubernetes, options).ConfigureAwait(false));
            }
            return this;
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            // All that the controllers have is in there.
            await _system.Terminate().ConfigureAwait(false);
        }
        else
        {
            await Task.WhenAll(_controllers.Select(_kubernetes.RemoveAsync)).ConfigureAwait(false);
            _controllers.Clear();
            foreach (var other in _others)
            {
                await other.DisposeAsync().ConfigureAwait(false);
            }
            _others.Clear();
        }
        if (_client is not null)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }
    }
}
