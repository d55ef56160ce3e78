using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>How much of the innermost Within is left; never negative.</summary>
    /// <exception cref="InvalidOperationException">There is no Within around the call.</exception>
    public TimeSpan Remaining => _end is { } end
        ? Positive(end - Now)
        : throw new InvalidOperationException("Remaining has a meaning inside Within only; RemainingOrDefault can be asked anywhere.");

    /// <summary>How much of the innermost Within is left; outside of one, the dilated default for one expectation.</summary>
    public TimeSpan RemainingOrDefault => RemainingOr(Dilated(_settings.SingleExpectDefault));

    /// <summary>How much of the innermost Within is left; outside of one, <paramref name="duration"/>.</summary>
    protected TimeSpan RemainingOr(TimeSpan duration) => _end is { } end ? Positive(end - Now) : duration;

    /// <summary>The given duration, dilated; if none is given, <see cref="RemainingOrDefault"/>.</summary>
    /// <exception cref="ArgumentException">The duration is negative.</exception>
    public TimeSpan RemainingOrDilated(TimeSpan? duration) => duration is { } given ? Dilated(given) : RemainingOrDefault;

    /// <summary>The duration, multiplied with <c>akka.test.timefactor</c>.</summary>
    /// <exception cref="ArgumentException">The duration is negative.</exception>
    public TimeSpan Dilated(TimeSpan duration) => duration < TimeSpan.Zero
        ? throw new ArgumentException($"A duration to wait for must not be negative, but is {duration}.", nameof(duration))
        : new TimeSpan((long)(duration.Ticks * _settings.TestTimeFactor));

    /// <summary>The given timeout, or <c>akka.test.single-expect-default</c>.</summary>
    public TimeSpan GetTimeoutOrDefault(TimeSpan? timeout) => timeout ?? _settings.SingleExpectDefault;

    /// <summary>
    /// Runs an action that must not take longer than <paramref name="max"/>, which is dilated. Expectations inside that are
    /// not given a timeout wait for what is left. Where the last expectation was for silence, taking longer is no failure.
    /// </summary>
    /// <param name="max">How long it may take.</param>
    /// <param name="action">What to run.</param>
    /// <param name="epsilonValue">How much more than <paramref name="max"/> is still fine.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public void Within(TimeSpan max, Action action, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, action, null, epsilonValue, cancellationToken);

    /// <summary>The same; the action must also not take less than <paramref name="min"/>.</summary>
    public void Within(
        TimeSpan min,
        TimeSpan max,
        Action action,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default) =>
        Within(min, max, () =>
        {
            action();
            return true;
        }, hint, epsilonValue, cancellationToken);

    /// <inheritdoc cref="Within(TimeSpan, Action, TimeSpan?, CancellationToken)" />
    public T Within<T>(TimeSpan max, Func<T> function, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, function, null, epsilonValue, cancellationToken);

    /// <inheritdoc cref="Within(TimeSpan, TimeSpan, Action, string, TimeSpan?, CancellationToken)" />
    public T Within<T>(
        TimeSpan min,
        TimeSpan max,
        Func<T> function,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var block = new TimedBlock(this, min, max, hint, epsilonValue);
        T result;
        try
        {
            result = function();
        }
        finally
        {
            block.Leave();
        }

        block.AssertDuration();
        return result;
    }

    /// <inheritdoc cref="Within(TimeSpan, Action, TimeSpan?, CancellationToken)" />
    public Task WithinAsync(
        TimeSpan max,
        Func<Task> actionAsync,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default) =>
        WithinAsync(TimeSpan.Zero, max, actionAsync, null, epsilonValue, cancellationToken);

    /// <inheritdoc cref="Within(TimeSpan, TimeSpan, Action, string, TimeSpan?, CancellationToken)" />
    public Task WithinAsync(
        TimeSpan min,
        TimeSpan max,
        Func<Task> actionAsync,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default) =>
        WithinAsync(min, max, async () =>
        {
            await actionAsync();
            return true;
        }, hint, epsilonValue, cancellationToken);

    /// <inheritdoc cref="Within(TimeSpan, Action, TimeSpan?, CancellationToken)" />
    public Task<T> WithinAsync<T>(
        TimeSpan max,
        Func<Task<T>> function,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default) =>
        WithinAsync(TimeSpan.Zero, max, function, null, epsilonValue, cancellationToken);

    /// <inheritdoc cref="Within(TimeSpan, TimeSpan, Action, string, TimeSpan?, CancellationToken)" />
    public async Task<T> WithinAsync<T>(
        TimeSpan min,
        TimeSpan max,
        Func<Task<T>> function,
        string? hint = null,
        TimeSpan? epsilonValue = null,
        CancellationToken cancellationToken = default)
    {
        var block = new TimedBlock(this, min, max, hint, epsilonValue);
        T result;
        try
        {
            var running = function();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            // A timer may fire a little early: the grace keeps the verdict with AssertDuration.
            await Task.WhenAny(running, Task.Delay(Dilated(max) + TimeSpan.FromMilliseconds(200), patience.Token));
            await patience.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            result = running.IsCompleted ? await running : default!;
        }
        finally
        {
            block.Leave();
        }

        block.AssertDuration();
        return result;
    }

    static TimeSpan Positive(TimeSpan duration) => duration < TimeSpan.Zero ? TimeSpan.Zero : duration;

    /// <summary>One Within: narrows what is left while it runs and judges how long it took.</summary>
    sealed class TimedBlock
    {
        readonly TestKitBase _kit;
        readonly TimeSpan _min;
        readonly TimeSpan _max;
        readonly TimeSpan _epsilon;
        readonly string _hint;
        readonly TimeSpan _start;
        readonly TimeSpan? _outerEnd;

        public TimedBlock(TestKitBase kit, TimeSpan min, TimeSpan max, string? hint, TimeSpan? epsilon)
        {
            min.EnsureIsPositiveFinite(nameof(min));
            max.EnsureIsPositiveFinite(nameof(max));
            _kit = kit;
            _min = min;
            _hint = hint ?? "";
            _epsilon = epsilon ?? TimeSpan.Zero;
            _start = Now;
            _outerEnd = kit._end;
            _max = kit.Dilated(max);
            if (_outerEnd is { } outer)
            {
                var left = outer - _start;
                kit._assertions.AssertTrue(left >= min, "A block that takes at least {0} does not fit: {1} is left. {2}", min, left, _hint);
                _max = _max < left ? _max : left;
            }

            kit._lastWasNoMessage = false;
            kit._end = _start + _max;
        }

        public void Leave() => _kit._end = _outerEnd;

        public void AssertDuration()
        {
            var elapsed = Now - _start;
            if (elapsed < _min)
                _kit.Fail("The block took {0}, which is less than {1}. {2}", elapsed, _min, _hint);
            if (!_kit._lastWasNoMessage && elapsed > _max + _epsilon)
                _kit.Fail("The block took {0}, which is more than {1}. {2}", elapsed, _max, _hint);
        }
    }
}
