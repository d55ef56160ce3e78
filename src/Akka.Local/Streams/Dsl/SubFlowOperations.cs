using Akka.Event;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>What can be done with substreams, each of them. Every operator describes; nothing happens before the graph is run.</summary>
public static partial class SubFlowOperations
{
    /// <summary>Each element changed by a function. Asks the supervision strategy about exceptions.</summary>
    public static SubFlow<TOut, TMat, TClosed> Select<TIn, TOut, TMat, TClosed>(this SubFlow<TIn, TMat, TClosed> flow,
        Func<TIn, TOut> mapper) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Select(mapper));

    /// <summary>
    /// Each element changed by an asynchronous function, up to <paramref name="parallelism"/> at a time; results keep the order. Asks the
    /// supervision strategy about exceptions.
    /// </summary>
    public static SubFlow<TOut, TMat, TClosed> SelectAsync<TIn, TOut, TMat, TClosed>(this SubFlow<TIn, TMat, TClosed> flow,
        int parallelism, Func<TIn, Task<TOut>> asyncMapper) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.SelectAsync(parallelism, asyncMapper));

    /// <summary>
    /// Each element changed by an asynchronous function, up to <paramref name="parallelism"/> at a time; results as they come. Asks the
    /// supervision strategy about exceptions.
    /// </summary>
    public static SubFlow<TOut, TMat, TClosed> SelectAsyncUnordered<TIn, TOut, TMat, TClosed>(this SubFlow<TIn, TMat, TClosed> flow,
        int parallelism, Func<TIn, Task<TOut>> asyncMapper) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.SelectAsyncUnordered(parallelism, asyncMapper));

    /// <summary>Each element replaced by any number of elements. Asks the supervision strategy about exceptions.</summary>
    public static SubFlow<TOut2, TMat, TClosed> SelectMany<TOut1, TOut2, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow,
        Func<TOut1, IEnumerable<TOut2>> mapConcater) =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.SelectMany(mapConcater));

    /// <summary>
    /// Each element replaced by any number of elements, by a function made anew for each run, which may keep state. Asks the supervision
    /// strategy about exceptions; a restart makes the function anew.
    /// </summary>
    public static SubFlow<TOut2, TMat, TClosed> StatefulSelectMany<TOut1, TOut2, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow,
        Func<Func<TOut1, IEnumerable<TOut2>>> mapConcaterFactory) =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.StatefulSelectMany(mapConcaterFactory));

    /// <summary>A failure replaced by another one.</summary>
    public static SubFlow<TOut, TMat, TClosed> SelectError<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        Func<Exception, Exception> selector) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.SelectError<TOut>(selector));

    /// <summary>Only the elements that pass. Asks the supervision strategy about exceptions.</summary>
    public static SubFlow<TOut, TMat, TClosed> Where<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        Predicate<TOut> predicate) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Where(predicate));

    /// <summary>Only the elements that do not pass. Asks the supervision strategy about exceptions.</summary>
    public static SubFlow<TOut, TMat, TClosed> WhereNot<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        Predicate<TOut> predicate) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Where<TOut>(element => !predicate(element)));

    /// <summary>The first <paramref name="n"/> elements; then completes and cancels upstream.</summary>
    public static SubFlow<TOut, TMat, TClosed> Take<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, long n) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Take<TOut>(n));

    /// <summary>
    /// Elements up to the first that does not pass, which is included only if asked for. Asks the supervision strategy about exceptions.
    /// </summary>
    public static SubFlow<TOut, TMat, TClosed> TakeWhile<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        Predicate<TOut> predicate, bool inclusive = false) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.TakeWhile(predicate, inclusive));

    /// <summary>All but the first <paramref name="n"/> elements.</summary>
    public static SubFlow<TOut, TMat, TClosed> Skip<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, long n) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Skip<TOut>(n));

    /// <summary>Elements from the first that does not pass on. Asks the supervision strategy about exceptions.</summary>
    public static SubFlow<TOut, TMat, TClosed> SkipWhile<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        Predicate<TOut> predicate) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.SkipWhile(predicate));

    /// <summary>At most <paramref name="max"/> elements; with one more fails with <see cref="StreamLimitReachedException"/>.</summary>
    public static SubFlow<T, TMat, TClosed> Limit<T, TMat, TClosed>(this SubFlow<T, TMat, TClosed> flow, long max) =>
        (SubFlow<T, TMat, TClosed>)flow.Via(Operators.LimitWeighted<T>(max, _ => 1));

    /// <summary>Elements up to a total cost; beyond it fails with <see cref="StreamLimitReachedException"/>.</summary>
    public static SubFlow<T, TMat, TClosed> LimitWeighted<T, TMat, TClosed>(this SubFlow<T, TMat, TClosed> flow, long max,
        Func<T, long> costFunc) =>
        (SubFlow<T, TMat, TClosed>)flow.Via(Operators.LimitWeighted(max, costFunc));

    /// <summary><paramref name="inject"/> between every two elements.</summary>
    public static SubFlow<TOut, TMat, TClosed> Intersperse<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, TOut inject) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Intersperse(inject));

    /// <summary>
    /// <paramref name="start"/> first, <paramref name="inject"/> between every two elements, <paramref name="end"/> last.
    /// </summary>
    public static SubFlow<TOut, TMat, TClosed> Intersperse<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, TOut start,
        TOut inject, TOut end) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Intersperse(start, inject, end));

    /// <summary>Each element with its number, from zero.</summary>
    public static SubFlow<(TOut1, long), TMat, TClosed> ZipWithIndex<TOut1, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow) =>
        (SubFlow<(TOut1, long), TMat, TClosed>)flow.Via(Operators.ZipWithIndex<TOut1>());

    /// <summary>Writes elements, completion and failure to the log; levels by attribute, Debug and Error by default.</summary>
    public static SubFlow<TOut, TMat, TClosed> Log<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, string name,
        Func<TOut, object>? extract = null, ILoggingAdapter? log = null) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Log(name, extract, log));

    /// <summary>On failure goes on with another source, as often as need be; no source means that the failure stands.</summary>
    public static SubFlow<TOut, TMat, TClosed> RecoverWith<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        Func<Exception, IGraph<SourceShape<TOut>, TMat>?> partialFunc) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.RecoverWithRetries(partialFunc, -1));

    /// <summary>
    /// On failure goes on with another source, at most <paramref name="attempts"/> times (-1: no limit); no source means that the failure
    /// stands.
    /// </summary>
    public static SubFlow<TOut, TMat, TClosed> RecoverWithRetries<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        Func<Exception, IGraph<SourceShape<TOut>, TMat>?> partialFunc, int attempts) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.RecoverWithRetries(partialFunc, attempts));
}
