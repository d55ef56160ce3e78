using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Lets claims and volumes go that are being deleted and that nobody uses any more: takes the finalizers away that admission gave them.
/// </summary>
/// <param name="objects">The server's objects.</param>
/// <param name="delay">How long what is being deleted is left alone first.</param>
/// <param name="time">The server's clock.</param>
/// <param name="stopping">Cancelled when the server stops.</param>
internal sealed class VolumeReleaser(ObjectService objects, TimeSpan delay, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    private static readonly GroupResource Claims = new("", "persistentvolumeclaims");
    private static readonly GroupResource Volumes = new("", "persistentvolumes");
    private static readonly GroupResource Pods = new("", "pods");

    public Task RunAsync() => Task.WhenAll(
        FollowAsync(objects.Cluster.Store(Claims), change => OnDeleted(Claims, "kubernetes.io/pvc-protection", change)),
        FollowAsync(objects.Cluster.Store(Volumes), change => OnDeleted(Volumes, "kubernetes.io/pv-protection", change)),
        FollowAsync(objects.Cluster.Store(Pods), OnPod));

    private void OnDeleted(GroupResource resource, string finalizer, StoreEvent change)
    {
        if (change is { Type: not StoreEventType.Deleted, Object: { Terminating: true } found })
        {
            Soon(() => Release(resource, finalizer, found.Namespace, found.Name));
        }
    }

    /// <summary>A pod that ends or goes may have been the last that used a claim.</summary>
    private void OnPod(StoreEvent change)
    {
        if (change.Object is not { } pod)
        {
            return;
        }
        var leaving = objects.Cluster.Store(Claims).Current.Enumerate(pod.Namespace).Where(c => c.Terminating).ToList();
        if (leaving.Count == 0 || (change.Type != StoreEventType.Deleted && !QuotaUsage.HasEnded(pod.ToTree())))
        {
            return;
        }
        foreach (var claim in leaving)
        {
            Soon(() => Release(Claims, "kubernetes.io/pvc-protection", claim.Namespace, claim.Name));
        }
    }

    private void Soon(Action step)
    {
        if (delay > TimeSpan.Zero)
        {
            Later(delay, step);
        }
        else
        {
            step();
        }
    }

    private void Release(GroupResource resource, string finalizer, string @namespace, string name)
    {
        var row = objects.Table.Current.Find("", "v1", resource.Resource)!;
        if (row.Store.Current.Get(@namespace, name) is not { Terminating: true } || IsUsed(resource, @namespace, name))
        {
            return;
        }
        Guarded(0, _ => objects.Rewrite(row, @namespace, name, tree =>
        {
            var meta = tree.Metadata();
            var left = meta.List("finalizers").Texts().Where(f => f != finalizer).ToList();
            if (left.Count == 0)
            {
                meta.Remove("finalizers");
            }
            else
            {
                meta["finalizers"] = new JsonArray([.. left.Select(f => (JsonNode)f)]);
            }
        }));
    }

    private bool IsUsed(GroupResource resource, string @namespace, string name)
    {
        if (resource == Volumes)
        {
            return objects.Cluster.Store(Volumes).Current.Get("", name)?.ToTree().TextAt("status", "phase") == "Bound";
        }
        return objects.Cluster.Store(Pods).Current.Enumerate(@namespace).Select(p => p.ToTree()).Any(p => !QuotaUsage.HasEnded(p) && !string.IsNullOrEmpty(p.TextAt("spec", "nodeName"))
            && (p.At("spec", "volumes") as JsonArray).Objects().Any(v => v.TextAt("persistentVolumeClaim", "claimName") == name
                || (v["ephemeral"] is not null && $"{p.Metadata().Text("name")}-{v.Text("name")}" == name)));
    }
}
