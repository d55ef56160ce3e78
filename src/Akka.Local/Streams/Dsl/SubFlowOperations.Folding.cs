using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class SubFlowOperations
{
    /// <summary>
    /// The zero, then each intermediate result of folding the elements. Asks the supervision strategy about exceptions; a restart begins
    /// with the zero again.
    /// </summary>
    public static SubFlow<TOut2, TMat, TClosed> Scan<TOut1, TOut2, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow, TOut2 zero,
        Func<TOut2, TOut1, TOut2> scan) =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.Scan(zero, scan));

    /// <summary>
    /// The zero, then each intermediate result of folding the elements asynchronously, one step at a time. Asks the supervision strategy
    /// about exceptions.
    /// </summary>
    public static SubFlow<TOut2, TMat, TClosed> ScanAsync<TOut1, TOut2, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow,
        TOut2 zero, Func<TOut2, TOut1, Task<TOut2>> scan) =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.ScanAsync(zero, scan));

    /// <summary>One element when upstream completes: all elements folded. Asks the supervision strategy about exceptions.</summary>
    public static SubFlow<TOut2, TMat, TClosed> Aggregate<TOut1, TOut2, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow,
        TOut2 zero, Func<TOut2, TOut1, TOut2> fold) =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.Aggregate(zero, fold));

    /// <summary>
    /// One element when upstream completes: all elements folded asynchronously, one step at a time. Asks the supervision strategy about
    /// exceptions.
    /// </summary>
    public static SubFlow<TOut, TMat, TClosed> AggregateAsync<TIn, TOut, TMat, TClosed>(this SubFlow<TIn, TMat, TClosed> flow, TOut zero,
        Func<TOut, TIn, Task<TOut>> fold) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.AggregateAsync(zero, fold));

    /// <summary>
    /// One element when upstream completes: all elements folded, beginning with the first. Fails with
    /// <see cref="NoSuchElementException"/> if there is none.
    /// </summary>
    public static SubFlow<TOut, TMat, TClosed> Sum<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        Func<TOut, TOut, TOut> reduce) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Sum(reduce));

    /// <summary>Groups of <paramref name="n"/> elements; the last may be smaller.</summary>
    public static SubFlow<IEnumerable<TOut>, TMat, TClosed> Grouped<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, int n) =>
        (SubFlow<IEnumerable<TOut>, TMat, TClosed>)flow.Via(Operators.Grouped<TOut>(n));

    /// <summary>
    /// Groups of up to <paramref name="n"/> elements; a group that is not full is given when the time is over, unless it is empty.
    /// </summary>
    public static SubFlow<IEnumerable<TOut>, TMat, TClosed> GroupedWithin<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        int n, TimeSpan timeout) =>
        (SubFlow<IEnumerable<TOut>, TMat, TClosed>)flow.Via(Operators.GroupedWithin<TOut>(n, timeout));

    /// <summary>Groups of up to a total weight and number, given when full or when the time is over.</summary>
    public static SubFlow<IEnumerable<TOut>, TMat, TClosed> GroupedWeightedWithin<TOut, TMat, TClosed>(
        this SubFlow<TOut, TMat, TClosed> flow, long maxWeight, int maxNumber, TimeSpan interval, Func<TOut, long> costFn) =>
        (SubFlow<IEnumerable<TOut>, TMat, TClosed>)flow.Via(Operators.GroupedWeightedWithin(maxWeight, maxNumber, interval, costFn));

    /// <summary>A window of <paramref name="n"/> elements that moves by <paramref name="step"/>; the last may be smaller.</summary>
    public static SubFlow<IEnumerable<TOut>, TMat, TClosed> Sliding<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, int n,
        int step = 1) =>
        (SubFlow<IEnumerable<TOut>, TMat, TClosed>)flow.Via(Operators.Sliding<TOut>(n, step));

    /// <summary>
    /// While downstream is busy, folds up to <paramref name="max"/> elements into one; then makes upstream wait. Asks the supervision
    /// strategy about exceptions.
    /// </summary>
    public static SubFlow<TOut2, TMat, TClosed> Batch<TOut, TOut2, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, long max,
        Func<TOut, TOut2> seed, Func<TOut2, TOut, TOut2> aggregate) =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.Batch(max, seed, aggregate));

    /// <summary>
    /// While downstream is busy, folds elements up to a total cost into one; then makes upstream wait. Asks the supervision strategy
    /// about exceptions.
    /// </summary>
    public static SubFlow<TOut2, TMat, TClosed> BatchWeighted<TOut, TOut2, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        long max, Func<TOut, long> costFunction, Func<TOut, TOut2> seed, Func<TOut2, TOut, TOut2> aggregate) =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.BatchWeighted(max, costFunction, seed, aggregate));

    /// <summary>While downstream is busy, folds all that comes into one element: never makes upstream wait.</summary>
    public static SubFlow<TOut, TMat, TClosed> Conflate<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        Func<TOut, TOut, TOut> aggregate) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Conflate(aggregate));

    /// <summary>While downstream is busy, folds all that comes into one element: never makes upstream wait.</summary>
    public static SubFlow<TSeed, TMat, TClosed> ConflateWithSeed<TOut, TMat, TSeed, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        Func<TOut, TSeed> seed, Func<TSeed, TOut, TSeed> aggregate) =>
        (SubFlow<TSeed, TMat, TClosed>)flow.Via(Operators.ConflateWithSeed(seed, aggregate));

    /// <summary>While upstream is slow, answers demand from the series that the latest element extrapolates to.</summary>
    public static SubFlow<TOut2, TMat, TClosed> Expand<TOut1, TOut2, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow,
        Func<TOut1, IEnumerator<TOut2>> extrapolate) =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.Expand(extrapolate));

    /// <summary>
    /// Holds up to <paramref name="size"/> elements for a slower downstream; <paramref name="strategy"/> says what happens to one more.
    /// </summary>
    public static SubFlow<TOut, TMat, TClosed> Buffer<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, int size,
        OverflowStrategy strategy) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Buffer<TOut>(size, strategy));

    /// <summary>Asks upstream for one element ahead of demand.</summary>
    public static SubFlow<TOut, TMat, TClosed> Detach<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Detach<TOut>());
}
