using System.Collections;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Takes messages until one satisfies the predicate; the others are dropped.</summary>
    /// <param name="isMessage">Names the message.</param>
    /// <param name="max">How long in all; dilated; null for what is left of Within, else the default.</param>
    /// <param name="hint">Is part of the failure's text.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public object FishForMessage(
        Predicate<object> isMessage,
        TimeSpan? max = null,
        string hint = "",
        CancellationToken cancellationToken = default) =>
        FishForMessage<object>(isMessage, max, hint, cancellationToken);

    /// <inheritdoc cref="FishForMessage(Predicate{object}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<object> FishForMessageAsync(
        Predicate<object> isMessage,
        TimeSpan? max = null,
        string hint = "",
        CancellationToken cancellationToken = default) =>
        FishForMessageAsync<object>(isMessage, max, hint, cancellationToken);

    /// <inheritdoc cref="FishForMessage(Predicate{object}, TimeSpan?, string, CancellationToken)" />
    public T FishForMessage<T>(
        Predicate<T> isMessage,
        TimeSpan? max = null,
        string hint = "",
        CancellationToken cancellationToken = default) =>
        Fish(isMessage, null, max, hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="FishForMessage(Predicate{object}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> FishForMessageAsync<T>(
        Predicate<T> isMessage,
        TimeSpan? max = null,
        string hint = "",
        CancellationToken cancellationToken = default) =>
        Fish(isMessage, null, max, hint, blocking: false, cancellationToken);

    /// <summary>The same; what was dropped is put into <paramref name="allMessages"/>, which is emptied first.</summary>
    public T FishForMessage<T>(
        Predicate<T> isMessage,
        ArrayList? allMessages,
        TimeSpan? max = null,
        string hint = "",
        CancellationToken cancellationToken = default) =>
        Fish(isMessage, allMessages, max, hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="FishForMessage{T}(Predicate{T}, ArrayList, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> FishForMessageAsync<T>(
        Predicate<T> isMessage,
        ArrayList? allMessages,
        TimeSpan? max = null,
        string hint = "",
        CancellationToken cancellationToken = default) =>
        Fish(isMessage, allMessages, max, hint, blocking: false, cancellationToken);

    /// <summary>Drops messages for the given time; fails if one of them is a <typeparamref name="T"/>.</summary>
    public async Task FishUntilMessageAsync<T>(TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        await foreach (var message in Collect<object>(max, null, int.MaxValue, KeepAll, blocking: false, cancellationToken))
            _assertions.AssertFalse(message is T, "Expected no message of type {0}, but received {1}.", typeof(T), message);
    }

    async ValueTask<T> Fish<T>(
        Predicate<T> isMessage,
        ArrayList? dropped,
        TimeSpan? max,
        string? hint,
        bool blocking,
        CancellationToken cancellationToken)
    {
        var patience = RemainingOrDilated(max);
        var end = Now + patience;
        dropped?.Clear();
        while (true)
        {
            var (success, envelope) = await Next(Positive(end - Now), remove: true, blocking, cancellationToken);
            if (!success)
                throw Failure("No message that was fished for came within {0}. {1}", patience, hint ?? "");
            if (envelope.Message is T typed && isMessage(typed))
                return typed;
            dropped?.Add(envelope.Message);
        }
    }
}
