using System.Net;
using Akka.Discovery;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Akka.Actor;

namespace ActorKube.Cluster.MultiNode.Tests;

/// <summary>Akka's service discovery on pods, through Akka's own front door.</summary>
[Collection("nodes")]
public sealed class DiscoveryTests : MeshTest
{
    [Fact]
    public async Task Discovery_by_method_kubernetes_finds_the_pods_of_a_service()
    {
        var pod = await Client.Resource<V1Pod>("default").CreateAsync(new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "a", Labels = new Dictionary<string, string> { ["app"] = "mesh" } },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "i", Ports = [new V1ContainerPort { Name = "remoting", ContainerPort = 4053 }] }] },
        });
        pod.Status = new V1PodStatus { Phase = "Running", PodIP = "10.0.0.7" };
        await Client.Resource<V1Pod>("default").UpdateStatusAsync(pod);
        using var host = Node.Build(new NodeSettings("d", Node.FreePort(), []), kube => kube.UseClient(NewClient()), new Ledger("d"), akka => akka.WithKubernetesServiceDiscovery(new PodDirectoryOptions { Namespace = "default" }));
        await host.StartAsync();
        var discovery = Discovery.Get(host.Services.GetRequiredService<ActorSystem>()).Default;
        Assert.IsType<KubernetesServiceDiscovery>(discovery);
        var found = await discovery.Lookup(new Lookup("mesh", "remoting"), TimeSpan.FromSeconds(10));
        Assert.Equal(new ServiceDiscovery.ResolvedTarget("10.0.0.7", 4053, IPAddress.Parse("10.0.0.7")), Assert.Single(found.Addresses));
        Assert.Empty((await discovery.Lookup("nobody", TimeSpan.FromSeconds(10))).Addresses);
        await host.StopAsync();
    }
}

/// <summary>Clusters take the machine's attention: one at a time.</summary>
[CollectionDefinition("nodes", DisableParallelization = true)]
public sealed class NodesCollection;
