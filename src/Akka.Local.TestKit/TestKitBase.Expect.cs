using System.Runtime.CompilerServices;
using Akka.Actor;

namespace Akka.TestKit;

// In every expectation: a timeout that is not given is what is left of Within, else akka.test.single-expect-default;
// one that is given is dilated; a hint becomes part of the failure's text. The next message, whatever it is, is taken.
public abstract partial class TestKitBase
{
    /// <summary>Expects the next message to be of a type.</summary>
    public T ExpectMsg<T>(TimeSpan? duration = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(duration, null, hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsg{T}(TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgAsync<T>(TimeSpan? duration = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(duration, null, hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message to equal <paramref name="message"/>.</summary>
    public T ExpectMsg<T>(T message, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, EqualTo(message, hint), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsg{T}(T, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgAsync<T>(T message, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, EqualTo(message, hint), hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message to satisfy a predicate.</summary>
    public T ExpectMsg<T>(Predicate<T> isMessage, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, Satisfying(isMessage, hint), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsg{T}(Predicate{T}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgAsync<T>(
        Predicate<T> isMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, Satisfying(isMessage, hint), hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message to be of a type, and hands it to assertions.</summary>
    public T ExpectMsg<T>(Action<T> assert, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, (message, _) => assert(message), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsg{T}(Action{T}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgAsync<T>(
        Action<T> assert,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, (message, _) => assert(message), hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message and its sender to satisfy a predicate.</summary>
    public T ExpectMsg<T>(
        Func<T, IActorRef, bool> isMessageAndSender,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, Satisfying(isMessageAndSender, hint), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsg{T}(Func{T, IActorRef, bool}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgAsync<T>(
        Func<T, IActorRef, bool> isMessageAndSender,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, Satisfying(isMessageAndSender, hint), hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message to be of a type, and hands it and its sender to assertions.</summary>
    public T ExpectMsg<T>(
        Action<T, IActorRef> assertMessageAndSender,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, assertMessageAndSender, hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsg{T}(Action{T, IActorRef}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgAsync<T>(
        Action<T, IActorRef> assertMessageAndSender,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect(timeout, assertMessageAndSender, hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message to equal <paramref name="expected"/> as <paramref name="comparer"/> says.</summary>
    public T ExpectMsg<T>(
        T expected,
        Func<T, T, bool> comparer,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, EqualTo(expected, comparer, hint), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsg{T}(T, Func{T, T, bool}, TimeSpan?, string, CancellationToken)" />
    public ValueTask<T> ExpectMsgAsync<T>(
        T expected,
        Func<T, T, bool> comparer,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, EqualTo(expected, comparer, hint), hint, blocking: false, cancellationToken);

    /// <summary>Expects the next message to be the <see cref="Terminated"/> of an actor that is watched.</summary>
    public Terminated ExpectTerminated(
        IActorRef target,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect<Terminated>(timeout, Death(target, hint), hint, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectTerminated" />
    public ValueTask<Terminated> ExpectTerminatedAsync(
        IActorRef target,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default) =>
        Expect<Terminated>(timeout, Death(target, hint), hint, blocking: false, cancellationToken);

    /// <summary>Expects that no message comes for what is left of Within, else for akka.test.single-expect-default.</summary>
    public void ExpectNoMsg(CancellationToken cancellationToken = default) =>
        Silence(RemainingOrDefault, blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectNoMsg(CancellationToken)" />
    public ValueTask ExpectNoMsgAsync(CancellationToken cancellationToken = default) =>
        Silence(RemainingOrDefault, blocking: false, cancellationToken);

    /// <summary>Expects that no message comes for the duration, which is dilated. Zero asks about this very moment.</summary>
    public void ExpectNoMsg(TimeSpan duration, CancellationToken cancellationToken = default) =>
        Silence(Dilated(duration), blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectNoMsg(TimeSpan, CancellationToken)" />
    public ValueTask ExpectNoMsgAsync(TimeSpan duration, CancellationToken cancellationToken = default) =>
        Silence(Dilated(duration), blocking: false, cancellationToken);

    /// <summary>Expects that no message comes for that many milliseconds, which are not dilated.</summary>
    public void ExpectNoMsg(int milliseconds, CancellationToken cancellationToken = default) =>
        Silence(TimeSpan.FromMilliseconds(milliseconds), blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectNoMsg(int, CancellationToken)" />
    public ValueTask ExpectNoMsgAsync(int milliseconds, CancellationToken cancellationToken = default) =>
        Silence(TimeSpan.FromMilliseconds(milliseconds), blocking: false, cancellationToken);

    /// <summary>Expects the next message to equal one of <paramref name="messages"/>.</summary>
    public T ExpectMsgAnyOf<T>(IEnumerable<T> messages, CancellationToken cancellationToken = default) =>
        AnyOf([.. messages], blocking: true, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="ExpectMsgAnyOf" />
    public ValueTask<T> ExpectMsgAnyOfAsync<T>(IEnumerable<T> messages, CancellationToken cancellationToken = default) =>
        AnyOf([.. messages], blocking: false, cancellationToken);

    /// <summary>Expects the next messages to be these, each once, in any order; returns them as they came.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages) =>
        ToList(AllOf(RemainingOrDefault, messages, blocking: true, default));

    /// <inheritdoc cref="ExpectMsgAllOf{T}(T[])" />
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, params T[] messages) =>
        ToList(AllOf(Dilated(max), messages, blocking: true, default));

    /// <inheritdoc cref="ExpectMsgAllOf{T}(T[])" />
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default) =>
        ToList(AllOf(RemainingOrDefault, messages, blocking: true, cancellationToken));

    /// <inheritdoc cref="ExpectMsgAllOf{T}(T[])" />
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default) =>
        ToList(AllOf(Dilated(max), messages, blocking: true, cancellationToken));

    /// <inheritdoc cref="ExpectMsgAllOf{T}(T[])" />
    public IAsyncEnumerable<T> ExpectMsgAllOfAsync<T>(IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default) =>
        AllOf(RemainingOrDefault, messages, blocking: false, cancellationToken);

    /// <inheritdoc cref="ExpectMsgAllOf{T}(T[])" />
    public IAsyncEnumerable<T> ExpectMsgAllOfAsync<T>(
        TimeSpan max,
        IReadOnlyCollection<T> messages,
        CancellationToken cancellationToken = default) =>
        AllOf(Dilated(max), messages, blocking: false, cancellationToken);

    /// <summary>Expects as many messages as there are predicates, each satisfying one that no other message has satisfied.</summary>
    public IReadOnlyCollection<object> ExpectMsgAllOfMatchingPredicates(params PredicateInfo[] predicates) =>
        ToList(AllMatching(RemainingOrDefault, predicates, blocking: true, default));

    /// <inheritdoc cref="ExpectMsgAllOfMatchingPredicates(PredicateInfo[])" />
    public IReadOnlyCollection<object> ExpectMsgAllOfMatchingPredicates(
        IReadOnlyCollection<PredicateInfo> predicates,
        CancellationToken cancellationToken) =>
        ToList(AllMatching(RemainingOrDefault, predicates, blocking: true, cancellationToken));

    /// <inheritdoc cref="ExpectMsgAllOfMatchingPredicates(PredicateInfo[])" />
    public IReadOnlyCollection<object> ExpectMsgAllOfMatchingPredicates(TimeSpan max, params PredicateInfo[] predicates) =>
        ToList(AllMatching(Dilated(max), predicates, blocking: true, default));

    /// <inheritdoc cref="ExpectMsgAllOfMatchingPredicates(PredicateInfo[])" />
    public IReadOnlyCollection<object> ExpectMsgAllOfMatchingPredicates(
        TimeSpan max,
        IReadOnlyCollection<PredicateInfo> predicates,
        CancellationToken cancellationToken) =>
        ToList(AllMatching(Dilated(max), predicates, blocking: true, cancellationToken));

    /// <inheritdoc cref="ExpectMsgAllOfMatchingPredicates(PredicateInfo[])" />
    public IAsyncEnumerable<object> ExpectMsgAllOfMatchingPredicatesAsync(
        IReadOnlyCollection<PredicateInfo> predicates,
        CancellationToken cancellationToken = default) =>
        AllMatching(RemainingOrDefault, predicates, blocking: false, cancellationToken);

    /// <inheritdoc cref="ExpectMsgAllOfMatchingPredicates(PredicateInfo[])" />
    public IAsyncEnumerable<object> ExpectMsgAllOfMatchingPredicatesAsync(
        TimeSpan max,
        IReadOnlyCollection<PredicateInfo> predicates,
        CancellationToken cancellationToken = default) =>
        AllMatching(Dilated(max), predicates, blocking: false, cancellationToken);

    Action<T, IActorRef> EqualTo<T>(T expected, string? hint) =>
        (actual, _) => _assertions.AssertEqual(expected, actual, "{0}", hint ?? "");

    Action<T, IActorRef> EqualTo<T>(T expected, Func<T, T, bool> comparer, string? hint) =>
        (actual, _) => _assertions.AssertEqual(expected, actual, comparer, "{0}", hint ?? "");

    Action<Terminated, IActorRef> Death(IActorRef target, string? hint) =>
        (terminated, _) => _assertions.AssertEqual(target, terminated.ActorRef, "The wrong actor terminated. {0}", hint ?? "");

    Action<T, IActorRef> Satisfying<T>(Predicate<T> isMessage, string? hint) =>
        Satisfying<T>((message, _) => isMessage(message), hint);

    Action<T, IActorRef> Satisfying<T>(Func<T, IActorRef, bool> isMessageAndSender, string? hint) => (message, sender) =>
        _assertions.AssertTrue(
            isMessageAndSender(message, sender),
            "Received {0} from {1}, which is of the expected type {2} but does not satisfy the predicate. {3}",
            message!, sender, typeof(T), hint ?? "");

    async ValueTask<T> Expect<T>(
        TimeSpan? timeout,
        Action<T, IActorRef>? assert,
        string? hint,
        bool blocking,
        CancellationToken cancellationToken)
    {
        var patience = RemainingOrDilated(timeout);
        var (success, envelope) = await Next(patience, remove: true, blocking, cancellationToken);
        if (!success)
            throw Failure("No message came within {0}; expected one of type {1}. {2}", patience, typeof(T), hint ?? "");
        if (envelope.Message is not T message)
        {
            throw Failure(
                "Received {0} of type {1} from {2}; expected a message of type {3}. {4}",
                envelope.Message, envelope.Message.GetType(), envelope.Sender, typeof(T), hint ?? "");
        }

        assert?.Invoke(message, envelope.Sender);
        return message;
    }

    async ValueTask Silence(TimeSpan duration, bool blocking, CancellationToken cancellationToken)
    {
        var (success, envelope) = await Next(duration, remove: true, blocking, cancellationToken);
        if (success)
            Fail("Expected no message for {0}, but received {1}.", duration, envelope);
        _lastWasNoMessage = true;
    }

    async ValueTask<T> AnyOf<T>(T[] messages, bool blocking, CancellationToken cancellationToken)
    {
        var wanted = string.Join(", ", messages);
        var patience = RemainingOrDefault;
        var (success, envelope) = await Next(patience, remove: true, blocking, cancellationToken);
        if (!success)
            throw Failure("No message came within {0}; expected one of [{1}].", patience, wanted);
        if (envelope.Message is not T typed || !messages.Contains(typed))
            throw Failure("Received {0}; expected one of [{1}].", envelope, wanted);
        return typed;
    }

    async IAsyncEnumerable<T> AllOf<T>(
        TimeSpan max,
        IReadOnlyCollection<T> messages,
        bool blocking,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var missing = messages.ToList();
        var unexpected = new List<object>();
        await foreach (var message in Exactly(messages.Count, max, blocking, cancellationToken))
        {
            if (message is T typed && missing.Remove(typed))
                yield return typed;
            else
                unexpected.Add(message);
        }

        FailIfAny(missing, unexpected);
    }

    async IAsyncEnumerable<object> AllMatching(
        TimeSpan max,
        IReadOnlyCollection<PredicateInfo> predicates,
        bool blocking,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var missing = predicates.ToList();
        var unexpected = new List<object>();
        await foreach (var message in Exactly(predicates.Count, max, blocking, cancellationToken))
        {
            var satisfied = missing.FindIndex(predicate => predicate.IsSatisfiedBy(message));
            if (satisfied < 0)
            {
                unexpected.Add(message);
                continue;
            }

            missing.RemoveAt(satisfied);
            yield return message;
        }

        FailIfAny(missing, unexpected);
    }

    void FailIfAny<T>(List<T> missing, List<object> unexpected)
    {
        if (missing.Count > 0 || unexpected.Count > 0)
            Fail("Missing: [{0}]. Unexpected: [{1}].", string.Join(", ", missing), string.Join(", ", unexpected));
    }
}
