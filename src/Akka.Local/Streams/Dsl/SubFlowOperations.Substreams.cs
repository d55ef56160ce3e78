using System.Collections.Immutable;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

public static partial class SubFlowOperations
{
    /// <summary>Each element made a source; their elements, one source after the other.</summary>
    public static SubFlow<TOut2, TMat, TClosed> ConcatMany<TOut1, TOut2, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow,
        Func<TOut1, IGraph<SourceShape<TOut2>, TMat>> flatten) =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.FlattenMerge<TOut1, TOut2, TMat>(1, flatten));

    /// <summary>Each element made a source; their elements as they come, from up to <paramref name="breadth"/> sources at a time.</summary>
    public static SubFlow<TOut2, TMat, TClosed> MergeMany<TOut1, TOut2, TMat, TClosed>(this SubFlow<TOut1, TMat, TClosed> flow,
        int breadth, Func<TOut1, IGraph<SourceShape<TOut2>, TMat>> flatten) =>
        (SubFlow<TOut2, TMat, TClosed>)flow.Via(Operators.FlattenMerge(breadth, flatten));

    /// <summary>One element: the first <paramref name="n"/> elements, and a source of the rest, which must be run.</summary>
    public static SubFlow<(IImmutableList<TOut>, Source<TOut, NotUsed>), TMat, TClosed> PrefixAndTail<TOut, TMat, TClosed>(
        this SubFlow<TOut, TMat, TClosed> flow, int n) =>
        (SubFlow<(IImmutableList<TOut>, Source<TOut, NotUsed>), TMat, TClosed>)flow.Via(Operators.PrefixAndTail<TOut>(n));
}
