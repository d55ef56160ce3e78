using Akka.Event;

namespace Akka.TestKit.Internal;

/// <summary>Names log events.</summary>
sealed record LogEventFilter(string Description, Predicate<LogEvent> Matches);

/// <summary>Filters that are in force, and how many events they have named. Matching is done by the listener alone; the count is read by tests.</summary>
sealed class ActiveFilter
{
    readonly LogEventFilter[] _filters;
    readonly int _enough;
    readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _seen;

    public ActiveFilter(LogEventFilter[] filters, int enough)
    {
        _filters = filters;
        _enough = enough;
    }

    public int Seen => Volatile.Read(ref _seen);

    public Task Enough => _reached.Task;

    public bool Apply(LogEvent logEvent)
    {
        foreach (var filter in _filters)
        {
            if (!Matches(filter, logEvent))
                continue;
            if (Interlocked.Increment(ref _seen) == _enough)
                _reached.SetResult();
            return true;
        }

        return false;
    }

    static bool Matches(LogEventFilter filter, LogEvent logEvent)
    {
        try
        {
            return filter.Matches(logEvent);
        }
        catch (Exception)
        {
            // A test's predicate, or a message that cannot be shown: the listener must go on for the others.
            return false;
        }
    }
}
