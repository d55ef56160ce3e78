using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>The turns of one controller's keys, and the metrics of those who wait for one; see <see cref="PriorityGate{TKey}"/> for who goes first.</summary>
/// <remarks>A key that waits is one place here, whether it has an actor or not. Not thread-safe: the controller's actor owns it.</remarks>
sealed class KeyGate(string controller, int capacity, TimeSpan age, int agedShare)
{
    readonly PriorityGate<NamespacedName> _gate = new(capacity, age, agedShare);
    readonly KeyValuePair<string, object?> _controller = RuntimeMetrics.Controller(controller);
    readonly KeyValuePair<string, object?> _name = new("name", controller);
    readonly HashSet<NamespacedName> _holders = [];
    readonly List<Depth> _depths = [];

    /// <summary>The keys that wait.</summary>
    public IReadOnlyCollection<NamespacedName> Waiting => _gate.Keys;

    /// <summary>How urgent a key is that waits; null for one that does not.</summary>
    public int? WaitsAt(NamespacedName key) => _gate.WaitsAt(key);

    /// <summary>A key wants a turn; one that waits already keeps the better of both urgencies.</summary>
    public void Ask(NamespacedName key, int priority, DateTimeOffset now)
    {
        Measure(priority);
        var before = _gate.Keys.Count;
        _gate.Ask(key, priority, now);
        if (_gate.Keys.Count > before)
            RuntimeMetrics.QueueAdds.Add(1, _name, _controller);
    }

    /// <summary>
    /// A key that has asked has become more urgent. Nothing where its turn was granted meanwhile: the grant may have crossed what its actor said, and a second turn would run
    /// the key twice.
    /// </summary>
    public void Raise(NamespacedName key, int priority)
    {
        Measure(priority);
        _gate.Raise(key, priority);
    }

    /// <summary>A key wants to run no more; a turn that it has goes to another.</summary>
    public void Withdraw(NamespacedName key)
    {
        _gate.Withdraw(key);
        Release(key);
    }

    /// <summary>A key's turn is over.</summary>
    public void Release(NamespacedName key)
    {
        if (_holders.Remove(key))
            _gate.Release();
    }

    /// <summary>Gives the next turn; false where all are taken or nobody waits. It lasts until <see cref="Release"/> or <see cref="Withdraw"/>.</summary>
    public bool TryGrant(DateTimeOffset now, out NamespacedName key)
    {
        if (!_gate.TryGrant(now, out key, out var waited))
            return false;
        RuntimeMetrics.QueueDuration.Record(waited.TotalSeconds, _name, _controller);
        _holders.Add(key);
        return true;
    }

    /// <summary>Tells the metrics how many wait, where that has changed.</summary>
    public void TellDepths()
    {
        foreach (var depth in _depths)
            Tell(depth, _gate.WaitingAt(depth.Priority));
    }

    /// <summary>Nobody waits here any more.</summary>
    public void Close()
    {
        foreach (var depth in _depths)
            Tell(depth, 0);
    }

    void Tell(Depth depth, int waiting)
    {
        if (waiting == depth.Told)
            return;
        RuntimeMetrics.QueueDepth.Add(waiting - depth.Told, _name, _controller, depth.Label);
        depth.Told = waiting;
    }

    // Urgencies are few.
    void Measure(int priority)
    {
        foreach (var depth in _depths)
        {
            if (depth.Priority == priority)
                return;
        }
        _depths.Add(new Depth(priority));
    }

    /// <summary>How many keys of one urgency wait, as it was told last.</summary>
    sealed class Depth(int priority)
    {
        public int Priority => priority;

        public KeyValuePair<string, object?> Label { get; } = RuntimeMetrics.Priority(priority);

        public int Told { get; set; }
    }
}
