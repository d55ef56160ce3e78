using System.Collections;
using System.Runtime.CompilerServices;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Takes the next message.</summary>
    /// <param name="max">How long to wait: null for the default of one expectation, zero not to wait, infinite to wait forever. Not dilated.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message, or null if none came.</returns>
    public object? ReceiveOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        TryReceiveOne(out var envelope, max, cancellationToken) ? envelope.Message : null;

    /// <inheritdoc cref="ReceiveOne" />
    public async ValueTask<object?> ReceiveOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        var (success, envelope) = await TryReceiveOneAsync(max, cancellationToken);
        return success ? envelope.Message : null;
    }

    /// <summary>Takes the next message with its sender; see <see cref="ReceiveOne"/>.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryReceiveOne(out MessageEnvelope envelope, TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        (var success, envelope) = Next(max, remove: true, blocking: true, cancellationToken).GetAwaiter().GetResult();
        return success;
    }

    /// <inheritdoc cref="TryReceiveOne" />
    public ValueTask<(bool success, MessageEnvelope envelope)> TryReceiveOneAsync(
        TimeSpan? max,
        CancellationToken cancellationToken = default) =>
        Next(max, remove: true, blocking: false, cancellationToken);

    /// <summary>Looks at the next message and leaves it there; see <see cref="ReceiveOne"/>.</summary>
    public object? PeekOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        TryPeekOne(out var envelope, max, cancellationToken) ? envelope.Message : null;

    /// <summary>Looks at the next message, however long it takes to come, and leaves it there.</summary>
    public object? PeekOne(CancellationToken cancellationToken) => PeekOne(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="PeekOne(TimeSpan?, CancellationToken)" />
    public async ValueTask<object?> PeekOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        var (success, envelope) = await TryPeekOneAsync(max, cancellationToken);
        return success ? envelope.Message : null;
    }

    /// <inheritdoc cref="PeekOne(CancellationToken)" />
    public ValueTask<object?> PeekOneAsync(CancellationToken cancellationToken) => PeekOneAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Looks at the next message and its sender and leaves it there; see <see cref="ReceiveOne"/>.</summary>
    public bool TryPeekOne(out MessageEnvelope envelope, TimeSpan? max, CancellationToken cancellationToken)
    {
        (var success, envelope) = Next(max, remove: false, blocking: true, cancellationToken).GetAwaiter().GetResult();
        return success;
    }

    /// <inheritdoc cref="TryPeekOne" />
    public ValueTask<(bool success, MessageEnvelope envelope)> TryPeekOneAsync(TimeSpan? max, CancellationToken cancellationToken) =>
        Next(max, remove: false, blocking: false, cancellationToken);

    /// <summary>Takes messages until none comes for <paramref name="max"/>.</summary>
    /// <param name="max">How long silence must last; null for the default of one expectation.</param>
    /// <param name="maxMessages">How many messages may come before; null for any number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What came before the silence.</returns>
    public async Task<ArrayList> WaitForRadioSilenceAsync(
        TimeSpan? max = null,
        uint? maxMessages = null,
        CancellationToken cancellationToken = default)
    {
        var messages = new ArrayList();
        while (await ReceiveOneAsync(max, cancellationToken) is { } message)
        {
            messages.Add(message);
            _assertions.AssertFalse(messages.Count > maxMessages, "More than {0} messages came before there was silence.", maxMessages ?? 0);
        }

        return ArrayList.ReadOnly(messages);
    }

    /// <summary>Takes that many messages; fails if they do not come in time.</summary>
    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, CancellationToken cancellationToken = default) =>
        ToList(Exactly(numberOfMessages, RemainingOrDefault, blocking: true, cancellationToken));

    /// <summary>The same; all of them must come within <paramref name="max"/>, which is dilated.</summary>
    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, TimeSpan max, CancellationToken cancellationToken = default) =>
        ToList(Exactly(numberOfMessages, Dilated(max), blocking: true, cancellationToken));

    /// <inheritdoc cref="ReceiveN(int, CancellationToken)" />
    public IAsyncEnumerable<object> ReceiveNAsync(int numberOfMessages, CancellationToken cancellationToken = default) =>
        Exactly(numberOfMessages, RemainingOrDefault, blocking: false, cancellationToken);

    /// <inheritdoc cref="ReceiveN(int, TimeSpan, CancellationToken)" />
    public IAsyncEnumerable<object> ReceiveNAsync(int numberOfMessages, TimeSpan max, CancellationToken cancellationToken = default) =>
        Exactly(numberOfMessages, Dilated(max), blocking: false, cancellationToken);

    /// <summary>
    /// Takes messages while the filter's answer is not null, and returns the answers. The message it answers null to stays
    /// in the queue.
    /// </summary>
    /// <param name="filter">Turns a message into an answer, or null to stop.</param>
    /// <param name="max">How long in all; dilated; null for what is left of Within, else the default.</param>
    /// <param name="idle">How long to wait for the next one; null for no limit of its own.</param>
    /// <param name="msgs">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public IReadOnlyList<T> ReceiveWhile<T>(
        Func<object, T> filter,
        TimeSpan? max = null,
        TimeSpan? idle = null,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default) =>
        ToList(Collect(max, idle, msgs, Filtered(filter), blocking: true, cancellationToken));

    /// <inheritdoc cref="ReceiveWhile{T}(Func{object, T}, TimeSpan?, TimeSpan?, int, CancellationToken)" />
    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max,
        Func<object, T> filter,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default) =>
        ReceiveWhile(filter, max, null, msgs, cancellationToken);

    /// <inheritdoc cref="ReceiveWhile{T}(Func{object, T}, TimeSpan?, TimeSpan?, int, CancellationToken)" />
    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max,
        TimeSpan? idle,
        Func<object, T> filter,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default) =>
        ReceiveWhile(filter, max, idle, msgs, cancellationToken);

    /// <summary>
    /// Takes messages of a type while the predicate holds, and returns them. The message it does not hold for stays in the queue.
    /// </summary>
    /// <param name="shouldContinue">Says whether to take a message and go on.</param>
    /// <param name="max">How long in all; dilated; null for what is left of Within, else the default.</param>
    /// <param name="idle">How long to wait for the next one; null for no limit of its own.</param>
    /// <param name="msgs">How many at most.</param>
    /// <param name="shouldIgnoreOtherMessageTypes">Whether messages of other types are dropped on the way, or stop it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public IReadOnlyList<T> ReceiveWhile<T>(
        Predicate<T> shouldContinue,
        TimeSpan? max = null,
        TimeSpan? idle = null,
        int msgs = int.MaxValue,
        bool shouldIgnoreOtherMessageTypes = true,
        CancellationToken cancellationToken = default) =>
        ToList(Collect(max, idle, msgs, OfType(shouldContinue, shouldIgnoreOtherMessageTypes), blocking: true, cancellationToken));

    /// <inheritdoc cref="ReceiveWhile{T}(Func{object, T}, TimeSpan?, TimeSpan?, int, CancellationToken)" />
    public IAsyncEnumerable<T> ReceiveWhileAsync<T>(
        Func<object, T> filter,
        TimeSpan? max = null,
        TimeSpan? idle = null,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default) =>
        Collect(max, idle, msgs, Filtered(filter), blocking: false, cancellationToken);

    /// <inheritdoc cref="ReceiveWhile{T}(Func{object, T}, TimeSpan?, TimeSpan?, int, CancellationToken)" />
    public IAsyncEnumerable<T> ReceiveWhileAsync<T>(
        TimeSpan? max,
        Func<object, T> filter,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default) =>
        ReceiveWhileAsync(filter, max, null, msgs, cancellationToken);

    /// <inheritdoc cref="ReceiveWhile{T}(Func{object, T}, TimeSpan?, TimeSpan?, int, CancellationToken)" />
    public IAsyncEnumerable<T> ReceiveWhileAsync<T>(
        TimeSpan? max,
        TimeSpan? idle,
        Func<object, T> filter,
        int msgs = int.MaxValue,
        CancellationToken cancellationToken = default) =>
        ReceiveWhileAsync(filter, max, idle, msgs, cancellationToken);

    /// <inheritdoc cref="ReceiveWhile{T}(Predicate{T}, TimeSpan?, TimeSpan?, int, bool, CancellationToken)" />
    public IAsyncEnumerable<T> ReceiveWhileAsync<T>(
        Predicate<T> shouldContinue,
        TimeSpan? max = null,
        TimeSpan? idle = null,
        int msgs = int.MaxValue,
        bool shouldIgnoreOtherMessageTypes = true,
        CancellationToken cancellationToken = default) =>
        Collect(max, idle, msgs, OfType(shouldContinue, shouldIgnoreOtherMessageTypes), blocking: false, cancellationToken);

    enum Verdict
    {
        Take,
        Drop,
        Stop,
    }

    delegate Verdict Judge<T>(object message, out T answer);

    static Verdict KeepAll(object message, out object answer)
    {
        answer = message;
        return Verdict.Take;
    }

    static Judge<T> Filtered<T>(Func<object, T> filter) => (object message, out T answer) =>
    {
        answer = filter(message);
        return answer is null ? Verdict.Stop : Verdict.Take;
    };

    static Judge<T> OfType<T>(Predicate<T> shouldContinue, bool dropOthers) => (object message, out T answer) =>
    {
        if (message is T typed)
        {
            answer = typed;
            return shouldContinue(typed) ? Verdict.Take : Verdict.Stop;
        }

        answer = default!;
        return dropOthers ? Verdict.Drop : Verdict.Stop;
    };

    /// <summary>
    /// The next message, or none in time. Where <paramref name="blocking"/>, the calling thread waits and the returned task
    /// is complete, so that the synchronous and the asynchronous API share everything above this line.
    /// </summary>
    async ValueTask<(bool Success, MessageEnvelope Envelope)> Next(
        TimeSpan? max,
        bool remove,
        bool blocking,
        CancellationToken cancellationToken)
    {
        var patience = GetTimeoutOrDefault(max);
        var found = _queue.TryTake(remove, out var envelope);
        if (!found && (patience > TimeSpan.Zero || patience == Timeout.InfiniteTimeSpan))
        {
            var came = blocking
                ? _queue.WaitForMessage(patience, cancellationToken)
                : await _queue.WaitForMessageAsync(patience, cancellationToken);
            found = came && _queue.TryTake(remove, out envelope);
        }

        _lastWasNoMessage = false;
        _lastMessage = found ? envelope : NullMessageEnvelope.Instance;
        ConditionalLog(found ? "Received {0}" : "Received no message ({0})", _lastMessage);
        return (found, _lastMessage);
    }

    async IAsyncEnumerable<object> Exactly(
        int count,
        TimeSpan max,
        bool blocking,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = Now + max;
        for (var i = 0; i < count; i++)
        {
            var (success, envelope) = await Next(Positive(end - Now), remove: true, blocking, cancellationToken);
            if (!success)
                throw Failure("Only {0} of {1} messages came within {2}.", i, count, max);
            yield return envelope.Message;
        }
    }

    async IAsyncEnumerable<T> Collect<T>(
        TimeSpan? max,
        TimeSpan? idle,
        int count,
        Judge<T> judge,
        bool blocking,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = Now + RemainingOrDilated(max);
        MessageEnvelope last = NullMessageEnvelope.Instance;
        for (var taken = 0; taken < count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var patience = Positive(end - Now).Min(idle ?? Timeout.InfiniteTimeSpan);
            var (success, envelope) = await Next(patience, remove: false, blocking, cancellationToken);
            if (!success)
                break;

            var verdict = judge(envelope.Message, out var answer);
            if (verdict == Verdict.Stop)
                break;

            _queue.TryTake(remove: true, out last!);
            if (verdict == Verdict.Take)
            {
                taken++;
                yield return answer;
            }
        }

        _lastMessage = last;
        _lastWasNoMessage = true;
    }

    // For sequences whose waits block: each step is complete when it returns.
    static List<T> ToList<T>(IAsyncEnumerable<T> source)
    {
        var list = new List<T>();
        var enumerator = source.GetAsyncEnumerator();
        try
        {
            while (enumerator.MoveNextAsync().AsTask().GetAwaiter().GetResult())
                list.Add(enumerator.Current);
        }
        finally
        {
            enumerator.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        return list;
    }

    void Fail(string format, params object[] args)
    {
        ConditionalLog(format, args);
        _assertions.Fail(format, args);
    }

    // For places the compiler wants left by an exception; the assertions throw theirs.
    InvalidOperationException Failure(string format, params object[] args)
    {
        Fail(format, args);
        return new InvalidOperationException("The assertions of this kit did not throw: " + string.Format(format, args));
    }
}
