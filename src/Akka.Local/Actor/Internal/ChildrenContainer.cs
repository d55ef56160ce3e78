#nullable disable
using System.Collections;

namespace Akka.Actor.Internal;

/// <summary>
/// A cell's children by name. The cell's own thread changes it (for a guardian, any thread that starts a top-level actor); any thread reads it.
/// </summary>
internal sealed class ChildrenContainer
{
    /// <summary>That of every actor that stops without ever having had a child.</summary>
    public static readonly ChildrenContainer Terminated = new() { IsTerminated = true };

    private static readonly IInternalActorRef[] NoChildren = [];

    // A name being taken, a child, or a child that has failed before with its statistics.
    private readonly Dictionary<string, object> _byName = new(StringComparer.Ordinal);
    private long _nextName = -1;
    private HashSet<IActorRef> _dying;
    private bool _allDying;

    /// <summary>How many of the names belong to children, and are not just being taken.</summary>
    private int _living;

    /// <summary>Why children are being stopped; null while the container is in ordinary use.</summary>
    public SuspendReason Reason { get; private set; }

    public bool IsTerminated { get; private set; }

    public bool IsTerminating => Reason is SuspendReason.Termination || IsTerminated;

    public bool IsNormal => (Reason is null or SuspendReason.UserRequest) && !IsTerminated;

    public int Count
    {
        get
        {
            lock (_byName)
                return _byName.Count;
        }
    }

    public IInternalActorRef[] Children()
    {
        lock (_byName)
        {
            if (_byName.Count == 0)
                return NoChildren;
            var children = new IInternalActorRef[_byName.Count];
            var count = 0;
            foreach (var value in _byName.Values)
            {
                if (ChildOf(value) is { } child)
                    children[count++] = child;
            }

            return count == children.Length ? children : children[..count];
        }
    }

    public ChildRestartStats[] Stats()
    {
        lock (_byName)
        {
            var names = _byName.Where(pair => pair.Value is IInternalActorRef or ChildRestartStats).Select(pair => pair.Key).ToArray();
            return names.Select(StatsOf).ToArray();
        }
    }

    public string NextName(string prefix) => Util.TempNames.For(Interlocked.Increment(ref _nextName), prefix);

    public IInternalActorRef Child(string name)
    {
        lock (_byName)
            return _byName.TryGetValue(name, out var value) ? ChildOf(value) : null;
    }

    public bool Contains(IActorRef child)
    {
        lock (_byName)
            return ChildOf(_byName.GetValueOrDefault(child.Path.Name)) is { } mine && mine.Equals(child);
    }

    public bool TryGetStats(IActorRef child, out ChildRestartStats stats)
    {
        lock (_byName)
        {
            stats = Contains(child) ? StatsOf(child.Path.Name) : null;
            return stats is not null;
        }
    }

    public void Reserve(string name)
    {
        lock (_byName)
        {
            if (IsTerminating)
                throw new InvalidOperationException($"Cannot reserve actor name '{name}': {(IsTerminated ? "terminated" : "terminating")}");
            if (!_byName.TryAdd(name, ChildNameReserved.Instance))
                throw new InvalidActorNameException($"Actor name \"{name}\" is not unique!");
        }
    }

    public void Unreserve(string name)
    {
        lock (_byName)
        {
            if (_byName.GetValueOrDefault(name) is ChildNameReserved)
                _byName.Remove(name);
        }
    }

    /// <summary>Puts the child in the place of its reserved name; false where the parent has begun to stop since, and would not know of it.</summary>
    public bool TryAdd(IInternalActorRef child)
    {
        lock (_byName)
        {
            if (IsTerminating)
                return false;
            if (ChildOf(_byName.GetValueOrDefault(child.Path.Name)) is null)
                _living++;
            _byName[child.Path.Name] = child;
            return true;
        }
    }

