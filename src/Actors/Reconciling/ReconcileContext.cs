using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>What every reconcile gets, whatever its kind.</summary>
public abstract class ReconcileContext
{
    readonly ReconcileRun _run;

    internal ReconcileContext(ReconcileRun run) => _run = run;

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

    /// <summary>The cache of a kind that this controller watches.</summary>
    /// <exception cref="InvalidOperationException">The controller does not watch this kind.</exception>
    public ObjectCache<TOther> Cache<TOther>()
        where TOther : class, IKubernetesObject<V1ObjectMeta> =>
        new(_run.CacheOf(ResourceDefinition.For<TOther>()));
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
    WriteLog Writes)
{
    /// <summary>The cache of a resource.</summary>
    public ObjectCache CacheOf(ResourceDefinition resource)
    {
        foreach (var cache in Caches)
        {
            if (cache.Spec.Resource.Resource == resource.Resource)
                return cache;
        }
        throw new InvalidOperationException(
            $"This controller does not watch {resource.Resource}, so it has no cache of it: add Owns<…>() or Watches<…>() to the controller, or ask the server through context.Client.");
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
}
