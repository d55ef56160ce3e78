#nullable disable
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <summary>The reference of an actor that does not exist: messages become dead letters, and whoever watches is told at once.</summary>
public class EmptyLocalActorRef : MinimalActorRef
{
    private readonly IActorRefProvider _provider;
    private readonly ActorPath _path;
    private readonly EventStream _eventStream;

    public EmptyLocalActorRef(IActorRefProvider provider, ActorPath path, EventStream eventStream)
    {
        _provider = provider;
        _path = path;
        _eventStream = eventStream;
    }

    public override ActorPath Path => _path;

    public override IActorRefProvider Provider => _provider;

    public override bool IsTerminated => true;

    public override void SendSystemMessage(ISystemMessage message) => SpecialHandle(message, _provider.DeadLetters);

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is null)
            throw new InvalidMessageException("Message is null");
        if (message is DeadLetter letter)
            SpecialHandle(letter.Message, letter.Sender);
        else if (!SpecialHandle(message, sender))
            _eventStream.Publish(new DeadLetter(message, sender ?? _provider.DeadLetters, this));
    }

    /// <summary>Handles what is no ordinary dead letter; says whether it did.</summary>
    protected virtual bool SpecialHandle(object message, IActorRef sender)
    {
        switch (message)
        {
            case Watch watch:
                if (watch.Watchee.Equals(this) && !watch.Watcher.Equals(this))
                    watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, existenceConfirmed: false, addressTerminated: false));
                return true;
            case ISystemMessage:
                return true;
            case Identify identify:
                sender?.Tell(new ActorIdentity(identify.MessageId, null), this);
                return true;
            case ActorSelectionMessage { Message: Identify identify } selection:
                if (!selection.WildCardFanOut)
                    sender?.Tell(new ActorIdentity(identify.MessageId, null), this);
                return true;
            case ActorSelectionMessage selection:
                _eventStream.Publish(new DeadLetter(selection.Message, sender ?? _provider.DeadLetters, this));
                return true;
            case IDeadLetterSuppression suppressed:
                _eventStream.Publish(new SuppressedDeadLetter(suppressed, sender ?? _provider.DeadLetters, this));
                return true;
            default:
                return false;
        }
    }
}

/// <summary>The dead letters of a system: what is told to it is published as <see cref="DeadLetter"/>.</summary>
public class DeadLetterActorRef : EmptyLocalActorRef
{
    private readonly EventStream _eventStream;

    public DeadLetterActorRef(IActorRefProvider provider, ActorPath path, EventStream eventStream) : base(provider, path, eventStream) =>
        _eventStream = eventStream;

    protected override void TellInternal(object message, IActorRef sender)
    {
        switch (message)
        {
            case null:
                throw new InvalidMessageException("Message is null");
            case DeadLetter letter:
                if (!SpecialHandle(letter.Message, letter.Sender, letter.Recipient))
                    _eventStream.Publish(letter);
                break;
            default:
                if (!SpecialHandle(message, sender))
                    _eventStream.Publish(new DeadLetter(message, sender ?? Provider.DeadLetters, this));
                break;
        }
    }

    protected override bool SpecialHandle(object message, IActorRef sender)
    {
        if (message is not Watch watch)
            return base.SpecialHandle(message, sender);
        if (!watch.Watchee.Equals(this) && !watch.Watcher.Equals(this))
            watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, existenceConfirmed: false, addressTerminated: false));
        return true;
    }

    /// <summary>The same, where the letter says who was to have it.</summary>
    private bool SpecialHandle(object message, IActorRef sender, IActorRef recipient)
    {
        if (message is not IDeadLetterSuppression suppressed || message is ISystemMessage)
            return SpecialHandle(message, sender);
        _eventStream.Publish(new SuppressedDeadLetter(suppressed, sender ?? Provider.DeadLetters, recipient));
        return true;
    }
}

/// <summary>Ignores everything and never stops.</summary>
internal sealed class IgnoreActorRef(IActorRefProvider provider) : MinimalActorRef
{
    public override ActorPath Path { get; } = new RootActorPath(new Address("akka", "all-systems")) / "Ignore";

    public override IActorRefProvider Provider => provider;
}

/// <summary>A reference whose messages go to a function, on the sender's thread. It can be watched, and can watch.</summary>
internal sealed class FunctionRef(ActorPath path, IActorRefProvider provider, EventStream eventStream, Action<IActorRef, object> tell) : MinimalActorRef
{
    private readonly Lock _gate = new();
    private readonly HashSet<IActorRef> _watching = [];
    private readonly HashSet<IActorRef> _watchedBy = [];
    private bool _stopped;

    public override ActorPath Path => path;

    public override IActorRefProvider Provider => provider;

    public override bool IsTerminated => Volatile.Read(ref _stopped);

    public void Watch(IActorRef actor)
    {
        lock (_gate)
        {
            if (_stopped || !_watching.Add(actor))
                return;
        }

        ((IInternalActorRef)actor).SendSystemMessage(new Watch((IInternalActorRef)actor, this));
    }

    public void Unwatch(IActorRef actor)
    {
        lock (_gate)
        {
            if (!_watching.Remove(actor))
                return;
        }

        ((IInternalActorRef)actor).SendSystemMessage(new Unwatch((IInternalActorRef)actor, this));
    }

    public bool IsWatching(IActorRef actor)
    {
        lock (_gate)
            return _watching.Contains(actor);
    }

    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                bool dead;
                lock (_gate)
                {
                    dead = _stopped;
                    if (!dead && watch.Watchee.Equals(this) && !watch.Watcher.Equals(this))
                        _watchedBy.Add(watch.Watcher);
                }

                if (dead)
                    watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, existenceConfirmed: true, addressTerminated: false));
                break;
            case Unwatch unwatch:
                lock (_gate)
                    _watchedBy.Remove(unwatch.Watcher);
                break;
            case DeathWatchNotification notification:
                bool wanted;
                lock (_gate)
                    wanted = _watching.Remove(notification.Actor);
                if (wanted)
                    tell(notification.Actor, new Terminated(notification.Actor, notification.ExistenceConfirmed, notification.AddressTerminated));
                break;
        }
    }

    public override void Stop()
    {
        IActorRef[] watchers, watched;
        lock (_gate)
        {
            if (_stopped)
                return;
            _stopped = true;
            watchers = [.. _watchedBy];
            watched = [.. _watching];
            _watchedBy.Clear();
            _watching.Clear();
        }

        foreach (var watcher in watchers)
            ((IInternalActorRef)watcher).SendSystemMessage(new DeathWatchNotification(this, existenceConfirmed: true, addressTerminated: false));
        foreach (var actor in watched)
            ((IInternalActorRef)actor).SendSystemMessage(new Unwatch((IInternalActorRef)actor, this));
    }

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (Volatile.Read(ref _stopped))
            eventStream.Publish(new DeadLetter(message, sender ?? provider.DeadLetters, this));
        else
            tell(sender ?? provider.DeadLetters, message);
    }
}
