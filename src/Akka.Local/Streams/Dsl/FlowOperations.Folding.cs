using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class FlowOperations
{
    /// <summary>
    /// The zero, then each intermediate result of folding the elements. Asks the supervision strategy about exceptions; a restart begins
    /// with the zero again.
    /// </summary>
    public static Flow<TIn, TOut2, TMat> Scan<TIn, TOut1, TOut2, TMat>(this Flow<TIn, TOut1, TMat> flow, TOut2 zero,
        Func<TOut2, TOut1, TOut2> scan) =>
        flow.Via(Operators.Scan(zero, scan));

    /// <summary>
    /// The zero, then each intermediate result of folding the elements asynchronously, one step at a time. Asks the supervision strategy
    /// about exceptions.
    /// </summary>
    public static Flow<TIn, TOut2, TMat> ScanAsync<TIn, TOut1, TOut2, TMat>(this Flow<TIn, TOut1, TMat> flow, TOut2 zero,
        Func<TOut2, TOut1, Task<TOut2>> scan) =>
        flow.Via(Operators.ScanAsync(zero, scan));

    /// <summary>One element when upstream completes: all elements folded. Asks the supervision strategy about exceptions.</summary>
    public static Flow<TIn, TOut2, TMat> Aggregate<TIn, TOut1, TOut2, TMat>(this Flow<TIn, TOut1, TMat> flow, TOut2 zero,
        Func<TOut2, TOut1, TOut2> fold) =>
        flow.Via(Operators.Aggregate(zero, fold));

    /// <summary>
    /// One element when upstream completes: all elements folded asynchronously, one step at a time. Asks the supervision strategy about
    /// exceptions.
    /// </summary>
    public static Flow<TIn, TOut2, TMat> AggregateAsync<TIn, TOut1, TOut2, TMat>(this Flow<TIn, TOut1, TMat> flow, TOut2 zero,
        Func<TOut2, TOut1, Task<TOut2>> fold) =>
        flow.Via(Operators.AggregateAsync(zero, fold));

    /// <summary>
    /// One element when upstream completes: all elements folded, beginning with the first. Fails with
    /// <see cref="NoSuchElementException"/> if there is none.
    /// </summary>
    public static Flow<TIn, TOut, TMat> Sum<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, Func<TOut, TOut, TOut> reduce) =>
        flow.Via(Operators.Sum(reduce));

    /// <summary>Groups of <paramref name="n"/> elements; the last may be smaller.</summary>
    public static Flow<TIn, IEnumerable<TOut>, TMat> Grouped<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, int n) =>
        flow.Via(Operators.Grouped<TOut>(n));

    /// <summary>
    /// Groups of up to <paramref name="n"/> elements; a group that is not full is given when the time is over, unless it is empty.
    /// </summary>
    public static Flow<TIn, IEnumerable<TOut>, TMat> GroupedWithin<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, int n,
        TimeSpan timeout) =>
        flow.Via(Operators.GroupedWithin<TOut>(n, timeout));

    /// <summary>Groups of up to a total weight and number, given when full or when the time is over.</summary>
    public static Flow<TIn, IEnumerable<TOut>, TMat> GroupedWeightedWithin<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        long maxWeight, int maxNumber, TimeSpan interval, Func<TOut, long> costFn) =>
        flow.Via(Operators.GroupedWeightedWithin(maxWeight, maxNumber, interval, costFn));

    /// <summary>A window of <paramref name="n"/> elements that moves by <paramref name="step"/>; the last may be smaller.</summary>
    public static Flow<TIn, IEnumerable<TOut>, TMat> Sliding<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, int n, int step = 1) =>
        flow.Via(Operators.Sliding<TOut>(n, step));

    /// <summary>
    /// While downstream is busy, folds up to <paramref name="max"/> elements into one; then makes upstream wait. Asks the supervision
    /// strategy about exceptions.
    /// </summary>
    public static Flow<TIn, TOut2, TMat> Batch<TIn, TOut, TOut2, TMat>(this Flow<TIn, TOut, TMat> flow, long max, Func<TOut, TOut2> seed,
        Func<TOut2, TOut, TOut2> aggregate) =>
        flow.Via(Operators.Batch(max, seed, aggregate));

    /// <summary>
    /// While downstream is busy, folds elements up to a total cost into one; then makes upstream wait. Asks the supervision strategy
    /// about exceptions.
    /// </summary>
    public static Flow<TIn, TOut2, TMat> BatchWeighted<TIn, TOut, TOut2, TMat>(this Flow<TIn, TOut, TMat> flow, long max,
        Func<TOut, long> costFunction, Func<TOut, TOut2> seed, Func<TOut2, TOut, TOut2> aggregate) =>
        flow.Via(Operators.BatchWeighted(max, costFunction, seed, aggregate));

    /// <summary>While downstream is busy, folds all that comes into one element: never makes upstream wait.</summary>
    public static Flow<TIn, TOut, TMat> Conflate<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, Func<TOut, TOut, TOut> aggregate) =>
        flow.Via(Operators.Conflate(aggregate));

    /// <summary>While downstream is busy, folds all that comes into one element: never makes upstream wait.</summary>
    public static Flow<TIn, TSeed, TMat> ConflateWithSeed<TIn, TOut, TMat, TSeed>(this Flow<TIn, TOut, TMat> flow, Func<TOut, TSeed> seed,
        Func<TSeed, TOut, TSeed> aggregate) =>
        flow.Via(Operators.ConflateWithSeed(seed, aggregate));

    /// <summary>While upstream is slow, answers demand from the series that the latest element extrapolates to.</summary>
    public static Flow<TIn, TOut2, TMat> Expand<TIn, TOut1, TOut2, TMat>(this Flow<TIn, TOut1, TMat> flow,
        Func<TOut1, IEnumerator<TOut2>> extrapolate) =>
        flow.Via(Operators.Expand(extrapolate));

    /// <summary>
    /// Holds up to <paramref name="size"/> elements for a slower downstream; <paramref name="strategy"/> says what happens to one more.
    /// </summary>
    public static Flow<TIn, TOut, TMat> Buffer<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, int size, OverflowStrategy strategy) =>
        flow.Via(Operators.Buffer<TOut>(size, strategy));

    /// <summary>Asks upstream for one element ahead of demand.</summary>
    public static Flow<TIn, TOut, TMat> Detach<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow) => flow.Via(Operators.Detach<TOut>());
}
