using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Cluster.MultiNode.Tests;

/// <summary>
/// A reconciler that keeps its books in the objects themselves: it writes its name into an object before it works and takes it out afterwards, each time over the version it has read. Two nodes at
/// work on one object would find each other's name there, whatever processes they are in.
/// </summary>
/// <remarks>data.want: what the test asks for. data.seen: what was reconciled last. data.by: which node did that. data.active: who is at work. data.clash: who found whom.</remarks>
sealed class Ledger(string node)
{
    /// <summary>Who is at work in this process, by object: the same question without the server's help.</summary>
    static readonly ConcurrentDictionary<string, string> AtWork = new();

    /// <summary>Two nodes of this process that were at work on one object at once.</summary>
    public static ConcurrentQueue<string> Clashes { get; } = new();

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1ConfigMap> context, CancellationToken cancellation)
    {
        var maps = context.Client.Resource<V1ConfigMap>(context.Key.Namespace);
        if (context.Object is not { Data: { } cached } || (Of(cached, "seen") == Of(cached, "want") && Of(cached, "active").Length == 0))
            return ReconcileResult.Done;
        var at = $"{context.Client.Configuration.Server}{context.Key}";
        if (!AtWork.TryAdd(at, node))
            Clashes.Enqueue($"{node} began {context.Key} while {AtWork.GetValueOrDefault(at)} was at work on it");
        try
        {
            await WorkAsync(maps, context.Key.Name, cancellation);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            return ReconcileResult.Done;
        }
        finally
        {
            AtWork.TryRemove(KeyValuePair.Create(at, node));
        }
        return ReconcileResult.Done;
    }

    async Task WorkAsync(IResourceClient<V1ConfigMap> maps, string name, CancellationToken cancellation)
    {
        // Not from the cache: what another node has just written must be seen.
        var map = await maps.GetAsync(name, cancellation: cancellation);
        if (Of(map.Data, "active") is { Length: > 0 } other && other != node)
            map.Data["clash"] = $"{Of(map.Data, "clash")} {node}>{other}";
        map.Data["active"] = node;
        map = await maps.UpdateAsync(map, cancellation: cancellation);
        var seen = Of(map.Data, "want");
        await Task.Delay(2, CancellationToken.None);
        // The test writes too, so that the first attempt may conflict; what was begun is closed all the same, unless this node may write no more.
        while (true)
        {
            if (Of(map.Data, "active") != node)
                return;
            map.Data["active"] = "";
            map.Data["seen"] = seen;
            map.Data["by"] = node;
            try
            {
                await maps.UpdateAsync(map, cancellation: CancellationToken.None);
                return;
            }
            catch (KubernetesException conflict) when (conflict.IsConflict)
            {
                map = await maps.GetAsync(name, cancellation: CancellationToken.None);
            }
        }
    }

    public static string Of(IDictionary<string, string>? data, string key) => data is not null && data.TryGetValue(key, out var value) ? value : "";
}
