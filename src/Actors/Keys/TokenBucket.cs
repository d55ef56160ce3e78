namespace ActorKube.Actors;

/// <summary>Spreads events over time: a burst at once, then so many a second. A caller takes a token that may lie in the future, and waits that long.</summary>
/// <remarks>Thread-safe.</remarks>
sealed class TokenBucket(double perSecond, int burst)
{
    readonly Lock _lock = new();
    double _tokens = burst;
    DateTimeOffset? _at;

    /// <summary>Takes a token.</summary>
    /// <returns>How long until it is due; zero where one was there.</returns>
    public TimeSpan Take(DateTimeOffset now)
    {
        if (perSecond <= 0)
            return TimeSpan.Zero;
        lock (_lock)
        {
            Refill(now);
            _tokens--;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
        }
    }

    /// <summary>Takes a token if there is one.</summary>
    public bool TryTake(DateTimeOffset now)
    {
        lock (_lock)
        {
            Refill(now);
            if (_tokens < 1)
                return false;
            _tokens--;
            return true;
        }
    }

    void Refill(DateTimeOffset now)
    {
        if (_at is { } before && now > before)
            _tokens = Math.Min(burst, _tokens + ((now - before).TotalSeconds * perSecond));
        _at = _at is { } at && at > now ? at : now;
    }
}
