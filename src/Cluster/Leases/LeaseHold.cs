namespace ActorKube.Cluster;

/// <summary>Whether a lease is held at this moment. Thread-safe: its actor writes, anybody reads without waiting, and time ends it even where the actor does not run.</summary>
/// <remarks>A stopwatch does not go back when somebody sets the clock, and a clock goes on while the machine sleeps: the term is over when either says so.</remarks>
sealed class LeaseHold(TimeProvider time)
{
    volatile Term? _term;

    /// <summary>Whether the term has not ended.</summary>
    public bool IsHeld => Left > TimeSpan.Zero;

    /// <summary>How long the term lasts; zero where it is over.</summary>
    public TimeSpan Left
    {
        get
        {
            if (_term is not { } term)
                return TimeSpan.Zero;
            var left = term.Length - time.GetElapsedTime(term.Began);
            var byClock = term.Ends - time.GetUtcNow();
            var shorter = left < byClock ? left : byClock;
            return shorter > TimeSpan.Zero ? shorter : TimeSpan.Zero;
        }
    }

    /// <summary>The term lasts for so long from now.</summary>
    public void Until(TimeSpan left) => _term = new Term(time.GetTimestamp(), left, time.GetUtcNow() + left);

    /// <summary>The term is over.</summary>
    public void End() => _term = null;

    sealed record Term(long Began, TimeSpan Length, DateTimeOffset Ends);
}
