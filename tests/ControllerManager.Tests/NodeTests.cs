using ActorKube.Models;
using ActorKube.Testing;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

/// <summary>What becomes of nodes that are lost, and of their pods; in virtual time, with nodes and leases that the test plays.</summary>
public sealed class NodeTests
{
    private static readonly ClusterControllersOptions Lifecycle = ClusterControllersOptions.None with { NodeLifecycle = true };
    private static readonly ClusterControllersOptions Garbage = ClusterControllersOptions.None with { PodGarbage = true };

    [Fact]
    public async Task A_node_that_is_not_heard_of_is_given_up_and_its_pods_leave_when_they_tolerate_it_no_longer()
    {
        await using var kube = await StartAsync(Lifecycle);
        await NodeAsync(kube, "lives");
        await NodeAsync(kube, "dies");
        await PodAsync(kube, "stays", "lives");
        await PodAsync(kube, "leaves", "dies");
        await PodAsync(kube, "daemon", "dies", """{"tolerations":[{"operator":"Exists"}]}""");
        await kube.AdvanceAsync(TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(5));
        Assert.Equal("Ready=True", await SaidAsync(kube, "dies"));

        await BeatAsync(kube, "lives", seconds: 20);

        Assert.Equal("DiskPressure=Unknown MemoryPressure=Unknown PIDPressure=Unknown Ready=Unknown", await SaidAsync(kube, "dies"));
        var node = await kube.Client.Resource<V1Node>().GetAsync("dies");
        Assert.Equal(["node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/unreachable:NoSchedule"], node.Spec.Taints.Select(static t => $"{t.Key}:{t.Effect}").Order(StringComparer.Ordinal));
        Assert.Equal("Kubelet stopped posting node status.", node.Status.Conditions.Single(static c => c.Type == "Ready").Message);
        Assert.Equal("False", (await kube.Client.Resource<V1Pod>("default").GetAsync("leaves")).Status.Conditions.Single(static c => c.Type == "Ready").Status);
        Assert.Equal("Ready=True", await SaidAsync(kube, "lives"));
        Assert.Equal(["daemon", "leaves", "stays"], await PodsAsync(kube));
        foreach (var pod in (string[])["daemon", "leaves"])
        {
            await ToldAsync(kube, pod, static e => e is { Reason: "NodeNotReady", Type: "Warning", Message: "Node is not ready", Source.Component: "node-controller", InvolvedObject.Kind: "Pod" });
        }

        await BeatAsync(kube, "lives", seconds: 300);

        var gone = await kube.Client.Resource<V1Pod>("default").GetAsync("leaves");
        Assert.NotNull(gone.Metadata.DeletionTimestamp);
        Assert.Equal("DeletionByTaintManager", gone.Status.Conditions.Single(static c => c.Type == "DisruptionTarget").Reason);
        Assert.Null((await kube.Client.Resource<V1Pod>("default").GetAsync("daemon")).Metadata.DeletionTimestamp);
        Assert.Null((await kube.Client.Resource<V1Pod>("default").GetAsync("stays")).Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task A_node_that_comes_back_is_taken_for_well_again_and_its_pods_stay()
    {
        await using var kube = await StartAsync(Lifecycle);
        await NodeAsync(kube, "lives");
        await NodeAsync(kube, "sleeps");
        await PodAsync(kube, "p", "sleeps");
        await BeatAsync(kube, "lives", seconds: 80);
        Assert.Equal("DiskPressure=Unknown MemoryPressure=Unknown PIDPressure=Unknown Ready=Unknown", await SaidAsync(kube, "sleeps"));

        await ReadyAsync(kube, "sleeps", "True");
        await kube.SettleAsync();
        Assert.Null((await kube.Client.Resource<V1Node>().GetAsync("sleeps")).Spec.Taints);
        for (var i = 0; i < 40; i++)
        {
            await ReadyAsync(kube, "sleeps", "True");
            await BeatAsync(kube, "lives", seconds: 10);
        }

        Assert.Null((await kube.Client.Resource<V1Pod>("default").GetAsync("p")).Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task Nobody_is_driven_from_anywhere_where_all_nodes_are_lost_and_a_clock_that_jumps_loses_none()
    {
        await using var kube = await StartAsync(Lifecycle);
        await NodeAsync(kube, "a");
        await NodeAsync(kube, "b");

        await kube.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal("Ready=True", await SaidAsync(kube, "a"));

        await kube.AdvanceAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5));
        foreach (var name in (string[])["a", "b"])
        {
            Assert.Equal(["node.kubernetes.io/unreachable:NoSchedule"], (await kube.Client.Resource<V1Node>().GetAsync(name)).Spec.Taints.Select(static t => $"{t.Key}:{t.Effect}"));
        }
    }

    [Fact]
    public async Task Taints_follow_conditions_and_leave_others_alone()
    {
        await using var kube = await StartAsync(Lifecycle);
        await NodeAsync(kube, "other");
        await NodeAsync(kube, "n");
        await kube.Client.Resource<V1Node>().PatchAsync("n", Patch.Merge("""{"spec":{"unschedulable":true,"taints":[{"key":"mine","effect":"NoExecute"}]}}"""));
        await kube.Client.Resource<V1Node>().PatchAsync("n", Patch.StrategicMerge("""{"status":{"conditions":[{"type":"DiskPressure","status":"True"}]}}"""), subresource: "status");
        await ReadyAsync(kube, "n", "False");
        await kube.SettleAsync();
        Assert.Equal(["mine:NoExecute", "node.kubernetes.io/disk-pressure:NoSchedule", "node.kubernetes.io/not-ready:NoExecute", "node.kubernetes.io/not-ready:NoSchedule", "node.kubernetes.io/unschedulable:NoSchedule"], await TaintsAsync(kube));

        await kube.Client.Resource<V1Node>().PatchAsync("n", Patch.Merge("""{"spec":{"unschedulable":null}}"""));
        await ReadyAsync(kube, "n", "True");
        await kube.SettleAsync();

        Assert.Equal(["mine:NoExecute", "node.kubernetes.io/disk-pressure:NoSchedule"], await TaintsAsync(kube));
    }

    [Theory]
    [InlineData(3, 5, true)]
    [InlineData(3, 6, false)]
    [InlineData(2, 3, false)]
    [InlineData(40, 60, false)]
    public void A_small_zone_of_which_most_is_lost_drives_nobody_away(int lost, int all, bool stops)
    {
        var nodes = Enumerable.Range(0, all).Select(i => new V1Node
        {
            Metadata = new V1ObjectMeta { Name = $"n{i}" }, Status = new V1NodeStatus { Conditions = [new V1NodeCondition { Type = "Ready", Status = i < lost ? "Unknown" : "True" }] },
        }).ToList();

        var census = new NodeCensus();
        nodes.ForEach(n => census.Note(n));
        var zone = census.ZoneOf(nodes[0]);
        Assert.Equal((!stops, false), (zone.IsCalm, zone.IsLost));
    }

    [Fact]
    public void A_census_counts_by_zone_leaves_out_who_is_excluded_and_takes_the_node_that_is_asked_about_as_it_is_given()
    {
        static V1Node Node(string name, string zone, bool ready, bool excluded = false) => new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = name, Labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = zone, [excluded ? "node.kubernetes.io/exclude-disruption" : "other"] = "" },
            },
            Status = new V1NodeStatus { Conditions = [new V1NodeCondition { Type = "Ready", Status = ready ? "True" : "Unknown" }] },
        };
        var census = new NodeCensus();
        Assert.True(census.Note(Node("a", "x", true)));
        Assert.False(census.Note(Node("a", "x", true)));
        Assert.False(census.Note(Node("b", "x", false)));
        Assert.True(census.Note(Node("c", "y", true)));
        Assert.True(census.Note(Node("out", "x", true, excluded: true)));
        Assert.Equal(new ZoneState(2, 1, 3, 1), census.ZoneOf(Node("a", "x", true)));
        Assert.Equal(new ZoneState(2, 2, 3, 2), census.ZoneOf(Node("a", "x", false)));
        Assert.True(census.Note(Node("c", "y", false)));
        Assert.True(census.ZoneOf(Node("a", "x", false)).IsLost);
        Assert.True(census.Forget("a"));
        Assert.False(census.Forget("b"));
        Assert.Equal(new ZoneState(1, 1, 2, 2), census.ZoneOf(Node("new", "x", false)));
        Assert.Equal(["c", "out"], census.Names.Order());
    }

    [Fact]
    public async Task A_toleration_with_a_time_counts_from_the_taint_and_not_again_and_is_forgotten_with_it()
    {
        await using var kube = await StartAsync(Lifecycle);
        await NodeAsync(kube, "other");
        await NodeAsync(kube, "n");
        await PodAsync(kube, "now", "n");
        await PodAsync(kube, "later", "n", """{"tolerations":[{"key":"t","operator":"Exists","effect":"NoExecute","tolerationSeconds":60}]}""");

        await kube.Client.Resource<V1Node>().PatchAsync("n", Patch.Merge("""{"spec":{"taints":[{"key":"t","effect":"NoExecute"}]}}"""));
        await kube.SettleAsync();
        Assert.NotNull((await kube.Client.Resource<V1Pod>("default").GetAsync("now")).Metadata.DeletionTimestamp);
        await kube.AdvanceAsync(TimeSpan.FromSeconds(40));
        await kube.Client.Resource<V1Pod>("default").PatchAsync("later", Patch.Merge("""{"metadata":{"labels":{"a":"b"}}}"""));
        await kube.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Null((await kube.Client.Resource<V1Pod>("default").GetAsync("later")).Metadata.DeletionTimestamp);
        await kube.Client.Resource<V1Node>().PatchAsync("n", Patch.Merge("""{"spec":{"taints":null}}"""));
        await kube.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Null((await kube.Client.Resource<V1Pod>("default").GetAsync("later")).Metadata.DeletionTimestamp);
        await kube.Client.Resource<V1Node>().PatchAsync("n", Patch.Merge("""{"spec":{"taints":[{"key":"t","effect":"NoExecute"}]}}"""));
        await kube.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.Null((await kube.Client.Resource<V1Pod>("default").GetAsync("later")).Metadata.DeletionTimestamp);
        await kube.AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.NotNull((await kube.Client.Resource<V1Pod>("default").GetAsync("later")).Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task Pods_of_a_node_that_is_gone_fail_and_go_after_a_while_and_those_of_one_that_comes_do_not()
    {
        await using var kube = await StartAsync(Garbage);
        await NodeAsync(kube, "goes");
        await PodAsync(kube, "orphan", "goes", finalizer: "tests.example/held");
        await PodAsync(kube, "early", "comes");
        await kube.Client.Resource<V1Node>().DeleteAsync("goes");

        await kube.AdvanceAsync(TimeSpan.FromSeconds(39));
        Assert.Null((await kube.Client.Resource<V1Pod>("default").GetAsync("orphan")).Metadata.DeletionTimestamp);
        await NodeAsync(kube, "comes");
        await kube.AdvanceAsync(TimeSpan.FromSeconds(2));

        var orphan = await kube.Client.Resource<V1Pod>("default").GetAsync("orphan");
        Assert.NotNull(orphan.Metadata.DeletionTimestamp);
        Assert.Equal("Failed", orphan.Status.Phase);
        Assert.Equal("PodGC: node no longer exists", orphan.Status.Conditions.Single(static c => c.Type == "DisruptionTarget").Message);
        Assert.Null((await kube.Client.Resource<V1Pod>("default").GetAsync("early")).Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task Pods_that_are_to_go_from_a_node_out_of_service_or_from_none_go_at_once()
    {
        await using var kube = await StartAsync(Garbage);
        await NodeAsync(kube, "off");
        await PodAsync(kube, "going", "off");
        await PodAsync(kube, "running", "off");
        await PodAsync(kube, "waiting", null, finalizer: "tests.example/held");
        await kube.Client.Resource<V1Pod>("default").DeleteAsync("going");
        await kube.Client.Resource<V1Pod>("default").DeleteAsync("waiting");
        await kube.SettleAsync();
        Assert.Equal(["going", "running", "waiting"], await PodsAsync(kube));
        Assert.Equal("Failed", (await kube.Client.Resource<V1Pod>("default").GetAsync("waiting")).Status.Phase);

        await ReadyAsync(kube, "off", "Unknown");
        await kube.Client.Resource<V1Node>().PatchAsync("off", Patch.Merge("""{"spec":{"taints":[{"key":"node.kubernetes.io/out-of-service","effect":"NoExecute"}]}}"""));
        await kube.SettleAsync();

        Assert.Equal(["running", "waiting"], await PodsAsync(kube));
    }

    [Fact]
    public async Task The_oldest_of_the_pods_that_have_ended_go_where_they_are_too_many_evicted_ones_first()
    {
        await using var kube = await StartAsync(Garbage with { EndedPods = 2 });
        foreach (var name in (string[])["a", "b", "c", "d"])
        {
            await PodAsync(kube, name, null);
            await kube.AdvanceAsync(TimeSpan.FromSeconds(1));
        }
        foreach (var (name, status) in ((string, string)[])[("a", "\"phase\":\"Succeeded\""), ("b", "\"phase\":\"Succeeded\""), ("d", "\"phase\":\"Failed\",\"reason\":\"Evicted\"")])
        {
            await kube.Client.Resource<V1Pod>("default").PatchAsync(name, Patch.Merge("{\"status\":{" + status + "}}"), subresource: "status");
        }
        await kube.SettleAsync();
        Assert.Equal(["a", "b", "c"], await PodsAsync(kube));

        await kube.Client.Resource<V1Pod>("default").PatchAsync("c", Patch.Merge("""{"status":{"phase":"Failed"}}"""), subresource: "status");
        await kube.SettleAsync();

        Assert.Equal(["b", "c"], await PodsAsync(kube));
    }

    private static Task<ActorKubeFixture> StartAsync(ClusterControllersOptions controllers) => ActorKubeFixture.StartAsync(options: new ActorKubeFixtureOptions { Controllers = controllers });

    /// <summary>Completes once an object has an event, which comes when it comes.</summary>
    private static async Task ToldAsync(ActorKubeFixture kube, string name, Func<Corev1Event, bool> isMeant)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await kube.Client.ListWatch(ResourceDefinition.For<Corev1Event>(), "default")
            .UntilAsync(e => e.Object!.As<Corev1Event>() is var told && told.InvolvedObject.Name == name && isMeant(told), cancellation: limit.Token);
    }

    /// <summary>A node whose kubelet has said once that it is well.</summary>
    private static async Task NodeAsync(ActorKubeFixture kube, string name)
    {
        await kube.Client.Resource<V1Node>().CreateAsync(new V1Node { Metadata = new V1ObjectMeta { Name = name } });
        await kube.Client.Resource<V1Node>().PatchAsync(name, Patch.Merge("""{"spec":{"taints":null}}"""));
        await ReadyAsync(kube, name, "True");
        await kube.SettleAsync();
    }

    private static Task ReadyAsync(ActorKubeFixture kube, string name, string ready)
    {
        var now = kube.Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        return kube.Client.Resource<V1Node>().PatchAsync(
            name, Patch.StrategicMerge("{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"" + ready + "\",\"lastHeartbeatTime\":\"" + now + "\"}]}}"), subresource: "status");
    }

    /// <summary>Lets time pass while one node's lease is renewed.</summary>
    private static async Task BeatAsync(ActorKubeFixture kube, string node, int seconds)
    {
        var leases = kube.Client.Resource<V1Lease>("kube-node-lease");
        for (var passed = 0; passed < seconds; passed += 10)
        {
            try
            {
                var lease = await leases.GetAsync(node);
                lease.Spec.RenewTime = kube.Now.UtcDateTime;
                await leases.UpdateAsync(lease);
            }
            catch (KubernetesException missing) when (missing.IsNotFound)
            {
                await leases.CreateAsync(new V1Lease { Metadata = new V1ObjectMeta { Name = node }, Spec = new V1LeaseSpec { HolderIdentity = node, RenewTime = kube.Now.UtcDateTime } });
            }
            await kube.AdvanceAsync(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5));
        }
    }

    private static async Task PodAsync(ActorKubeFixture kube, string name, string? node, string spec = "{}", string? finalizer = null)
    {
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = name, Finalizers = finalizer is null ? null : [finalizer] }, Spec = KubeJson.Deserialize<V1PodSpec>(spec) };
        (pod.Spec.NodeName, pod.Spec.Containers) = (node, [new V1Container { Name = "c", Image = "i" }]);
        await kube.Client.Resource<V1Pod>("default").CreateAsync(pod);
        await kube.Client.Resource<V1Pod>("default").PatchAsync(name, Patch.StrategicMerge("""{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"""), subresource: "status");
        await kube.SettleAsync();
    }

    private static async Task<string> SaidAsync(ActorKubeFixture kube, string node) =>
        string.Join(' ', (await kube.Client.Resource<V1Node>().GetAsync(node)).Status.Conditions.Select(static c => $"{c.Type}={c.Status}").Order(StringComparer.Ordinal));

    private static async Task<IEnumerable<string>> TaintsAsync(ActorKubeFixture kube) =>
        ((await kube.Client.Resource<V1Node>().GetAsync("n")).Spec.Taints ?? []).Select(static t => $"{t.Key}:{t.Effect}").Order(StringComparer.Ordinal);

    private static async Task<IEnumerable<string>> PodsAsync(ActorKubeFixture kube) => (await kube.Client.Resource<V1Pod>("default").ListAsync()).Items.Select(static p => p.Metadata.Name).Order(StringComparer.Ordinal);
}