    /// <summary>Notes that a child is about to stop.</summary>
    public void ShallDie(IActorRef child)
    {
        lock (_byName)
        {
            if (_allDying)
                return;
            (_dying ??= []).Add(child);
            Reason ??= SuspendReason.UserRequest.Instance;
        }
    }

    /// <summary>Notes that every child is about to stop, and returns them. None is added after that until the last has stopped.</summary>
    public IInternalActorRef[] AllShallDie()
    {
        lock (_byName)
        {
            var children = Children();
            if (children.Length > 0)
            {
                _allDying = true;
                _dying = null;
                Reason ??= SuspendReason.UserRequest.Instance;
            }

            return children;
        }
    }

    /// <summary>
    /// Removes a stopped child. Where it was the last of those that had to stop, returns why they had to, and the container is ordinary again, or terminated.
    /// </summary>
    public SuspendReason Remove(IActorRef child)
    {
        lock (_byName)
        {
            var mine = Contains(child);
            if (mine)
            {
                _byName.Remove(child.Path.Name);
                _living--;
            }

            if (_allDying)
            {
                if (!mine || _living > 0)
                    return null;
            }
            else if (_dying is null || !_dying.Remove(child) || _dying.Count > 0)
            {
                return null;
            }

            _dying = null;
            _allDying = false;
            var reason = Reason;
            Reason = null;
            if (reason is SuspendReason.Termination)
                IsTerminated = true;
            return reason;
        }
    }

    /// <summary>Gives the stopping of children another reason; false where no child is stopping.</summary>
    public bool SetReason(SuspendReason reason)
    {
        lock (_byName)
        {
            if (!_allDying && _dying is not { Count: > 0 })
                return false;
            Reason = reason;
            return true;
        }
    }

    /// <summary>
    /// The parent stops: in one step no child can be added any more, and those there are are known. Without any the container is terminated at once.
    /// </summary>
    /// <returns>The children to stop, and whether they were being stopped for this reason before.</returns>
    public (IInternalActorRef[] Children, bool WasTerminating) Terminate()
    {
        lock (_byName)
        {
            var was = IsTerminating;
            var children = AllShallDie();
            if (children.Length > 0)
            {
                Reason = SuspendReason.Termination.Instance;
            }
            else
            {
                IsTerminated = true;
                Reason = null;
            }

            return (children, was);
        }
    }

    private static IInternalActorRef ChildOf(object value) => value as IInternalActorRef ?? (value as ChildRestartStats)?.Child;

    private ChildRestartStats StatsOf(string name)
    {
        if (_byName[name] is ChildRestartStats known)
            return known;
        var stats = new ChildRestartStats((IInternalActorRef)_byName[name]);
        _byName[name] = stats;
        return stats;
    }
}

/// <summary>The restart statistics of all children, copied only where somebody enumerates.</summary>
internal sealed class ChildStatsOnDemand(ChildrenContainer children) : IReadOnlyCollection<ChildRestartStats>
{
    public int Count => children.Count;

    public IEnumerator<ChildRestartStats> GetEnumerator() => ((IEnumerable<ChildRestartStats>)children.Stats()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Why an actor waits for children to stop.</summary>
public abstract class SuspendReason
{
    protected SuspendReason() { }

    /// <summary>The actor waits before it goes on.</summary>
    public interface IWaitingForChildren;

    /// <summary>The actor itself stopped some; it does not wait.</summary>
    public class UserRequest : SuspendReason
    {
        private UserRequest() { }

        public static UserRequest Instance { get; } = new();
    }

    /// <summary>The actor is restarting.</summary>
    public class Recreation(Exception cause) : SuspendReason, IWaitingForChildren
    {
        public Exception Cause { get; } = cause;
    }

    /// <summary>The actor is being made anew after its constructor failed.</summary>
    public class Creation : SuspendReason, IWaitingForChildren;

    /// <summary>The actor is stopping.</summary>
    public class Termination : SuspendReason
    {
        private Termination() { }

        public static Termination Instance { get; } = new();
    }
}
