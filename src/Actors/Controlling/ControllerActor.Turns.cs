using System.Diagnostics;
using ActorKube.Models;
using Akka.Actor;

namespace ActorKube.Actors;

// Who of the keys runs when. A key that was only marked waits as a place in the gate; it gets its actor with its turn.
sealed partial class ControllerActor
{
    readonly KeyGate _gate;
    readonly Dictionary<NamespacedName, Activity> _traces = [];
    bool _grantsNoMore;

    DateTimeOffset Now => Context.System.Scheduler.Now;

    /// <summary>Whether some key has not come to rest.</summary>
    bool IsBusy => _children.Count > 0 || (!_grantsNoMore && _gate.Waiting.Count > 0);

    void Mark(NamespacedName key, int priority, Activity? trace = null)
    {
        if (_drainedFor is not null || !IsOwned(key))
            return;
        if (!_started)
            Hold(key, new KeyNews(priority));
        else if (_children.TryGetValue(key, out var child))
            child.Mark(priority, trace);
        else
            Wait(key, priority, trace);
    }

    void Tells(NamespacedName key, KeyNews news, Activity? trace = null)
    {
        if (news is { Priority: { } priority, DueAt: null, Failures: 0 })
        {
            Mark(key, priority, trace);
            return;
        }
        if (_drainedFor is not null || !IsOwned(key))
            return;
        if (!_started)
            Hold(key, news);
        else
            ChildOf(key).Tell(news, trace);
    }

    void Hold(NamespacedName key, KeyNews news) => _held[key] = _held.TryGetValue(key, out var before) ? before.And(news) : news;

    void Wait(NamespacedName key, int priority, Activity? trace)
    {
        _gate.Ask(key, priority, Now);
        if (trace is not null)
            _traces[key] = trace;
    }

    void GrantTurns()
    {
        if (!_started)
            return;
        while (!_grantsNoMore && _gate.TryGrant(Now, out var key))
        {
            if (_children.TryGetValue(key, out var child))
            {
                child.Actor.Tell(ReconcilerActor.Granted.Turn);
                continue;
            }
            Make(key).Begin(TakeTrace(key));
            if (_drainedFor is not null)
                _children[key].Actor.Tell(new ReconcilerActor.Drain());
        }
        _gate.TellDepths();
    }

    Activity? TakeTrace(NamespacedName key) => _traces.Count > 0 && _traces.Remove(key, out var trace) ? trace : null;

    /// <summary>The key's actor, which also keeps what a place in the gate cannot: failures, and times.</summary>
    ReconcilerRef ChildOf(NamespacedName key)
    {
        if (_children.TryGetValue(key, out var child))
            return child;
        child = Make(key);
        if (_gate.WaitsAt(key) is { } priority)
            child.Wait(priority, TakeTrace(key));
        return child;
    }

    ReconcilerRef Make(NamespacedName key)
    {
        var actor = Context.ActorOf(ReconcilerActor.Props(key, _shared!, SliceOf(key)), NameOf(key));
        Context.WatchWith(actor, new KeyGone(key));
        var child = new ReconcilerRef(actor);
        _children.Add(key, child);
        return child;
    }

    // With a slash between, escaped as the rest would be. Namespaces and nearly all names have nothing to escape, and are returned as they are.
    static string NameOf(NamespacedName key) => string.Concat(Uri.EscapeDataString(key.Namespace), "%2F", Uri.EscapeDataString(key.Name));

    void OnAtRest(ReconcilerActor.AtRest atRest)
    {
        if (!_children.TryGetValue(atRest.Key, out var child) || child.Stopping || child.Heard != atRest.Heard)
            return;
        child.Stopping = true;
        Context.Stop(child.Actor);
    }

    void OnGone(NamespacedName key)
    {
        if (!_children.Remove(key, out var child))
            return;
        _gate.Withdraw(key);
        if (child.Since is { } news)
            Tells(key, news, child.TraceSince);
        OnSliceKeyGone(key);
        EndDrainWhenIdle();
    }

    /// <summary>Keys that wait and have no actor are forgotten.</summary>
    void ForgetWaiting(Func<NamespacedName, bool> which)
    {
        foreach (var key in _gate.Waiting.Where(k => !_children.ContainsKey(k) && which(k)).ToArray())
        {
            _gate.Withdraw(key);
            _traces.Remove(key);
        }
    }
}
