namespace Akka.Streams.Dsl;

/// <summary>What sources, flows and substreams have in common: an open output that can be led on.</summary>
public interface IFlow<TOut, out TMat>
{
    /// <summary>Appends a flow; keeps this materialized value.</summary>
    IFlow<T, TMat> Via<T, TMat2>(IGraph<FlowShape<TOut, T>, TMat2> flow);

    /// <summary>Appends a flow and combines the materialized values.</summary>
    IFlow<T2, TMat3> ViaMaterialized<T2, TMat2, TMat3>(IGraph<FlowShape<TOut, T2>, TMat2> flow, Func<TMat, TMat2, TMat3> combine);

    /// <summary>The same with another materialized value.</summary>
    IFlow<TOut, TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> mapFunc);
}
