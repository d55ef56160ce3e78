using ActorKube.ApiServer;
using ActorKube.ControllerManager;
using ActorKube.Kubelet;

namespace ActorKube.Local;

/// <summary>
/// A Kubernetes cluster in this process: the embedded API server, the controllers that a real cluster has beside its own, and a node that runs pods. Who needs neither starts an <see cref="EmbeddedApiServer"/> alone.
/// </summary>
/// <remarks>Thread-safe; hundreds may live side by side. Disposing it stops the controllers and the node, then the server.</remarks>
/// <example><code>
/// await using var cluster = await LocalCluster.StartAsync();
/// await cluster.Server.WriteKubeconfigAsync("kubeconfig");
/// </code></example>
public sealed class LocalCluster : IAsyncDisposable
{
    private readonly ClusterControllers? _controllers;
    private readonly SimulatedNode? _node;

    private LocalCluster(EmbeddedApiServer server, SimulatedNode? node, ClusterControllers? controllers) => (Server, _node, _controllers) = (server, node, controllers);

    /// <summary>The API server.</summary>
    public EmbeddedApiServer Server { get; }

    /// <summary>Starts a cluster; answers when it serves and its node and its controllers have been started.</summary>
    /// <inheritdoc cref="EmbeddedApiServer.StartAsync" path="/exception"/>
    public static Task<LocalCluster> StartAsync(LocalClusterOptions? options = null, CancellationToken cancellation = default) => StartAsync(options, static _ => Task.CompletedTask, cancellation);

    /// <summary>Starts a cluster, and tells when its server serves: its node and its controllers are started after that, as those of a real cluster are.</summary>
    /// <param name="options">What it is put together from; null for a whole cluster.</param>
    /// <param name="serving">Told once, when the server serves. What it throws ends the server, and comes to the caller.</param>
    /// <param name="cancellation">Gives up before the server serves.</param>
    /// <inheritdoc cref="EmbeddedApiServer.StartAsync" path="/exception"/>
    public static async Task<LocalCluster> StartAsync(LocalClusterOptions? options, Func<EmbeddedApiServer, Task> serving, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(serving);
        options ??= new LocalClusterOptions();
        var server = await EmbeddedApiServer.StartAsync(options.Server, cancellation).ConfigureAwait(false);
        SimulatedNode? node = null;
        try
        {
            await serving(server).ConfigureAwait(false);
            node = options.Pods is { } pods ? await SimulatedNode.StartAsync(server, pods).ConfigureAwait(false) : null;
            return new LocalCluster(server, node, options.Controllers is { } wanted ? await ClusterControllers.StartAsync(server.CreateHandler(), wanted.Beside(server)).ConfigureAwait(false) : null);
        }
        catch
        {
            if (node is not null)
            {
                await node.DisposeAsync().ConfigureAwait(false);
            }
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_controllers is not null)
        {
            await _controllers.DisposeAsync().ConfigureAwait(false);
        }
        if (_node is not null)
        {
            await _node.DisposeAsync().ConfigureAwait(false);
        }
        await Server.DisposeAsync().ConfigureAwait(false);
    }
}
