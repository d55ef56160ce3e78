using System.Diagnostics;

namespace Akka.TestKit.Internal;

/// <summary>
/// A moment on the machine's monotonic clock. A test's own patience is real time even where the system under test
/// runs in virtual time.
/// </summary>
readonly struct Deadline
{
    static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    readonly long _timestamp;

    Deadline(long timestamp) => _timestamp = timestamp;

    /// <summary>A negative or very long duration means: never.</summary>
    public static Deadline In(TimeSpan duration) => duration < TimeSpan.Zero || duration > LongestWait
        ? new Deadline(long.MaxValue)
        : new Deadline(Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency));

    public bool IsOver => _timestamp != long.MaxValue && Stopwatch.GetTimestamp() >= _timestamp;

    /// <summary>How long a wait for this moment should sleep: rounded up, so that it does not wake too early to spin.</summary>
    public TimeSpan Wait
    {
        get
        {
            if (_timestamp == long.MaxValue)
                return LongestWait;
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _timestamp);
            return left <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
        }
    }
}
