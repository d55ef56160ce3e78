namespace ActorKube.ApiServer;

/// <summary>Tokens that are values, and words that are no names.</summary>
internal static class CelLiterals
{
    private static readonly string[] Reserved =
        ["as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"];

    public static bool IsReserved(string name) => Array.IndexOf(Reserved, name) >= 0;

    /// <summary>Whether a text can name a variable.</summary>
    public static bool IsIdentifier(string name) => !IsReserved(name) && name is not ("true" or "false" or "null" or "in" or "") && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    public static CelLiteral? Word(CelToken token) => token.Text switch
    {
        "true" => new CelLiteral(true) { Position = token.Position },
        "false" => new CelLiteral(false) { Position = token.Position },
        "null" => new CelLiteral(null) { Position = token.Position },
        _ => null,
    };

    /// <summary>A number or text; a number that is too large is told.</summary>
    public static CelLiteral Read(CelToken token, bool isNegative, int position, CelProblems problems)
    {
        object? value = (token.Kind, token.Value) switch
        {
            (CelTokenKind.Int, ulong whole) when isNegative => unchecked(-(long)whole),
            (CelTokenKind.Int, ulong and <= long.MaxValue and var whole) => (long)whole,
            (CelTokenKind.Double, double real) => isNegative ? -real : real,
            (CelTokenKind.Uint, ulong whole) => whole,
            (CelTokenKind.Text or CelTokenKind.Bytes, var other) => other,
            _ => null,
        };
        if (value is null)
        {
            problems.Add(position, token.Kind == CelTokenKind.Uint ? "invalid uint literal" : "invalid int literal");
            value = 0L;
        }
        return new CelLiteral(value) { Position = position };
    }
}
