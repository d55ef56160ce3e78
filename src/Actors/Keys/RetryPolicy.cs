namespace ActorKube.Actors;

/// <summary>How long a failed key waits before it is tried again: its own exponential series and one bucket for all keys of a controller, the longer of both.</summary>
public sealed record RetryPolicy
{
    /// <summary>The wait after a key's first failure.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest wait of a key's own series.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromSeconds(1000);

    /// <summary>Retries a second over all keys, once <see cref="Burst"/> is used up; zero or less lifts the limit.</summary>
    public double OverallPerSecond { get; init; } = 10;

    /// <summary>Retries that the overall limit lets through at once.</summary>
    public int Burst { get; init; } = 100;

    /// <summary>A key's own wait after so many failures in a row; the first is 1.</summary>
    public TimeSpan Delay(int failures)
    {
        // Doubling in floating point: a count however large ends at the cap instead of wrapping round.
        var milliseconds = Initial.TotalMilliseconds * Math.Pow(2, Math.Max(0, failures - 1));
        return milliseconds >= Cap.TotalMilliseconds ? Cap : TimeSpan.FromMilliseconds(milliseconds);
    }
}
