using Akka.Actor;
using Akka.Streams.Implementation;

namespace Akka.Streams.Dsl;

/// <summary>A graph without open ports: can be run, as often as one likes.</summary>
public interface IRunnableGraph<out TMat> : IGraph<ClosedShape, TMat>
{
    /// <inheritdoc cref="IGraph{TShape,TMaterialized}.AddAttributes"/>
    new IRunnableGraph<TMat> AddAttributes(Attributes attributes);

    /// <summary>The same with another materialized value.</summary>
    IRunnableGraph<TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> func);

    /// <summary>Runs it and gives the materialized value.</summary>
    TMat Run(IMaterializer materializer);

    /// <summary>Runs it with the system's shared materializer.</summary>
    TMat Run(ActorSystem actorSystem);
}

/// <summary>Makes runnable graphs.</summary>
public static class RunnableGraph
{
    /// <summary>A closed graph as one that can be run.</summary>
    public static RunnableGraph<TMat> FromGraph<TMat>(IGraph<ClosedShape, TMat> g) => g as RunnableGraph<TMat> ?? new RunnableGraph<TMat>(g.Blueprint);
}

/// <inheritdoc cref="IRunnableGraph{TMat}"/>
public sealed class RunnableGraph<TMat> : IRunnableGraph<TMat>
{
    private readonly Blueprint _blueprint;

    internal RunnableGraph(Blueprint blueprint) => _blueprint = blueprint;

    public ClosedShape Shape => ClosedShape.Instance;

    Blueprint IGraph<ClosedShape>.Blueprint => _blueprint;

    public IRunnableGraph<TMat> WithAttributes(Attributes attributes) => new RunnableGraph<TMat>(_blueprint.WithAttributes(attributes));

    IGraph<ClosedShape, TMat> IGraph<ClosedShape, TMat>.WithAttributes(Attributes attributes) => WithAttributes(attributes);

    public IRunnableGraph<TMat> AddAttributes(Attributes attributes) => WithAttributes(_blueprint.Attributes.And(attributes));

    IGraph<ClosedShape, TMat> IGraph<ClosedShape, TMat>.AddAttributes(Attributes attributes) => AddAttributes(attributes);

    public IRunnableGraph<TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));

    IGraph<ClosedShape, TMat> IGraph<ClosedShape, TMat>.Named(string name) => Named(name);

    public IRunnableGraph<TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());

    IGraph<ClosedShape, TMat> IGraph<ClosedShape, TMat>.Async() => Async();

    public IRunnableGraph<TMat2> MapMaterializedValue<TMat2>(Func<TMat, TMat2> func) => new RunnableGraph<TMat2>(_blueprint.Map(func));

    public TMat Run(IMaterializer materializer) => materializer.Materialize(this);

    public TMat Run(ActorSystem actorSystem) => Run(actorSystem.Materializer());
}
