using ActorKube.Models;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

// A controller that shares its keys with others: it owns nothing until it is given slices, and lets go of each on its own.
sealed partial class ControllerActor
{
    // A hand-off takes seconds, a crash with its partition resolver perhaps a minute.
    static readonly TimeSpan GoneMemory = TimeSpan.FromMinutes(10);
    const int GoneKeysMost = 100_000;

    readonly Dictionary<string, KeySlice> _slices;
    readonly GoneKeys _gone = new(GoneMemory, GoneKeysMost);
    readonly HashSet<string> _toLookAt = [];
    readonly Dictionary<string, LeavingSlice> _leaving = [];
    bool _toldToNobody;

    /// <summary>The keys of a slice are this controller's from now on: each is looked at once, and again whenever it changes. Any number of times.</summary>
    public sealed record TakeSlice(KeySlice Slice);

    /// <summary>
    /// The keys of a slice are not this controller's any more: nothing new begins, what runs may finish, and after the bound what still runs is told to
    /// leave and can write no more. Answered with <see cref="SliceLeft"/> when no run of the slice can write.
    /// </summary>
    public sealed record LeaveSlice(string Slice, TimeSpan Bound);

    /// <summary>No run of the slice writes any more; so many keys were cut short.</summary>
    public sealed record SliceLeft(string Slice, int CutShort);

    sealed record SliceOverdue(string Slice);

    sealed record LookAtSlices;

    bool IsOwned(NamespacedName key) => _spec.SliceOf is not { } sliceOf || _slices.ContainsKey(sliceOf(key));

    bool IsIn(NamespacedName key, string slice) => _spec.SliceOf is { } sliceOf && sliceOf(key) == slice;

    KeySlice? SliceOf(NamespacedName key) => _spec.SliceOf is { } sliceOf && _slices.TryGetValue(sliceOf(key), out var slice) ? slice : null;

    void OnTakeSlice(KeySlice slice)
    {
        // Whoever took it back while it was being left keeps it: the one who waits for its leaving is told that nothing more will come of it.
        if (_leaving.Remove(slice.Name, out var leaving))
        {
            Timers.Cancel(leaving.Timer);
            leaving.Asker.Tell(new SliceLeft(slice.Name, 0));
        }
        if (!_slices.TryAdd(slice.Name, slice))
            return;
        // Before the caches are complete their objects are still to be told, as additions; but what was told already was nobody's here, and waits for the look that the work begins with.
        if (!_started && !_toldToNobody)
            return;
        _toLookAt.Add(slice.Name);
        // Slices come many at a time, when a node has gone: one look for all that are here by then.
        if (_started && _toLookAt.Count == 1)
            Self.Tell(new LookAtSlices());
    }

    /// <summary>A key that is nobody's here was told: whoever takes its slice looks at what is there by then, and at what is not there any more.</summary>
    void Miss(NamespacedName key, CacheChange change)
    {
        _toldToNobody = true;
        if (change is CacheChange.Deleted)
            _gone.Remember(key, Context.System.Scheduler.Now);
    }

    void OnLookAtSlices()
    {
        foreach (var (spec, cache) in _caches)
        {
            foreach (var held in cache.Snapshot.Objects)
            {
                foreach (var watch in _watches[spec])
                {
                    foreach (var key in KeysOf(watch, new CacheChange.Added(held.Object, Initial: true)))
                        Look(key);
                }
            }
        }
        // What vanished while nobody here owned it is in no cache; the owner before may not have come to it.
        foreach (var key in _gone.Take(Context.System.Scheduler.Now, IsOwned))
            Look(key);
        _toLookAt.Clear();
    }

    void Look(NamespacedName key)
    {
        if (_toLookAt.Contains(_spec.SliceOf!(key)))
            Mark(key, ReconcilePriority.Background);
    }

    void OnLeaveSlice(LeaveSlice leave)
    {
        if (!_slices.Remove(leave.Slice))
        {
            Sender.Tell(new SliceLeft(leave.Slice, 0));
            return;
        }
        foreach (var key in _held.Keys.Where(k => IsIn(k, leave.Slice)).ToArray())
            _held.Remove(key);
        ForgetWaiting(k => IsIn(k, leave.Slice));
        var left = _children.Where(c => IsIn(c.Key, leave.Slice)).ToDictionary();
        if (left.Count == 0)
        {
            Sender.Tell(new SliceLeft(leave.Slice, 0));
            return;
        }
        var leaving = new LeavingSlice(Sender, $"slice {leave.Slice}", [.. left.Keys]);
        _leaving[leave.Slice] = leaving;
        Timers.StartSingleTimer(leaving.Timer, new SliceOverdue(leave.Slice), leave.Bound);
        foreach (var child in left.Values)
        {
            child.Leaving = true;
            child.Actor.Tell(new ReconcilerActor.Leave());
        }
    }

    void OnSliceOverdue(string name)
    {
        if (!_leaving.Remove(name, out var leaving))
            return;
        // A stopped reconciler cancels its run and breaks its fence: from here on nothing of the slice can be written by this process.
        foreach (var key in leaving.Keys)
        {
            if (_children.TryGetValue(key, out var child))
            {
                child.Stopping = true;
                child.Actor.Tell(new ReconcilerActor.Cancel());
                Context.Stop(child.Actor);
            }
        }
        _logger.LogWarning("{Controller} leaves {Slice} with {Keys} keys unfinished", _spec.Name, leaving.Timer, leaving.Keys.Count);
        leaving.CutShort = leaving.Keys.Count;
        _leaving[name] = leaving;
    }

    void OnSliceKeyGone(NamespacedName key)
    {
        foreach (var (name, leaving) in _leaving.ToArray())
        {
            if (!leaving.Keys.Remove(key) || leaving.Keys.Count > 0)
                continue;
            _leaving.Remove(name);
            Timers.Cancel(leaving.Timer);
            leaving.Asker.Tell(new SliceLeft(name, leaving.CutShort));
        }
    }

    /// <summary>A slice on its way out.</summary>
    sealed class LeavingSlice(IActorRef asker, string timer, HashSet<NamespacedName> keys)
    {
        public IActorRef Asker => asker;

        public string Timer => timer;

        /// <summary>Those that have not finished.</summary>
        public HashSet<NamespacedName> Keys => keys;

        public int CutShort { get; set; }
    }
}
