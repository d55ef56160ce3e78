namespace ActorKube.Models;

/// <summary>Tries again what may succeed later.</summary>
public static class Retry
{
    /// <summary>
    /// Reads, changes and writes an object again while others write it in between. The action must read the object anew at each try:
    /// with the old one it would conflict again. As client-go's <c>retry.RetryOnConflict</c>.
    /// </summary>
    /// <param name="action">What to do; a <see cref="KubernetesException"/> with <see cref="KubernetesException.IsConflict"/> makes it be tried again.</param>
    /// <param name="backoff">How often and after which waits; <see cref="Backoff.DefaultRetry"/> if null.</param>
    /// <param name="time">What tells the time; the system's if null.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>What the action gave.</returns>
    /// <exception cref="KubernetesException">The conflict of the last try, or any other error at once.</exception>
    /// <example><code>
    /// await Retry.OnConflictAsync(async token =>
    /// {
    ///     var map = await maps.GetAsync("settings", cancellation: token);
    ///     map.Data["seen"] = "yes";
    ///     return await maps.UpdateAsync(map, cancellation: token);
    /// });
    /// </code></example>
    public static Task<T> OnConflictAsync<T>(
        Func<CancellationToken, Task<T>> action, Backoff? backoff = null, TimeProvider? time = null, CancellationToken cancellation = default) =>
        OnErrorAsync(action, static fault => fault is KubernetesException { IsConflict: true }, backoff ?? Backoff.DefaultRetry, time, cancellation);

    /// <summary>Tries again while an error says that it may succeed later.</summary>
    /// <param name="action">What to do.</param>
    /// <param name="retriable">Whether an error is worth another try.</param>
    /// <param name="backoff">How often and after which waits.</param>
    /// <param name="time">What tells the time; the system's if null.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>What the action gave; the last try's error is thrown as it is.</returns>
    public static async Task<T> OnErrorAsync<T>(
        Func<CancellationToken, Task<T>> action, Predicate<Exception> retriable, Backoff backoff, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        foreach (var wait in backoff.Waits(Random.Shared))
        {
            try
            {
                return await action(cancellation).ConfigureAwait(false);
            }
            catch (Exception fault) when (retriable(fault))
            {
                await Task.Delay(wait, time ?? TimeProvider.System, cancellation).ConfigureAwait(false);
            }
        }
        return await action(cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks until the answer is yes.</summary>
    /// <param name="condition">What to ask; its errors end the waiting.</param>
    /// <param name="interval">How long to wait between questions.</param>
    /// <param name="timeout">How long to go on.</param>
    /// <param name="what">What is waited for; the error says it.</param>
    /// <param name="time">What tells the time; the system's if null.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="TimeoutException">The answer stayed no; it is asked once more when the time is over.</exception>
    public static async Task UntilAsync(
        Func<CancellationToken, Task<bool>> condition, TimeSpan interval, TimeSpan timeout, string what, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        time ??= TimeProvider.System;
        var start = time.GetTimestamp();
        while (!await condition(cancellation).ConfigureAwait(false))
        {
            var left = timeout - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) throw new TimeoutException($"Waited {timeout} for {what} in vain.");
            await Task.Delay(left < interval ? left : interval, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Asks until the answer is yes, with waits between the questions that may grow. As apimachinery's <c>wait.ExponentialBackoffWithContext</c>.</summary>
    /// <param name="condition">What to ask; its errors end the waiting.</param>
    /// <param name="backoff">How often to ask, and the waits in between.</param>
    /// <param name="what">What is waited for; the error says it.</param>
    /// <param name="time">What tells the time; the system's if null.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="TimeoutException">The answer was no as often as was asked.</exception>
    /// <example><code>await Retry.UntilAsync(IsReadyAsync, new Backoff(TimeSpan.FromMilliseconds(50), Steps: 10, Factor: 2, Cap: TimeSpan.FromSeconds(5)), "the webhook to answer");</code></example>
    public static async Task UntilAsync(
        Func<CancellationToken, Task<bool>> condition, Backoff backoff, string what, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(backoff);
        foreach (var wait in backoff.Waits(Random.Shared))
        {
            if (await condition(cancellation).ConfigureAwait(false)) return;
            await Task.Delay(wait, time ?? TimeProvider.System, cancellation).ConfigureAwait(false);
        }
        if (!await condition(cancellation).ConfigureAwait(false)) throw new TimeoutException($"Asked {Math.Max(backoff.Steps, 1)} times for {what} in vain.");
    }
}
