using ActorKube.ApiServer;
using ActorKube.ControllerManager;

namespace ActorKube.Local;

/// <summary>
/// A Kubernetes cluster in this process: the embedded API server, and the controllers that a real cluster has beside its own. Who needs no controllers starts an <see cref="EmbeddedApiServer"/> alone.
/// </summary>
/// <remarks>Thread-safe; hundreds may live side by side. Disposing it stops the controllers, then the server.</remarks>
/// <example><code>
/// await using var cluster = await LocalCluster.StartAsync();
/// await cluster.Server.WriteKubeconfigAsync("kubeconfig");
/// </code></example>
public sealed class LocalCluster : IAsyncDisposable
{
    private readonly ClusterControllers? _controllers;

    private LocalCluster(EmbeddedApiServer server, ClusterControllers? controllers) => (Server, _controllers) = (server, controllers);

    /// <summary>The API server.</summary>
    public EmbeddedApiServer Server { get; }

    /// <summary>Starts a cluster; answers when it serves and its controllers have been started.</summary>
    /// <inheritdoc cref="EmbeddedApiServer.StartAsync" path="/exception"/>
    public static async Task<LocalCluster> StartAsync(LocalClusterOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new LocalClusterOptions();
        var server = await EmbeddedApiServer.StartAsync(options.Server, cancellation).ConfigureAwait(false);
        try
        {
            return new LocalCluster(server, options.Controllers is { } wanted
                ? await ClusterControllers.StartAsync(server.CreateHandler(), wanted with { Time = options.Server.TimeProvider }).ConfigureAwait(false) : null);
        }
        catch
        {
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
        await Server.DisposeAsync().ConfigureAwait(false);
    }
}
