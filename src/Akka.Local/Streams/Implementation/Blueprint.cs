using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>
/// What a graph is made of before it runs: immutable, so that it can be run, nested and shared freely. Ports are numbered; a blueprint is
/// given one wire for each of its open ports and passes them on to its parts.
/// </summary>
internal abstract class Blueprint(Attributes attributes)
{
    public Attributes Attributes { get; } = attributes;

    public abstract Blueprint WithAttributes(Attributes attributes);

    /// <summary>Whether this is a plain pass-through that composition may leave out.</summary>
    public virtual bool IsIdentity => false;

    /// <summary>Adds what this describes to the running materialization.</summary>
    /// <returns>The materialized value.</returns>
    public object? Materialize(Materialization run, Attributes inherited, ReadOnlySpan<Wire> ins, ReadOnlySpan<Wire> outs)
    {
        var attributes = inherited.And(Attributes);
        if (!Attributes.IsAsync) return Build(run, attributes, ins, outs);

        var enclosing = run.EnterIsland(attributes);
        try
        {
            return Build(run, attributes, ins, outs);
        }
        finally
        {
            run.LeaveIsland(enclosing);
        }
    }

    protected abstract object? Build(Materialization run, Attributes attributes, ReadOnlySpan<Wire> ins, ReadOnlySpan<Wire> outs);

    /// <summary>The name that the graph was given last, for logs and actor paths.</summary>
    public override string ToString() => Attributes.GetNameOrDefault(GetType().Name);
}

/// <summary>Creates a stage's logic without knowing the types of its shape and materialized value.</summary>
internal interface IStageFactory
{
    (GraphStageLogic Logic, object? MaterializedValue) Create(Attributes attributes);
}

/// <summary>A single stage.</summary>
internal sealed class StageBlueprint : Blueprint
{
    private readonly IStageFactory _stage;
    private readonly Inlet[] _inlets;
    private readonly Outlet[] _outlets;

    public StageBlueprint(IStageFactory stage, Shape shape, Attributes attributes, bool isIdentity = false) : base(attributes)
    {
        _stage = stage;
        _inlets = [.. shape.Inlets];
        _outlets = [.. shape.Outlets];
        for (var i = 0; i < _inlets.Length; i++) _inlets[i].Id = i;
        for (var i = 0; i < _outlets.Length; i++) _outlets[i].Id = i;
        IsIdentity = isIdentity;
    }

    private StageBlueprint(StageBlueprint original, Attributes attributes) : base(attributes)
    {
        _stage = original._stage;
        _inlets = original._inlets;
        _outlets = original._outlets;
    }

    public override bool IsIdentity { get; }

    public override Blueprint WithAttributes(Attributes attributes) => new StageBlueprint(this, attributes);

    protected override object? Build(Materialization run, Attributes attributes, ReadOnlySpan<Wire> ins, ReadOnlySpan<Wire> outs)
    {
        var island = run.Island;
        GraphStageLogic logic;
        object? value;
        using (Materialization.Enter(island)) (logic, value) = _stage.Create(attributes);
        logic.Attributes = attributes;
        logic.Ports = new Connection[_inlets.Length + _outlets.Length];
        island.Add(logic);
        for (var i = 0; i < _inlets.Length; i++) ins[i].ConnectIn(island, logic, i);
        for (var i = 0; i < _outlets.Length; i++) outs[i].ConnectOut(island, logic, logic.InCount + i, _outlets[i], attributes);
        return value;
    }

    public override string ToString() => _stage.ToString() ?? base.ToString();
}

/// <summary>
/// A line of graphs: the outputs of each feed the inputs of the next. Flat, so that a long chain of operators is neither deep nor slow to
/// run.
/// </summary>
internal sealed class LinearBlueprint : Blueprint
{
    private readonly Step[] _steps;

    private LinearBlueprint(Step[] steps, Attributes attributes) : base(attributes) => _steps = steps;

    /// <summary>One part and how its materialized value joins what came before; no combination keeps the left one.</summary>
    private readonly record struct Step(Blueprint? Part, int Outs, Func<object?, object?, object?>? Combine, Func<object?, object?>? Map);

