using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class SubFlowOperations
{
    /// <summary>What comes within a time from the start; then completes.</summary>
    public static SubFlow<TOut, TMat, TClosed> TakeWithin<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, TimeSpan duration) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.TakeWithin<TOut>(duration));

    /// <summary>What comes after a time from the start.</summary>
    public static SubFlow<TOut, TMat, TClosed> SkipWithin<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, TimeSpan duration) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.SkipWithin<TOut>(duration));

    /// <summary>At most so many elements in a time, in bursts of at most <paramref name="maximumBurst"/>.</summary>
    public static SubFlow<TOut, TMat, TClosed> Throttle<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, int elements,
        TimeSpan per, int maximumBurst, ThrottleMode mode) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Throttle<TOut>(elements, per, maximumBurst, _ => 1, mode));

    /// <summary>At most so much cost in a time, in bursts of at most <paramref name="maximumBurst"/>.</summary>
    public static SubFlow<TOut, TMat, TClosed> Throttle<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, int cost,
        TimeSpan per, int maximumBurst, Func<TOut, int> calculateCost, ThrottleMode mode) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Throttle(cost, per, maximumBurst, calculateCost, mode));

    /// <summary>
    /// Each element a while after it came. Holds as many as the input buffer attribute says; <paramref name="strategy"/>, by default
    /// dropping the youngest, says what happens to one more.
    /// </summary>
    public static SubFlow<TOut, TMat, TClosed> Delay<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, TimeSpan of,
        DelayOverflowStrategy? strategy = null) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Delay<TOut>(of, strategy));

    /// <summary>Passes no demand on before a time from the start.</summary>
    public static SubFlow<TOut, TMat, TClosed> InitialDelay<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, TimeSpan delay) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.InitialDelay<TOut>(delay));

    /// <summary>Fails with <see cref="TimeoutException"/> if no element has come in time.</summary>
    public static SubFlow<TOut, TMat, TClosed> InitialTimeout<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        TimeSpan timeout) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Timeout<TOut>(TimeoutKind.Initial, timeout));

    /// <summary>Fails with <see cref="TimeoutException"/> if the stream has not completed in time.</summary>
    public static SubFlow<TOut, TMat, TClosed> CompletionTimeout<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        TimeSpan timeout) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Timeout<TOut>(TimeoutKind.Completion, timeout));

    /// <summary>Fails with <see cref="TimeoutException"/> if the time between two elements is too long.</summary>
    public static SubFlow<TOut, TMat, TClosed> IdleTimeout<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, TimeSpan timeout) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Timeout<TOut>(TimeoutKind.Idle, timeout));

    /// <summary>Fails with <see cref="TimeoutException"/> if the time between an element and the demand for the next is too long.</summary>
    public static SubFlow<TOut, TMat, TClosed> BackpressureTimeout<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        TimeSpan timeout) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Timeout<TOut>(TimeoutKind.Backpressure, timeout));

    /// <summary>Gives an element of its own whenever none has come for a while and downstream waits.</summary>
    public static SubFlow<TInjected, TMat, TClosed> KeepAlive<TOut, TInjected, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        TimeSpan timeout, Func<TInjected> injectElement) where TOut : TInjected =>
        (SubFlow<TInjected, TMat, TClosed>)flow.Via(Operators.KeepAlive<TOut, TInjected>(timeout, injectElement));
}
