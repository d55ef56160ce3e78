using System.Runtime.InteropServices;
using ActorKube.Streams;
using Akka.Actor;

namespace ActorKube.Actors;

/// <summary>Writes one cache: applies what the reflector's stream tells, in order, and passes on to subscribers what changed.</summary>
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

    /// <summary>What the stream has to tell, in order: all that came while the cache was busy, which is one event where it was not.</summary>
    public sealed record Told(List<ReflectorEvent> Events);

    /// <summary>The cache is ready for what comes next.</summary>
    public sealed record Next
    {
        public static readonly Next Events = new();
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
            case Told told:
                if (Sender.Equals(_stream) && !TryApply(told.Events))
                    break;
                Sender.Tell(Next.Events);
                break;
            case StreamBegan:
                _stream = Sender;
                Sender.Tell(Next.Events);
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
                _book.Waiting.Add(asked, Sender, _store.Live);
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

    /// <summary>False where it met a fault of this program: what was told is not in the cache, and the set has to be read afresh.</summary>
    bool TryApply(List<ReflectorEvent> told)
    {
        try
        {
            Apply(told);
            return true;
        }
        catch (Exception fault)
        {
            _store.Abandon();
            _changes.Clear();
            _stream = ActorRefs.Nobody;
            Context.Parent.Tell(new StreamEnded(fault));
            return false;
        }
    }

    void Apply(List<ReflectorEvent> told)
    {
        for (var at = 0; at < told.Count;)
        {
            var changes = 0;
            while (at + changes < told.Count && told[at + changes] is ReflectorEvent.Changed or ReflectorEvent.Bookmarked)
                changes++;
            if (changes > 0)
                ApplyChanges(CollectionsMarshal.AsSpan(told).Slice(at, changes));
            else
                Apply(told[at]);
            at += Math.Max(changes, 1);
        }
    }

    /// <summary>What came together is shown together: readers see one new content, subscribers get one message.</summary>
    void ApplyChanges(ReadOnlySpan<ReflectorEvent> told)
    {
        var isProgress = !_store.Live.HasSynced;
        _store.Touch(told);
        var writing = _store.Begin(told.Length);
        foreach (var item in told)
        {
            isProgress |= item is ReflectorEvent.Bookmarked;
            var from = _changes.Count;
            using var trace = item is ReflectorEvent.Changed watched ? WatchTrace.Begin(_spec, watched) : null;
            _store.Apply(writing, item, _changes);
            if (trace is null)
                continue;
            foreach (var change in CollectionsMarshal.AsSpan(_changes)[from..])
                change.Trace = trace;
        }
        _store.Publish(writing);
        Spread(synced: false);
        if (isProgress)
            Context.Parent.Tell(ReflectorActor.Progress.Instance);
    }

    void Apply(ReflectorEvent told)
    {
        if (told is ReflectorEvent.Troubled)
        {
            Context.Parent.Tell(told);
            return;
        }
        var replaced = (ReflectorEvent.Replaced)told;
        var wasSynced = _store.Live.HasSynced;
        _store.Apply(replaced, _changes);
        Spread(synced: !wasSynced);
        if (!wasSynced)
            _book.Synced.TrySetResult();
        if (replaced.Skipped?.Kind != TroubleKind.MissingKind)
            Context.Parent.Tell(ReflectorActor.Progress.Instance);
        if (replaced.Skipped is { } skipped)
            Context.Parent.Tell(new ReflectorEvent.Troubled(skipped));
    }

    /// <summary>Tells subscribers, and those who wait for a write, of what changed.</summary>
    void Spread(bool synced)
    {
        foreach (var subscription in _book.Subscriptions.Values)
        {
            foreach (var change in _changes)
                subscription.Add(change);
            if (synced)
                subscription.MarkSynced();
            subscription.Flush();
        }
        _book.Waiting.Tell(_store.Live, _changes);
        _changes.Clear();
    }

    void Subscribe(ObjectCache.Subscribe subscribe)
    {
        // Asking again begins anew: who was restarted knows nothing any more.
        Unsubscribe(subscribe.Subscriber);
        var subscription = new Subscription(_spec, subscribe.Subscriber, Self, subscribe.Resync);
        _book.Subscriptions.Add(subscribe.Subscriber, subscription);
        Context.Watch(subscribe.Subscriber);
        var now = _store.Live;
        foreach (var held in now.Objects)
            subscription.Add(new CacheChange.Added(held.Object, Initial: true));
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
        foreach (var held in _store.Live.Objects)
            subscription.Add(new CacheChange.Modified(held.Object, held.Object));
        subscription.Flush();
    }
}

/// <summary>What a cache's actor knows beyond one incarnation. Only the actor touches it, but for the store's readers.</summary>
sealed record CacheBook(CacheSpec Spec, CacheStore Store, TaskCompletionSource Synced)
{
    public Dictionary<IActorRef, Subscription> Subscriptions { get; } = [];

    public WriteWaits Waiting { get; } = new();
}
