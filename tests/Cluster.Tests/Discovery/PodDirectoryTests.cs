using System.Net;
using k8s.Models;

namespace ActorKube.Cluster.Tests.Discovery;

/// <summary>Which pods are told, and as what.</summary>
public sealed class PodDirectoryTests : ServerTest
{
    static V1Pod Pod(string name, string app = "mesh", string? ip = "10.0.0.7", string phase = "Running", params (string Name, int Port)[] ports) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Labels = new Dictionary<string, string> { ["app"] = app } },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "i", Ports = [.. ports.Select(p => new V1ContainerPort { Name = p.Name, ContainerPort = p.Port })] }] },
        Status = new V1PodStatus { Phase = phase, PodIP = ip },
    };

    PodDirectory Directory(PodDirectoryOptions? options = null) => new(() => Client, options ?? new PodDirectoryOptions());

    async Task Create(params V1Pod[] pods)
    {
        foreach (var pod in pods)
        {
            var status = pod.Status;
            var created = await Client.Resource<V1Pod>("default").CreateAsync(pod);
            created.Status = status;
            await Client.Resource<V1Pod>("default").UpdateStatusAsync(created);
        }
    }

    [Fact]
    public async Task Running_pods_of_the_service_are_found_by_label()
    {
        await Create(Pod("a", ip: "10.0.0.1"), Pod("b", ip: "10.0.0.2"), Pod("other", app: "else", ip: "10.0.0.3"), Pod("pending", ip: null, phase: "Pending"), Pod("done", ip: "10.0.0.5", phase: "Succeeded"));
        var found = await Directory().FindAsync("mesh");
        Assert.Equal([new PodTarget("10.0.0.1", null, IPAddress.Parse("10.0.0.1")), new PodTarget("10.0.0.2", null, IPAddress.Parse("10.0.0.2"))], found.OrderBy(p => p.Host));
        Assert.Empty(await Directory().FindAsync("nobody"));
    }

    [Fact]
    public async Task Named_port_is_told_and_pods_without_it_are_not()
    {
        await Create(Pod("a", ip: "10.0.0.1", ports: [("remoting", 4053), ("http", 80)]), Pod("b", ip: "10.0.0.2", ports: [("http", 80)]));
        Assert.Equal([new PodTarget("10.0.0.1", 4053, IPAddress.Parse("10.0.0.1"))], await Directory().FindAsync("mesh", "remoting"));
    }

    [Fact]
    public async Task Selector_is_the_users_own()
    {
        await Create(Pod("a", app: "x"));
        Assert.Single(await Directory(new PodDirectoryOptions { LabelSelector = "app in ({0},y)", Namespace = "default" }).FindAsync("x"));
    }

    [Fact]
    public void Pods_are_told_by_their_name_in_DNS_where_that_is_wanted()
    {
        var target = Directory(new PodDirectoryOptions { RawIp = false, Domain = "kube.local" }).Targets(Pod("a"), null).Single();
        Assert.Equal("10-0-0-7.default.pod.kube.local", target.Host);
        Assert.Equal("10-0-0-7.default.pod.kube.local", Directory(new PodDirectoryOptions { RawIp = false, Domain = "kube.local" }).Targets(Pod("a", ports: [("p", 1)]), "p").Single().Host);
    }

    [Fact]
    public void Pods_on_their_way_out_are_not_told()
    {
        var leaving = Pod("a");
        leaving.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        Assert.Empty(Directory().Targets(leaving, null));
        Assert.Empty(Directory().Targets(Pod("b", ip: ""), null));
        Assert.Empty(Directory().Targets(new V1Pod { Metadata = new V1ObjectMeta() }, null));
    }
}
