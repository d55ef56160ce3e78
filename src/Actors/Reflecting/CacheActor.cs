using ActorKube.Streams;
using Akka.Actor;

namespace ActorKube.Actors;

/// <summary>Writes one cache: applies what the reflector's stream tells, one event at a time, and passes on to subscribers what changed.</summary>
/// <remarks>Its parent's restart restarts it too, so what must survive that is kept outside of the actor, in <see cref="CacheBook"/>.</remarks>
sealed class CacheActor : UntypedActor, IWithTimers
{
    readonly CacheSpec _spec;
    readonly CacheStore _store;
    readonly CacheBook _book;
    readonly TimeSpan _minResync;
    readonly List<CacheChange> _changes = [];
    IActorRef _stream = ActorRefs.Nobody;

    public CacheActor(CacheBook book, TimeSpan minResync)
    {
        _book = book;
        _minResync = minResync;
        _spec = book.Spec;
        _store = book.Store;
    }

    /// <summary>A stream begins; the latest one is believed, what an older one still had under way is not.</summary>
    public sealed record StreamBegan;

    /// <summary>The cache is ready for the next event.</summary>
    public sealed record Next
    {
        public static readonly Next Event = new();
    }

    /// <summary>The stream ended by itself, which it should not.</summary>
    public sealed record StreamEnded(Exception? Error);

    sealed record Resync(IActorRef Subscriber);

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(CacheBook book, TimeSpan minResync) => Akka.Actor.Props.Create(() => new CacheActor(book, minResync));

    protected override void PreStart()
    {
        // Timers die with an incarnation, subscriptions do not.
        foreach (var (subscriber, subscription) in _book.Subscriptions)
            StartResync(subscriber, subscription);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReflectorEvent told:
                if (Sender.Equals(_stream))
                    Apply(told);
                Sender.Tell(Next.Event);
                break;
            case StreamBegan:
                _stream = Sender;
                Sender.Tell(Next.Event);
                break;
            case ObjectCache.Taken:
                if (_book.Subscriptions.TryGetValue(Sender, out var took))
                    took.Took();
                break;
            case ObjectCache.Subscribe subscribe:
                Subscribe(subscribe);
                break;
            case ObjectCache.Unsubscribe unsubscribe:
                Unsubscribe(unsubscribe.Subscriber);
                unsubscribe.Subscriber.Tell(new ObjectCache.Unsubscribed(_spec));
                break;
            case ObjectCache.WhenSeen asked:
                _book.Waiting.Add(asked, Sender, _store.Current);
                break;
            case ObjectCache.AddIndex add:
                _store.AddIndex(add.Index);
                break;
            case Resync resync:
                Remind(resync.Subscriber);
                break;
            case StreamEnded ended:
                Context.Parent.Forward(ended);
                break;
            case Terminated gone:
                Unsubscribe(gone.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    void Apply(ReflectorEvent told)
    {
        if (told is ReflectorEvent.Troubled)
        {
            Context.Parent.Tell(told);
            return;
        }
        var wasSynced = _store.Current.HasSynced;
        using var trace = told is ReflectorEvent.Changed watched ? WatchTrace.Begin(_spec, watched) : null;
        _store.Apply(told, _changes);
        if (trace is not null)
        {
            foreach (var change in _changes)
                change.Trace = trace;
        }
        foreach (var subscription in _book.Subscriptions.Values)
        {
            foreach (var change in _changes)
                subscription.Add(change);
            if (!wasSynced && _store.Current.HasSynced)
                subscription.MarkSynced();
            subscription.Flush();
        }
        if (!wasSynced && _store.Current.HasSynced)
            _book.Synced.TrySetResult();
        var skipped = (told as ReflectorEvent.Replaced)?.Skipped;
        if ((told is not ReflectorEvent.Changed || !wasSynced) && skipped?.Kind != TroubleKind.MissingKind)
            Context.Parent.Tell(ReflectorActor.Progress.Instance);
        if (skipped is not null)
            Context.Parent.Tell(new ReflectorEvent.Troubled(skipped));
        _book.Waiting.Tell(_store.Current, _changes);
        _changes.Clear();
    }

    void Subscribe(ObjectCache.Subscribe subscribe)
    {
        // Asking again begins anew: who was restarted knows nothing any more.
        Unsubscribe(subscribe.Subscriber);
        var subscription = new Subscription(_spec, subscribe.Subscriber, Self, subscribe.Resync);
        _book.Subscriptions.Add(subscribe.Subscriber, subscription);
        Context.Watch(subscribe.Subscriber);
        var now = _store.Current;
        foreach (var entry in now.Objects)
            subscription.Add(new CacheChange.Added(entry.Value, Initial: true));
        if (now.HasSynced)
            subscription.MarkSynced();
        subscription.Flush();
        StartResync(subscribe.Subscriber, subscription);
    }

    void StartResync(IActorRef subscriber, Subscription subscription)
    {
        if (subscription.Resync is { } every)
            Timers.StartPeriodicTimer(subscriber, new Resync(subscriber), every < _minResync ? _minResync : every);
    }

    void Unsubscribe(IActorRef subscriber)
    {
        if (!_book.Subscriptions.Remove(subscriber))
            return;
        Context.Unwatch(subscriber);
        Timers.Cancel(subscriber);
    }

    void Remind(IActorRef subscriber)
    {
        if (!_book.Subscriptions.TryGetValue(subscriber, out var subscription))
            return;
        foreach (var entry in _store.Current.Objects)
            subscription.Add(new CacheChange.Modified(entry.Value, entry.Value));
        subscription.Flush();
    }
}

/// <summary>What a cache's actor knows beyond one incarnation. Only the actor touches it, but for the store's readers.</summary>
sealed record CacheBook(CacheSpec Spec, CacheStore Store, TaskCompletionSource Synced)
{
    public Dictionary<IActorRef, Subscription> Subscriptions { get; } = [];

    public WriteWaits Waiting { get; } = new();
}
