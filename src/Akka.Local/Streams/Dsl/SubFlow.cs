using Akka.Streams.Implementation;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>
/// What is done with each substream of a stream that was grouped or split. Merge the substreams back, or give each a sink of its own.
/// </summary>
public abstract class SubFlow<TOut, TMat, TClosed> : IFlow<TOut, TMat>
{
    protected SubFlow() { }

    /// <summary>Appends a flow to each substream.</summary>
    public abstract IFlow<T2, TMat> Via<T2, TMat2>(IGraph<FlowShape<TOut, T2>, TMat2> flow);

    /// <summary>Leads each substream to a sink of its own, a new one each time.</summary>
    public abstract TClosed To<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink);

    /// <summary>All substreams as one stream again, with at most <paramref name="parallelism"/> of them running.</summary>
    public abstract IFlow<TOut, TMat> MergeSubstreamsWithParallelism(int parallelism);

    /// <summary>All substreams as one stream again, whichever has an element.</summary>
    public virtual IFlow<TOut, TMat> MergeSubstreams() => MergeSubstreamsWithParallelism(int.MaxValue);

    /// <summary>All substreams as one stream again, one after the other. With groups this stalls unless a group ends by itself.</summary>
    public virtual IFlow<TOut, TMat> ConcatSubstream() => MergeSubstreamsWithParallelism(1);

    IFlow<T2, TMat3> IFlow<TOut, TMat>.ViaMaterialized<T2, TMat2, TMat3>(IGraph<FlowShape<TOut, T2>, TMat2> flow,
        Func<TMat, TMat2, TMat3> combine) => throw NoMaterializedValue();

    IFlow<TOut, TMat2> IFlow<TOut, TMat>.MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc) => throw NoMaterializedValue();

    private static NotSupportedException NoMaterializedValue() => new(
        "Substreams come and go while the stream runs, so their materialized values cannot become the stream's: merge them back first");
}

/// <summary>The beginnings of substreams.</summary>
internal static class Substreams
{
    public static SubFlow<T, TMat, IRunnableGraph<TMat>> OfSource<T, TMat>(Source<T, TMat> source,
        IGraph<FlowShape<T, Source<T, NotUsed>>, NotUsed> split)
    {
        var streams = source.Via(split);
        return new SubFlowImpl<T, T, TMat, IRunnableGraph<TMat>>(Flow.Create<T>(), streams, sink => streams.To(ForEach(sink)));
    }

    public static SubFlow<T, TMat, Sink<TIn, TMat>> OfFlow<TIn, T, TMat>(Flow<TIn, T, TMat> flow,
        IGraph<FlowShape<T, Source<T, NotUsed>>, NotUsed> split)
    {
        var streams = flow.Via(split);
        return new SubFlowImpl<T, T, TMat, Sink<TIn, TMat>>(Flow.Create<T>(), streams, sink => streams.To(ForEach(sink)));
    }

    private static Sink<Source<T, NotUsed>, Task<Done>> ForEach<T>(Sink<T, NotUsed> sink) =>
        Sink.ForEach<Source<T, NotUsed>>(source => source.RunWith(sink, GraphInterpreter.Current.Materializer));
}

internal sealed class SubFlowImpl<TIn, TOut, TMat, TClosed>(Flow<TIn, TOut, NotUsed> flow, IFlow<Source<TIn, NotUsed>, TMat> streams,
    Func<Sink<TIn, NotUsed>, TClosed> finish) : SubFlow<TOut, TMat, TClosed>
{
    public override IFlow<T2, TMat> Via<T2, TMat2>(IGraph<FlowShape<TOut, T2>, TMat2> next) =>
        new SubFlowImpl<TIn, T2, TMat, TClosed>(flow.Via(next), streams, finish);

    public override TClosed To<TMat2>(IGraph<SinkShape<TOut>, TMat2> sink) => finish(flow.To(sink));

    public override IFlow<TOut, TMat> MergeSubstreamsWithParallelism(int parallelism) => streams
        .Via(new Select<Source<TIn, NotUsed>, IGraph<SourceShape<TOut>, NotUsed>>(source => source.Via(flow)))
        .Via(new FlattenMerge<IGraph<SourceShape<TOut>, NotUsed>, TOut, NotUsed>(parallelism));
}
