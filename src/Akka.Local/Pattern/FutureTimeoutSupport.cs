#nullable disable
using Akka.Actor;

namespace Akka.Pattern;

/// <summary>Tasks by the scheduler's clock.</summary>
public static class FutureTimeoutSupport
{
    /// <summary>Starts <paramref name="value"/> after <paramref name="duration"/> and returns what it comes to.</summary>
    public static Task<T> After<T>(TimeSpan duration, IScheduler scheduler, Func<Task<T>> value)
    {
        if (duration < TimeSpan.MaxValue && duration.Ticks < 1)
            return Start(value);
        var started = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        scheduler.Advanced.ScheduleOnce(duration, () => started.TrySetResult(Start(value)));
        return started.Task.Unwrap();
    }

    private static Task<T> Start<T>(Func<Task<T>> value)
    {
        try
        {
            return value();
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }
}

/// <summary>Trying again.</summary>
public static class RetrySupport
{
    /// <summary>Tries at once, up to <paramref name="attempts"/> more times, without a pause.</summary>
    public static Task<T> Retry<T>(Func<Task<T>> attempt, int attempts) => Retry(attempt, attempts, static _ => Util.Option<TimeSpan>.None, null);

    /// <summary>The same with a growing pause between tries.</summary>
    public static Task<T> Retry<T>(Func<Task<T>> attempt, int attempts, TimeSpan minBackoff, TimeSpan maxBackoff, int randomFactor, IScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        if (minBackoff <= TimeSpan.Zero)
            throw new ArgumentException($"minBackoff is longer than zero, not {minBackoff}.", nameof(minBackoff));
        if (maxBackoff < minBackoff)
            throw new ArgumentException($"maxBackoff is at least minBackoff ({minBackoff}), not {maxBackoff}.", nameof(maxBackoff));
        if (randomFactor is < 0 or > 1)
            throw new ArgumentException($"randomFactor is between 0 and 1, not {randomFactor}.", nameof(randomFactor));
        return Retry(attempt, attempts, n => BackoffDelay.Of(n, minBackoff, maxBackoff, randomFactor), scheduler);
    }

    public static Task<T> Retry<T>(Func<Task<T>> attempt, int attempts, TimeSpan delay, IScheduler scheduler) => Retry(attempt, attempts, _ => delay, scheduler);

    /// <summary>The same with the pause that <paramref name="delayFunction"/> gives to the number of the try.</summary>
    public static async Task<T> Retry<T>(Func<Task<T>> attempt, int attempts, Func<int, Util.Option<TimeSpan>> delayFunction, IScheduler scheduler)
    {
        if (attempts < 0)
            throw new ArgumentException($"attempts is 0 or more, not {attempts}.", nameof(attempts));
        for (var attempted = 0; ; attempted++)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (Exception) when (attempted < attempts)
            {
                var pause = delayFunction(attempted + 1);
                if (pause.HasValue && pause.Value > TimeSpan.Zero)
                    await FutureTimeoutSupport.After(pause.Value, scheduler, static () => Task.FromResult(Done.Instance)).ConfigureAwait(false);
            }
        }
    }
}

/// <summary>The series of pauses: doubling from the smallest to the largest, plus a random part.</summary>
internal static class BackoffDelay
{
    /// <summary>Past this many doublings only the largest makes sense.</summary>
    private const int MostDoublings = 30;

    public static TimeSpan Of(int restartCount, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor)
    {
        var random = 1.0 + Random.Shared.NextDouble() * randomFactor;
        if (restartCount >= MostDoublings)
            return maxBackoff;
        var doubled = Math.Min(maxBackoff.Ticks, minBackoff.Ticks * Math.Pow(2, restartCount)) * random;
        return doubled < long.MaxValue ? TimeSpan.FromTicks((long)doubled) : maxBackoff;
    }
}
