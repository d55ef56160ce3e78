using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class AdoptionTests
{
    private const string Template = """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""";

    [Fact]
    public async Task A_replica_set_takes_in_pods_that_it_means_and_lets_go_of_those_that_it_does_not()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync<V1Pod>("""{"metadata":{"name":"bare","labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        await cluster.UntilAsync<V1Pod>("bare", p => p.Status?.Phase == "Running");
        // No room for a pod of its own: whichever it hears of first, it can only take this one in.
        await cluster.CreateAsync<V1ResourceQuota>("""{"metadata":{"name":"q"},"spec":{"hard":{"pods":"1"}}}""");
        await cluster.UntilAsync<V1ResourceQuota>("q", q => q.Status?.Used?["pods"].ToString() == "1");
        await ReplicaSetAsync(cluster, 1);

        var adopted = await cluster.UntilAsync<V1Pod>("bare", p => p.GetController()?.Name == "r");
        Assert.True(adopted.GetController()!.BlockOwnerDeletion);
        await cluster.UntilAsync<V1ReplicaSet>("r", r => r.Status is { Replicas: 1, ReadyReplicas: 1 });
        Assert.Single((await cluster.Of<V1Pod>().ListAsync()).Items);

        await cluster.Of<V1Pod>().PatchAsync("bare", Patch.Merge("""{"metadata":{"labels":{"a":"other"}}}"""));

        await cluster.UntilAsync<V1Pod>("bare", p => p.GetController() is null);
        await cluster.UntilAsync<V1ReplicaSet>("r", r => r.Status is { Replicas: 0 });
        Assert.Equal("bare", Assert.Single((await cluster.Of<V1Pod>().ListAsync()).Items).Metadata.Name);
    }

    [Fact]
    public async Task A_pod_that_has_another_controller_is_left_to_it()
    {
        await using var cluster = await Cluster.StartAsync();
        var other = await cluster.CreateAsync<V1ConfigMap>("""{"metadata":{"name":"other"}}""");
        await cluster.CreateAsync<V1Pod>(("{'metadata':{'name':'theirs','labels':{'a':'b'},'ownerReferences':[{'apiVersion':'v1','kind':'ConfigMap','name':'other','controller':true,'uid':'"
            + other.Metadata.Uid + "'}]},'spec':{'containers':[{'name':'c','image':'i'}]}}").Replace('\'', '"'));

        await ReplicaSetAsync(cluster, 1);

        await cluster.UntilAsync<V1ReplicaSet>("r", r => r.Status is { Replicas: 1 });
        Assert.Equal("other", (await cluster.Of<V1Pod>().GetAsync("theirs")).GetController()!.Name);
        Assert.Equal(2, (await cluster.Of<V1Pod>().ListAsync()).Items.Count);
    }

    [Fact]
    public async Task A_deployment_takes_in_the_replica_set_that_another_left_behind()
    {
        await using var cluster = await Cluster.StartAsync();
        var deployment = await DeploymentAsync(cluster);
        await cluster.UntilAsync<V1Deployment>("d", d => d.Status?.AvailableReplicas == 1);
        var set = (await cluster.Of<V1ReplicaSet>().ListAsync()).Items.Single();
        await cluster.Of<V1Deployment>().DeleteAsync("d", new DeleteOptions { Propagation = DeletePropagation.Orphan });
        await cluster.UntilAsync<V1ReplicaSet>(set.Metadata.Name, s => s.GetController() is null);
        await cluster.GoneAsync<V1Deployment>("d");

        // Paused, so that it makes none of its own before it has heard of this one.
        deployment.Metadata = new V1ObjectMeta { Name = "d" };
        deployment.Spec.Paused = true;
        var again = await cluster.Of<V1Deployment>().CreateAsync(deployment);
        await cluster.UntilAsync<V1ReplicaSet>(set.Metadata.Name, s => s.GetController()?.Uid == again.Metadata.Uid);
        await cluster.Of<V1Deployment>().PatchAsync("d", Patch.Merge("""{"spec":{"paused":false}}"""));

        await cluster.UntilAsync<V1Deployment>("d", d => d.Status is { AvailableReplicas: 1, UpdatedReplicas: 1 });
        Assert.Single((await cluster.Of<V1ReplicaSet>().ListAsync()).Items);
    }

    [Fact]
    public async Task What_a_quota_refuses_is_said_by_replica_set_and_deployment()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync<V1ResourceQuota>("""{"metadata":{"name":"q"},"spec":{"hard":{"pods":"0"}}}""");
        await cluster.UntilAsync<V1ResourceQuota>("q", q => q.Status?.Used is not null);

        await DeploymentAsync(cluster);

        var said = (await cluster.UntilAsync<V1Deployment>("d", d => d.Status?.Conditions?.Any(c => c.Type == "ReplicaFailure") == true)).Status.Conditions.Single(c => c.Type == "ReplicaFailure");
        Assert.Equal(("True", "FailedCreate"), (said.Status, said.Reason));
        Assert.Contains("exceeded quota: q", said.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_name_the_controller_that_tells_them()
    {
        await using var cluster = await Cluster.StartAsync();
        await DeploymentAsync(cluster);
        var sources = new HashSet<string>();
        await foreach (var (_, told) in cluster.WatchAsync<Corev1Event>(""))
        {
            sources.Add($"{told.Source.Component} {told.Reason}");
            if (sources.IsSupersetOf(["deployment-controller ScalingReplicaSet", "replicaset-controller SuccessfulCreate"]))
            {
                return;
            }
        }
        Assert.Fail(string.Join(", ", sources));
    }

    private static Task<V1ReplicaSet> ReplicaSetAsync(Cluster cluster, int replicas) => cluster.CreateAsync<V1ReplicaSet>(
        "{\"metadata\":{\"name\":\"r\"},\"spec\":{\"replicas\":" + replicas + ",\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":" + Template + "}}");

    private static Task<V1Deployment> DeploymentAsync(Cluster cluster) => cluster.CreateAsync<V1Deployment>(
        "{\"metadata\":{\"name\":\"d\"},\"spec\":{\"replicas\":1,\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":" + Template + "}}");
}
