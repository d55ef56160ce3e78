namespace ActorKube.Models;

/// <summary>How long to wait between tries: apimachinery's <c>wait.Backoff</c>, as a value.</summary>
/// <param name="Duration">The first wait.</param>
/// <param name="Steps">How many tries there are in all.</param>
/// <param name="Factor">What each wait is multiplied with for the next; 1 keeps it.</param>
/// <param name="Jitter">How much longer a wait may be by chance, as a share of it; 0.1 makes 10 ms 10 to 11 ms.</param>
/// <param name="Cap">What no wait, before jitter, is longer than; null for no limit.</param>
/// <example><code>new Backoff(TimeSpan.FromMilliseconds(100), Steps: 5, Factor: 2)   // five tries, 100, 200, 400 and 800 ms apart</code></example>
public sealed record Backoff(TimeSpan Duration, int Steps, double Factor = 1, double Jitter = 0, TimeSpan? Cap = null)
{
    /// <summary>For conflicts where others rarely write: five tries, 10 ms apart (client-go's <c>retry.DefaultRetry</c>).</summary>
    public static Backoff DefaultRetry { get; } = new(TimeSpan.FromMilliseconds(10), 5, 1, 0.1);

    /// <summary>For conflicts where others write often: four tries, 10, 50 and 250 ms apart (client-go's <c>retry.DefaultBackoff</c>).</summary>
    public static Backoff DefaultBackoff { get; } = new(TimeSpan.FromMilliseconds(10), 4, 5, 0.1);

    /// <summary>The waits between the tries: one fewer than there are tries.</summary>
    /// <param name="random">Where chance comes from.</param>
    public IEnumerable<TimeSpan> Waits(Random random)
    {
        var wait = Duration;
        for (var step = 1; step < Steps; step++)
        {
            yield return Jitter > 0 ? wait * (1 + random.NextDouble() * Jitter) : wait;
            wait *= Factor;
            if (Cap is { } cap && wait > cap) wait = cap;
        }
    }
}
