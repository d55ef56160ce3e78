using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class FlowOperations
{
    /// <summary>Pairs with the elements of another source; completes when either does.</summary>
    public static Flow<TIn, (T1, T2), TMat> Zip<TIn, T1, T2, TMat>(this Flow<TIn, T1, TMat> flow, IGraph<SourceShape<T2>, TMat> other) =>
        flow.Via(Operators.ZipWith<T1, T2, (T1, T2), TMat>(other, static (first, second) => (first, second)));

    /// <summary>Combines with the elements of another source; completes when either does.</summary>
    public static Flow<TIn, T3, TMat> ZipWith<TIn, T1, T2, T3, TMat>(this Flow<TIn, T1, TMat> flow, IGraph<SourceShape<T2>, TMat> other,
        Func<T1, T2, T3> combine) =>
        flow.Via(Operators.ZipWith(other, combine));

    /// <summary>The elements of both, as they come; completes when both have, or, if eager, when either has.</summary>
    public static Flow<TIn, TOut2, TMat> Merge<TIn, TOut1, TOut2, TMat>(this Flow<TIn, TOut1, TMat> flow,
        IGraph<SourceShape<TOut2>, TMat> other, bool eagerComplete = false) where TOut1 : TOut2 =>
        flow.Via(Operators.Merge<TOut1, TOut2, TMat>(other, eagerComplete));

    /// <summary>The elements of both, as they come; completes when both have.</summary>
    public static Flow<TIn, TOut2, TMat3> MergeMaterialized<TIn, TOut1, TOut2, TMat, TMat2, TMat3>(this Flow<TIn, TOut1, TMat> flow,
        IGraph<SourceShape<TOut2>, TMat2> that, Func<TMat, TMat2, TMat3> combine) where TOut1 : TOut2 =>
        flow.ViaMaterialized(Operators.Merge<TOut1, TOut2, TMat2>(that, false), combine);

    /// <summary><paramref name="segmentSize"/> elements from each in turn.</summary>
    public static Flow<TIn, T2, TMat> Interleave<TIn, T1, T2, TMat>(this Flow<TIn, T1, TMat> flow, IGraph<SourceShape<T2>, TMat> other,
        int segmentSize) where T1 : T2 =>
        flow.Via(Operators.Interleave<T1, T2, TMat>(other, segmentSize));

    /// <summary><paramref name="segmentSize"/> elements from each in turn.</summary>
    public static Flow<TIn, T2, TMat3> InterleaveMaterialized<TIn, T1, T2, TMat, TMat2, TMat3>(this Flow<TIn, T1, TMat> flow,
        IGraph<SourceShape<T2>, TMat2> graph, int segmentSize, Func<TMat, TMat2, TMat3> combine) where T1 : T2 =>
        flow.ViaMaterialized(Operators.Interleave<T1, T2, TMat2>(graph, segmentSize), combine);

    /// <summary>The elements of two sorted streams as one sorted stream.</summary>
    public static Flow<TIn, TOut, TMat> MergeSorted<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        IGraph<SourceShape<TOut>, TMat> other) where TOut : IComparable<TOut> =>
        flow.Via(Operators.MergeSorted(other, (left, right) => left.CompareTo(right)));

    /// <summary>The elements of two sorted streams as one sorted stream.</summary>
    public static Flow<TIn, TOut, TMat> MergeSorted<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        IGraph<SourceShape<TOut>, TMat> other, Func<TOut, TOut, int> orderFunc) =>
        flow.Via(Operators.MergeSorted(other, orderFunc));

    /// <summary>The elements of two sorted streams as one sorted stream.</summary>
    public static Flow<TIn, TOut, TMat> MergeSorted<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        IGraph<SourceShape<TOut>, TMat> other, IComparer<TOut> comparer) =>
        flow.Via(Operators.MergeSorted(other, comparer.Compare));

    /// <summary>All elements, then those of another source. One element of each is asked for ahead.</summary>
    public static Flow<TIn, TOut, TMat> Concat<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, IGraph<SourceShape<TOut>, TMat> other) =>
        flow.Via(Operators.Concat(other));

    /// <summary>All elements of another source first.</summary>
    public static Flow<TIn, TOut2, TMat> Prepend<TIn, TOut1, TOut2, TMat>(this Flow<TIn, TOut1, TMat> flow,
        IGraph<SourceShape<TOut2>, TMat> that) where TOut1 : TOut2 =>
        flow.Via(Operators.Prepend<TOut1, TOut2, TMat>(that));

    /// <summary>The elements of another source instead, if this one completes without any.</summary>
    public static Flow<T, T, TMat> OrElse<T, TMat>(this Flow<T, T, TMat> flow, IGraph<SourceShape<T>, TMat> secondary) =>
        flow.Via(Operators.OrElse(secondary));

    /// <summary>The elements of another source instead, if this one completes without any.</summary>
    public static Flow<T, T, TMat3> OrElseMaterialized<T, TMat, TMat2, TMat3>(this Flow<T, T, TMat> flow,
        IGraph<SourceShape<T>, TMat2> secondary, Func<TMat, TMat2, TMat3> materializedFunction) =>
        flow.ViaMaterialized(Operators.OrElse(secondary), materializedFunction);

    /// <summary>Every element to a sink as well, as fast as the slower of the two takes them.</summary>
    public static Flow<TIn, TOut, TMat> AlsoTo<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, IGraph<SinkShape<TOut>, TMat> that) =>
        flow.Via(Operators.AlsoTo(that, false));

    /// <summary>Every element to a sink as well, as fast as the slower of the two takes them.</summary>
    public static Flow<TIn, TOut, TMat> AlsoTo<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, IGraph<SinkShape<TOut>, TMat> that,
        bool propagateFailure) =>
        flow.Via(Operators.AlsoTo(that, propagateFailure));

    /// <summary>Every element to a sink as well, as fast as the slower of the two takes them.</summary>
    public static Flow<TIn, TOut, TMat3> AlsoToMaterialized<TIn, TOut, TMat, TMat2, TMat3>(this Flow<TIn, TOut, TMat> flow,
        IGraph<SinkShape<TOut>, TMat2> that, Func<TMat, TMat2, TMat3> materializerFunction) =>
        flow.ViaMaterialized(Operators.AlsoTo(that, false), materializerFunction);

    /// <summary>Every element to a sink as well, as fast as the slower of the two takes them.</summary>
    public static Flow<TIn, TOut, TMat3> AlsoToMaterialized<TIn, TOut, TMat, TMat2, TMat3>(this Flow<TIn, TOut, TMat> flow,
        IGraph<SinkShape<TOut>, TMat2> that, Func<TMat, TMat2, TMat3> materializerFunction, bool propagateFailure) =>
        flow.ViaMaterialized(Operators.AlsoTo(that, propagateFailure), materializerFunction);

    /// <summary>The elements that <paramref name="when"/> accepts to a sink instead.</summary>
    public static Flow<TIn, TOut, TMat> DivertTo<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, IGraph<SinkShape<TOut>, TMat> that,
        Func<TOut, bool> when) =>
        flow.Via(Operators.DivertTo(that, when));

    /// <summary>The elements that <paramref name="when"/> accepts to a sink instead.</summary>
    public static Flow<TIn, TOut, TMat3> DivertToMaterialized<TIn, TOut, TMat, TMat2, TMat3>(this Flow<TIn, TOut, TMat> flow,
        IGraph<SinkShape<TOut>, TMat2> that, Func<TOut, bool> when, Func<TMat, TMat2, TMat3> materializerFunction) =>
        flow.ViaMaterialized(Operators.DivertTo(that, when), materializerFunction);

    /// <summary>Lets a function listen in, without slowing the stream down: it misses what comes while it is busy.</summary>
    public static Flow<TIn, TOut, TMat> WireTap<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, Action<TOut> action) =>
        flow.Via(Operators.WireTap(Sink.ForEach(action)));

    /// <summary>Lets a sink listen in, without slowing the stream down: it misses what comes while it is busy.</summary>
    public static Flow<TIn, TOut, TMat> WireTap<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow, IGraph<SinkShape<TOut>, TMat> that) =>
        flow.Via(Operators.WireTap(that));

    /// <summary>Lets a sink listen in, without slowing the stream down: it misses what comes while it is busy.</summary>
    public static Flow<TIn, TOut, TMat3> WireTapMaterialized<TIn, TOut, TMat, TMat2, TMat3>(this Flow<TIn, TOut, TMat> flow,
        IGraph<SinkShape<TOut>, TMat2> that, Func<TMat, TMat2, TMat3> materializerFunction) =>
        flow.ViaMaterialized(Operators.WireTap(that), materializerFunction);
}
