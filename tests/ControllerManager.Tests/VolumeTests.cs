using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class VolumeTests
{
    [Fact]
    public async Task A_claim_is_bound_to_the_smallest_volume_that_fits_and_its_volume_is_released_after_it()
    {
        await using var cluster = await Cluster.StartAsync();
        await VolumeAsync(cluster, "small", "500Mi");
        await VolumeAsync(cluster, "big", "5Gi");
        await VolumeAsync(cluster, "fit", "1Gi");
        foreach (var name in (string[])["small", "big", "fit"])
        {
            await UntilVolumeAsync(cluster, name, "Available");
        }

        await ClaimAsync(cluster, "c", "slow");

        var claim = await cluster.UntilAsync<V1PersistentVolumeClaim>("c", c => c.Status?.Phase == "Bound");
        Assert.Equal(("fit", "1Gi", "yes"), (claim.Spec.VolumeName, claim.Status.Capacity["storage"].ToString(), claim.Metadata.Annotations["pv.kubernetes.io/bind-completed"]));
        var volume = await UntilVolumeAsync(cluster, "fit", "Bound");
        Assert.Equal((claim.Metadata.Uid, "c", "yes"), (volume.Spec.ClaimRef.Uid, volume.Spec.ClaimRef.Name, volume.Metadata.Annotations["pv.kubernetes.io/bound-by-controller"]));

        await cluster.Of<V1PersistentVolumeClaim>().DeleteAsync("c");

        await UntilVolumeAsync(cluster, "fit", "Released");
    }

    [Fact]
    public async Task A_class_of_the_simulator_gets_claims_volumes_made_that_go_with_them()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.Client.Resource<V1StorageClass>().CreateAsync(KubeJson.Deserialize<V1StorageClass>(
            """{"metadata":{"name":"made"},"provisioner":"simulator.actorkube.dev/volumes","volumeBindingMode":"WaitForFirstConsumer"}"""));
        await ClaimAsync(cluster, "c", "made");

        await cluster.CreateAsync<V1Pod>("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"c"}}]}}""");

        var claim = await cluster.UntilAsync<V1PersistentVolumeClaim>("c", c => c.Status?.Phase == "Bound");
        Assert.Equal($"pvc-{claim.Metadata.Uid}", claim.Spec.VolumeName);
        await cluster.Of<V1Pod>().DeleteAsync("p");
        await cluster.Of<V1PersistentVolumeClaim>().DeleteAsync("c");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await cluster.Client.Resource<V1PersistentVolume>().UntilDeletedAsync(claim.Spec.VolumeName, limit.Token);
    }

    [Fact]
    public async Task A_claim_of_a_foreign_provisioner_says_whom_it_waits_for()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.Client.Resource<V1StorageClass>().CreateAsync(KubeJson.Deserialize<V1StorageClass>("""{"metadata":{"name":"far"},"provisioner":"example.com/p"}"""));

        await ClaimAsync(cluster, "c", "far");

        var claim = await cluster.UntilAsync<V1PersistentVolumeClaim>("c", c => c.Metadata.Annotations?.ContainsKey("volume.kubernetes.io/storage-provisioner") == true);
        Assert.Equal(("example.com/p", "Pending"), (claim.Metadata.Annotations["volume.beta.kubernetes.io/storage-provisioner"], claim.Status.Phase));
    }

    private static async Task<V1PersistentVolume> UntilVolumeAsync(Cluster cluster, string name, string phase)
    {
        await foreach (var (type, volume) in cluster.WatchAsync<V1PersistentVolume>($"metadata.name={name}"))
        {
            if (type != "DELETED" && volume.Status?.Phase == phase)
            {
                return volume;
            }
        }
        throw new TimeoutException($"The volume {name} never was {phase}.");
    }

    private static Task VolumeAsync(Cluster cluster, string name, string size) => cluster.Client.Resource<V1PersistentVolume>().CreateAsync(KubeJson.Deserialize<V1PersistentVolume>(
        ("{'metadata':{'name':'" + name + "'},'spec':{'capacity':{'storage':'" + size + "'},'accessModes':['ReadWriteOnce'],'storageClassName':'slow','hostPath':{'path':'/x'}}}").Replace('\'', '"')));

    private static Task ClaimAsync(Cluster cluster, string name, string storageClass) => cluster.CreateAsync<V1PersistentVolumeClaim>(
        ("{'metadata':{'name':'" + name + "'},'spec':{'accessModes':['ReadWriteOnce'],'storageClassName':'" + storageClass + "','resources':{'requests':{'storage':'700Mi'}}}}").Replace('\'', '"'));
}
