using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Configuration;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// What kube-controller-manager does for workloads: deployments, replica sets, replication controllers, jobs, stateful sets, daemon sets and cron jobs, and endpoints for services; as reconcilers on ActorKube's own runtime. They work on any API server
/// that has no controllers of its own, above all the embedded one:
/// <c>await using var controllers = await WorkloadControllers.StartAsync(server.CreateHandler());</c>
/// </summary>
/// <remarks>Disposing it stops the controllers and leaves the objects. Never start it on a cluster that has a controller manager: two would fight over every object.</remarks>
public sealed class WorkloadControllers : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly IKubernetesClient? _owned;

    private WorkloadControllers(ActorSystem system, IKubernetesClient? owned) => (_system, _owned) = (system, owned);

    /// <summary>Starts the controllers on the server behind a handler, such as that of an embedded server.</summary>
    /// <param name="handler">What requests go through; it brings the credentials. Not disposed.</param>
    /// <param name="options">Which controllers, with which numbers.</param>
    public static Task<WorkloadControllers> StartAsync(HttpMessageHandler handler, WorkloadControllersOptions? options = null)
    {
        options ??= new WorkloadControllersOptions();
        var client = new KubernetesClient(
            new KubernetesClientConfiguration { Server = new Uri("http://controllers.actorkube.internal"), Qps = -1, UserAgent = "kube-controller-manager/actorkube" },
            new KubernetesClientOptions { Handler = handler, LoggerFactory = options.LoggerFactory });
        return StartAsync(client, owned: client, options);
    }

    /// <summary>Starts the controllers on a client's server.</summary>
    /// <param name="client">The client; not disposed.</param>
    /// <param name="options">Which controllers, with which numbers.</param>
    public static Task<WorkloadControllers> StartAsync(IKubernetesClient client, WorkloadControllersOptions? options = null) =>
        StartAsync(client, owned: null, options ?? new WorkloadControllersOptions());

    private static async Task<WorkloadControllers> StartAsync(IKubernetesClient client, IKubernetesClient? owned, WorkloadControllersOptions options)
    {
        var system = ActorSystem.Create("controller-manager", ConfigurationFactory.ParseString(
            "akka.coordinated-shutdown.run-by-clr-shutdown-hook = off\nakka.log-dead-letters = off\nakka.log-dead-letters-during-shutdown = off\nakka.stdout-loglevel = OFF\nakka.loglevel = OFF"));
        var controllers = new WorkloadControllers(system, owned);
        try
        {
            var kubernetes = system.AddKubernetes(client, new KubernetesOptions { Component = "controller-manager" }, options.LoggerFactory);
            foreach (var spec in Specs(options))
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

    private static IEnumerable<ControllerSpec> Specs(WorkloadControllersOptions options)
    {
        if (options.ReplicaSets)
        {
            yield return Controller(options, "replicaset", new ReplicaSetReconciler(options), static c => c.Owns<V1Pod>());
        }
        if (options.Deployments)
        {
            yield return Controller(options, "deployment", new DeploymentReconciler(options), static c => c.Owns<V1ReplicaSet>());
        }
        if (options.Jobs)
        {
            yield return Controller(options, "job", new JobReconciler(options), static c => c.Owns<V1Pod>());
        }
        if (options.StatefulSets)
        {
            yield return Controller(options, "statefulset", new StatefulSetReconciler(options), static c => c.Owns<V1Pod>().Owns<V1ControllerRevision>());
        }
        if (options.CronJobs)
        {
            yield return Controller(options, "cronjob", new CronJobReconciler(options), static c => c.Owns<V1Job>());
        }
        if (options.DaemonSets)
        {
            // Nodes are all daemon sets' business.
            var sets = new ConcurrentDictionary<NamespacedName, bool>();
            yield return Controller(options, "daemonset", new DaemonSetReconciler(options),
                c => c.Owns<V1Pod>().Owns<V1ControllerRevision>().When(change => Note(sets, change)).Watches<V1Node>(_ => sets.Keys, NodeMatters));
        }
        if (options.ReplicationControllers)
        {
            yield return Controller(options, "replicationcontroller", new ReplicationControllerReconciler(options), static c => c.Owns<V1Pod>());
        }
        if (options.Endpoints)
        {
            var selectors = new ServiceSelectors();
            yield return Controller(options, "endpoint", new ServiceReconciler(selectors),
                c => c.Watches<V1Pod>(selectors.Of).Watches<V1Endpoints>(static e => [new NamespacedName(e.Metadata.NamespaceProperty, e.Metadata.Name)]).Owns<V1EndpointSlice>());
        }
    }

    private static bool Note(ConcurrentDictionary<NamespacedName, bool> sets, CacheChange change)
    {
        if (change.Now is null)
        {
            sets.TryRemove(change.Key, out _);
        }
        else
        {
            sets[change.Key] = true;
        }
        return true;
    }

    /// <summary>A node's heartbeat changes nothing for daemons; its labels and taints do.</summary>
    private static bool NodeMatters(CacheChange change) => change is not CacheChange.Modified || change.Before!.As<V1Node>() is var before && change.Now!.As<V1Node>() is var now
        && !(before.Metadata.Labels.SemanticallyEquals(now.Metadata.Labels) && before.Spec.SemanticallyEquals(now.Spec));

    private static ControllerSpec Controller<T>(WorkloadControllersOptions options, string name, IReconciler<T> reconciler, Func<ControllerBuilder<T>, ControllerBuilder<T>> watch)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        watch(new ControllerBuilder<T>().Named(name).WithReconciler(new HeldBack<T>(reconciler, options)).WithMaxConcurrentReconciles(options.MaxConcurrentReconciles)).Build();

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
