using ActorKube.Local;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.Configuration;

namespace OperatorSpace;

/// <summary>What the operator runs on when it is told no cluster: a Kubernetes cluster in this process, with this operator's definitions and samples. For trying things out.</summary>
internal sealed class LocalRun : IAsyncDisposable
{
    readonly LocalCluster _cluster;
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("operator-name-");

    LocalRun(LocalCluster cluster) => _cluster = cluster;

    /// <summary>Whether no cluster is named.</summary>
    public static bool IsWanted(IConfiguration kubernetes) => kubernetes["Kubeconfig"] is null && !kubernetes.GetValue("InCluster", false);

    /// <summary>How to reach it.</summary>
    public KubernetesClientConfiguration Configuration => KubernetesClientConfiguration.FromKubeconfig(Kubeconfig.Parse(_cluster.Server.Kubeconfig));

    /// <summary>Starts the cluster and creates what <c>kubectl apply</c> would in a real one.</summary>
    public static async Task<LocalRun> StartAsync()
    {
        var local = new LocalRun(await LocalCluster.StartAsync());
        try
        {
            // Only this user can read the file.
            var kubeconfig = Path.Combine(local._folder.FullName, "kubeconfig");
            await local._cluster.Server.WriteKubeconfigAsync(kubeconfig);
            using var client = new KubernetesClient(local.Configuration);
            foreach (var definition in Manifests.Definitions(typeof(LocalRun).Assembly))
                await client.Resource<V1CustomResourceDefinition>().CreateAsync(definition);
            foreach (var sample in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "samples")))
                local._cluster.Server.ImportState(await File.ReadAllTextAsync(sample));
            Console.WriteLine($"A local cluster listens on {local._cluster.Server.Uri}. Look at it from another terminal:");
            Console.WriteLine($"  export KUBECONFIG={kubeconfig}");
            Console.WriteLine("  kubectl get sprockets,configmaps,events");
            return local;
        }
        catch
        {
            await local.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
