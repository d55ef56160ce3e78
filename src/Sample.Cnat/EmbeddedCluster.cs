using ActorKube.ApiServer;
using ActorKube.Local;
using ActorKube.Transport;

namespace Cnat;

/// <summary>The default ground to run on: a cluster in this process, and a kubeconfig for kubectl and for ourselves.</summary>
internal sealed class EmbeddedCluster : IAsyncDisposable
{
    readonly LocalCluster _cluster;
    readonly DirectoryInfo? _temporary;

    EmbeddedCluster(LocalCluster cluster, string kubeconfig, DirectoryInfo? temporary) => (_cluster, Kubeconfig, _temporary) = (cluster, kubeconfig, temporary);

    /// <summary>The path of the kubeconfig, which only this user can read.</summary>
    public string Kubeconfig { get; }

    /// <summary>Where the server listens.</summary>
    public Uri Uri => _cluster.Server.Uri;

    /// <summary>How to reach the server: what any other client would read from the kubeconfig.</summary>
    public KubernetesClientConfiguration Configuration => KubernetesClientConfiguration.FromKubeconfig(Kubeconfig);

    /// <summary>Starts the server on loopback and writes its kubeconfig.</summary>
    public static async Task<EmbeddedCluster> StartAsync(CnatOptions options, CancellationToken cancellation)
    {
        var local = await LocalCluster.StartAsync(new LocalClusterOptions { Server = new EmbeddedApiServerOptions { Port = options.Port } }, cancellation);
        // A folder made for this purpose is readable by this user alone, and goes with the run.
        var temporary = options.WriteKubeconfig is null ? Directory.CreateTempSubdirectory("cnat-") : null;
        var cluster = new EmbeddedCluster(local, options.WriteKubeconfig ?? Path.Combine(temporary!.FullName, "kubeconfig"), temporary);
        try
        {
            await local.Server.WriteKubeconfigAsync(cluster.Kubeconfig);
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
        await _cluster.DisposeAsync();
        _temporary?.Delete(recursive: true);
    }
}
