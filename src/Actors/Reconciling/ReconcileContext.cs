using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>What every reconcile gets, whatever its kind; all that there is for kinds without a class.</summary>
public class ReconcileContext
{
    readonly ReconcileRun _run;

    internal ReconcileContext(ReconcileRun run) => _run = run;

    internal ReconcileRun Run => _run;

    /// <summary>The object's key.</summary>
    public NamespacedName Key => _run.Key;

    /// <summary>The object as the cache held it when the reconcile began; null where it is gone.</summary>
    public KubeObject? Raw => _run.Object;

    /// <summary>Whether the object was there when the reconcile began. An object that is being deleted is there until its last finalizer is removed.</summary>
    public bool Exists => _run.Object is not null;

    /// <summary>The attempt this is: 1, and one more for each failure in a row before it.</summary>
    public int Attempt => _run.Attempt;

    /// <summary>Names this call in logs and traces.</summary>
    public string ReconcileId => _run.Id;

    /// <summary>The cluster. What is written through it will be visible in the caches before the key is reconciled again.</summary>
    public IKubernetesClient Client => _run.Client;

    /// <summary>Tells the object's readers what happens to it, as Kubernetes events. Never waits, never fails.</summary>
    public IObjectEvents Events => _run.Events;

    /// <summary>A logger whose lines carry kind, namespace, name and <see cref="ReconcileId"/>.</summary>
    public ILogger Logger => _run.Logger;

    /// <summary>The clock.</summary>
    public TimeProvider Time => _run.Time;

    /// <summary>What this call has written so far.</summary>
    internal WriteLog Writes => _run.Writes;

    /// <summary>An object from the caches that this controller watches, decoded for this caller alone.</summary>
    /// <returns>Null where the cache has no such object.</returns>
    /// <exception cref="InvalidOperationException">The controller does not watch this kind.</exception>
    public TOther? Get<TOther>(NamespacedName key)
        where TOther : class, IKubernetesObject<V1ObjectMeta> =>
        Cache<TOther>().Get(key);

    /// <summary>The objects of a kind whose controller is this object, from the cache, each decoded for this caller alone.</summary>
    /// <exception cref="InvalidOperationException">The controller does not watch this kind.</exception>
    public IReadOnlyList<TOwned> Owned<TOwned>()
        where TOwned : class, IKubernetesObject<V1ObjectMeta> =>
        Raw is { } owner ? Cache<TOwned>().ByIndex(CacheIndex.ByControllerUid.Name, owner.Uid) : [];

    /// <summary>The cache of a kind that this controller watches; several as one where it watches several namespaces.</summary>
    /// <exception cref="InvalidOperationException">The controller does not watch this kind, or only its metadata.</exception>
    public ObjectCache<TOther> Cache<TOther>()
        where TOther : class, IKubernetesObject<V1ObjectMeta> =>
        new(_run.CachesOf(ResourceDefinition.For<TOther>(), metadataSuffices: false));

    /// <summary>An object as received from the caches that this controller watches; of a kind of which only metadata is watched, its metadata.</summary>
    /// <returns>Null where the caches have no such object.</returns>
    /// <exception cref="InvalidOperationException">The controller does not watch this kind.</exception>
    public KubeObject? Get(ResourceDefinition resource, NamespacedName key)
    {
        foreach (var cache in Caches(resource))
        {
            if (cache.TryGet(key, out var found))
                return found;
        }
        return null;
    }

    /// <summary>The objects of a kind whose controller is this object, as received from the caches.</summary>
    /// <exception cref="InvalidOperationException">The controller does not watch this kind.</exception>
    public IReadOnlyList<KubeObject> Owned(ResourceDefinition resource) =>
        Raw is { } owner ? [.. Caches(resource).SelectMany(c => c.ByIndex(CacheIndex.ByControllerUid.Name, owner.Uid))] : [];

    /// <summary>The caches of a kind that this controller watches: one, or one a namespace.</summary>
    /// <exception cref="InvalidOperationException">The controller does not watch this kind.</exception>
    public IReadOnlyList<ObjectCache> Caches(ResourceDefinition resource) => _run.CachesOf(resource, metadataSuffices: true);
}

/// <summary>One call of a reconciler: the object, and the means to act.</summary>
/// <typeparam name="T">The kind that is reconciled.</typeparam>
public sealed class ReconcileContext<T> : ReconcileContext
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    T? _object;

    internal ReconcileContext(ReconcileRun run) : base(run)
    {
    }

    /// <summary>The object, decoded for this call alone: it may be changed freely. Null where it is gone.</summary>
    public T? Object => _object ??= Raw?.As<T>();
}

/// <summary>All that one run needs; made anew for each.</summary>
sealed record ReconcileRun(
    NamespacedName Key,
    KubeObject? Object,
    int Attempt,
    string Id,
    IKubernetesClient Client,
    IObjectEvents Events,
    ILogger Logger,
    TimeProvider Time,
    IReadOnlyList<ObjectCache> Caches,
    WriteLog Writes,
    IReadOnlyList<IReconcileWitness> Witnesses)
{
    /// <summary>The caches of a resource; those with whole objects where there are any.</summary>
    public IReadOnlyList<ObjectCache> CachesOf(ResourceDefinition resource, bool metadataSuffices)
    {
        List<ObjectCache>? whole = null;
        List<ObjectCache>? metadata = null;
        foreach (var cache in Caches)
        {
            if (cache.Spec.Resource.Resource != resource.Resource)
                continue;
            if (cache.Spec.MetadataOnly)
                (metadata ??= []).Add(cache);
            else
                (whole ??= []).Add(cache);
        }
        if (whole is not null)
            return whole;
        if (metadata is null)
        {
            throw new InvalidOperationException(
                $"This controller does not watch {resource.Resource}, so it has no cache of it: add Owns<…>() or Watches<…>() to the controller, or ask the server through context.Client.");
        }
        return metadataSuffices
            ? metadata
            : throw new InvalidOperationException(
                $"This controller watches only the metadata of {resource.Resource}: read it with context.Get(resource, key), or watch whole objects with Owns<…>() or Watches<…>().");
    }
}

/// <summary>Tells the readers of one object what happens to it.</summary>
public interface IObjectEvents
{
    /// <summary>Something went as it should.</summary>
    /// <param name="reason">One word in CamelCase that programs may look for, such as <c>Scheduled</c>.</param>
    /// <param name="message">A sentence for people.</param>
    void Normal(string reason, string message);

    /// <summary>Something went wrong.</summary>
    /// <inheritdoc cref="Normal"/>
    void Warning(string reason, string message);

    /// <summary>Tells of a part of the object, such as <c>spec.containers{web}</c>.</summary>
    /// <param name="fieldPath">The part, as <c>involvedObject.fieldPath</c> has it.</param>
    IObjectEvents About(string fieldPath) => this;
}

/// <summary>Events of nothing in particular.</summary>
sealed class NoEvents : IObjectEvents
{
    public static readonly NoEvents Instance = new();

    public void Normal(string reason, string message)
    {
    }

    public void Warning(string reason, string message)
    {
    }
}
