using ActorKube.ApiServer;
using ActorKube.ControllerManager;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Local.Tests;

public sealed class StartTests
{
    private const string Web = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},
        "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"nginx"}]}}}}
        """;

    [Fact]
    public async Task A_deployment_on_a_local_cluster_has_its_pods_run()
    {
        await using var cluster = await LocalCluster.StartAsync(new LocalClusterOptions { Server = new EmbeddedApiServerOptions { Listen = false } });
        await using var client = ClientOf(cluster);

        await client.Resource<V1Deployment>("default").CreateAsync(KubeJson.Deserialize<V1Deployment>(Web));

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await client.Resource<V1Deployment>("default").UntilAsync("web", static d => d.Status?.ReadyReplicas == 2, limit.Token);
    }

    [Fact]
    public async Task Without_controllers_a_cluster_is_its_server()
    {
        await using var cluster = await LocalCluster.StartAsync(new LocalClusterOptions { Server = new EmbeddedApiServerOptions { Listen = false }, Controllers = null });
        await using var client = ClientOf(cluster);

        var namespaces = await client.Resource<V1Namespace>().ListAsync();

        Assert.Contains(namespaces.Items, static n => n.Metadata.Name == "kube-system");
    }

    [Fact]
    public async Task The_node_runs_pods_whose_logs_the_server_reaches_and_without_it_pods_are_left_alone()
    {
        await using var cluster = await LocalCluster.StartAsync(new LocalClusterOptions { Server = new EmbeddedApiServerOptions { Listen = false }, Controllers = null });
        await using var client = ClientOf(cluster);
        await client.Resource<V1Pod>("default").CreateAsync(KubeJson.Deserialize<V1Pod>("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","command":["sh","-c","echo hello; sleep 1000"]}]}}"""));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await client.Resource<V1Pod>("default").UntilAsync("p", static p => p.Status?.Phase == "Running", limit.Token);
        Assert.Equal("hello\n", await client.Resource<V1Pod>("default").ReadLogAsync("p", cancellation: limit.Token));

        await using var bare = await LocalCluster.StartAsync(new LocalClusterOptions { Server = new EmbeddedApiServerOptions { Listen = false }, Controllers = null, Pods = null });
        Assert.Null(bare.Server.Nodes);
    }

    [Fact]
    public async Task Who_wants_to_know_is_told_when_the_server_serves_before_the_node_and_the_controllers_are_there()
    {
        var told = new List<bool>();
        await using var cluster = await LocalCluster.StartAsync(new LocalClusterOptions { Server = new EmbeddedApiServerOptions { Listen = false } }, async server =>
        {
            using var http = new HttpClient(server.CreateHandler()) { BaseAddress = server.Uri };
            told.Add((await http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode && server.Nodes is null);
        });

        Assert.Equal([true], told);
        Assert.NotNull(cluster.Server.Nodes);
    }

    [Fact]
    public async Task Where_it_cannot_be_told_nothing_is_left_running()
    {
        HttpMessageHandler? handler = null;

        await Assert.ThrowsAsync<IOException>(() => LocalCluster.StartAsync(new LocalClusterOptions { Server = new EmbeddedApiServerOptions { Listen = false } }, server =>
        {
            handler = server.CreateHandler();
            throw new IOException("no room");
        }));

        using var http = new HttpClient(handler!) { BaseAddress = new Uri("http://cluster") };
        await Assert.ThrowsAnyAsync<Exception>(() => http.GetAsync(new Uri("/readyz", UriKind.Relative)));
    }

    [Fact]
    public void None_means_that_each_switch_is_off() => Assert.All(
        typeof(ClusterControllersOptions).GetProperties().Where(static p => p.PropertyType == typeof(bool)), static p => Assert.False((bool)p.GetValue(ClusterControllersOptions.None)!, p.Name));

    private static KubernetesClient ClientOf(LocalCluster cluster) => new(
        new KubernetesClientConfiguration { Server = cluster.Server.Uri, Qps = -1 }, new KubernetesClientOptions { Handler = cluster.Server.CreateHandler() });
}
