namespace ActorKube.Transport;

/// <summary>
/// Limits requests to a rate with bursts: a token bucket. A caller takes its token at once and waits until the bucket would have held it, so callers go in the order in
/// which they came. Thread-safe; may be shared by many clients and requests.
/// </summary>
public sealed class RequestRateLimiter
{
    readonly Lock _lock = new();
    readonly double _perSecond;
    readonly int _burst;
    readonly TimeProvider _time;
    double _tokens;
    long _filledAt;

    /// <param name="perSecond">Requests a second in the long run.</param>
    /// <param name="burst">Requests at once after a pause.</param>
    /// <param name="time">The clock; null for the machine's.</param>
    public RequestRateLimiter(double perSecond, int burst, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(burst);
        (_perSecond, _burst, _tokens, _time) = (perSecond, burst, burst, time ?? TimeProvider.System);
        _filledAt = _time.GetTimestamp();
    }

    /// <summary>The limiter a configuration asks for; null for none.</summary>
    internal static RequestRateLimiter? For(KubernetesClientConfiguration configuration, int burst, TimeProvider time)
    {
        if (configuration.Qps < 0) return null;
        var qps = configuration.Qps == 0 ? KubernetesClientConfiguration.DefaultQps : configuration.Qps;
        return new RequestRateLimiter(qps, burst <= 0 ? KubernetesClientConfiguration.DefaultBurst : burst, time);
    }

    /// <summary>Takes a token.</summary>
    /// <returns>How long to wait before using it.</returns>
    internal TimeSpan Take()
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            _tokens = Math.Min(_burst, _tokens + _time.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond);
            _filledAt = now;
            _tokens -= 1;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / _perSecond);
        }
    }

    /// <summary>Gives a token back that was not used.</summary>
    internal void GiveBack()
    {
        lock (_lock) _tokens = Math.Min(_burst, _tokens + 1);
    }
}
