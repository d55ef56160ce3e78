namespace ActorKube.ApiServer;

/// <summary>An expression as a tree.</summary>
internal abstract record CelNode
{
    /// <summary>Where its operator, dot or parenthesis stands in the text, or else it itself: where messages point.</summary>
    public int Position { get; init; }
}

internal sealed record CelLiteral(object? Value) : CelNode;

internal sealed record CelName(string Name) : CelNode;

/// <summary><c>operand.field</c>; <paramref name="TestOnly"/> for <c>has(operand.field)</c>; optional for <c>operand.?field</c>.</summary>
internal sealed record CelSelect(CelNode Operand, string Field, bool TestOnly = false, bool Optional = false) : CelNode;

internal sealed record CelIndex(CelNode Operand, CelNode Key, bool Optional = false) : CelNode;

internal sealed record CelCall(CelNode? Target, string Function, IReadOnlyList<CelNode> Arguments) : CelNode;

internal sealed record CelUnary(string Operator, CelNode Operand) : CelNode;

internal sealed record CelBinary(string Operator, CelNode Left, CelNode Right) : CelNode;

internal sealed record CelConditional(CelNode Condition, CelNode Then, CelNode Else) : CelNode;

internal sealed record CelList(IReadOnlyList<CelNode> Items) : CelNode;

internal sealed record CelMap(IReadOnlyList<(CelNode Key, CelNode Value)> Entries) : CelNode;

/// <summary><c>all</c>, <c>exists</c>, <c>exists_one</c>, <c>map</c>, <c>filter</c> and their two-variable forms over a list or map.</summary>
internal sealed record CelComprehension(string Macro, CelNode Range, string Variable, string? Second, CelNode Body, CelNode? Filter) : CelNode;

/// <summary><c>cel.bind(name, value, body)</c>.</summary>
internal sealed record CelBind(string Variable, CelNode Value, CelNode Body) : CelNode;
