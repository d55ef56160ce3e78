namespace ActorKube.Streams;

/// <summary>How long to wait after each failure in a row: exponential, capped, spread by jitter, forgotten after a quiet time.</summary>
/// <remarks>The defaults are client-go's for a reflector: 800 ms doubling to 30 s, each wait stretched by up to its own length, and a fresh start
/// where two minutes have passed since the last wait began.</remarks>
public sealed record BackoffPolicy
{
    /// <summary>The first wait, before jitter.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>What each wait is multiplied with to get the next.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>The longest wait, before jitter.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much a wait may be stretched: 1 means up to twice as long.</summary>
    public double Jitter { get; init; } = 1;

    /// <summary>The series starts again where this much time has passed since the last wait began.</summary>
    public TimeSpan ResetAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The first place of the series.</summary>
    public Backoff Start => new(0, null);

    /// <summary>The wait that comes next, and the place in the series after it.</summary>
    /// <param name="at">The place so far.</param>
    /// <param name="now">The time at which the wait begins.</param>
    /// <param name="random">A number from 0 (inclusive) to 1 (exclusive).</param>
    public (TimeSpan Delay, Backoff Next) Next(Backoff at, DateTimeOffset now, double random)
    {
        var step = at.LastAt is { } last && now - last > ResetAfter ? 0 : at.Step;
        var plain = Math.Min(Initial.TotalMilliseconds * Math.Pow(Factor, step), Cap.TotalMilliseconds);
        var next = plain >= Cap.TotalMilliseconds ? step : step + 1;
        return (TimeSpan.FromMilliseconds(plain * (1 + (random * Jitter))), new Backoff(next, now));
    }
}

/// <summary>A place in the series of a <see cref="BackoffPolicy"/>.</summary>
/// <param name="Step">How many waits came before, as far as they still make the next one longer.</param>
/// <param name="LastAt">When the last wait began; null before the first.</param>
public readonly record struct Backoff(int Step, DateTimeOffset? LastAt);
