using ActorKube.Actors;
using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using k8s.Models;

namespace ActorKube.Cluster.Tests.Leases;

/// <summary>The lease through Akka's own front door, on a server.</summary>
public sealed class KubernetesLeaseTests : ServerTest
{
    static readonly Config Section = ConfigurationFactory.ParseString(
        $$"""
        actorkube.kubernetes-lease {
          lease-class = "{{typeof(KubernetesLease).AssemblyQualifiedName}}"
          namespace = "default"
          # Real time: a machine that has other work must not decide the test.
          lease-operation-timeout = 60s
        }
        """);

    readonly List<ActorSystem> _systems = [];

    public override async Task DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(static s => s.Terminate()));
        await base.DisposeAsync();
    }

    ActorSystem System(bool withKubernetes = true)
    {
        var system = ActorSystem.Create("leases", Section.WithFallback(ConfigurationFactory.ParseString("akka.loglevel = ERROR")));
        _systems.Add(system);
        if (withKubernetes)
            system.AddKubernetes(Client);
        return system;
    }

    static Lease Of(ActorSystem system, string owner, string name = "mesh-shard-7") => LeaseProvider.Get(system).GetLease(name, KubernetesLeaseOption.Path, owner);

    [Fact]
    public async Task Lease_is_held_by_one_owner_at_a_time_and_passes_on_when_it_is_given_back()
    {
        var one = Of(System(), "one");
        var two = Of(System(), "two");
        Assert.True(await one.Acquire());
        Assert.False(await two.Acquire());
        Assert.True(one.CheckLease());
        Assert.False(two.CheckLease());
        var stored = await Client.Resource<V1Lease>("default").GetAsync("mesh-shard-7");
        Assert.Equal(("one", 120), (stored.Spec.HolderIdentity, stored.Spec.LeaseDurationSeconds));
        Assert.True(await one.Release());
        Assert.False(one.CheckLease());
        Assert.True(await two.Acquire());
        Assert.True(two.CheckLease());
    }

    [Fact]
    public async Task Many_owners_at_once_and_exactly_one_gets_it()
    {
        var system = System();
        var owners = Enumerable.Range(0, 12).Select(i => Of(system, $"owner-{i}", "contested")).ToArray();
        var outcomes = await Task.WhenAll(owners.Select(async lease =>
        {
            try
            {
                return await lease.Acquire();
            }
            catch (LeaseException)
            {
                // Others wrote again and again while it tried: not held either.
                return false;
            }
        }));
        Assert.Single(outcomes, held => held);
        Assert.Single(owners, static lease => lease.CheckLease());
    }

    [Fact]
    public async Task Lease_without_a_cluster_says_what_is_missing()
    {
        var error = await Assert.ThrowsAsync<LeaseException>(() => Of(System(withKubernetes: false), "one").Acquire());
        Assert.Contains("WithKubernetes", error.Message);
    }

    [Theory]
    [InlineData("mesh-shard-7", "mesh-shard-7")]
    [InlineData("", "")]
    [InlineData("Mesh.Shard_7", "mesh-shard-7-")]
    [InlineData("---", "")]
    public void Names_become_names_that_Kubernetes_allows(string lease, string begins)
    {
        var name = KubernetesLease.NameOf(lease);
        Assert.StartsWith(begins, name);
        Assert.Matches("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", name);
        Assert.True(name.Length <= 63);
        Assert.NotEqual(KubernetesLease.NameOf(new string('x', 80)), KubernetesLease.NameOf(new string('x', 81)));
    }
}
