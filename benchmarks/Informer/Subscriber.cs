using ActorKube.Actors;
using ActorKube.Models;
using Akka.Actor;

namespace Informer;

/// <summary>An informer's handler: takes what changed, looks at nothing but the name.</summary>
internal sealed class Subscriber : UntypedActor
{
    readonly Seen _seen;

    public Subscriber(ObjectCache cache, Seen seen)
    {
        _seen = seen;
        cache.Actor.Tell(new ObjectCache.Subscribe(Self));
    }

    protected override void OnReceive(object message)
    {
        if (message is not ObjectCache.Changed changed) return;
        foreach (var change in changed.Changes) _seen.Change(change);
        Sender.Tell(ObjectCache.Taken.Instance);
    }
}

/// <summary>What came, and what handler and reconciler have seen of it.</summary>
internal sealed class Seen
{
    readonly TaskCompletionSource _sentinel = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _allReconciled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly HashSet<string> _reconciled = [];
    int _keys = int.MaxValue;
    long _received, _reconciles;

    public Task Sentinel => _sentinel.Task;

    /// <summary>Completes once so many keys were reconciled: what is new overtakes what was there at the start, so that the last to come is not the last to be reconciled.</summary>
    public Task ReconciledAsync(int keys)
    {
        lock (_reconciled)
        {
            _keys = keys;
            if (_reconciled.Count >= keys) _allReconciled.TrySetResult();
        }
        return _allReconciled.Task;
    }

    /// <summary>How many objects came, listed ones too.</summary>
    public long Received => Volatile.Read(ref _received);

    public long Reconciles => Volatile.Read(ref _reconciles);

    public KubeObject Receive(KubeObject received)
    {
        _received++;
        return received;
    }

    public void Change(CacheChange change)
    {
        if (change.Key.Name == "sentinel") _sentinel.TrySetResult();
    }

    public void Reconciled(string name)
    {
        Interlocked.Increment(ref _reconciles);
        lock (_reconciled)
        {
            if (_reconciled.Add(name) && _reconciled.Count >= _keys) _allReconciled.TrySetResult();
        }
    }
}
