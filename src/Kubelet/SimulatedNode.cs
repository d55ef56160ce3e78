using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Actors;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Configuration;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Kubelet;

/// <summary>
/// A node that runs pods, in this process: pods are put on it, go through their phases, restart, end, and stop when they are deleted, as a scheduler and a kubelet bring that about, through the API alone. Their containers are
/// simulated. It works on any API server; an embedded one reaches its containers for logs, exec, attach, port-forward and proxies:
/// <c>await using var node = await SimulatedNode.StartAsync(server);</c>
/// </summary>
/// <remarks>Thread-safe. Disposing it ends all processes and leaves the objects. Never start it on a cluster that has nodes of its own, where it would take pods away from them.</remarks>
public sealed class SimulatedNode : INodeConnector, IAsyncDisposable
{
    internal const int Port = 10250;
    private const string Pods = "kubelet";
    private static readonly NamespacedName Itself = new("", "node");

    private readonly PodSimulatorOptions _options;
    private readonly ActorSystem? _owned;
    private readonly Kubernetes _kubernetes;
    private readonly KubernetesClient? _client;
    private readonly PodRegistry _pods;
    private readonly ContainerRuntime _runtime;
    private EmbeddedApiServer? _server;
    private ObjectCache? _cache;
    private int _disposed;

    private SimulatedNode(PodSimulatorOptions options, IKubernetesClient client, KubernetesClient? owned)
    {
        _options = options;
        _client = owned;
        var time = options.Time ?? TimeProvider.System;
        _owned = options.System is null ? ActorSystem.Create(Pods, ConfigurationFactory.ParseString(
            "akka.coordinated-shutdown.run-by-clr-shutdown-hook = off\nakka.log-dead-letters = off\nakka.log-dead-letters-during-shutdown = off\nakka.stdout-loglevel = OFF\nakka.loglevel = OFF")) : null;
        _kubernetes = (options.System ?? _owned!).StartKubernetes(Pods, client, new KubernetesOptions
        {
            Component = "kubelet", Time = time, Observers = options.Observers,
            // A node starts many pods at once, and each has four things to tell.
            Events = new EventOptions { QueueLimit = 100_000, Remembered = 16_384 },
        }, options.LoggerFactory);
        _pods = new PodRegistry(time);
        _runtime = new ContainerRuntime(options, time, new PodSetup(_kubernetes.Client));
    }

    /// <summary>What runs its reconciles.</summary>
    internal Kubernetes Runtime => _kubernetes;

    /// <summary>How many pods the node remembers: those that run or ran on it and are still there.</summary>
    internal int Remembered => _pods.Count;

    /// <summary>Starts the node for an embedded server, which reaches its pods from then on. Its clock is the server's unless the options say otherwise.</summary>
    /// <param name="server">The server.</param>
    /// <param name="options">How pods are moved.</param>
    public static async Task<SimulatedNode> StartAsync(EmbeddedApiServer server, PodSimulatorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        options ??= new PodSimulatorOptions();
        var node = await StartAsync(server.CreateHandler(), options with { Time = options.Time ?? server.Time }).ConfigureAwait(false);
        node._server = server;
        server.Nodes = node;
        return node;
    }

    /// <summary>Starts the node on the server behind a handler.</summary>
    /// <param name="handler">What requests go through; it brings the credentials. Not disposed.</param>
    /// <param name="options">How pods are moved.</param>
    public static Task<SimulatedNode> StartAsync(HttpMessageHandler handler, PodSimulatorOptions? options = null)
    {
        options ??= new PodSimulatorOptions();
        var client = new KubernetesClient(
            new KubernetesClientConfiguration { Server = new Uri("http://kubelet.actorkube.internal"), Qps = -1, UserAgent = "kubelet/actorkube" },
            new KubernetesClientOptions { Handler = handler, LoggerFactory = options.LoggerFactory ?? NullLoggerFactory.Instance });
        return StartAsync(client, client, options);
    }

