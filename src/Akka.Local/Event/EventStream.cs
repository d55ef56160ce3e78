#nullable disable
using Akka.Actor;
using Akka.Actor.Internal;

namespace Akka.Event;

/// <summary>
/// A system's bus for events of any type: dead letters, unhandled messages, log events, and whatever actors publish.
/// Who subscribes to a type gets its subtypes too. A subscriber that stops is unsubscribed.
/// </summary>
public class EventStream : LoggingBus
{
    private readonly bool _debug;
    private IActorRef _unsubscriber;
    private List<IActorRef> _pending = [];

    public EventStream(bool debug) => _debug = debug;

    public override bool Subscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        var changed = base.Subscribe(subscriber, channel);
        if (changed)
            WatchSubscriber(subscriber);
        Trace(changed, $"subscribing {subscriber} to channel {channel}");
        return changed;
    }

    public override bool Unsubscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        var changed = base.Unsubscribe(subscriber, channel);
        Trace(changed, $"unsubscribing {subscriber} from channel {channel}");
        return changed;
    }

    public override bool Unsubscribe(IActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        var changed = base.Unsubscribe(subscriber);
        Trace(changed, $"unsubscribing {subscriber} from all channels");
        return changed;
    }

    /// <summary>Starts the actor that unsubscribes those who stop.</summary>
    public void StartUnsubscriber(ActorSystemImpl system)
    {
        var unsubscriber = system.SystemActorOf(Props.Create(() => new Unsubscriber(this)).WithDispatcher(Dispatch.Dispatchers.InternalDispatcherId), "eventStreamUnsubscriber");
        List<IActorRef> pending;
        lock (_pending)
        {
            _unsubscriber = unsubscriber;
            pending = _pending;
            _pending = [];
        }

        foreach (var subscriber in pending)
            unsubscriber.Tell(new WatchFor(subscriber), ActorRefs.NoSender);
    }

    private void WatchSubscriber(IActorRef subscriber)
    {
        if (subscriber is MinimalActorRef)
            return;
        var unsubscriber = Volatile.Read(ref _unsubscriber);
        if (unsubscriber is null)
        {
            lock (_pending)
            {
                if (_unsubscriber is null)
                {
                    _pending.Add(subscriber);
                    return;
                }
            }

            unsubscriber = _unsubscriber;
        }

        unsubscriber.Tell(new WatchFor(subscriber), ActorRefs.NoSender);
    }

    private void Trace(bool happened, string what)
    {
        if (_debug && happened)
            Publish(new Debug(SimpleName(this), GetType(), what));
    }

    private sealed record WatchFor(IActorRef Subscriber) : IDeadLetterSuppression;

    private sealed class Unsubscriber(EventStream bus) : ActorBase
    {
        protected override bool Receive(object message)
        {
            switch (message)
            {
                case WatchFor watch:
                    Context.Watch(watch.Subscriber);
                    return true;
                case Terminated terminated:
                    bus.Unsubscribe(terminated.ActorRef);
                    return true;
                default:
                    return false;
            }
        }
    }
}

/// <summary>Conveniences over <see cref="EventStream"/>.</summary>
public static class EventStreamExtensions
{
    public static bool Subscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Subscribe(subscriber, typeof(TChannel));

    public static bool Unsubscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Unsubscribe(subscriber, typeof(TChannel));
}
