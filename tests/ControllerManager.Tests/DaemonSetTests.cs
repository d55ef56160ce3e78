using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class DaemonSetTests
{
    [Fact]
    public async Task A_daemon_set_has_a_pod_on_each_node_that_is_fit_for_it()
    {
        await using var cluster = await Cluster.StartAsync();
        await NodeAsync(cluster, "a", "'disk':'ssd'");
        await NodeAsync(cluster, "b", "'disk':'ssd'", "[{'key':'k','effect':'NoSchedule'}]");
        await NodeAsync(cluster, "c", "'disk':'tape'");

        await CreateAsync(cluster, "'nodeSelector':{'disk':'ssd'},");

        var set = await cluster.UntilAsync<V1DaemonSet>("d", d => d.Status is { NumberReady: 1, ObservedGeneration: 1 });
        var pod = (await cluster.Of<V1Pod>().ListAsync()).Items.Single();
        Assert.Equal((1, 1, 1, 1, null, 0), (set.Status.DesiredNumberScheduled, set.Status.CurrentNumberScheduled, set.Status.NumberAvailable, set.Status.UpdatedNumberScheduled, set.Status.NumberUnavailable, set.Status.NumberMisscheduled));
        Assert.Equal(("a", "Running"), (pod.Spec.NodeName, pod.Status.Phase));
        Assert.Contains(pod.Spec.Tolerations, t => t is { Key: "node.kubernetes.io/unschedulable", OperatorProperty: "Exists", Effect: "NoSchedule" });
    }

    [Fact]
    public async Task A_daemon_set_follows_nodes_that_come_change_and_go()
    {
        await using var cluster = await Cluster.StartAsync();
        await CreateAsync(cluster);
        await cluster.UntilAsync<V1DaemonSet>("d", d => d.Status is { ObservedGeneration: 1, DesiredNumberScheduled: 0 });

        await NodeAsync(cluster, "a", "");
        await NodeAsync(cluster, "b", "");
        await cluster.UntilAsync<V1DaemonSet>("d", d => d.Status.NumberReady == 2);
        await cluster.Client.Resource<V1Node>().PatchAsync("b", Patch.Merge("""{"spec":{"taints":[{"key":"k","effect":"NoExecute"}]}}"""));
        await cluster.UntilAsync<V1DaemonSet>("d", d => d.Status is { NumberReady: 1, DesiredNumberScheduled: 1, NumberMisscheduled: 0 });
        await cluster.Client.Resource<V1Node>().DeleteAsync("a");

        await cluster.UntilAsync<V1DaemonSet>("d", d => d.Status is { NumberReady: 0, DesiredNumberScheduled: 0 });
        await cluster.UntilNoneAsync<V1Pod>();
    }

    [Fact]
    public async Task A_changed_template_comes_to_one_node_after_another()
    {
        await using var cluster = await Cluster.StartAsync();
        foreach (var node in (string[])["a", "b", "c"])
        {
            await NodeAsync(cluster, node, "");
        }
        await CreateAsync(cluster);
        await cluster.UntilAsync<V1DaemonSet>("d", d => d.Status?.NumberReady == 3);
        var fewest = 3;
        var watching = Task.Run(async () =>
        {
            await foreach (var (_, set) in cluster.WatchAsync<V1DaemonSet>("metadata.name=d"))
            {
                fewest = Math.Min(fewest, set.Status.NumberAvailable ?? 0);
                if (set.Status is { UpdatedNumberScheduled: 3, NumberAvailable: 3, ObservedGeneration: 2 })
                {
                    return;
                }
            }
        });

        await cluster.Of<V1DaemonSet>().PatchAsync("d", Patch.StrategicMerge("""{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"new"}]}}}}"""));

        await watching;
        Assert.InRange(fewest, 2, 3);
        Assert.All((await cluster.Of<V1Pod>().ListAsync()).Items.Where(p => p.Metadata.DeletionTimestamp is null), p => Assert.Equal("new", p.Spec.Containers[0].Image));
        Assert.Equal([1, 2], (await cluster.Of<V1ControllerRevision>().ListAsync()).Items.Select(r => r.Revision).Order());
    }

    [Fact]
    public void A_set_that_surges_has_a_new_pod_beside_the_old_one_until_it_serves()
    {
        var set = new V1DaemonSet
        {
            Metadata = new V1ObjectMeta { Name = "d" },
            Spec = new V1DaemonSetSpec { UpdateStrategy = new V1DaemonSetUpdateStrategy { Type = "RollingUpdate", RollingUpdate = new V1RollingUpdateDaemonSet { MaxSurge = 1, MaxUnavailable = 0 } } },
        };
        static V1Pod Pod(string revision, bool ready) => new()
        {
            Metadata = new V1ObjectMeta { Name = revision, Uid = revision, Labels = new Dictionary<string, string> { ["controller-revision-hash"] = revision } },
            Status = new V1PodStatus { Phase = "Running", Conditions = [new V1PodCondition { Type = "Ready", Status = ready ? "True" : "False" }] },
        };
        (string[] Create, string[] Delete) Next(params V1Pod[][] pods)
        {
            var nodes = pods.Select((p, i) => new DaemonNode(new V1Node { Metadata = new V1ObjectMeta { Name = $"n{i}" } }, true, true, p)).ToList();
            var rollout = new DaemonRollout(set, nodes, "new", DateTime.UtcNow).Place().Replace();
            return ([.. rollout.Create], [.. rollout.Delete.Select(p => p.Metadata.Name)]);
        }

        // One at a time, and nothing goes before the new one serves.
        Assert.Equivalent((Create: (string[])["n0"], Delete: (string[])[]), Next([Pod("old", true)], [Pod("old", true)]), strict: true);
        Assert.Equivalent((Create: (string[])[], Delete: (string[])[]), Next([Pod("old", true), Pod("new", false)], [Pod("old", true)]), strict: true);
        Assert.Equivalent((Create: (string[])["n1"], Delete: (string[])["old"]), Next([Pod("old", true), Pod("new", true)], [Pod("old", true)]), strict: true);
        // An old pod that serves nobody gets its successor at once, and goes as soon as that is there.
        Assert.Equivalent((Create: (string[])["n1", "n0"], Delete: (string[])[]), Next([Pod("old", true)], [Pod("old", false)]), strict: true);
        Assert.Equal(["old"], Next([Pod("old", false), Pod("new", false)]).Delete);
    }

    [Fact]
    public async Task A_daemon_that_ends_is_started_anew()
    {
        await using var cluster = await Cluster.StartAsync();
        await NodeAsync(cluster, "a", "");
        await CreateAsync(cluster);
        await cluster.UntilAsync<V1DaemonSet>("d", d => d.Status?.NumberReady == 1);
        var first = (await cluster.Of<V1Pod>().ListAsync()).Items.Single();

        await cluster.Of<V1Pod>().PatchAsync(first.Metadata.Name, Patch.Merge("""{"status":{"phase":"Failed"}}"""), subresource: "status");

        await foreach (var (type, pod) in cluster.WatchAsync<V1Pod>(""))
        {
            if (type != "DELETED" && pod.Metadata.Uid != first.Metadata.Uid && pod.Status?.Phase == "Running")
            {
                break;
            }
        }
    }

    /// <summary>A node that is ready: a new one has a taint until its kubelet says so.</summary>
    private static async Task NodeAsync(Cluster cluster, string name, string labels, string taints = "null")
    {
        var nodes = cluster.Client.Resource<V1Node>();
        await nodes.CreateAsync(KubeJson.Deserialize<V1Node>(("{'metadata':{'name':'" + name + "','labels':{" + labels + "}}}").Replace('\'', '"')));
        await nodes.PatchAsync(name, Patch.Merge(("{'spec':{'taints':" + taints + "}}").Replace('\'', '"')));
    }

    private static Task<V1DaemonSet> CreateAsync(Cluster cluster, string pod = "") => cluster.CreateAsync<V1DaemonSet>(
        ("{'metadata':{'name':'d'},'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{" + pod + "'containers':[{'name':'c','image':'i'}]}}}}").Replace('\'', '"'));
}