    /// <summary>Starts the node on a client's server.</summary>
    /// <param name="client">The client; not disposed.</param>
    /// <param name="options">How pods are moved.</param>
    public static Task<SimulatedNode> StartAsync(IKubernetesClient client, PodSimulatorOptions? options = null) => StartAsync(client, null, options ?? new PodSimulatorOptions());

    private static async Task<SimulatedNode> StartAsync(IKubernetesClient client, KubernetesClient? owned, PodSimulatorOptions options)
    {
        var node = new SimulatedNode(options, client, owned);
        try
        {
            await node.RunAsync().ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task RunAsync()
    {
        if (_options.RegisterNode)
        {
            var keeper = new NodeKeeper(_options.NodeName, _runtime.Time);
            await keeper.RegisterAsync(_kubernetes.Client, CancellationToken.None).ConfigureAwait(false);
            var renewals = await _kubernetes.QueueAsync("node", (_, cancellation) => keeper.KeepAsync(_kubernetes.Client, cancellation)).ConfigureAwait(false);
            renewals.AddAfter(Itself, NodeKeeper.Renewal);
        }
        var events = new PodEvents(_options.Events ? await _kubernetes.EventsAsync().ConfigureAwait(false) : null);
        await _kubernetes.AddAsync(new ControllerBuilder<V1Pod>().Named(Pods).WithReconciler(new PodReconciler(_options, _pods, _runtime, events))
            .WithMaxConcurrentReconciles(16).WithResync(null).Build()).ConfigureAwait(false);
        var keys = _kubernetes.Keys(Pods);
        _runtime.Changed = key => keys.Add(key);
        _cache = await _kubernetes.CacheAsync(CacheSpec.Of<V1Pod>()).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    Task<INodePod?> INodeConnector.FindAsync(NodePodReference pod, CancellationToken cancellation) =>
        Task.FromResult<INodePod?>(_pods.TryFind(new NamespacedName(pod.Namespace, pod.Name), pod.Uid, out var found) ? new NodePodSessions(_runtime, found) : null);

    /// <inheritdoc/>
    Task<HttpResponseMessage?> INodeConnector.SendAsync(string node, int port, HttpRequestMessage request, CancellationToken cancellation)
    {
        if (node != _options.NodeName || port != Port)
        {
            return Task.FromResult<HttpResponseMessage?>(null);
        }
        return Task.FromResult<HttpResponseMessage?>(request.RequestUri!.AbsolutePath switch
        {
            "/healthz" => Answer("ok", "text/plain"),
            "/pods" or "/pods/" => Answer(new JsonObject
            {
                ["kind"] = "PodList", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(),
                ["items"] = new JsonArray([.. _pods.All.Where(p => p.Node == node).OrderBy(p => p.Key.ToString(), StringComparer.Ordinal).Select(Tree)]),
            }.ToJsonString(), "application/json"),
            _ => Answer("404 page not found\n", "text/plain", HttpStatusCode.NotFound),
        });
    }

    /// <summary>A pod of the node as the node knows it: it has put it on itself before its cache may show that.</summary>
    private JsonObject Tree(SimulatedPod pod)
    {
        var tree = (_cache!.TryGet(pod.Key, out var seen) && seen.Uid == pod.Uid ? seen : KubeObject.From(pod.Pod)).ToUnstructured().Root;
        tree["spec"]!["nodeName"] = pod.Node;
        return tree;
    }

    private static HttpResponseMessage Answer(string text, string type, HttpStatusCode code = HttpStatusCode.OK) => new(code) { Content = new StringContent(text, Encoding.UTF8, type) };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        if (_server is { } server && ReferenceEquals(server.Nodes, this))
        {
            server.Nodes = null;
        }
        // Processes end before the reconciles that would tell of it: what runs is left as it was last told.
        _runtime.Changed = static _ => { };
        if (_owned is not null)
        {
            await _owned.Terminate().ConfigureAwait(false);
        }
        else
        {
            await _kubernetes.StopAsync().ConfigureAwait(false);
        }
        foreach (var pod in _pods.All)
        {
            _pods.Forget(pod.Key);
        }
        if (_client is not null)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }
    }
}
