using ActorKube.Streams;
using ActorKube.Transport;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>Shares reflectors: who asks for a set of objects that is reflected already gets the same cache; when the last asker is gone, the reflector stops.</summary>
sealed class ReflectorsActor : UntypedActor
{
    readonly Func<CacheSpec, IListWatch> _listWatch;
    readonly KubernetesOptions _options;
    readonly RuntimeHealth _health;
    readonly ILoggerFactory _loggers;
    readonly Dictionary<CacheSpec, Shared> _shared = [];
    int _names;

    public ReflectorsActor(Func<CacheSpec, IListWatch> listWatch, KubernetesOptions options, RuntimeHealth health, ILoggerFactory loggers)
    {
        _listWatch = listWatch;
        _options = options;
        _health = health;
        _loggers = loggers;
    }

    /// <summary>Asks for a cache, for as long as <paramref name="Asker"/> lives or until it releases it. Answered with <see cref="ObjectCache"/>.</summary>
    public sealed record Acquire(CacheSpec Spec, IActorRef Asker, IReadOnlyList<CacheIndex> Indexes);

    /// <summary>The asker needs the cache no more.</summary>
    public sealed record Release(CacheSpec Spec, IActorRef Asker);

    /// <summary>Which caches are there? Answered with <see cref="AllCaches"/>.</summary>
    public sealed record WhichCaches;

    /// <summary>The caches there are.</summary>
    public sealed record AllCaches(IReadOnlyList<ObjectCache> All);

    public static Props Props(Func<CacheSpec, IListWatch> listWatch, KubernetesOptions options, RuntimeHealth health, ILoggerFactory loggers) =>
        Akka.Actor.Props.Create(() => new ReflectorsActor(listWatch, options, health, loggers));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Acquire acquire:
                Sender.Tell(Share(acquire));
                break;
            case Release release:
                Drop(release.Spec, release.Asker);
                break;
            case WhichCaches:
                Sender.Tell(new AllCaches([.. _shared.Values.Select(static s => s.Cache)]));
                break;
            case Terminated gone:
                foreach (var spec in _shared.Where(s => s.Value.Askers.Contains(gone.ActorRef)).Select(static s => s.Key).ToArray())
                    Drop(spec, gone.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Restart);

    ObjectCache Share(Acquire acquire)
    {
        if (!_shared.TryGetValue(acquire.Spec, out var shared))
            _shared.Add(acquire.Spec, shared = Create(acquire.Spec));
        foreach (var index in acquire.Indexes)
            shared.Cache.Actor.Tell(new ObjectCache.AddIndex(index));
        if (shared.Askers.Add(acquire.Asker))
            Context.Watch(acquire.Asker);
        return shared.Cache;
    }

    Shared Create(CacheSpec spec)
    {
        var store = new CacheStore([CacheIndex.ByControllerUid]);
        var logger = _loggers.CreateLogger("ActorKube.Reflector");
        store.IndexFailed += (index, item, error) => logger.LogError(error, "Index {Index} of cache {Cache} cannot read {Object}; it will not be found by that index", index.Name, spec, item.Key);
        var synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var monitor = new ReflectorMonitor(spec, _health.Cache(spec, store), logger, _options, new SchedulerTimeProvider(Context.System.Scheduler));
        // A number makes the name free again at once: the one before may still be stopping.
        var reflector = Context.ActorOf(
            ReflectorActor.Props(spec, _listWatch, _options, new CacheBook(spec, store, synced), monitor),
            $"{Uri.EscapeDataString(spec.ToString())}-{++_names}");
        return new Shared(reflector, new ObjectCache(spec, store, reflector, synced.Task));
    }

    void Drop(CacheSpec spec, IActorRef asker)
    {
        if (!_shared.TryGetValue(spec, out var shared) || !shared.Askers.Remove(asker))
            return;
        if (!_shared.Values.Any(s => s.Askers.Contains(asker)))
            Context.Unwatch(asker);
        if (shared.Askers.Count > 0)
            return;
        _shared.Remove(spec);
        Context.Stop(shared.Reflector);
    }

    sealed record Shared(IActorRef Reflector, ObjectCache Cache)
    {
        public HashSet<IActorRef> Askers { get; } = [];
    }
}
