using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Local.Tests;

/// <summary>What the first namespaces of a cluster have, and those that come later.</summary>
public sealed class FurnishingTests
{
    [Fact]
    public async Task A_new_namespace_trusts_whom_the_first_ones_trust()
    {
        await using var cluster = await LocalCluster.StartAsync(new LocalClusterOptions { Server = new EmbeddedApiServerOptions { Listen = false } });
        await using var client = ClientOf(cluster);
        var first = await client.Resource<V1ConfigMap>("kube-system").GetAsync("kube-root-ca.crt");

        await client.Resource<V1Namespace>().CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "new" } });

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var made = await client.Resource<V1ConfigMap>("new").UntilAsync("kube-root-ca.crt", static _ => true, limit.Token);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", made.Data["ca.crt"], StringComparison.Ordinal);
        Assert.Equal(first.Data["ca.crt"], made.Data["ca.crt"]);
    }

    [Fact]
    public async Task What_a_cluster_has_from_its_first_moment_is_never_seen_to_come()
    {
        await using var cluster = await LocalCluster.StartAsync(new LocalClusterOptions { Server = new EmbeddedApiServerOptions { Listen = false } });
        await using var client = ClientOf(cluster);
        var accounts = await client.Resource<V1ServiceAccount>().ListAsync();
        var maps = await client.Resource<V1ConfigMap>().ListAsync();

        await client.Resource<V1Namespace>().CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "new" } });

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var account = await client.Resource(ResourceDefinition.For<V1ServiceAccount>()).WatchAsync(new ListOptions { ResourceVersion = accounts.ResourceVersion }, limit.Token).FirstAsync(limit.Token);
        var map = await client.Resource(ResourceDefinition.For<V1ConfigMap>()).WatchAsync(new ListOptions { ResourceVersion = maps.ResourceVersion }, limit.Token).FirstAsync(limit.Token);
        Assert.Equal(("new", "new"), (account.Object!.Namespace, map.Object!.Namespace));
        Assert.Equal(["default", "kube-node-lease", "kube-public", "kube-system"], accounts.Items.Select(a => a.Metadata.NamespaceProperty).Order(StringComparer.Ordinal));
        Assert.Equal(4, maps.Items.Count(m => m.Metadata.Name == "kube-root-ca.crt"));
    }

    private static KubernetesClient ClientOf(LocalCluster cluster) => new(
        new KubernetesClientConfiguration { Server = cluster.Server.Uri, Qps = -1 }, new KubernetesClientOptions { Handler = cluster.Server.CreateHandler() });
}
