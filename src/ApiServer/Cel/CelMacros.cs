namespace ActorKube.ApiServer;

/// <summary>Calls that are more than functions: they bind a variable, or ask for a field without reading it.</summary>
internal static class CelMacros
{
    /// <summary>What a call stands for; null where it is a call and nothing else.</summary>
    /// <param name="target">What stands before the dot; null for nothing.</param>
    /// <param name="name">The name that is called.</param>
    /// <param name="arguments">What stands between the brackets.</param>
    /// <param name="twoVariables">The forms with an index or key beside the value are there, too.</param>
    /// <exception cref="CelException">It is a macro, and its arguments are none that it takes.</exception>
    public static CelNode? Expand(CelNode? target, string name, IReadOnlyList<CelNode> arguments, bool twoVariables) => (target, name, arguments.Count) switch
    {
        (null, "has", 1) => arguments[0] is CelSelect { TestOnly: false, Optional: false } select ? select with { TestOnly = true }
            : throw new CelException("invalid argument to has() macro", arguments[0].Position),
        (not null, "all" or "exists" or "exists_one", 2) => new CelComprehension(name, target, Variable(arguments[0], "argument must be a simple name"), null, arguments[1], null),
        (not null, "filter", 2) => new CelComprehension(name, target, Variable(arguments[0], "argument is not an identifier"), null, arguments[1], null),
        (not null, "map", 2 or 3) => new CelComprehension(name, target, Variable(arguments[0], "argument is not an identifier"), null, arguments[^1], arguments.Count == 3 ? arguments[1] : null),
        (not null, "optMap" or "optFlatMap", 2) =>
            new CelOptionalMap(target, Variable(arguments[0], $"{name}() variable name must be a simple identifier"), arguments[1], name == "optFlatMap"),
        _ => twoVariables && target is not null ? ExpandTwo(target, name, arguments) : null,
    };

    private static CelComprehension? ExpandTwo(CelNode target, string name, IReadOnlyList<CelNode> arguments)
    {
        var filtered = arguments.Count == 4;
        switch (name)
        {
            case "all" or "exists" or "exists_one" or "existsOne" when arguments.Count == 3:
            case "transformList" or "transformMap" or "transformMapEntry" when arguments.Count == 3 || filtered:
                var first = Variable(arguments[0], "argument must be a simple name");
                var second = Variable(arguments[1], "argument must be a simple name");
                return first != second ? new CelComprehension(name, target, first, second, arguments[^1], filtered ? arguments[2] : null)
                    : throw new CelException($"duplicate variable name: {first}", arguments[1].Position);
            default:
                return null;
        }
    }

    private static string Variable(CelNode node, string otherwise) => node is CelName name ? name.Name : throw new CelException(otherwise, node.Position);
}