    /// <summary>
    /// Appends <paramref name="right"/>, whose inputs are the <paramref name="wires"/> outputs of <paramref name="left"/>.
    /// </summary>
    public static Blueprint Append(Blueprint left, int wires, Blueprint right, Func<object?, object?, object?>? combine)
    {
        if (left.IsIdentity && combine is null)
            return new LinearBlueprint([new Step(right, -1, null, null), new Step(null, -1, null, static _ => NotUsed.Instance)], Attributes.None);
        if (right.IsIdentity && combine is null) return left;
        return new LinearBlueprint([.. WithWires(Open(left), wires), new Step(right, -1, combine, null)], Attributes.None);
    }

    /// <summary>The same graph with another materialized value.</summary>
    public static Blueprint Map(Blueprint part, Func<object?, object?> map) =>
        new LinearBlueprint([.. Open(part), new Step(null, -1, null, map)], Attributes.None);

    private static Step[] Open(Blueprint part) =>
        part is LinearBlueprint { Attributes.IsEmpty: true } linear ? [.. linear._steps] : [new Step(part, -1, null, null)];

    /// <summary>Notes on the last real part how many wires lead from it to what is appended.</summary>
    private static Step[] WithWires(Step[] steps, int wires)
    {
        var last = Array.FindLastIndex(steps, s => s.Part is not null);
        steps[last] = steps[last] with { Outs = wires };
        return steps;
    }

    public override Blueprint WithAttributes(Attributes attributes) => new LinearBlueprint(_steps, attributes);

    protected override object? Build(Materialization run, Attributes attributes, ReadOnlySpan<Wire> ins, ReadOnlySpan<Wire> outs)
    {
        object? value = null;
        var first = true;
        var incoming = ins;
        foreach (var step in _steps)
        {
            if (step.Part is null)
            {
                value = step.Map!(value);
                continue;
            }

            ReadOnlySpan<Wire> outgoing = step.Outs < 0 ? outs : run.NewWires(step.Outs);
            var added = step.Part.Materialize(run, attributes, incoming, outgoing);
            if (first) value = added;
            else if (step.Combine is { } combine) value = combine(value, added);
            first = false;
            incoming = outgoing;
        }

        return value;
    }
}

/// <summary>Any graph: parts, and for each of their ports the wire it is on.</summary>
internal sealed class CompositeBlueprint(CompositeBlueprint.Part[] parts, int wires, Func<object?[], object?> combine, Attributes attributes)
    : Blueprint(attributes)
{
    /// <summary>
    /// One part. A port's number is that of an inner wire, or, negative, the complement of the number of an open port of the whole.
    /// </summary>
    public readonly record struct Part(Blueprint Blueprint, int[] Ins, int[] Outs);

    public override Blueprint WithAttributes(Attributes attributes) => new CompositeBlueprint(parts, wires, combine, attributes);

    protected override object? Build(Materialization run, Attributes attributes, ReadOnlySpan<Wire> ins, ReadOnlySpan<Wire> outs)
    {
        var inner = run.NewWires(wires);
        var values = new object?[parts.Length];
        List<IMaterializedValueStage>? listeners = null;
        for (var p = 0; p < parts.Length; p++)
        {
            var part = parts[p];
            var partIns = new Wire[part.Ins.Length];
            for (var i = 0; i < partIns.Length; i++) partIns[i] = part.Ins[i] >= 0 ? inner[part.Ins[i]] : ins[~part.Ins[i]];
            var partOuts = new Wire[part.Outs.Length];
            for (var i = 0; i < partOuts.Length; i++) partOuts[i] = part.Outs[i] >= 0 ? inner[part.Outs[i]] : outs[~part.Outs[i]];
            values[p] = part.Blueprint.Materialize(run, attributes, partIns, partOuts);
            if (values[p] is IMaterializedValueStage listener) (listeners ??= []).Add(listener);
        }

        var value = combine(values);
        if (listeners is not null)
            foreach (var listener in listeners) listener.SetValue(value);
        return value;
    }
}

/// <summary>The logic behind <c>Builder.MaterializedValue</c>: told the value of the graph around it before anything runs.</summary>
internal interface IMaterializedValueStage
{
    void SetValue(object? value);
}
