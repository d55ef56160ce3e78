namespace Akka.Streams;

/// <summary>When and how often a restarting source, flow or sink is started again. Immutable.</summary>
public class RestartSettings
{
    private RestartSettings(TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxRestarts, TimeSpan maxRestartsWithin)
    {
        MinBackoff = minBackoff;
        MaxBackoff = maxBackoff;
        RandomFactor = randomFactor;
        MaxRestarts = maxRestarts;
        MaxRestartsWithin = maxRestartsWithin;
    }

    /// <summary>The wait before the first restart; each further one waits twice as long.</summary>
    public TimeSpan MinBackoff { get; }

    /// <summary>The longest wait, before the random part.</summary>
    public TimeSpan MaxBackoff { get; }

    /// <summary>How much a wait may be longer, at random: 0.2 is up to 20%.</summary>
    public double RandomFactor { get; }

    /// <summary>How many restarts there may be within <see cref="MaxRestartsWithin"/>.</summary>
    public int MaxRestarts { get; }

    /// <summary>Having run this long forgets the restarts before, for the limit and for the wait.</summary>
    public TimeSpan MaxRestartsWithin { get; }

    /// <summary>Settings without a limit of restarts, which forget them after <paramref name="minBackoff"/>.</summary>
    public static RestartSettings Create(TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        new(minBackoff, maxBackoff, randomFactor, int.MaxValue, minBackoff);

    public RestartSettings WithMinBackoff(TimeSpan value) => new(value, MaxBackoff, RandomFactor, MaxRestarts, MaxRestartsWithin);

    public RestartSettings WithMaxBackoff(TimeSpan value) => new(MinBackoff, value, RandomFactor, MaxRestarts, MaxRestartsWithin);

    public RestartSettings WithRandomFactor(double value) => new(MinBackoff, MaxBackoff, value, MaxRestarts, MaxRestartsWithin);

    public RestartSettings WithMaxRestarts(int count, TimeSpan within) => new(MinBackoff, MaxBackoff, RandomFactor, count, within);

    public override string ToString() =>
        $"RestartSettings(minBackoff={MinBackoff}, maxBackoff={MaxBackoff}, randomFactor={RandomFactor}, maxRestarts={MaxRestarts}, " +
        $"maxRestartsWithin={MaxRestartsWithin})";
}
