namespace ActorKube.Transport;

/// <summary>
/// Limits requests to a rate with bursts. A caller takes its token at once and waits until the bucket would have held it, so callers go in the order in which
/// they came. Thread-safe.
/// </summary>
internal sealed class TokenBucket(double perSecond, int burst, TimeProvider time)
{
    readonly Lock _lock = new();
    double _tokens = burst;
    long _filledAt = time.GetTimestamp();

    /// <summary>The bucket a configuration asks for; null for none.</summary>
    public static TokenBucket? For(KubernetesClientConfiguration configuration, TimeProvider time)
    {
        if (configuration.Qps < 0) return null;
        var qps = configuration.Qps == 0 ? KubernetesClientConfiguration.DefaultQps : configuration.Qps;
        var burst = configuration.Burst <= 0 ? KubernetesClientConfiguration.DefaultBurst : configuration.Burst;
        return new TokenBucket(qps, burst, time);
    }

    /// <summary>Takes a token.</summary>
    /// <returns>How long to wait before using it.</returns>
    public TimeSpan Take()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(burst, _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond);
            _filledAt = now;
            _tokens -= 1;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
        }
    }

    /// <summary>Gives a token back that was not used.</summary>
    public void GiveBack()
    {
        lock (_lock) _tokens = Math.Min(burst, _tokens + 1);
    }
}
