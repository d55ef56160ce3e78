using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using Microsoft.Extensions.Logging;

namespace ActorKube.ControllerManager;

/// <summary>
/// Deletes what nobody owns any more, lets go what was to be deleted after what it owns, and cuts off what was to stay. It watches the metadata of every object of every resource that can be
/// listed, watched and deleted, keeps an <see cref="OwnerGraph"/> of them, and works off uids: what it does is decided by what the server says at that moment, never by the graph alone.
/// </summary>
/// <remarks>Three key queues and an informer a resource, as anybody may have them.</remarks>
internal sealed class GarbageCollector : IAsyncDisposable
{
    public const string Name = "garbage-collector-controller";

    private const string OrphanName = "garbage-collector-orphans";
    private const string ResourcesName = "garbage-collector-resources";
    private const int Workers = 20;
    private const int Tries = 5;
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan GuessAgain = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly NamespacedName AllResources = new("", "resources");

    private readonly Kubernetes _kubernetes;
    private readonly OwnedObjects _objects;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly OwnerGraph _graph = new();
    private readonly ConcurrentDictionary<GroupResource, (ResourceDefinition Resource, Informer Informer)> _informers = new();
    private readonly ConcurrentDictionary<string, bool> _waitForKind = new(StringComparer.Ordinal);
    private readonly KeyQueue _toAttempt;
    private readonly KeyQueue _toOrphan;
    private readonly KeyQueue _toDiscover;
    private readonly TaskCompletionSource<IReadOnlyList<HandlerRegistration>> _watching = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile CollectableResources _resources = CollectableResources.None;

    private GarbageCollector(Kubernetes kubernetes, ILoggerFactory loggers)
    {
        _kubernetes = kubernetes;
        _objects = new OwnedObjects(kubernetes.Client);
        _logger = loggers.CreateLogger("ActorKube.GarbageCollector");
        (_toAttempt, _toOrphan, _toDiscover) = (kubernetes.Keys(Name), kubernetes.Keys(OrphanName), kubernetes.Keys(ResourcesName));
    }

    /// <summary>
    /// Starts it, and waits a while until it knows all that is there: an owner that comes and goes before it is watched is never seen, and is missed only when somebody looks again. What cannot be read until then, it learns of later.
    /// It goes on with the runtime, or until it is disposed.
    /// </summary>
    public static async Task<GarbageCollector> StartAsync(Kubernetes kubernetes, ILoggerFactory loggers)
    {
        var collector = new GarbageCollector(kubernetes, loggers);
        var many = new ControllerOptions { MaxConcurrentReconciles = Workers };
        await kubernetes.QueueAsync(Name, collector.AttemptAsync, many).ConfigureAwait(false);
        await kubernetes.QueueAsync(OrphanName, collector.OrphanAsync, many).ConfigureAwait(false);
        await kubernetes.QueueAsync(ResourcesName, collector.DiscoverAsync).ConfigureAwait(false);
        collector._toDiscover.Add(AllResources);
        try
        {
            await collector.KnowsAllAsync().WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            collector._logger.LogCollectingFromPart(Patience.TotalSeconds);
        }
        return collector;
    }

    private async Task KnowsAllAsync()
    {
        foreach (var handler in await _watching.Task.ConfigureAwait(false))
        {
            await handler.WaitForSyncAsync().ConfigureAwait(false);
        }
    }

    // ---- what there is ----

