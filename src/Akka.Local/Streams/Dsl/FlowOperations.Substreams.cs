using System.Collections.Immutable;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class FlowOperations
{
    /// <summary>Each element made a source; their elements, one source after the other.</summary>
    public static Flow<TIn, TOut2, TMat> ConcatMany<TIn, TOut1, TOut2, TMat>(this Flow<TIn, TOut1, TMat> flow,
        Func<TOut1, IGraph<SourceShape<TOut2>, TMat>> flatten) =>
        flow.Via(Operators.FlattenMerge<TOut1, TOut2, TMat>(1, flatten));

    /// <summary>Each element made a source; their elements as they come, from up to <paramref name="breadth"/> sources at a time.</summary>
    public static Flow<TIn, TOut2, TMat> MergeMany<TIn, TOut1, TOut2, TMat>(this Flow<TIn, TOut1, TMat> flow, int breadth,
        Func<TOut1, IGraph<SourceShape<TOut2>, TMat>> flatten) =>
        flow.Via(Operators.FlattenMerge(breadth, flatten));

    /// <summary>One element: the first <paramref name="n"/> elements, and a source of the rest, which must be run.</summary>
    public static Flow<TIn, (IImmutableList<TOut>, Source<TOut, NotUsed>), TMat> PrefixAndTail<TIn, TOut, TMat>(
        this Flow<TIn, TOut, TMat> flow, int n) =>
        flow.Via(Operators.PrefixAndTail<TOut>(n));

    /// <summary>
    /// A substream for each key, at most <paramref name="maxSubstreams"/>; with one more fails with
    /// <see cref="TooManySubstreamsOpenException"/>. Elements of a substream that was cancelled are dropped. As slow as the slowest
    /// substream.
    /// </summary>
    public static SubFlow<TOut, TMat, Sink<TIn, TMat>> GroupBy<TIn, TOut, TMat, TKey>(this Flow<TIn, TOut, TMat> flow, int maxSubstreams,
        Func<TOut, TKey> groupingFunc) =>
        Substreams.OfFlow(flow, Operators.GroupBy(maxSubstreams, groupingFunc, false));

    /// <summary>
    /// A substream for each key, at most <paramref name="maxSubstreams"/> at a time; with one more fails with
    /// <see cref="TooManySubstreamsOpenException"/>. A key whose substream was closed gets a new one only if allowed. As slow as the
    /// slowest substream.
    /// </summary>
    public static SubFlow<TOut, TMat, Sink<TIn, TMat>> GroupBy<TIn, TOut, TMat, TKey>(this Flow<TIn, TOut, TMat> flow, int maxSubstreams,
        Func<TOut, TKey> groupingFunc, bool allowClosedSubstreamRecreation) =>
        Substreams.OfFlow(flow, Operators.GroupBy(maxSubstreams, groupingFunc, allowClosedSubstreamRecreation));

    /// <summary>A new substream with each element that passes.</summary>
    public static SubFlow<TOut, TMat, Sink<TIn, TMat>> SplitWhen<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        Func<TOut, bool> predicate) =>
        Substreams.OfFlow(flow, Operators.Split(SplitDecision.Before, predicate, SubstreamCancelStrategy.Drain));

    /// <summary>A new substream with each element that passes.</summary>
    public static SubFlow<TOut, TMat, Sink<TIn, TMat>> SplitWhen<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        SubstreamCancelStrategy substreamCancelStrategy, Func<TOut, bool> predicate) =>
        Substreams.OfFlow(flow, Operators.Split(SplitDecision.Before, predicate, substreamCancelStrategy));

    /// <summary>A new substream after each element that passes.</summary>
    public static SubFlow<TOut, TMat, Sink<TIn, TMat>> SplitAfter<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        Func<TOut, bool> predicate) =>
        Substreams.OfFlow(flow, Operators.Split(SplitDecision.After, predicate, SubstreamCancelStrategy.Drain));

    /// <summary>A new substream after each element that passes.</summary>
    public static SubFlow<TOut, TMat, Sink<TIn, TMat>> SplitAfter<TIn, TOut, TMat>(this Flow<TIn, TOut, TMat> flow,
        SubstreamCancelStrategy substreamCancelStrategy, Func<TOut, bool> predicate) =>
        Substreams.OfFlow(flow, Operators.Split(SplitDecision.After, predicate, substreamCancelStrategy));
}
