#nullable disable
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor;

public partial class ActorCell
{
    public IActorRef Watch(IActorRef subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        StartWatching((IInternalActorRef)subject, null);
        return subject;
    }

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(message);
        StartWatching((IInternalActorRef)subject, message);
        return subject;
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (_extras?.DeathWatch is not { } state)
            return subject;
        var watchee = (IInternalActorRef)subject;
        if (!watchee.Equals(_self) && state.Watching is not null && state.Watching.Remove(watchee))
            watchee.SendSystemMessage(new Unwatch(watchee, _self));
        state.Queued?.Remove(watchee);
        return subject;
    }

    /// <summary>Notes that a <see cref="Terminated"/> is in the mailbox and still wanted.</summary>
    public void TerminatedQueuedFor(IActorRef subject, Option<object> customMessage) =>
        ((Extras.DeathWatch ??= new DeathWatchState()).Queued ??= [])[subject] = customMessage.Value;

    protected void ReceivedTerminated(Terminated t)
    {
        if (_extras?.DeathWatch?.Queued is not { } queued || !queued.Remove(t.ActorRef, out var custom))
            return;
        if (custom is not null)
            CurrentMessage = custom;
        ReceiveMessage(custom ?? t);
    }

    protected void WatchedActorTerminated(IActorRef actor, bool existenceConfirmed, bool addressTerminated)
    {
        if (_extras?.DeathWatch?.Watching is { } watching && watching.Remove(actor, out var custom) && !IsTerminating)
        {
            TerminatedQueuedFor(actor, new Option<object>(custom));
            _self.Tell(new Terminated(actor, existenceConfirmed, addressTerminated), actor);
        }

        if (_children is { } children && children.Contains(actor))
            HandleChildTerminated(actor);
    }

    protected void TellWatchersWeDied()
    {
        if (_extras?.DeathWatch?.WatchedBy is not { Count: > 0 } watchers)
            return;
        foreach (var watcher in watchers)
            ((IInternalActorRef)watcher).SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true, addressTerminated: false));

        _extras.DeathWatch.WatchedBy = null;
    }

    protected void UnwatchWatchedActors(ActorBase actor)
    {
        _ = actor;
        if (_extras?.DeathWatch is not { } state)
            return;
        if (state.Watching is { Count: > 0 } watching)
        {
            state.Watching = null;
            foreach (var watchee in watching.Keys)
                ((IInternalActorRef)watchee).SendSystemMessage(new Unwatch((IInternalActorRef)watchee, _self));
        }

        state.Queued = null;
    }

    protected void AddWatcher(IActorRef watchee, IActorRef watcher)
    {
        // The parent is told in any case, so there is nothing to keep for it.
        if (watcher.Equals(_parent) && watchee.Equals(_self))
            return;
        if (watchee.Equals(_self) && !watcher.Equals(_self))
            ((Extras.DeathWatch ??= new DeathWatchState()).WatchedBy ??= []).Add(watcher);
        else
            Publish(new Warning(_self.Path.ToString(), ActorType, $"BUG: illegal Watch({watchee},{watcher}) for {_self}"));
    }

    protected void RemWatcher(IActorRef watchee, IActorRef watcher)
    {
        if (watchee.Equals(_self) && !watcher.Equals(_self))
            _extras?.DeathWatch?.WatchedBy?.Remove(watcher);
    }

    private void StartWatching(IInternalActorRef watchee, object message)
    {
        if (watchee.Equals(_self))
            return;
        var watching = (Extras.DeathWatch ??= new DeathWatchState()).Watching ??= [];
        if (watching.TryAdd(watchee, message))
            watchee.SendSystemMessage(new Watch(watchee, _self));
    }

    /// <summary>Most actors neither watch nor are watched; those that do have this.</summary>
    private sealed class DeathWatchState
    {
        /// <summary>Whom this actor watches, with the message wanted in place of <see cref="Terminated"/>.</summary>
        public Dictionary<IActorRef, object> Watching;

        /// <summary>Whose <see cref="Terminated"/> is in the mailbox; <see cref="Unwatch"/> takes it out.</summary>
        public Dictionary<IActorRef, object> Queued;

        /// <summary>Who is to be told of this actor's end.</summary>
        public HashSet<IActorRef> WatchedBy;
    }
}
