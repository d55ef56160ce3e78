using Akka.Streams.Implementation;

namespace Akka.Streams.Stage;

/// <summary>A stage's logic and the value its materialization gives.</summary>
public interface ILogicAndMaterializedValue<out TMaterialized>
{
    GraphStageLogic Logic { get; }

    TMaterialized MaterializedValue { get; }
}

/// <inheritdoc cref="ILogicAndMaterializedValue{TMaterialized}"/>
public readonly struct LogicAndMaterializedValue<TMaterialized> : ILogicAndMaterializedValue<TMaterialized>
{
    public LogicAndMaterializedValue(GraphStageLogic logic, TMaterialized materializedValue)
    {
        Logic = logic ?? throw new ArgumentNullException(nameof(logic));
        MaterializedValue = materializedValue;
    }

    public GraphStageLogic Logic { get; }

    public TMaterialized MaterializedValue { get; }
}

/// <summary>A stage that makes a logic and a value each time it is run.</summary>
public interface IGraphStageWithMaterializedValue<out TShape, out TMaterialized> : IGraph<TShape, TMaterialized> where TShape : Shape
{
    ILogicAndMaterializedValue<TMaterialized> CreateLogicAndMaterializedValue(Attributes attributes);
}

/// <summary>
/// Base of one's own stages with a materialized value. The stage itself is immutable and shared; everything that changes belongs in the
/// logic, which is made anew for each run.
/// </summary>
public abstract class GraphStageWithMaterializedValue<TShape, TMaterialized>
    : IGraphStageWithMaterializedValue<TShape, TMaterialized>, IStageFactory where TShape : Shape
{
    private StageBlueprint? _blueprint;

    protected GraphStageWithMaterializedValue() { }

    /// <summary>The ports. Must be the same object, or at least the same ports, each time.</summary>
    public abstract TShape Shape { get; }

    /// <summary>The attributes the stage has unless it is given others.</summary>
    protected virtual Attributes InitialAttributes => Attributes.None;

    private protected virtual bool IsIdentity => false;

    Blueprint IGraph<TShape>.Blueprint => Blueprint;

    private StageBlueprint Blueprint => _blueprint ??= new StageBlueprint(this, Shape, InitialAttributes, IsIdentity);

    /// <summary>Makes a logic and a value for one run. Called on the thread that materializes.</summary>
    public abstract ILogicAndMaterializedValue<TMaterialized> CreateLogicAndMaterializedValue(Attributes inheritedAttributes);

    (GraphStageLogic, object?) IStageFactory.Create(Attributes attributes)
    {
        var created = CreateLogicAndMaterializedValue(attributes);
        return (created.Logic, created.MaterializedValue);
    }

    public IGraph<TShape, TMaterialized> WithAttributes(Attributes attributes) =>
        new GraphImpl<TShape, TMaterialized>(Shape, Blueprint.WithAttributes(attributes));

    public IGraph<TShape, TMaterialized> AddAttributes(Attributes attributes) => WithAttributes(Blueprint.Attributes.And(attributes));

    public IGraph<TShape, TMaterialized> Named(string name) => AddAttributes(Attributes.CreateName(name));

    public IGraph<TShape, TMaterialized> Async() => AddAttributes(Attributes.CreateAsyncBoundary());
}

/// <summary>Base of one's own stages without a materialized value.</summary>
public abstract class GraphStage<TShape> : GraphStageWithMaterializedValue<TShape, NotUsed> where TShape : Shape
{
    protected GraphStage() { }

    public sealed override ILogicAndMaterializedValue<NotUsed> CreateLogicAndMaterializedValue(Attributes inheritedAttributes) =>
        new LogicAndMaterializedValue<NotUsed>(CreateLogic(inheritedAttributes), NotUsed.Instance);

    /// <summary>Makes a logic for one run. Called on the thread that materializes.</summary>
    protected abstract GraphStageLogic CreateLogic(Attributes inheritedAttributes);
}
