using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class DeploymentTests
{
    [Fact]
    public async Task A_deployment_gets_a_replica_set_and_its_pods_and_says_when_it_is_through()
    {
        await using var cluster = await Cluster.StartAsync();

        await CreateAsync(cluster, "web", 3, "v1");

        var web = await UntilThroughAsync(cluster, "web", 3);
        Assert.Equal("1", web.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal("MinimumReplicasAvailable", Condition(web, "Available").Reason);
        var set = Assert.Single((await cluster.Of<V1ReplicaSet>().ListAsync()).Items);
        Assert.Equal((3, 3, "3"), (set.Spec.Replicas, set.Status.ReadyReplicas, set.Metadata.Annotations["deployment.kubernetes.io/desired-replicas"]));
        var pods = (await cluster.Of<V1Pod>().ListAsync()).Items;
        Assert.Equal(3, pods.Count);
        Assert.All(pods, p => Assert.Equal(set.Metadata.Labels["pod-template-hash"], p.Metadata.Labels["pod-template-hash"]));
        Assert.All(pods, p => Assert.Equal(set.Metadata.Uid, p.GetController().Uid));
    }

    [Fact]
    public async Task A_new_template_rolls_within_its_bounds_and_an_old_one_is_brought_back()
    {
        await using var cluster = await Cluster.StartAsync();
        await CreateAsync(cluster, "web", 4, "v1");
        await UntilThroughAsync(cluster, "web", 4);
        using var stop = new CancellationTokenSource();
        var worst = CountAsync(cluster, stop.Token);

        await SetImageAsync(cluster, "web", "v2");
        var web = await UntilThroughAsync(cluster, "web", 4, 2);
        Assert.Equal("2", web.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        await SetImageAsync(cluster, "web", "v1");
        web = await UntilThroughAsync(cluster, "web", 4, 3);
        await stop.CancelAsync();

        Assert.Equal("3", web.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        var sets = (await cluster.Of<V1ReplicaSet>().ListAsync()).Items;
        Assert.Equal(2, sets.Count);
        var back = sets.Single(s => s.Spec.Template.Spec.Containers[0].Image == "v1");
        Assert.Equal(("1", 4), (back.Metadata.Annotations["deployment.kubernetes.io/revision-history"], back.Spec.Replicas));
        var (most, fewest) = await worst;
        // maxSurge 1 and maxUnavailable 1, of 4.
        Assert.InRange(most, 4, 5);
        Assert.InRange(fewest, 3, 4);
    }

    /// <summary>The most pods that were wanted at once, and the fewest that were available.</summary>
    private static async Task<(int Most, int Fewest)> CountAsync(Cluster cluster, CancellationToken stop)
    {
        var sets = new Dictionary<string, V1ReplicaSet>();
        var ready = new Dictionary<string, bool>();
        var (most, fewest) = (0, int.MaxValue);
        var pods = Task.Run(async () =>
        {
            var started = false;
            await foreach (var (type, pod) in cluster.WatchAsync<V1Pod>("").WithCancellation(stop))
            {
                ready[pod.Metadata.Name] = type != "DELETED" && pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;
                var count = ready.Count(r => r.Value);
                started |= count == 4;
                fewest = started ? Math.Min(fewest, count) : fewest;
                if (stop.IsCancellationRequested)
                {
                    return;
                }
            }
        }, CancellationToken.None);
        await foreach (var (_, set) in cluster.WatchAsync<V1ReplicaSet>(""))
        {
            sets[set.Metadata.Name] = set;
            most = Math.Max(most, sets.Values.Sum(s => s.Spec.Replicas ?? 0));
            if (sets.Count == 2 && sets.Values.Any(s => s.Metadata.Annotations.ContainsKey("deployment.kubernetes.io/revision-history") && s.Status?.ReadyReplicas == 4)
                && sets.Values.Any(s => s is { Spec.Replicas: 0, Status.Replicas: 0 }))
            {
                return (most, fewest);
            }
        }
        await pods;
        return (most, fewest);
    }

    [Fact]
    public async Task A_paused_deployment_is_scaled_but_not_rolled()
    {
        await using var cluster = await Cluster.StartAsync();
        await CreateAsync(cluster, "web", 2, "v1");
        await UntilThroughAsync(cluster, "web", 2);

        await PatchAsync(cluster, "web", """{"spec":{"paused":true,"replicas":3,"template":{"spec":{"containers":[{"name":"c","image":"v2"}]}}}}""");
        var paused = await cluster.UntilAsync<V1Deployment>("web", d => d.Status?.AvailableReplicas == 3);
        Assert.Equal("DeploymentPaused", Condition(paused, "Progressing").Reason);
        Assert.Single((await cluster.Of<V1ReplicaSet>().ListAsync()).Items);

        await PatchAsync(cluster, "web", """{"spec":{"paused":false}}""");
        await UntilThroughAsync(cluster, "web", 3, 3);
        Assert.Equal(2, (await cluster.Of<V1ReplicaSet>().ListAsync()).Items.Count);
    }

    [Fact]
    public async Task A_rollout_that_does_not_move_is_said_to_have_timed_out()
    {
        await using var cluster = await Cluster.StartAsync();
        await CreateAsync(cluster, "web", 1, "v1", """{"simulator.actorkube.dev/ready-delay":"never"}""", ""","progressDeadlineSeconds":1""");

        var stuck = await cluster.UntilAsync<V1Deployment>("web", d => d.Status?.Conditions?.Any(c => c.Reason == "ProgressDeadlineExceeded") == true);

        Assert.Equal("False", Condition(stuck, "Progressing").Status);
        Assert.Equal("False", Condition(stuck, "Available").Status);
    }

    [Fact]
    public async Task Recreate_makes_new_pods_only_when_the_old_ones_are_gone_and_history_is_bounded()
    {
        await using var cluster = await Cluster.StartAsync();
        await CreateAsync(cluster, "web", 2, "v1", more: ""","strategy":{"type":"Recreate"},"revisionHistoryLimit":1""");
        await UntilThroughAsync(cluster, "web", 2);
        for (var i = 2; i <= 3; i++)
        {
            await SetImageAsync(cluster, "web", $"v{i}");
            await UntilThroughAsync(cluster, "web", 2, i);
        }

        await cluster.UntilAsync<V1Deployment>("web", d => d.Status?.ObservedGeneration == 3);
        await cluster.UntilNoneAsync<V1ReplicaSet>(static set => set.Spec.Template.Spec.Containers[0].Image == "v1");
        Assert.Equal(["v2", "v3"], (await cluster.Of<V1ReplicaSet>().ListAsync()).Items.Select(set => set.Spec.Template.Spec.Containers[0].Image).Order());
        Assert.All((await cluster.Of<V1Pod>().ListAsync()).Items, p => Assert.Equal("v3", p.Spec.Containers[0].Image));
    }

    [Fact]
    public async Task A_deleted_pod_is_replaced_and_a_deleted_deployment_takes_everything_along()
    {
        await using var cluster = await Cluster.StartAsync();
        await CreateAsync(cluster, "web", 2, "v1");
        await UntilThroughAsync(cluster, "web", 2);
        var set = (await cluster.Of<V1ReplicaSet>().ListAsync()).Items.Single();
        var victim = (await cluster.Of<V1Pod>().ListAsync()).Items[0].Metadata.Name;

        await cluster.Of<V1Pod>().DeleteAsync(victim);
        await cluster.UntilAsync<V1ReplicaSet>(set.Metadata.Name, s => s.Status?.ReadyReplicas == 2);

        await cluster.Of<V1Deployment>().DeleteAsync("web", new DeleteOptions { Propagation = DeletePropagation.Foreground });
        await cluster.GoneAsync<V1ReplicaSet>(set.Metadata.Name);
        await cluster.UntilNoneAsync<V1Pod>();
    }

    [Fact]
    public async Task New_workloads_can_be_held_back_and_controllers_switched_off()
    {
        await using var cluster = await Cluster.StartAsync(new ClusterControllersOptions { HoldBack = TimeSpan.FromHours(1), Jobs = false });
        await using var other = await Cluster.StartAsync(new ClusterControllersOptions { Deployments = false });
        await CreateAsync(cluster, "web", 1, "v1");
        await CreateAsync(other, "web", 1, "v1");
        // What comes after is done: so would the first have been.
        await other.CreateAsync<V1Job>("""{"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}""");
        await other.UntilAsync<V1Job>("j", j => j.Status?.Succeeded == 1);

        Assert.Empty((await cluster.Of<V1ReplicaSet>().ListAsync()).Items);
        Assert.Empty((await other.Of<V1ReplicaSet>().ListAsync()).Items);
    }

    private static Task<V1Deployment> CreateAsync(Cluster cluster, string name, int replicas, string image, string annotations = "{}", string more = "") => cluster.CreateAsync<V1Deployment>(
        $$$"""
        {"metadata":{"name":"{{{name}}}"},"spec":{"replicas":{{{replicas}}},"selector":{"matchLabels":{"app":"{{{name}}}"}},
        "template":{"metadata":{"labels":{"app":"{{{name}}}"},"annotations":{{{annotations}}} },"spec":{"containers":[{"name":"c","image":"{{{image}}}"}]} }{{{more}}} } }
        """);

    private static Task PatchAsync(Cluster cluster, string name, string patch) => cluster.Of<V1Deployment>().PatchAsync(name, Patch.StrategicMerge(patch));

    private static Task SetImageAsync(Cluster cluster, string name, string image) =>
        PatchAsync(cluster, name, $$$"""{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"{{{image}}}"}]} } } }""");

    private static Task<V1Deployment> UntilThroughAsync(Cluster cluster, string name, int replicas, int generation = 1) => cluster.UntilAsync<V1Deployment>(name, d =>
        d.Status is { } s && s.ObservedGeneration >= generation && s.UpdatedReplicas == replicas && s.Replicas == replicas && s.AvailableReplicas == replicas
        && s.Conditions?.Any(c => c.Reason == "NewReplicaSetAvailable") == true);

    private static V1DeploymentCondition Condition(V1Deployment deployment, string type) => deployment.Status.Conditions.Single(c => c.Type == type);
}
