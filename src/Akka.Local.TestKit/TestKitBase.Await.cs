using Akka.Event;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs assertions until they pass; when time is over, the last failure is thrown.</summary>
    /// <param name="assertion">Throws while it does not pass.</param>
    /// <param name="duration">How long in all; dilated; null for what is left of Within, else the default.</param>
    /// <param name="interval">How long to pause between runs; null for 100 ms.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public void AwaitAssert(
        Action assertion,
        TimeSpan? duration = null,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default) =>
        UntilAsserted(AsTask(assertion), duration, interval, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="AwaitAssert" />
    public Task AwaitAssertAsync(
        Action assertion,
        TimeSpan? duration = null,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default) =>
        UntilAsserted(AsTask(assertion), duration, interval, blocking: false, cancellationToken).AsTask();

    /// <inheritdoc cref="AwaitAssert" />
    public Task AwaitAssertAsync(
        Func<Task> assertion,
        TimeSpan? duration = null,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default) =>
        UntilAsserted(assertion, duration, interval, blocking: false, cancellationToken).AsTask();

    /// <summary>Asks until the condition holds; fails when what is left of Within, else the default, is over.</summary>
    /// <param name="conditionIsFulfilled">Is asked every 100 ms where no interval is given.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public void AwaitCondition(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, null, null, null, cancellationToken);

    /// <inheritdoc cref="AwaitCondition(Func{bool}, TimeSpan?, TimeSpan?, string, CancellationToken)" />
    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, null, cancellationToken);

    /// <inheritdoc cref="AwaitCondition(Func{bool}, TimeSpan?, TimeSpan?, string, CancellationToken)" />
    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, string? message, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, message, cancellationToken);

    /// <summary>Asks until the condition holds; fails when time is over.</summary>
    /// <param name="conditionIsFulfilled">Is asked again and again.</param>
    /// <param name="max">How long in all; dilated; null for what is left of Within, else the default.</param>
    /// <param name="interval">How long to pause between questions; null for 100 ms.</param>
    /// <param name="message">Is part of the failure's text.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public void AwaitCondition(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        TimeSpan? interval,
        string? message = null,
        CancellationToken cancellationToken = default) =>
        UntilTrue(AsTask(conditionIsFulfilled), RemainingOrDilated(max), interval, FailWith(message), null, blocking: true, cancellationToken)
            .GetAwaiter().GetResult();

    /// <inheritdoc cref="AwaitCondition(Func{bool}, CancellationToken)" />
    public Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(AsTask(conditionIsFulfilled), null, null, null, cancellationToken);

    /// <inheritdoc cref="AwaitCondition(Func{bool}, TimeSpan?, TimeSpan?, string, CancellationToken)" />
    public Task AwaitConditionAsync(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        string? message,
        CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(AsTask(conditionIsFulfilled), max, null, message, cancellationToken);

    /// <inheritdoc cref="AwaitCondition(Func{bool}, TimeSpan?, TimeSpan?, string, CancellationToken)" />
    public Task AwaitConditionAsync(
        Func<bool> conditionIsFulfilled,
        TimeSpan? max,
        TimeSpan? interval,
        string? message = null,
        CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(AsTask(conditionIsFulfilled), max, interval, message, cancellationToken);

    /// <inheritdoc cref="AwaitCondition(Func{bool}, CancellationToken)" />
    public Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, null, null, null, cancellationToken);

    /// <inheritdoc cref="AwaitCondition(Func{bool}, TimeSpan?, TimeSpan?, string, CancellationToken)" />
    public Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max, null, null, cancellationToken);

    /// <inheritdoc cref="AwaitCondition(Func{bool}, TimeSpan?, TimeSpan?, string, CancellationToken)" />
    public Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan? max,
        string? message,
        CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max, null, message, cancellationToken);

    /// <inheritdoc cref="AwaitCondition(Func{bool}, TimeSpan?, TimeSpan?, string, CancellationToken)" />
    public Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan? max,
        TimeSpan? interval,
        string? message = null,
        CancellationToken cancellationToken = default) =>
        UntilTrue(conditionIsFulfilled, RemainingOrDilated(max), interval, FailWith(message), null, blocking: false, cancellationToken).AsTask();

    /// <summary>Asks until the condition holds or time is over.</summary>
    /// <returns>Whether it holds.</returns>
    public bool AwaitConditionNoThrow(
        Func<bool> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default) =>
        UntilTrue(AsTask(conditionIsFulfilled), Dilated(max), interval, null, null, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="AwaitConditionNoThrow" />
    public Task<bool> AwaitConditionNoThrowAsync(
        Func<bool> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default) =>
        UntilTrue(AsTask(conditionIsFulfilled), Dilated(max), interval, null, null, blocking: false, cancellationToken).AsTask();

    /// <inheritdoc cref="AwaitConditionNoThrow" />
    public Task<bool> AwaitConditionNoThrowAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval = null,
        CancellationToken cancellationToken = default) =>
        UntilTrue(conditionIsFulfilled, Dilated(max), interval, null, null, blocking: false, cancellationToken).AsTask();

    /// <summary>For kits that bring their own waiting: asks until the condition holds, else calls <paramref name="fail"/>.</summary>
    /// <returns>Whether it holds.</returns>
    protected static bool InternalAwaitCondition(
        Func<bool> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval,
        Action<string, object[]> fail,
        CancellationToken cancellationToken = default) =>
        InternalAwaitCondition(conditionIsFulfilled, max, interval, fail, null, cancellationToken);

    /// <inheritdoc cref="InternalAwaitCondition(Func{bool}, TimeSpan, TimeSpan?, Action{string, object[]}, CancellationToken)" />
    protected static bool InternalAwaitCondition(
        Func<bool> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval,
        Action<string, object[]> fail,
        ILoggingAdapter? logger,
        CancellationToken cancellationToken = default) =>
        UntilTrue(AsTask(conditionIsFulfilled), max, interval, fail, logger, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="InternalAwaitCondition(Func{bool}, TimeSpan, TimeSpan?, Action{string, object[]}, CancellationToken)" />
    protected static Task<bool> InternalAwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval,
        Action<string, object[]> fail,
        CancellationToken cancellationToken = default) =>
        InternalAwaitConditionAsync(conditionIsFulfilled, max, interval, fail, null, cancellationToken);

    /// <inheritdoc cref="InternalAwaitCondition(Func{bool}, TimeSpan, TimeSpan?, Action{string, object[]}, CancellationToken)" />
    protected static Task<bool> InternalAwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled,
        TimeSpan max,
        TimeSpan? interval,
        Action<string, object[]> fail,
        ILoggingAdapter? logger,
        CancellationToken cancellationToken = default) =>
        UntilTrue(conditionIsFulfilled, max, interval, fail, logger, blocking: false, cancellationToken).AsTask();

    static Func<Task> AsTask(Action action) => () =>
    {
        action();
        return Task.CompletedTask;
    };

    static Func<Task<bool>> AsTask(Func<bool> condition) => () => Task.FromResult(condition());

    Action<string, object[]> FailWith(string? message) => (format, args) =>
        Fail("{0} {1}", string.Format(format, args), message ?? "");

    async ValueTask UntilAsserted(
        Func<Task> assertion,
        TimeSpan? duration,
        TimeSpan? interval,
        bool blocking,
        CancellationToken cancellationToken)
    {
        var deadline = Deadline.In(RemainingOrDilated(duration));
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Asked before the run: a run that began in time is the last only if time is over before the next could begin.
            var last = deadline.IsOver;
            try
            {
                await assertion();
                return;
            }
            catch (Exception) when (!last)
            {
                // The next run may pass.
            }

            await Pause(deadline.Wait.Min(Interval(interval)), blocking, cancellationToken);
        }
    }

    static async ValueTask<bool> UntilTrue(
        Func<Task<bool>> condition,
        TimeSpan max,
        TimeSpan? interval,
        Action<string, object[]>? fail,
        ILoggingAdapter? logger,
        bool blocking,
        CancellationToken cancellationToken)
    {
        max.EnsureIsPositiveFinite(nameof(max));
        var deadline = Deadline.In(max);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var last = deadline.IsOver;
            if (await condition())
                return true;
            if (last)
            {
                logger?.Debug("The condition does not hold after {0}.", max);
                fail?.Invoke("The condition does not hold after {0}.", [max]);
                return false;
            }

            await Pause(deadline.Wait.Min(Interval(interval)), blocking, cancellationToken);
        }
    }

    static TimeSpan Interval(TimeSpan? given)
    {
        var interval = given ?? DefaultInterval;
        if (interval != Timeout.InfiniteTimeSpan)
            interval.EnsureIsPositiveFinite(nameof(interval));
        return interval;
    }

    static async ValueTask Pause(TimeSpan duration, bool blocking, CancellationToken cancellationToken)
    {
        if (!blocking)
            await Task.Delay(duration, cancellationToken);
        else if (cancellationToken.WaitHandle.WaitOne(duration))
            cancellationToken.ThrowIfCancellationRequested();
    }
}
