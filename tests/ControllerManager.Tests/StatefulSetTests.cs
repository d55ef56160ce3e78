using ActorKube.Models;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class StatefulSetTests
{
    [Fact]
    public async Task Pods_have_numbers_come_in_order_roll_from_the_last_and_go_in_reverse()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync<V1StatefulSet>("""
            {"metadata":{"name":"db"},"spec":{"replicas":3,"serviceName":"db","selector":{"matchLabels":{"app":"db"}},
            "template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"c","image":"v1"}]}},
            "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}}
            """);

        var set = await cluster.UntilAsync<V1StatefulSet>("db", s => s.Status?.AvailableReplicas == 3);
        var pods = (await cluster.Of<V1Pod>().ListAsync()).Items.OrderBy(p => p.Metadata.Name).ToList();
        Assert.Equal(["db-0", "db-1", "db-2"], pods.Select(p => p.Metadata.Name));
        Assert.Equal(pods.Select(p => long.Parse(p.Metadata.ResourceVersion, null)), pods.Select(p => long.Parse(p.Metadata.ResourceVersion, null)).Order());
        Assert.Equal(["data-db-0", "data-db-1", "data-db-2"], (await cluster.Of<V1PersistentVolumeClaim>().ListAsync()).Items.Select(c => c.Metadata.Name).Order());

        await cluster.Of<V1StatefulSet>().PatchAsync("db", ActorKube.Transport.Patch.StrategicMerge(
            """{"spec":{"replicas":2,"updateStrategy":{"rollingUpdate":{"partition":1}},"template":{"spec":{"containers":[{"name":"c","image":"v2"}]}}}}"""));
        await cluster.UntilAsync<V1StatefulSet>("db", s => s.Status is { Replicas: 2, UpdatedReplicas: 1, ReadyReplicas: 2 });
        Assert.Equal(["v1", "v2"], (await cluster.Of<V1Pod>().ListAsync()).Items.OrderBy(p => p.Metadata.Name).Select(p => p.Spec.Containers[0].Image));

        await cluster.Of<V1StatefulSet>().PatchAsync("db", ActorKube.Transport.Patch.Merge("""{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}"""));
        var through = await cluster.UntilAsync<V1StatefulSet>("db", s => s.Status is { UpdatedReplicas: 2, ReadyReplicas: 2 } && s.Status.CurrentRevision == s.Status.UpdateRevision);
        Assert.NotEqual(set.Status.CurrentRevision, through.Status.CurrentRevision);
        Assert.Equal([1L, 2L], (await cluster.Of<V1ControllerRevision>().ListAsync()).Items.Select(r => r.Revision).Order());
    }

    [Fact]
    public async Task Claims_go_with_what_their_retention_policy_names()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync<V1StatefulSet>("""
            {"metadata":{"name":"db"},"spec":{"replicas":2,"serviceName":"db","selector":{"matchLabels":{"app":"db"}},"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete","whenDeleted":"Delete"},
            "template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"c","image":"v1"}]}},
            "volumeClaimTemplates":[{"metadata":{"name":"data","labels":{"mine":"x"}},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}}
            """);
        await cluster.UntilAsync<V1StatefulSet>("db", s => s.Status?.AvailableReplicas == 2);
        var claim = await cluster.UntilAsync<V1PersistentVolumeClaim>("data-db-0", c => c.Metadata.OwnerReferences is [{ Kind: "StatefulSet", Controller: true }]);
        Assert.Equal(["app", "mine"], claim.Metadata.Labels.Keys.Order());

        await cluster.Of<V1StatefulSet>().PatchAsync("db", ActorKube.Transport.Patch.Merge("""{"spec":{"replicas":1}}"""));
        await cluster.GoneAsync<V1PersistentVolumeClaim>("data-db-1");
        await cluster.Of<V1PersistentVolumeClaim>().GetAsync("data-db-0");
        await cluster.Of<V1StatefulSet>().PatchAsync("db", ActorKube.Transport.Patch.Merge("""{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Retain","whenDeleted":"Retain"}}}"""));

        await cluster.UntilAsync<V1PersistentVolumeClaim>("data-db-0", c => c.Metadata.OwnerReferences is null or { Count: 0 });
    }
}
