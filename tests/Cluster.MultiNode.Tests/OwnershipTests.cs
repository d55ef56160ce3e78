using Akka.Cluster;

namespace ActorKube.Cluster.MultiNode.Tests;

/// <summary>Several nodes in one process: who owns what, through everything that may happen to a cluster.</summary>
[Collection("nodes")]
public sealed class OwnershipTests : MeshTest
{
    readonly int[] _ports = [Node.FreePort(), Node.FreePort(), Node.FreePort()];

    NodeSettings Settings(int i, bool cuttable = false, bool leaseResolver = false) => new($"node-{i}", _ports[i], [_ports[0], _ports[1]]) { Cuttable = cuttable, LeaseResolver = leaseResolver };

    [Fact]
    public async Task Every_key_has_exactly_one_owner_when_the_cluster_is_stable_and_after_nodes_join_and_leave()
    {
        var one = await Start(Settings(0));
        await Divided(one);
        await AllSeen();
        await EachKeyHasItsOwner(one);
        await using (var changes = new Changes(this, 50))
        {
            var two = await Start(Settings(1));
            var three = await Start(Settings(2));
            await Divided(one, two, three);
            await changes.DisposeAsync();
            await AllSeen();
            await EachKeyHasItsOwner(one, two, three);
            await using var more = new Changes(this, 50);
            await three.LeaveAsync();
            await Divided(one, two);
            await more.DisposeAsync();
            await AllSeen();
            await EachKeyHasItsOwner(one, two);
        }
        await NeverTwoAtOnce();
    }

    [Fact]
    public async Task Rolling_restart_of_three_nodes_under_100_changes_a_second_loses_nothing_and_reconciles_no_key_on_two_nodes_at_once()
    {
        var nodes = new List<Node>();
        for (var i = 0; i < 3; i++)
            nodes.Add(await Start(Settings(i)));
        await Divided([.. nodes]);
        var changes = new Changes(this, 100);
        for (var i = 0; i < 3; i++)
        {
            await nodes[i].LeaveAsync();
            await nodes[i].DisposeAsync();
            Forget(nodes[i]);
            nodes[i] = await Start(Settings(i));
            await Divided([.. nodes]);
        }
        await changes.DisposeAsync();
        await AllSeen();
        await NeverTwoAtOnce();
        Assert.True(changes.Count > 100, $"Only {changes.Count} changes were made.");
        await EachKeyHasItsOwner([.. nodes]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Partition_leaves_one_side_and_never_two_owners(bool resolvedByKubernetesLease)
    {
        var nodes = new List<Node>();
        for (var i = 0; i < 3; i++)
            nodes.Add(await Start(Settings(i, cuttable: true, resolvedByKubernetesLease)));
        await Divided([.. nodes]);
        await AllSeen();
        await using var changes = new Changes(this, 30);
        await nodes[2].CutAsync(true, nodes[0], nodes[1]);
        // With a lease, either side may get it; with a majority, the two stay.
        var survivors = await await Task.WhenAny(
            Gone(nodes[2], [nodes[0], nodes[1]]),
            Task.WhenAll(nodes[0].Ended, nodes[1].Ended).ContinueWith(_ => (IReadOnlyList<Node>)[nodes[2]], TaskScheduler.Default)).WaitAsync(Patience);
        if (!resolvedByKubernetesLease)
            Assert.Equal(2, survivors.Count);
        await Divided([.. survivors]);
        await changes.DisposeAsync();
        await AllSeen();
        await EachKeyHasItsOwner([.. survivors]);
        await NeverTwoAtOnce();
        if (resolvedByKubernetesLease)
            Assert.NotNull(await Client.Resource<k8s.Models.V1Lease>("default").GetAsync("mesh-majority"));

        static async Task<IReadOnlyList<Node>> Gone(Node gone, IReadOnlyList<Node> stay)
        {
            await gone.Ended;
            return stay;
        }
    }

    [Fact]
    public async Task Node_that_is_alone_is_up_and_says_so()
    {
        var one = await Start(Settings(0));
        await Divided(one);
        Assert.Equal(MemberStatus.Up, Akka.Cluster.Cluster.Get(one.System).SelfMember.Status);
    }

    [Fact]
    public async Task Node_with_another_number_of_shards_takes_none_and_leaves_while_the_others_go_on()
    {
        var one = await Start(Settings(0));
        var two = await Start(Settings(1));
        await Divided(one, two);
        var other = await Start(Settings(2) with { Shards = 2 * Node.Shards });
        await other.Ended.WaitAsync(Patience);
        await Divided(one, two);
        await EachKeyHasItsOwner(one, two);
        await NeverTwoAtOnce();
    }
}
