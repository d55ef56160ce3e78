using System.Text.Json.Nodes;
using ActorKube.Actors;
using ActorKube.ApiServer;
using ApiServer.Tests.Support;

namespace ActorKube.Kubelet.Tests;

/// <summary>The node as a whole: what it leaves alone, what it leaves behind, and how pods go.</summary>
public sealed class NodeTests
{
    private const string Pods = NodeServer.Pods;
    private const string Lives = """{"containers":[{"name":"c","image":"i"}]}""";

    [Fact]
    public async Task A_pod_is_bound_started_stopped_told_and_let_go_as_a_kubelet_does()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("p", Lives);
        await watch.NextAsync();

        var bound = (await watch.NextAsync())!["object"]!.AsObject();
        Assert.Equal(("simulated-node", "Pending"), ((string?)bound["spec"]!["nodeName"], bound.Phase()));
        var running = (await watch.NextAsync())!["object"]!.AsObject();
        Assert.Equal(("Running", "True", "True", 0), (running.Phase(), running.Condition("Ready"), running.Condition("PodScheduled"), (int)running.Container()["restartCount"]!));
        Assert.Equal(["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"], running["status"]!["conditions"]!.AsArray().Select(c => (string?)c!["type"]));
        Assert.Matches("^10\\.244\\.", (string?)running["status"]!["podIP"]);
        Assert.Contains(running["metadata"]!["managedFields"]!.AsArray(), m => ((string?)m!["manager"], (string?)m["subresource"]) == ("kubelet", "status"));

        await server.OkAsync("DELETE", $"{Pods}/p");

