using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>Holds an informer's handlers, each an actor of its own, so that none waits for another; while it lives, so does the informer's cache.</summary>
sealed class InformerActor(ILogger logger, TimeSpan faultPause) : UntypedActor
{
    readonly Dictionary<HandlerRegistration, IActorRef> _handlers = [];
    readonly List<(HandlerRegistration Registration, IActorRef Asker)> _leaving = [];

    public sealed record AddHandler(ObjectCache Cache, Action<CacheChange> Handler, TimeSpan? Resync, HandlerRegistration Registration);

    public sealed record RemoveHandler(HandlerRegistration Registration);

    public sealed record HandlerGone;

    public static Props Props(ILogger logger, TimeSpan faultPause) => Akka.Actor.Props.Create(() => new InformerActor(logger, faultPause));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case AddHandler add:
                var handler = Context.ActorOf(HandlerActor.Props(add, logger, faultPause));
                Context.Watch(handler);
                _handlers.Add(add.Registration, handler);
                break;
            case RemoveHandler remove:
                if (!_handlers.TryGetValue(remove.Registration, out var leaving))
                {
                    Sender.Tell(new HandlerGone());
                    break;
                }
                _leaving.Add((remove.Registration, Sender));
                Context.Stop(leaving);
                break;
            case Terminated gone:
                foreach (var (registration, _) in _handlers.Where(h => h.Value.Equals(gone.ActorRef)).ToArray())
                {
                    _handlers.Remove(registration);
                    foreach (var (_, asker) in _leaving.Where(l => l.Registration == registration))
                        asker.Tell(new HandlerGone());
                    _leaving.RemoveAll(l => l.Registration == registration);
                }
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}

/// <summary>Calls one handler with what a cache tells, one change at a time.</summary>
sealed class HandlerActor(InformerActor.AddHandler what, ILogger logger, TimeSpan faultPause) : UntypedActor, IWithTimers
{
    readonly Queue<CacheChange> _toTell = new();
    IActorRef _cache = ActorRefs.Nobody;

    sealed record GoOn;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(InformerActor.AddHandler what, ILogger logger, TimeSpan faultPause) =>
        Akka.Actor.Props.Create(() => new HandlerActor(what, logger, faultPause));

    protected override void PreStart() => what.Cache.Actor.Tell(new ObjectCache.Subscribe(Self, what.Resync));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ObjectCache.Changed changed:
                _cache = Sender;
                foreach (var change in changed.Changes)
                    _toTell.Enqueue(change);
                Tell();
                break;
            // Said by the cache only once all that was there has been taken, which is once the handler has heard it.
            case ObjectCache.Synced:
                what.Registration.Synced();
                break;
            case GoOn:
                Tell();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    void Tell()
    {
        if (Timers.IsTimerActive(nameof(GoOn)))
            return;
        while (_toTell.TryDequeue(out var change))
        {
            try
            {
                what.Handler(change);
            }
            catch (Exception error)
            {
                logger.LogError(error, "A handler of {Cache} failed for {Object}; it goes on with the next change in {Seconds} s", what.Cache.Spec, change.Key, faultPause.TotalSeconds);
                if (faultPause > TimeSpan.Zero)
                {
                    Timers.StartSingleTimer(nameof(GoOn), new GoOn(), faultPause);
                    return;
                }
            }
        }
        _cache.Tell(ObjectCache.Taken.Instance);
    }
}
