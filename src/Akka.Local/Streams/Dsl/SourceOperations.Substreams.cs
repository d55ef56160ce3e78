using System.Collections.Immutable;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class SourceOperations
{
    /// <summary>Each element made a source; their elements, one source after the other.</summary>
    public static Source<TOut2, TMat> ConcatMany<TOut1, TOut2, TMat>(this Source<TOut1, TMat> flow,
        Func<TOut1, IGraph<SourceShape<TOut2>, TMat>> flatten) =>
        flow.Via(Operators.FlattenMerge<TOut1, TOut2, TMat>(1, flatten));

    /// <summary>Each element made a source; their elements as they come, from up to <paramref name="breadth"/> sources at a time.</summary>
    public static Source<TOut2, TMat> MergeMany<TOut1, TOut2, TMat>(this Source<TOut1, TMat> flow, int breadth,
        Func<TOut1, IGraph<SourceShape<TOut2>, TMat>> flatten) =>
        flow.Via(Operators.FlattenMerge(breadth, flatten));

    /// <summary>One element: the first <paramref name="n"/> elements, and a source of the rest, which must be run.</summary>
    public static Source<(IImmutableList<TOut>, Source<TOut, NotUsed>), TMat> PrefixAndTail<TOut, TMat>(this Source<TOut, TMat> flow,
        int n) =>
        flow.Via(Operators.PrefixAndTail<TOut>(n));

    /// <summary>
    /// A substream for each key, at most <paramref name="maxSubstreams"/>; with one more fails with
    /// <see cref="TooManySubstreamsOpenException"/>. Elements of a substream that was cancelled are dropped. As slow as the slowest
    /// substream.
    /// </summary>
    public static SubFlow<TOut, TMat, IRunnableGraph<TMat>> GroupBy<TOut, TMat, TKey>(this Source<TOut, TMat> flow, int maxSubstreams,
        Func<TOut, TKey> groupingFunc) =>
        Substreams.OfSource(flow, Operators.GroupBy(maxSubstreams, groupingFunc, false));

    /// <summary>A new substream with each element that passes.</summary>
    public static SubFlow<TOut, TMat, IRunnableGraph<TMat>> SplitWhen<TOut, TMat>(this Source<TOut, TMat> flow,
        Func<TOut, bool> predicate) =>
        Substreams.OfSource(flow, Operators.Split(SplitDecision.Before, predicate, SubstreamCancelStrategy.Drain));

    /// <summary>A new substream with each element that passes.</summary>
    public static SubFlow<TOut, TMat, IRunnableGraph<TMat>> SplitWhen<TOut, TMat>(this Source<TOut, TMat> flow,
        SubstreamCancelStrategy substreamCancelStrategy, Func<TOut, bool> predicate) =>
        Substreams.OfSource(flow, Operators.Split(SplitDecision.Before, predicate, substreamCancelStrategy));

    /// <summary>A new substream after each element that passes.</summary>
    public static SubFlow<TOut, TMat, IRunnableGraph<TMat>> SplitAfter<TOut, TMat>(this Source<TOut, TMat> flow,
        Func<TOut, bool> predicate) =>
        Substreams.OfSource(flow, Operators.Split(SplitDecision.After, predicate, SubstreamCancelStrategy.Drain));

    /// <summary>A new substream after each element that passes.</summary>
    public static SubFlow<TOut, TMat, IRunnableGraph<TMat>> SplitAfter<TOut, TMat>(this Source<TOut, TMat> flow,
        SubstreamCancelStrategy substreamCancelStrategy, Func<TOut, bool> predicate) =>
        Substreams.OfSource(flow, Operators.Split(SplitDecision.After, predicate, substreamCancelStrategy));
}