    /// <summary>Watches what the server has now, and no more what it had.</summary>
    private async Task<ReconcileResult> DiscoverAsync(NamespacedName key, CancellationToken cancellation)
    {
        var api = await _kubernetes.Client.Discovery.GetApiAsync(cancellation).ConfigureAwait(false);
        var resources = CollectableResources.Of(api, _resources);
        foreach (var (name, (resource, informer)) in _informers.Where(i => resources.Watched.GetValueOrDefault(i.Key) is not { } now || !Serves(api, i.Value.Resource, now)).ToList())
        {
            _informers.TryRemove(name, out _);
            await informer.DisposeAsync().ConfigureAwait(false);
            if (!resources.Watched.ContainsKey(name))
            {
                // A definition goes after its objects, whether that was still told or not.
                Forget(resource.Kind.GroupKind);
            }
        }
        // Before the first objects are told, for they may be of kinds that were not there until now.
        _resources = resources;
        var handlers = new List<HandlerRegistration>();
        foreach (var (name, resource) in resources.Watched.Where(w => !_informers.ContainsKey(w.Key)))
        {
            var informer = await _kubernetes.InformerAsync(new CacheSpec(resource, MetadataOnly: true)).ConfigureAwait(false);
            _informers[name] = (resource, informer);
            var defines = name is { Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions" } or { Group: "apiregistration.k8s.io", Resource: "apiservices" };
            handlers.Add(informer.AddHandler(change => OnChange(resource, change, defines)));
        }
        _watching.TrySetResult(handlers);
        foreach (var waiting in _waitForKind.Keys)
        {
            if (_waitForKind.TryRemove(waiting, out _))
            {
                _toAttempt.Add(new NamespacedName("", waiting));
                _toOrphan.Add(new NamespacedName("", waiting));
            }
        }
        return ReconcileResult.RequeueAfter(LookAgain);
    }

    /// <summary>Whether what is watched is still what is to be watched: the same, or the same objects in another version that is still there.</summary>
    private static bool Serves(DiscoveredApi api, ResourceDefinition watched, ResourceDefinition now) => watched == now || api.Resources.Any(r => r.Definition == watched);

    private void OnChange(ResourceDefinition resource, CacheChange change, bool defines)
    {
        if (defines)
        {
            _toDiscover.Add(AllResources);
        }
        Take(graph => change.Now is { } now ? graph.Observe(ObjectIdentity.Of(resource, now), now.OwnerReferences, DeletionState.Of(now)) : graph.Gone(change.Before!.Uid));
    }

    private void Forget(GroupKind kind)
    {
        List<string> left;
        lock (_lock)
        {
            left = _graph.OfKind(kind);
        }
        left.ForEach(uid => Take(graph => graph.Gone(uid)));
    }

    /// <summary>Changes the graph, and sees to it that what that asks for is done.</summary>
    private void Take(Func<OwnerGraph, OwnerGraphNews> change)
    {
        OwnerGraphNews news;
        lock (_lock)
        {
            news = change(_graph);
        }
        foreach (var uid in news.ToAttempt)
        {
            _toAttempt.Add(new NamespacedName("", uid));
        }
        foreach (var uid in news.ToOrphan)
        {
            _toOrphan.Add(new NamespacedName("", uid));
        }
        foreach (var uid in news.ToGuess)
        {
            _toAttempt.AddAfter(new NamespacedName("", uid), GuessAgain);
        }
        if (news.Strangers.Count > 0)
        {
            _ = TellAsync(news.Strangers);
        }
    }

    private GraphSubject? Find(string uid)
    {
        lock (_lock)
        {
            return _graph.Find(uid);
        }
    }

    /// <summary>Nobody waits for events, and nothing depends on them.</summary>
    private async Task TellAsync(List<(ObjectIdentity Dependent, OwnerReference Owner)> strangers)
    {
        var events = await _kubernetes.EventsAsync().ConfigureAwait(false);
        foreach (var (dependent, owner) in strangers)
        {
            if (_resources.Find(dependent.GroupVersionKind) is { } resource)
            {
                var about = _informers.TryGetValue(resource.Resource.GroupResource, out var known) && known.Informer.Cache.TryGet(dependent.Key, out var found) ? found : null;
                events.For(about, resource, dependent.Key, Name).Warning("OwnerRefInvalidNamespace", $"ownerRef {ObjectIdentity.Of(owner, dependent.Namespace)} does not exist in namespace \"{dependent.Namespace}\"");
            }
        }
    }

    // ---- what becomes of it ----

    /// <summary>Looks at one object: whether it is there, whether anybody owns it, and whether anything still holds it where it waits for what it owns.</summary>
    private Task<ReconcileResult> AttemptAsync(NamespacedName key, CancellationToken cancellation) => UnlessOvertakenAsync(async () =>
    {
        // What is asked to go already, goes: unless it waits for us.
        if (Find(key.Name) is not { } subject || subject.Deletion is { IsDeleting: true, WaitsForDependents: false })
        {
            return ReconcileResult.Done;
        }
        var identity = subject.Identity;
        if (ResourceOf(identity.GroupVersionKind, key.Name) is not { } resource)
        {
            return ReconcileResult.Done;
        }
        if (resource.Namespaced && identity.Namespace.Length == 0)
        {
            Take(graph => graph.Misplaced(identity));
            return ReconcileResult.Done;
        }
        if (await _objects.FindAsync(resource, identity, cancellation).ConfigureAwait(false) is not { } latest)
        {
            Take(graph => graph.Absent(identity));
            return ReconcileResult.Done;
        }
        if (subject.Deletion.WaitsForDependents)
        {
            return await LetGoAsync(resource, subject, cancellation).ConfigureAwait(false);
        }
        switch (CollectorVerdict.Of(latest, await OwnersAsync(latest, identity, key.Name, cancellation).ConfigureAwait(false), subject.Dependents))
        {
            case CollectorVerdict.Cut cut:
                await _objects.CutAsync(resource, identity, cut.Owners, cancellation).ConfigureAwait(false);
                break;
            case CollectorVerdict.Delete { Unblock: true } delete:
                await _objects.UnblockAsync(resource, identity, latest, cancellation).ConfigureAwait(false);
                if (await _objects.FindAsync(resource, identity, cancellation).ConfigureAwait(false) is { } unblocked)
                {
                    await _objects.DeleteAsync(resource, identity, unblocked, delete.Propagation, cancellation).ConfigureAwait(false);
                }
                break;
            case CollectorVerdict.Delete delete:
                _logger.LogCollected(identity.Kind, identity.Key, delete.Propagation);
                await _objects.DeleteAsync(resource, identity, latest, delete.Propagation, cancellation).ConfigureAwait(false);
                break;
        }
        // What comes and goes before its kind is watched is never seen: whoever names it would wait for its end for ever.
        return subject.IsSeen ? ReconcileResult.Done : ReconcileResult.RequeueAfter(GuessAgain);
    });

    private async Task<List<(string Uid, OwnerState State)>> OwnersAsync(KubeObject latest, ObjectIdentity identity, string key, CancellationToken cancellation)
    {
        var owners = new List<(string, OwnerState)>();
        foreach (var owner in latest.OwnerReferences)
        {
            owners.Add((owner.Uid, await StateOfAsync(owner, identity, key, cancellation).ConfigureAwait(false)));
        }
        return owners;
    }

    private async Task<OwnerState> StateOfAsync(OwnerReference owner, ObjectIdentity dependent, string key, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_graph.IsAbsent(owner, dependent.Namespace))
            {
                return OwnerState.Absent;
            }
        }
        if (ResourceOf(GroupVersionKind.From(owner.ApiVersion, owner.Kind), key) is not { } resource)
        {
            return OwnerState.NotServed;
        }
        if (resource.Namespaced && dependent.Namespace.Length == 0)
        {
            return OwnerState.Misplaced;
        }
        var found = await _objects.FindAsync(resource, ObjectIdentity.Of(owner, resource.Namespaced ? dependent.Namespace : ""), cancellation).ConfigureAwait(false);
        return found is null ? OwnerState.Absent : DeletionState.Of(found).WaitsForDependents ? OwnerState.WaitsForDependents : OwnerState.Lives;
    }

    /// <summary>Lets an object go that waits for what it owns, once nothing is left that it has to wait for.</summary>
    private async Task<ReconcileResult> LetGoAsync(ResourceDefinition resource, GraphSubject subject, CancellationToken cancellation)
    {
        var blocking = subject.Dependents.Where(d => d.Blocks).ToList();
        if (blocking.Count == 0)
        {
            var unseen = await _objects.DependentsAsync(_resources.Watched.Values, subject.Identity, cancellation).ConfigureAwait(false);
            if (!unseen.Any(d => d.Object.OwnerReferences.Any(o => o.Uid == subject.Identity.Uid && o.BlockOwnerDeletion && subject.Identity.IsMeantBy(o, d.Object.Namespace))))
            {
                await _objects.RemoveFinalizerAsync(resource, subject.Identity, DeletionState.ForegroundFinalizer, cancellation).ConfigureAwait(false);
                return ReconcileResult.Done;
            }
            return ReconcileResult.RequeueAfter(Soon);
        }
        foreach (var dependent in blocking.Where(d => !d.WaitsForDependents))
        {
            _toAttempt.Add(new NamespacedName("", dependent.Identity.Uid));
        }
        return ReconcileResult.Done;
    }

    /// <summary>Cuts what an object owns off it, then lets it go.</summary>
    private Task<ReconcileResult> OrphanAsync(NamespacedName key, CancellationToken cancellation) => UnlessOvertakenAsync(async () =>
    {
        if (Find(key.Name) is not { Deletion.Orphans: true } subject || ResourceOf(subject.Identity.GroupVersionKind, key.Name) is not { } resource)
        {
            return ReconcileResult.Done;
        }
        foreach (var (kind, dependent) in await _objects.DependentsAsync(_resources.Watched.Values, subject.Identity, cancellation).ConfigureAwait(false))
        {
            await _objects.CutAsync(kind, ObjectIdentity.Of(kind, dependent), [subject.Identity.Uid], cancellation).ConfigureAwait(false);
        }
        await _objects.RemoveFinalizerAsync(resource, subject.Identity, DeletionState.OrphanFinalizer, cancellation).ConfigureAwait(false);
        return ReconcileResult.Done;
    });

    /// <summary>The resource of a kind; where it is not served, an object is looked at again once other kinds are.</summary>
    private ResourceDefinition? ResourceOf(GroupVersionKind kind, string uid)
    {
        if (_resources.Find(kind) is { } served)
        {
            return served;
        }
        _waitForKind[uid] = true;
        // It may have come in between.
        return _resources.Find(kind);
    }

    /// <summary>Whoever is overtaken looks again: at once, and where that happens again and again, after a while.</summary>
    private static async Task<ReconcileResult> UnlessOvertakenAsync(Func<Task<ReconcileResult>> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (KubernetesException overtaken) when (overtaken.IsConflict)
            {
                if (attempt == Tries)
                {
                    return ReconcileResult.RequeueAfter(Soon);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _toDiscover.ShutDownAsync().ConfigureAwait(false);
        foreach (var (_, informer) in _informers.Values)
        {
            await informer.DisposeAsync().ConfigureAwait(false);
        }
        await _toAttempt.ShutDownAsync().ConfigureAwait(false);
        await _toOrphan.ShutDownAsync().ConfigureAwait(false);
    }
}
