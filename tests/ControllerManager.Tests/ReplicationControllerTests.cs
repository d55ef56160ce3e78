using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class ReplicationControllerTests
{
    [Fact]
    public async Task A_replication_controller_keeps_as_many_pods_as_it_asks_for()
    {
        await using var cluster = await Cluster.StartAsync();
        await CreateAsync(cluster);
        var controller = await cluster.UntilAsync<V1ReplicationController>("r", r => r.Status is { AvailableReplicas: 2 });
        Assert.Equal((2, 2, 2, 1), (controller.Status.Replicas, controller.Status.ReadyReplicas, controller.Status.FullyLabeledReplicas, controller.Status.ObservedGeneration));

        await cluster.Of<V1ReplicationController>().PatchAsync("r", Patch.Merge("""{"spec":{"replicas":3}}"""));
        await cluster.UntilAsync<V1ReplicationController>("r", r => r.Status is { ReadyReplicas: 3 });
        await cluster.Of<V1ReplicationController>().PatchAsync("r", Patch.Merge("""{"spec":{"replicas":0}}"""));

        await cluster.UntilAsync<V1ReplicationController>("r", r => r.Status is { Replicas: 0 });
        await cluster.UntilNoneAsync<V1Pod>();
    }

    [Fact]
    public async Task A_replication_controller_that_is_switched_off_is_left_alone()
    {
        await using var cluster = await Cluster.StartAsync(new ClusterControllersOptions { ReplicationControllers = false });
        await CreateAsync(cluster);
        await cluster.CreateAsync<V1Deployment>("""{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"x":"y"}},"template":{"metadata":{"labels":{"x":"y"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");

        await cluster.UntilAsync<V1Deployment>("d", d => d.Status?.AvailableReplicas == 1);

        Assert.Null((await cluster.Of<V1ReplicationController>().GetAsync("r")).Status.ObservedGeneration);
    }

    private static Task<V1ReplicationController> CreateAsync(Cluster cluster) => cluster.CreateAsync<V1ReplicationController>(
        """{"metadata":{"name":"r"},"spec":{"replicas":2,"selector":{"a":"b"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
}
