using System.Threading.Channels;
using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Actor;
using Akka.Cluster.Hosting;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorKube.Cluster.MultiNode.Tests;

/// <summary>A cluster singleton under a Kubernetes lease: where the lease is, there it runs, and nowhere else.</summary>
[Collection("nodes")]
public sealed class SingletonTests : MeshTest
{
    static readonly KubernetesLeaseOption Leases = new() { Section = "singleton-lease", Namespace = "default", HeartbeatTimeout = TimeSpan.FromSeconds(9), HeartbeatInterval = TimeSpan.FromSeconds(1) };

    readonly Channel<string> _said = Channel.CreateUnbounded<string>();
    readonly int[] _ports = [Node.FreePort(), Node.FreePort()];

    sealed class Only(string node, ChannelWriter<string> said) : UntypedActor
    {
        protected override void PreStart() => said.TryWrite($"{node} began");

        protected override void PostStop() => said.TryWrite($"{node} ended");

        protected override void OnReceive(object message) => Unhandled(message);
    }

    async Task<IHost> StartNode(int i)
    {
        var name = $"node-{i}";
        var said = _said.Writer;
        var host = Node.Build(new NodeSettings(name, _ports[i], [_ports[0]]), kube => kube.UseClient(NewClient()), new Ledger(name), akka => akka
            .WithKubernetesLease(Leases)
            .WithSingleton<Only>("only", Props.Create(() => new Only(name, said)), new ClusterSingletonOptions { LeaseImplementation = Leases, LeaseRetryInterval = TimeSpan.FromSeconds(1) }, createProxyToo: false));
        await host.StartAsync();
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Akka.Cluster.Cluster.Get(host.Services.GetRequiredService<ActorSystem>()).RegisterOnMemberUp(() => up.TrySetResult());
        await up.Task.WaitAsync(Patience);
        return host;
    }

    Task<string> Said() => _said.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    async Task<V1Lease> Lease() => Assert.Single((await Client.Resource<V1Lease>("default").ListAsync()).Items, static l => l.Metadata.Name.Contains("singleton", StringComparison.Ordinal) && l.Metadata.Name.Contains("only", StringComparison.Ordinal));

    [Fact]
    public async Task Singleton_runs_where_its_lease_is_and_moves_with_it()
    {
        using var one = await StartNode(0);
        Assert.Equal("node-0 began", await Said());
        var first = (await Lease()).Spec.HolderIdentity;
        Assert.NotEqual("", first);
        using var two = await StartNode(1);
        await one.StopAsync();
        // In this order: the one has ended before the other begins.
        Assert.Equal("node-0 ended", await Said());
        Assert.Equal("node-1 began", await Said());
        var second = (await Lease()).Spec.HolderIdentity;
        Assert.NotEqual("", second);
        Assert.NotEqual(first, second);
        await two.StopAsync();
        Assert.Equal("node-1 ended", await Said());
    }

    [Fact]
    public async Task Singleton_whose_lease_another_took_ends_and_begins_again_only_when_the_lease_can_be_had()
    {
        using var node = await StartNode(0);
        Assert.Equal("node-0 began", await Said());
        var leases = Client.Resource<V1Lease>("default");
        // As a node would that the cluster has forgotten, or an operator who wants it stopped.
        while (true)
        {
            var lease = await Lease();
            lease.Spec.HolderIdentity = "elsewhere";
            lease.Spec.LeaseDurationSeconds = 3600;
            lease.Spec.RenewTime = DateTime.UtcNow;
            try
            {
                await leases.UpdateAsync(lease);
                break;
            }
            catch (KubernetesException conflict) when (conflict.IsConflict)
            {
                // Its holder has just renewed it.
            }
        }
        Assert.Equal("node-0 ended", await Said());
        Assert.Equal("elsewhere", (await Lease()).Spec.HolderIdentity);
        var back = await Lease();
        back.Spec.HolderIdentity = "";
        await leases.UpdateAsync(back);
        Assert.Equal("node-0 began", await Said());
        await node.StopAsync();
    }
}
