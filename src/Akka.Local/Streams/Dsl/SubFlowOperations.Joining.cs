using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class SubFlowOperations
{
    /// <summary>Pairs with the elements of another source; completes when either does.</summary>
    public static SubFlow<(T1, T2), TMat, TClosed> Zip<T1, T2, TMat, TClosed>(this SubFlow<T1, TMat, TClosed> flow,
        IGraph<SourceShape<T2>, TMat> other) =>
        (SubFlow<(T1, T2), TMat, TClosed>)flow.Via(Operators.ZipWith<T1, T2, (T1, T2), TMat>(other, static (first, second) => (first, second)));

    /// <summary>Combines with the elements of another source; completes when either does.</summary>
    public static SubFlow<T3, TMat, TClosed> ZipWith<T1, T2, T3, TMat, TClosed>(this SubFlow<T1, TMat, TClosed> flow,
        IGraph<SourceShape<T2>, TMat> other, Func<T1, T2, T3> combine) =>
        (SubFlow<T3, TMat, TClosed>)flow.Via(Operators.ZipWith(other, combine));

    /// <summary>The elements of both, as they come; completes when both have, or, if eager, when either has.</summary>
    public static SubFlow<TOut2, TMat, TClosed> Merge<TOut1, TOut2, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow,
        IGraph<SourceShape<TOut2>, TMat> other, bool eagerComplete = false) where TOut1 : TOut2 =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.Merge<TOut1, TOut2, TMat>(other, eagerComplete));

    /// <summary><paramref name="segmentSize"/> elements from each in turn.</summary>
    public static SubFlow<T2, TMat, TClosed> Interleave<T1, T2, TMat, TClosed>(this SubFlow<T1, TMat, TClosed> flow,
        IGraph<SourceShape<T2>, TMat> other, int segmentSize) where T1 : T2 =>
        (SubFlow<T2, TMat, TClosed>)flow.Via(Operators.Interleave<T1, T2, TMat>(other, segmentSize));

    /// <summary>The elements of two sorted streams as one sorted stream.</summary>
    public static SubFlow<TOut, TMat, TClosed> MergeSorted<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        IGraph<SourceShape<TOut>, TMat> other) where TOut : IComparable<TOut> =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.MergeSorted(other, (left, right) => left.CompareTo(right)));

    /// <summary>The elements of two sorted streams as one sorted stream.</summary>
    public static SubFlow<TOut, TMat, TClosed> MergeSorted<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        IGraph<SourceShape<TOut>, TMat> other, Func<TOut, TOut, int> orderFunc) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.MergeSorted(other, orderFunc));

    /// <summary>The elements of two sorted streams as one sorted stream.</summary>
    public static SubFlow<TOut, TMat, TClosed> MergeSorted<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        IGraph<SourceShape<TOut>, TMat> other, IComparer<TOut> comparer) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.MergeSorted(other, comparer.Compare));

    /// <summary>All elements, then those of another source. One element of each is asked for ahead.</summary>
    public static SubFlow<TOut, TMat, TClosed> Concat<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        IGraph<SourceShape<TOut>, TMat> other) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.Concat(other));

    /// <summary>All elements of another source first.</summary>
    public static SubFlow<TOut2, TMat, TClosed> Prepend<TOut1, TOut2, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow,
        IGraph<SourceShape<TOut2>, TMat> that) where TOut1 : TOut2 =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.Prepend<TOut1, TOut2, TMat>(that));

    /// <summary>The elements of another source instead, if this one completes without any.</summary>
    public static SubFlow<T, TMat, TClosed> OrElse<T, TMat, TClosed>(this SubFlow<T, TMat, TClosed> flow,
        IGraph<SourceShape<T>, TMat> secondary) =>
        (SubFlow<T, TMat, TClosed>)flow.Via(Operators.OrElse(secondary));

    /// <summary>Every element to a sink as well, as fast as the slower of the two takes them.</summary>
    public static SubFlow<TOut, TMat, TClosed> AlsoTo<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        IGraph<SinkShape<TOut>, TMat> that) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.AlsoTo(that, false));

    /// <summary>Every element to a sink as well, as fast as the slower of the two takes them.</summary>
    public static SubFlow<TOut, TMat, TClosed> AlsoTo<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        IGraph<SinkShape<TOut>, TMat> that, bool propagateFailure) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.AlsoTo(that, propagateFailure));

    /// <summary>The elements that <paramref name="when"/> accepts to a sink instead.</summary>
    public static SubFlow<TOut, TMat, TClosed> DivertTo<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        IGraph<SinkShape<TOut>, TMat> that, Func<TOut, bool> when) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.DivertTo(that, when));

    /// <summary>Lets a function listen in, without slowing the stream down: it misses what comes while it is busy.</summary>
    public static SubFlow<TOut, TMat, TClosed> WireTap<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow, Action<TOut> action) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.WireTap(Sink.ForEach(action)));

    /// <summary>Lets a sink listen in, without slowing the stream down: it misses what comes while it is busy.</summary>
    public static SubFlow<TOut, TMat, TClosed> WireTap<TOut, TMat, TClosed>(this SubFlow<TOut, TMat, TClosed> flow,
        IGraph<SinkShape<TOut>, TMat> that) =>
        (SubFlow<TOut, TMat, TClosed>)flow.Via(Operators.WireTap(that));
}
