using ActorKube.ApiServer;
using ActorKube.Transport;

namespace Cnat;

/// <summary>The default ground to run on: an API server in this process, and a kubeconfig for kubectl and for ourselves.</summary>
internal sealed class EmbeddedCluster : IAsyncDisposable
{
    readonly EmbeddedApiServer _server;
    readonly DirectoryInfo? _temporary;

    EmbeddedCluster(EmbeddedApiServer server, string kubeconfig, DirectoryInfo? temporary) => (_server, Kubeconfig, _temporary) = (server, kubeconfig, temporary);

    /// <summary>The path of the kubeconfig, which only this user can read.</summary>
    public string Kubeconfig { get; }

    /// <summary>Where the server listens.</summary>
    public Uri Uri => _server.Uri;

    /// <summary>How to reach the server: what any other client would read from the kubeconfig.</summary>
    public KubernetesClientConfiguration Configuration => KubernetesClientConfiguration.FromKubeconfig(Kubeconfig);

    /// <summary>Starts the server on loopback and writes its kubeconfig.</summary>
    public static async Task<EmbeddedCluster> StartAsync(CnatOptions options, CancellationToken cancellation)
    {
        var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Port = options.Port }, cancellation);
        // A folder made for this purpose is readable by this user alone, and goes with the run.
        var temporary = options.WriteKubeconfig is null ? Directory.CreateTempSubdirectory("cnat-") : null;
        var cluster = new EmbeddedCluster(server, options.WriteKubeconfig ?? Path.Combine(temporary!.FullName, "kubeconfig"), temporary);
        try
        {
            await server.WriteKubeconfigAsync(cluster.Kubeconfig);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _temporary?.Delete(recursive: true);
    }
}
