namespace ActorKube.ApiServer;

/// <summary>What could have stood where a parser found something else, in the words of the grammar that Kubernetes uses.</summary>
internal static class CelExpected
{
    private const string Rest = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

    public const string Operand = "{'[', '{', '(', '.', '-', '!', " + Rest;

    /// <summary>In an index.</summary>
    public const string Optional = "{'[', '{', '(', '.', '-', '!', '?', " + Rest;

    /// <summary>After the parenthesis of a call.</summary>
    public const string Argument = "{'[', '{', '(', ')', '.', '-', '!', " + Rest;

    /// <summary>After the bracket of a list.</summary>
    public const string Item = "{'[', ']', '{', '(', '.', ',', '-', '!', '?', " + Rest;

    /// <summary>After the brace of a map.</summary>
    public const string Entry = "{'[', '{', '}', '(', '.', ',', '-', '!', '?', " + Rest;

    public static bool BeginsOperand(CelToken token) => token.Kind switch
    {
        CelTokenKind.End => false,
        CelTokenKind.Symbol => token.Text is "[" or "{" or "(" or "." or "-" or "!",
        CelTokenKind.Identifier => token.Text != "in",
        _ => true,
    };

    public static string Mismatched(CelToken found, string expected) => Quirk($"Syntax error: mismatched input '{found.Text}' expecting {expected}");

    public static string Extraneous(CelToken found, string expected) => Quirk($"Syntax error: extraneous input '{found.Text}' expecting {expected}");

    public static string Missing(CelToken found, string expected) => Quirk($"Syntax error: missing {expected} at '{found.Text}'");

    public static string MissingName(CelToken found) => Missing(found, "IDENTIFIER");

    public static string NoField(CelToken found) => found.Text is "true" or "false" or "null" ? $"Syntax error: mismatched input '{found.Text}' expecting IDENTIFIER"
        : $"Syntax error: no viable alternative at input '.{(found.Kind == CelTokenKind.End ? "" : found.Text)}'";

    /// <summary>The real one takes its message for a format once more.</summary>
    private static string Quirk(string message) => message.Replace("%'", "%!'(MISSING)", StringComparison.Ordinal);
}
