namespace ActorKube.ApiServer;

/// <summary>An expression that has been read and checked: its tree and type, or what is wrong with it.</summary>
internal sealed record CelCompiled(CelNode? Node, CelShape Shape, string? Failure);

/// <summary>What an expression sees: its variables and their types, and the macros of its version. Immutable; thread-safe.</summary>
/// <param name="Variables">By name; a name may have a dot.</param>
/// <param name="IsStored">The expression was taken before: what a newer server knows more is there for it, too.</param>
internal sealed record CelEnvironment(IReadOnlyDictionary<string, CelShape> Variables, bool IsStored = false)
{
    public CelCompiled Compile(string expression)
    {
        var problems = new CelProblems();
        var node = CelParser.Parse(expression, IsStored, problems);
        var shape = node is null || problems.Any ? CelShape.Dyn : CelChecker.Check(node, Variables, problems);
        return problems.Any ? new CelCompiled(null, shape, problems.Explain(expression)) : new CelCompiled(node, shape, null);
    }

    public CelEnvironment With(string name, CelShape shape) => this with { Variables = new Dictionary<string, CelShape>(Variables, StringComparer.Ordinal) { [name] = shape } };
}
