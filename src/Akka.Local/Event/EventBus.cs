#nullable disable
using Akka.Actor;

namespace Akka.Event;

/// <summary>Hands events to those who subscribed to their classifier.</summary>
public abstract class EventBus<TEvent, TClassifier, TSubscriber>
{
    private readonly Lock _gate = new();
    private Dictionary<TClassifier, List<TSubscriber>> _subscriptions = [];
    private Dictionary<TClassifier, TSubscriber[]> _cache = [];

    protected EventBus() { }

    /// <summary>Subscribes; false where that changes nothing.</summary>
    public virtual bool Subscribe(TSubscriber subscriber, TClassifier classifier)
    {
        lock (_gate)
        {
            if (IsCovered(subscriber, classifier))
                return false;
            if (!_subscriptions.TryGetValue(classifier, out var subscribers))
                _subscriptions[classifier] = subscribers = [];
            subscribers.Add(subscriber);
            Volatile.Write(ref _cache, []);
            return true;
        }
    }

    /// <summary>Ends every subscription of <paramref name="subscriber"/>; false where there was none.</summary>
    public virtual bool Unsubscribe(TSubscriber subscriber)
    {
        lock (_gate)
        {
            var removed = false;
            foreach (var subscribers in _subscriptions.Values)
                removed |= subscribers.Remove(subscriber);
            if (removed)
                Volatile.Write(ref _cache, []);
            return removed;
        }
    }

    /// <summary>Ends the subscriptions of <paramref name="subscriber"/> to <paramref name="classifier"/> and what it covers.</summary>
    public virtual bool Unsubscribe(TSubscriber subscriber, TClassifier classifier)
    {
        lock (_gate)
        {
            var removed = false;
            foreach (var (subscribed, subscribers) in _subscriptions)
            {
                if (Equals(subscribed, classifier) || IsSubClassification(classifier, subscribed))
                    removed |= subscribers.Remove(subscriber);
            }

            if (removed)
                Volatile.Write(ref _cache, []);
            return removed;
        }
    }

    /// <summary>Hands an event to its subscribers, each once, in the caller's thread.</summary>
    public virtual void Publish(TEvent @event)
    {
        if (!IsWanted(@event))
            return;
        foreach (var subscriber in SubscribersOf(GetClassifier(@event)))
            Publish(@event, subscriber);
    }

    /// <summary>Whether <paramref name="child"/> is covered by <paramref name="parent"/>.</summary>
    protected abstract bool IsSubClassification(TClassifier parent, TClassifier child);

    protected abstract void Publish(TEvent @event, TSubscriber subscriber);

    protected abstract bool Classify(TEvent @event, TClassifier classifier);

    protected abstract TClassifier GetClassifier(TEvent @event);

    protected string SimpleName(object source) => SimpleName(source.GetType());

    protected string SimpleName(Type source) => source.Name;

    /// <summary>Whether the event is to be handed on at all.</summary>
    internal virtual bool IsWanted(TEvent @event) => true;

    /// <summary>Whether anybody would get an event of this classifier.</summary>
    internal bool HasSubscribers(TClassifier classifier) => SubscribersOf(classifier).Length > 0;

    private TSubscriber[] SubscribersOf(TClassifier classifier)
    {
        if (Volatile.Read(ref _cache).TryGetValue(classifier, out var known))
            return known;
        lock (_gate)
        {
            var found = new List<TSubscriber>();
            foreach (var (subscribed, subscribers) in _subscriptions)
            {
                if (!Equals(subscribed, classifier) && !IsSubClassification(subscribed, classifier))
                    continue;
                foreach (var subscriber in subscribers)
                {
                    if (!found.Contains(subscriber))
                        found.Add(subscriber);
                }
            }

            var result = found.ToArray();
            Volatile.Write(ref _cache, new Dictionary<TClassifier, TSubscriber[]>(_cache) { [classifier] = result });
            return result;
        }
    }

    private bool IsCovered(TSubscriber subscriber, TClassifier classifier)
    {
        foreach (var (subscribed, subscribers) in _subscriptions)
        {
            if (Equals(subscribed, classifier) && subscribers.Contains(subscriber))
                return true;
        }

        return false;
    }
}

/// <summary>An event bus whose subscribers are actors.</summary>
public abstract class ActorEventBus<TEvent, TClassifier> : EventBus<TEvent, TClassifier, IActorRef>
{
    protected ActorEventBus() { }
}
