namespace ActorKube.ApiServer;

/// <summary>An expression as a tree.</summary>
internal abstract record CelNode
{
    /// <summary>Where its operator, dot or parenthesis stands in the text, or else it itself: where messages point.</summary>
    public int Position { get; init; }
}

internal sealed record CelLiteral(object? Value) : CelNode;

/// <summary>A variable, or a type by its name, with the dots that this may have.</summary>
internal sealed record CelName(string Name) : CelNode;

/// <summary><c>operand.field</c>; <paramref name="TestOnly"/> for <c>has(operand.field)</c>; optional for <c>operand.?field</c>.</summary>
internal sealed record CelSelect(CelNode Operand, string Field, bool TestOnly = false, bool Optional = false) : CelNode;

internal sealed record CelIndex(CelNode Operand, CelNode Key, bool Optional = false) : CelNode;

internal sealed record CelCall(CelNode? Target, string Function, IReadOnlyList<CelNode> Arguments) : CelNode;

internal sealed record CelUnary(string Operator, CelNode Operand) : CelNode;

internal sealed record CelBinary(string Operator, CelNode Left, CelNode Right) : CelNode;

internal sealed record CelConditional(CelNode Condition, CelNode Then, CelNode Else) : CelNode;

/// <summary>An element of a list; optional for <c>[?element]</c>, which is there only where it has a value.</summary>
internal readonly record struct CelItem(CelNode Value, bool Optional);

internal sealed record CelList(IReadOnlyList<CelItem> Items) : CelNode;

/// <summary>A pair of a map; optional for <c>{?key: value}</c>.</summary>
internal readonly record struct CelEntry(CelNode Key, CelNode Value, bool Optional, int Position);

internal sealed record CelMap(IReadOnlyList<CelEntry> Entries) : CelNode;

/// <summary><c>all</c>, <c>exists</c>, <c>exists_one</c>, <c>map</c>, <c>filter</c> and their two-variable forms over a list or map.</summary>
internal sealed record CelComprehension(string Macro, CelNode Range, string Variable, string? Second, CelNode Body, CelNode? Filter) : CelNode;

/// <summary><c>target.optMap(name, body)</c>; flat for <c>optFlatMap</c>, whose body is an optional itself.</summary>
internal sealed record CelOptionalMap(CelNode Target, string Variable, CelNode Body, bool Flat) : CelNode;
