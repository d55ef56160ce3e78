using Microsoft.Extensions.Hosting;

namespace ActorKube.Cluster.MultiNode.Tests;

/// <summary>A node in a process of its own: <c>NAME PORT SEEDS KUBECONFIG LEASES</c>. It ends at SIGTERM, or when the cluster has removed it.</summary>
static class Program
{
    static async Task Main(string[] args)
    {
        if (args is not [var name, var port, var seeds, var kubeconfig, var leases])
            throw new ArgumentException("A node needs NAME PORT SEEDS KUBECONFIG LEASES.");
        var ledger = new Ledger(name);
        using var host = Node.Build(
            new NodeSettings(name, int.Parse(port), [.. seeds.Split(',').Select(int.Parse)]) { Leases = bool.Parse(leases) },
            kube => kube.UseKubeconfig(kubeconfig),
            ledger);
        await host.RunAsync();
    }
}
