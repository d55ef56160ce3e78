namespace ActorKube.Transport;

/// <summary>
/// Holds back requests to a host that keeps failing: after a failure the next request to it waits, longer each time, until one succeeds. Thread-safe; may be shared
/// by many requests.
/// </summary>
public class RequestBackoff
{
    readonly Lock _lock = new();
    readonly Dictionary<string, (TimeSpan Delay, long FailedAt)> _hosts = new(StringComparer.OrdinalIgnoreCase);
    readonly TimeSpan _first, _last;
    readonly TimeProvider _time;

    /// <param name="first">The wait after the first failure; it doubles with each one that follows.</param>
    /// <param name="last">The longest wait.</param>
    /// <param name="time">The clock; null for the machine's.</param>
    public RequestBackoff(TimeSpan first, TimeSpan last, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(first, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        (_first, _last, _time) = (first, last, time ?? TimeProvider.System);
    }

    /// <summary>Holds nothing back: for a request whose client has a backoff that is not to hold for it.</summary>
    public static RequestBackoff None { get; } = new Nothing();

    /// <summary>How long the next request to this address has to wait.</summary>
    public virtual TimeSpan DelayFor(Uri address)
    {
        lock (_lock)
        {
            if (!_hosts.TryGetValue(address.Authority, out var host)) return TimeSpan.Zero;
            var left = host.Delay - _time.GetElapsedTime(host.FailedAt);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>How a request to this address went.</summary>
    /// <param name="address">The address.</param>
    /// <param name="status">The answer's status code; null where there was none.</param>
    public virtual void Record(Uri address, int? status)
    {
        lock (_lock)
        {
            if (status is { } code && code != 429 && code < 500)
            {
                _hosts.Remove(address.Authority);
                return;
            }
            var delay = _hosts.TryGetValue(address.Authority, out var host) ? host.Delay * 2 : _first;
            _hosts[address.Authority] = (delay < _last ? delay : _last, _time.GetTimestamp());
        }
    }

    sealed class Nothing() : RequestBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))
    {
        public override TimeSpan DelayFor(Uri address) => TimeSpan.Zero;

        public override void Record(Uri address, int? status) { }
    }
}
