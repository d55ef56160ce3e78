using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Stands in for scheduler and kubelet: pods go from Pending to Running, and to Succeeded or Failed where they are meant to end; deleted ones stop within their
/// grace period. What a pod does in between is its <see cref="PodLife"/>.
/// </summary>
internal sealed class PodSimulator(ObjectService objects, SimulatedPods pods, CancellationToken stopping) : StoreFollower(pods.Time, stopping)
{
    private readonly ConcurrentDictionary<string, PodLife> _lives = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _taken = new(StringComparer.Ordinal);
    private int _lastAddress;

    private ApiResource Pods => objects.Table.Current.Find("", "v1", "pods")!;

    public async Task RunAsync()
    {
        await FollowAsync(objects.Cluster.Store(new GroupResource("", "pods")), OnPod).ConfigureAwait(false);
        foreach (var uid in _lives.Keys)
        {
            pods.Remove(uid);
        }
    }

    private void OnPod(StoreEvent change)
    {
        var pod = change.Object!;
        if (change.Type == StoreEventType.Deleted)
        {
            _taken.TryRemove(pod.Uid, out _);
            if (_lives.TryRemove(pod.Uid, out _))
            {
                pods.Remove(pod.Uid);
            }
            return;
        }
        if (pod.Terminating)
        {
            if (change.Previous?.Terminating != true)
            {
                var grace = pod.ToTree().LongAt("metadata", "deletionGracePeriodSeconds") ?? 0;
                var delay = TimeSpan.FromTicks(Math.Min(pods.Options.StopDelay.Ticks, TimeSpan.FromSeconds(grace).Ticks));
                After(delay, () => Stop(pod.Namespace, pod.Name, pod.Uid));
            }
            return;
        }
        if (IsReadyToSchedule(pod) && _taken.TryAdd(pod.Uid, true))
        {
            After(pods.Options.StartDelay, () => Start(pod.Namespace, pod.Name, pod.Uid));
        }
    }

    private static bool IsReadyToSchedule(StoredObject pod) =>
        pod.Fields.GetValueOrDefault("status.phase") is not ("Succeeded" or "Failed") && pod.ToTree().At("spec", "schedulingGates") is not JsonArray { Count: > 0 };

    private void After(TimeSpan delay, Action step)
    {
        if (delay <= TimeSpan.Zero)
        {
            Guarded(0, _ => step());
        }
        else
        {
            Later(delay, step);
        }
    }

    private void Start(string @namespace, string name, string uid)
    {
        if (Pods.Store.Current.Get(@namespace, name) is not { Terminating: false } stored || stored.Uid != uid)
        {
            return;
        }
        var tree = stored.ToTree();
        if (!IsOurs(tree) || tree.TextAt("status", "phase") is "Succeeded" or "Failed")
        {
            return;
        }
        var life = new PodLife(objects, pods, tree, tree.TextAt("status", "podIP") ?? NextAddress());
        _lives[uid] = life;
        pods.Add(life.Pod);
        _ = life.RunAsync(scheduled: string.IsNullOrEmpty(tree.TextAt("spec", "nodeName")));
    }

    /// <summary>A deleted pod's containers have stopped: its grace is over.</summary>
    private void Stop(string @namespace, string name, string uid)
    {
        if (Pods.Store.Current.Get(@namespace, name) is { } pod && pod.Uid == uid && IsOurs(pod.ToTree()))
        {
            _lives.TryGetValue(uid, out var life);
            life?.Stop();
            var result = objects.Delete(Pods, @namespace, name, new DeleteOptions { GracePeriodSeconds = 0, Uid = uid }, WriteContext.Internal("kubelet"));
            if (!result.Removed)
            {
                life?.PublishEnd();
            }
        }
    }

    /// <summary>A pod that somebody bound to another node is somebody else's, unless it can be nowhere else, as a daemon set's.</summary>
    private bool IsOurs(JsonObject pod) => pod.TextAt("spec", "nodeName") is not { Length: > 0 } node || node == pods.Options.NodeName || node == PodPlacement.NodeOf(pod);

    private string NextAddress()
    {
        var next = Interlocked.Increment(ref _lastAddress);
        return string.Create(CultureInfo.InvariantCulture, $"10.244.{next / 250 % 256}.{next % 250 + 2}");
    }
}
