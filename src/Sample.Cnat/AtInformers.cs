using ActorKube.Actors;
using ActorKube.Models;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Cnat;

/// <summary>The informers' way, as client-go's sample-controller goes it: two informers, handlers that put keys into a queue, and a function that works the queue off.</summary>
public sealed class AtInformers : IAsyncDisposable
{
    readonly AtWorker _worker;
    readonly IEventRecorder _events;
    readonly ILogger _logger;
    readonly Informer<At> _ats;
    readonly Informer<V1Pod> _pods;

    AtInformers(AtWorker worker, IEventRecorder events, ILogger logger, Informer<At> ats, Informer<V1Pod> pods) => (_worker, _events, _logger, _ats, _pods) = (worker, events, logger, ats, pods);

    /// <summary>Starts; what is started goes on until it is disposed, or the actor system ends.</summary>
    public static async Task<AtInformers> StartAsync(Kubernetes kubernetes, AtWorker worker, ILogger logger)
    {
        var informers = new AtInformers(worker, await kubernetes.EventsAsync(), logger, await kubernetes.InformerAsync<At>(), await kubernetes.InformerAsync<V1Pod>());
        await informers.ConnectAsync(kubernetes);
        return informers;
    }

    async Task ConnectAsync(Kubernetes kubernetes)
    {
        var queue = await kubernetes.QueueAsync("at", SyncAsync, new ControllerOptions { MaxConcurrentReconciles = 2, KeepTryingToSync = true }, _ats.Cache.Spec, _pods.Cache.Spec);
        _ats.AddHandler(new InformerHandler<At>
        {
            Added = (at, _) => queue.Add(KeyOf(at.Metadata)),
            Updated = (_, at) => queue.Add(KeyOf(at.Metadata)),
        });
        _pods.AddHandler(new InformerHandler<V1Pod>
        {
            Added = (pod, _) => AddOwner(pod),
            Updated = (_, pod) => AddOwner(pod),
            Deleted = (pod, _) => AddOwner(pod),
        });

        void AddOwner(V1Pod pod)
        {
            if (pod.GetController() is { Kind: "At" } owner) queue.Add(new NamespacedName(pod.Metadata.NamespaceProperty, owner.Name));
        }
    }

    Task<ReconcileResult> SyncAsync(NamespacedName key, CancellationToken cancellation)
    {
        _ats.Cache.TryGet(key, out var raw);
        var events = _events.For(raw, _ats.Cache.Spec.Resource, key);
        return _worker.StepAsync(key, raw?.As<At>(), _pods.Lister.Get(AtPod.KeyFor(key)), events, _logger, cancellation);
    }

    static NamespacedName KeyOf(V1ObjectMeta metadata) => new(metadata.NamespaceProperty, metadata.Name);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ats.DisposeAsync();
        await _pods.DisposeAsync();
    }
}
