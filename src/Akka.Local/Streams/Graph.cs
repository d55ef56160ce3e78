using Akka.Streams.Implementation;

namespace Akka.Streams;

/// <summary>A blueprint of a graph with open ports: immutable, and run by a materializer as often as one likes.</summary>
public interface IGraph<out TShape> where TShape : Shape
{
    /// <summary>The open ports.</summary>
    TShape Shape { get; }

    internal Blueprint Blueprint { get; }
}

/// <summary>A graph that gives a value to whoever runs it.</summary>
public interface IGraph<out TShape, out TMaterialized> : IGraph<TShape> where TShape : Shape
{
    /// <summary>The same graph with these attributes instead of its own; those of graphs inside are kept.</summary>
    IGraph<TShape, TMaterialized> WithAttributes(Attributes attributes);

    /// <summary>The same graph with these attributes on top of its own.</summary>
    IGraph<TShape, TMaterialized> AddAttributes(Attributes attributes);

    /// <summary>The same graph with a name.</summary>
    IGraph<TShape, TMaterialized> Named(string name);

    /// <summary>The same graph, run by an actor of its own.</summary>
    IGraph<TShape, TMaterialized> Async();
}

internal sealed class GraphImpl<TShape, TMat>(TShape shape, Blueprint blueprint) : IGraph<TShape, TMat> where TShape : Shape
{
    public TShape Shape => shape;

    Blueprint IGraph<TShape>.Blueprint => blueprint;

    public IGraph<TShape, TMat> WithAttributes(Attributes attributes) =>
        new GraphImpl<TShape, TMat>(shape, blueprint.WithAttributes(attributes));

    public IGraph<TShape, TMat> AddAttributes(Attributes attributes) => WithAttributes(blueprint.Attributes.And(attributes));

    public IGraph<TShape, TMat> Named(string name) => AddAttributes(Attributes.CreateName(name));

    public IGraph<TShape, TMat> Async() => AddAttributes(Attributes.CreateAsyncBoundary());

    public override string ToString() => $"{blueprint}";
}
