using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Expects the next message to be of a type and from <paramref name="sender"/>.</summary>
    public T ExpectMsgFrom<T>(
        IActorRef sender,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(duration, From<T>(sender, null, hint), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsgFrom{T}(IActorRef, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(duration, From<T>(sender, null, hint), hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message to equal <paramref name="message"/> and to be from <paramref name="sender"/>.</summary>
    public T ExpectMsgFrom<T>(
        IActorRef sender,
        T message,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, From(sender, EqualTo(message, hint), hint), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsgFrom{T}(IActorRef, T, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender,
        T message,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, From(sender, EqualTo(message, hint), hint), hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message to satisfy a predicate and to be from <paramref name="sender"/>.</summary>
    public T ExpectMsgFrom<T>(
        IActorRef sender,
        Predicate<T> isMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, From(sender, Satisfying(isMessage, hint), hint), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsgFrom{T}(IActorRef, Predicate{T}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender,
        Predicate<T> isMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, From(sender, Satisfying(isMessage, hint), hint), hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message to be of a type and from <paramref name="sender"/>, and hands it to assertions.</summary>
    public T ExpectMsgFrom<T>(
        IActorRef sender,
        Action<T> assertMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, From<T>(sender, (message, _) => assertMessage(message), hint), hint, blocking: true, cancellationToken)
            .GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsgFrom{T}(IActorRef, Action{T}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender,
        Action<T> assertMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, From<T>(sender, (message, _) => assertMessage(message), hint), hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message and its sender each to satisfy a predicate.</summary>
    public T ExpectMsgFrom<T>(
        Predicate<IActorRef> isSender,
        Predicate<T> isMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, From(isSender, isMessage, hint), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsgFrom{T}(Predicate{IActorRef}, Predicate{T}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgFromAsync<T>(
        Predicate<IActorRef> isSender,
        Predicate<T> isMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, From(isSender, isMessage, hint), hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message to be of a type, and hands it and its sender to assertions.</summary>
    public T ExpectMsgFrom<T>(
        Action<IActorRef> assertSender,
        Action<T> assertMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, From(assertSender, assertMessage), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsgFrom{T}(Action{IActorRef}, Action{T}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgFromAsync<T>(
        Action<IActorRef> assertSender,
        Action<T> assertMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, From(assertSender, assertMessage), hint, blocking: false, cancellationToken);

    Action<T, IActorRef> From<T>(IActorRef expected, Action<T, IActorRef>? assert, string? hint) => (message, sender) =>
    {
        _assertions.AssertEqual(expected, sender, "The sender of {0} is not the expected one. {1}", message!, hint ?? "");
        assert?.Invoke(message, sender);
    };

    Action<T, IActorRef> From<T>(Predicate<IActorRef> isSender, Predicate<T> isMessage, string? hint)
    {
        var satisfying = Satisfying(isMessage, hint);
        return (message, sender) =>
        {
            _assertions.AssertTrue(isSender(sender), "{0}, who sent {1}, does not satisfy the predicate. {2}", sender, message!, hint ?? "");
            satisfying(message, sender);
        };
    }

    static Action<T, IActorRef> From<T>(Action<IActorRef> assertSender, Action<T> assertMessage) => (message, sender) =>
    {
        assertSender(sender);
        assertMessage(message);
    };
}
