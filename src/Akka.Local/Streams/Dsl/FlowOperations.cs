using Akka.Event;
using Akka.Streams.Implementation.Stages;
using Akka.Util;

namespace Akka.Streams.Dsl;

/// <summary>What can be done with flows. Every operator describes; nothing happens before the graph is run.</summary>
public static partial class FlowOperations
{
    /// <summary>Each element changed by a function. Asks the supervision strategy about exceptions.</summary>
    public static Flow<T, TOut, TMat> Select<T, TIn, TOut, TMat>(this Flow<T, TIn, TMat> flow, Func<TIn, TOut> mapper) =>
        flow.Via(Operators.Select(mapper));

    /// <summary>
    /// Each element changed by an asynchronous function, up to <paramref name="parallelism"/> at a time; results keep the order. Asks the
    /// supervision strategy about exceptions.
    /// </summary>
    public static Flow<T, TOut, TMat> SelectAsync<T, TIn, TOut, TMat>(this Flow<T, TIn, TMat> flow, int parallelism,
        Func<TIn, Task<TOut>> asyncMapper) =>
        flow.Via(Operators.SelectAsync(parallelism, asyncMapper));

    /// <summary>
    /// Each element changed by an asynchronous function, up to <paramref name="parallelism"/> at a time; results as they come. Asks the
    /// supervision strategy about exceptions.
    /// </summary>
    public static Flow<T, TOut, TMat> SelectAsyncUnordered<T, TIn, TOut, TMat>(this Flow<T, TIn, TMat> flow, int parallelism,
        Func<TIn, Task<TOut>> asyncMapper) =>
        flow.Via(Operators.SelectAsyncUnordered(parallelism, asyncMapper));

    /// <summary>Each element replaced by any number of elements. Asks the supervision strategy about exceptions.</summary>
    public static Flow<T, TOut, TMat> SelectMany<T, TIn, TOut, TMat>(this Flow<T, TIn, TMat> flow,
        Func<TIn, IEnumerable<TOut>> mapConcater) =>
        flow.Via(Operators.SelectMany(mapConcater));

    /// <summary>
    /// Each element replaced by any number of elements, by a function made anew for each run, which may keep state. Asks the supervision
    /// strategy about exceptions; a restart makes the function anew.
    /// </summary>
    public static Flow<T, TOut, TMat> StatefulSelectMany<T, TIn, TOut, TMat>(this Flow<T, TIn, TMat> flow,
        Func<Func<TIn, IEnumerable<TOut>>> mapConcaterFactory) =>
        flow.Via(Operators.StatefulSelectMany(mapConcaterFactory));

    /// <summary>A failure replaced by another one.</summary>
    public static Flow<TIn, TOut, TMat> SelectError<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        Func<Exception, Exception> selector) =>
        flow.Via(Operators.SelectError<TOut>(selector));

    /// <summary>Only the elements that pass. Asks the supervision strategy about exceptions.</summary>
    public static Flow<TIn, TOut, TMat> Where<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, Predicate<TOut> predicate) =>
        flow.Via(Operators.Where(predicate));

    /// <summary>Only the elements that do not pass. Asks the supervision strategy about exceptions.</summary>
    public static Flow<TIn, TOut, TMat> WhereNot<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, Predicate<TOut> predicate) =>
        flow.Via(Operators.Where<TOut>(element => !predicate(element)));

    /// <summary>
    /// The elements that <paramref name="isDefined"/> accepts, changed by <paramref name="collector"/>. Asks the supervision strategy
    /// about exceptions.
    /// </summary>
    public static Flow<TIn, TOut2, TMat> Collect<TIn, TOut1, TOut2, TMat>(this Flow<TIn, TOut1, TMat> flow, Func<TOut1, bool> isDefined,
        Func<TOut1, TOut2> collector) =>
        flow.Via(Operators.Collect(isDefined, collector));

    /// <summary>The first <paramref name="n"/> elements; then completes and cancels upstream.</summary>
    public static Flow<TIn, TOut, TMat> Take<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, long n) => flow.Via(Operators.Take<TOut>(n));

    /// <summary>
    /// Elements up to the first that does not pass, which is included only if asked for. Asks the supervision strategy about exceptions.
    /// </summary>
    public static Flow<TIn, TOut, TMat> TakeWhile<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, Predicate<TOut> predicate,
        bool inclusive = false) =>
        flow.Via(Operators.TakeWhile(predicate, inclusive));

    /// <summary>All but the first <paramref name="n"/> elements.</summary>
    public static Flow<TIn, TOut, TMat> Skip<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, long n) => flow.Via(Operators.Skip<TOut>(n));

    /// <summary>Elements from the first that does not pass on. Asks the supervision strategy about exceptions.</summary>
    public static Flow<TIn, TOut, TMat> SkipWhile<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, Predicate<TOut> predicate) =>
        flow.Via(Operators.SkipWhile(predicate));

    /// <summary>At most <paramref name="max"/> elements; with one more fails with <see cref="StreamLimitReachedException"/>.</summary>
    public static Flow<TIn, TOut, TMat> Limit<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, long max) =>
        flow.Via(Operators.LimitWeighted<TOut>(max, _ => 1));

    /// <summary>Elements up to a total cost; beyond it fails with <see cref="StreamLimitReachedException"/>.</summary>
    public static Flow<TIn, TOut, TMat> LimitWeighted<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, long max,
        Func<TOut, long> costFunc) =>
        flow.Via(Operators.LimitWeighted(max, costFunc));

    /// <summary><paramref name="inject"/> between every two elements.</summary>
    public static Flow<TIn, TOut, TMat> Intersperse<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, TOut inject) =>
        flow.Via(Operators.Intersperse(inject));

    /// <summary>
    /// <paramref name="start"/> first, <paramref name="inject"/> between every two elements, <paramref name="end"/> last.
    /// </summary>
    public static Flow<TIn, TOut, TMat> Intersperse<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, TOut start, TOut inject, TOut end) =>
        flow.Via(Operators.Intersperse(start, inject, end));

    /// <summary>Each element with its number, from zero.</summary>
    public static Flow<TIn, (TOut, long), TMat> ZipWithIndex<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow) =>
        flow.Via(Operators.ZipWithIndex<TOut>());

    /// <summary>Writes elements, completion and failure to the log; levels by attribute, Debug and Error by default.</summary>
    public static Flow<TIn, TOut, TMat> Log<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, string name,
        Func<TOut, object>? extract = null, ILoggingAdapter? log = null) =>
        flow.Via(Operators.Log(name, extract, log));

    /// <summary>On failure gives one last element, if the function has one, and completes.</summary>
    public static Flow<TIn, TOut, TMat> Recover<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        Func<Exception, Option<TOut>> partialFunc) =>
        flow.Via(Operators.Recover(partialFunc));

    /// <summary>On failure goes on with another source, as often as need be; no source means that the failure stands.</summary>
    public static Flow<TIn, TOut, TMat> RecoverWith<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        Func<Exception, IGraph<SourceShape<TOut>, TMat>?> partialFunc) =>
        flow.Via(Operators.RecoverWithRetries(partialFunc, -1));

    /// <summary>
    /// On failure goes on with another source, at most <paramref name="attempts"/> times (-1: no limit); no source means that the failure
    /// stands.
    /// </summary>
    public static Flow<TIn, TOut, TMat> RecoverWithRetries<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        Func<Exception, IGraph<SourceShape<TOut>, TMat>?> partialFunc, int attempts) =>
        flow.Via(Operators.RecoverWithRetries(partialFunc, attempts));
}