        Assert.NotNull((await watch.NextAsync())!["object"]!["metadata"]!["deletionTimestamp"]);
        var stopped = (await watch.NextAsync())!["object"]!.AsObject();
        Assert.Equal(("Failed", 137), (stopped.Phase(), (int)stopped.Container()["state"]!["terminated"]!["exitCode"]!));
        while ((string?)(await watch.NextAsync())!["type"] != "DELETED")
        {
        }
    }

    [Fact]
    public async Task A_pod_that_is_meant_to_end_runs_and_succeeds_on_the_servers_clock()
    {
        await using var server = await NodeServer.StartAsync(new PodSimulatorOptions { RunTime = TimeSpan.FromSeconds(30) });
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("job", """{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}""");
        Assert.NotNull((await watch.UntilAsync(p => p.Phase() == "Running"))["status"]!["podIP"]);

        await server.Time.ArmedAsync(TimeSpan.FromSeconds(30));
        server.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("PodCompleted", (string?)(await watch.UntilAsync(p => p.Phase() == "Succeeded")).ConditionOf("Ready")["reason"]);
    }

    [Fact]
    public async Task A_pod_fails_where_its_annotation_says_so_and_is_seen_to_run_before()
    {
        await using var server = await NodeServer.StartAsync(new PodSimulatorOptions { RunTime = TimeSpan.Zero });
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("job", """{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}""", ("exit-code", "3"));

        Assert.Equal("Running", (await watch.UntilAsync(_ => true)).Phase());
        var failed = await watch.UntilAsync(_ => true);
        Assert.Equal(("Failed", 3), (failed.Phase(), (int)failed.Container()["state"]!["terminated"]!["exitCode"]!));
    }

    [Fact]
    public async Task Pods_of_other_nodes_and_pods_that_somebody_ended_are_left_alone()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("far", """{"nodeName":"elsewhere","containers":[{"name":"c","image":"i"}]}""");
        await server.CreatePodAsync("near", Lives);
        await watch.UntilAsync(p => p.Phase() == "Running", "near");
        Assert.Equal("Pending", (string?)(await server.OkAsync("GET", $"{Pods}/far"))["status"]!["phase"]);

        await server.OkAsync("PATCH", $"{Pods}/near/status", JsonNode.Parse("""{"status":{"phase":"Failed","reason":"Evicted"}}"""), "application/merge-patch+json");
        await watch.UntilAsync(p => p.Phase() == "Failed", "near");
        await server.CreatePodAsync("after", Lives);
        await watch.UntilAsync(p => p.Phase() == "Running", "after");

        Assert.Equal("Evicted", (string?)(await server.OkAsync("GET", $"{Pods}/near"))["status"]!["reason"]);
    }

    [Fact]
    public async Task A_pod_that_finalizers_hold_shows_that_its_containers_have_ended()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.OkAsync("POST", Pods, JsonNode.Parse("""{"metadata":{"name":"p","finalizers":["a.b/c"]},"spec":{"containers":[{"name":"c","image":"i"}]}}"""));
        await watch.UntilAsync(p => p.Phase() == "Running");

        await server.OkAsync("DELETE", $"{Pods}/p");

        var ended = await watch.UntilAsync(p => p.Phase() == "Failed");
        Assert.NotNull(ended["metadata"]!["deletionTimestamp"]);
        await server.OkAsync("PATCH", $"{Pods}/p", JsonNode.Parse("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
        while ((string?)(await watch.NextAsync())!["type"] != "DELETED")
        {
        }
    }

    [Fact]
    public async Task Starting_and_stopping_take_the_time_that_the_options_say()
    {
        await using var server = await NodeServer.StartAsync(new PodSimulatorOptions { StartDelay = TimeSpan.FromSeconds(3), StopDelay = TimeSpan.FromSeconds(5) });
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("p", Lives);
        await server.Time.ArmedAsync(TimeSpan.FromSeconds(3));
        Assert.Null((await server.OkAsync("GET", $"{Pods}/p"))["spec"]!["nodeName"]);
        server.Time.Advance(TimeSpan.FromSeconds(3));
        await watch.UntilAsync(p => p.Phase() == "Running");

        await server.OkAsync("DELETE", $"{Pods}/p");
        await server.Time.ArmedAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("Running", (await server.OkAsync("GET", $"{Pods}/p")).Phase());
        server.Time.Advance(TimeSpan.FromSeconds(5));
        while ((string?)(await watch.NextAsync())!["type"] != "DELETED")
        {
        }
    }

    [Fact]
    public async Task Deleted_pods_leave_nothing_behind()
    {
        var news = new Reconciles();
        await using var server = await NodeServer.StartAsync(new PodSimulatorOptions { Observers = [news] });
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        for (var i = 0; i < 100; i++)
        {
            await server.CreatePodAsync($"p{i}", i % 2 == 0 ? Lives : """{"restartPolicy":"Never","containers":[{"name":"c","image":"i","command":["true"]}]}""");
        }
        var running = new HashSet<string>();
        while (running.Count < 100)
        {
            running.Add((string)(await watch.UntilAsync(p => p.Phase() != "Pending"))["metadata"]!["name"]!);
        }
        Assert.Equal(100, server.Node!.Remembered);

        await server.OkAsync("DELETE", Pods);

        await news.UntilAsync(() => server.Node!.Remembered == 0);
    }

    [Fact]
    public async Task The_node_is_an_object_that_is_ready_and_keeps_its_lease()
    {
        await using var server = await NodeServer.StartAsync(new PodSimulatorOptions { RegisterNode = true, NodeName = "n" });
        var node = await server.OkAsync("GET", "/api/v1/nodes/n");
        Assert.Equal("True", (string?)node["status"]!["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "Ready")!["status"]);
        Assert.Null(node["spec"]!["taints"]);
        Assert.NotNull(node["status"]!["capacity"]!["cpu"]);
        var lease = await server.OkAsync("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n");
        Assert.Equal(("n", 40), ((string?)lease["spec"]!["holderIdentity"], (int)lease["spec"]!["leaseDurationSeconds"]!));
        using var watch = await server.WatchAsync($"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases?watch=true&resourceVersion={lease["metadata"]!["resourceVersion"]}");

        await server.Time.ArmedAsync(TimeSpan.FromSeconds(10));
        server.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.NotEqual((string?)lease["spec"]!["renewTime"], (string?)(await watch.NextAsync())!["object"]!["spec"]!["renewTime"]);
    }

    [Fact]
    public async Task A_node_whose_object_and_lease_somebody_takes_away_registers_anew()
    {
        await using var server = await NodeServer.StartAsync(new PodSimulatorOptions { RegisterNode = true, NodeName = "n" });
        using var watch = await server.WatchAsync("/api/v1/nodes?watch=true");
        Assert.Equal("ADDED n", await watch.NextNameAsync());
        await server.OkAsync("DELETE", "/api/v1/nodes/n");
        await server.SendAsync("DELETE", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n");
        Assert.Equal("DELETED n", await watch.NextNameAsync());

        await server.Time.ArmedAsync(TimeSpan.FromSeconds(10));
        server.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("ADDED n", await watch.NextNameAsync());
    }

    [Fact]
    public async Task A_node_that_ends_leaves_its_pods_and_the_server_reaches_nobody()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("p", Lives);
        await watch.UntilAsync(p => p.Phase() == "Running");

        await server.Node!.DisposeAsync();

        Assert.Null(server.Server.Nodes);
        Assert.Equal("Running", (await server.OkAsync("GET", $"{Pods}/p")).Phase());
        // Another takes its place, and its pods with their addresses.
        var address = (string?)(await server.OkAsync("GET", $"{Pods}/p"))["status"]!["podIP"];
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await using var next = await SimulatedNode.StartAsync(server.Server);
        Assert.Equal(address, (string?)(await watch.UntilAsync(p => p.Phase() == "Running"))["status"]!["podIP"]);
    }

    /// <summary>Looks again each time a reconcile of the node has ended.</summary>
    private sealed class Reconciles : IRuntimeObserver
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Reconciled(ReconcileEnded ended) => Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

        public async Task UntilAsync(Func<bool> holds)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (true)
            {
                var next = Volatile.Read(ref _next).Task;
                if (holds())
                {
                    return;
                }
                await next.WaitAsync(patience.Token);
            }
        }
    }
}
