namespace ActorKube.ApiServer;

/// <summary>
/// Reads expressions of the Common Expression Language, macros included. What is wrong is told in the words of the parser that Kubernetes uses: one token too many is left out and one
/// too few thought of, where the rest can be read then.
/// </summary>
internal sealed partial class CelParser
{
    private const int MaxDepth = 100;

    private readonly List<CelToken> _tokens;
    private readonly CelProblems _problems;
    private readonly bool _twoVariables;
    private int _at;
    private int _depth;

    /// <summary>Closers and colons that must still come.</summary>
    private int _open;

    private CelParser(string text, bool twoVariables, CelProblems problems)
    {
        _tokens = CelLexer.Read(text, problems);
        _twoVariables = twoVariables;
        _problems = problems;
    }

    /// <summary>The expression; without a meaning where there are problems then.</summary>
    /// <param name="text">The source.</param>
    /// <param name="twoVariables">Macros with an index or key beside the value are there, too.</param>
    /// <param name="problems">Receives what is wrong, and where.</param>
    public static CelNode? Parse(string text, bool twoVariables, CelProblems problems)
    {
        var parser = new CelParser(text, twoVariables, problems);
        try
        {
            return parser.Whole();
        }
        catch (CelException wrong)
        {
            problems.Add(wrong.Position ?? 0, wrong.Message);
            return null;
        }
    }

    /// <exception cref="CelException">The text is no expression.</exception>
    public static CelNode Parse(string text)
    {
        var problems = new CelProblems();
        return Parse(text, true, problems) is { } node && !problems.Any ? node : throw new CelException(problems.Explain(text));
    }

    private CelToken Next => _tokens[_at];

    private CelToken AfterNext => _tokens[Math.Min(_at + 1, _tokens.Count - 1)];

    /// <summary>Where the token stands that was just taken.</summary>
    private int Last => _tokens[_at - 1].Position;

    private CelNode Whole()
    {
        var node = Expression();
        if (Next.Kind != CelTokenKind.End)
        {
            _problems.Add(Next.Position, AfterNext.Kind == CelTokenKind.End ? CelExpected.Extraneous(Next, "<EOF>") : CelExpected.Mismatched(Next, "<EOF>"));
        }
        return node;
    }

    private CelNode Expression(string expected = CelExpected.Operand)
    {
        if (++_depth > MaxDepth)
        {
            throw new CelException($"expression recursion limit exceeded: {MaxDepth}");
        }
        Operand(expected);
        var condition = Or();
        if (Take("?"))
        {
            var position = Last;
            _open++;
            var then = Or();
            Need(":");
            condition = new CelConditional(condition, then, Expression()) { Position = position };
        }
        _depth--;
        return condition;
    }

    /// <summary>An operand must begin here; one token too many before it is left out.</summary>
    private void Operand(string expected = CelExpected.Operand)
    {
        if (CelExpected.BeginsOperand(Next))
        {
            return;
        }
        if (Next.Kind != CelTokenKind.End && CelExpected.BeginsOperand(AfterNext))
        {
            _problems.Add(Next.Position, CelExpected.Extraneous(Next, expected));
            _at++;
            return;
        }
        if (_open == 0 && Next.Kind != CelTokenKind.End && AfterNext.Kind == CelTokenKind.End)
        {
            // Without it nothing is left, which is told, too.
            _problems.Add(Next.Position, CelExpected.Mismatched(Next, expected));
            _at++;
        }
        var isNegated = _at > 0 && _tokens[_at - 1] is { Kind: CelTokenKind.Symbol, Text: "!" or "-" } && Next.Kind == CelTokenKind.End;
        throw new CelException(isNegated ? CelExpected.Extraneous(Next, expected) : CelExpected.Mismatched(Next, expected), Next.Position);
    }

    private CelNode Or() => Binary(And, "||");

    private CelNode And() => Binary(Relation, "&&");

    private CelNode Relation() => Binary(Sum, "==", "!=", "<", "<=", ">", ">=", "in");

    private CelNode Sum() => Binary(Product, "+", "-");

    private CelNode Product() => Binary(Unary, "*", "/", "%");

    private CelNode Binary(Func<CelNode> operand, params string[] operators)
    {
        var left = operand();
        while (Next.Kind is CelTokenKind.Symbol or CelTokenKind.Identifier && Array.IndexOf(operators, Next.Text) >= 0)
        {
            var symbol = _tokens[_at++].Text;
            var position = Last;
            Operand();
            left = new CelBinary(symbol, left, operand()) { Position = position };
        }
        return left;
    }

    private CelNode Unary()
    {
        foreach (var symbol in (string[])["!", "-"])
        {
            if (!Take(symbol))
            {
                continue;
            }
            var position = Last;
            if (symbol == "-" && Next is { Kind: CelTokenKind.Int or CelTokenKind.Double })
            {
                return Member(CelLiterals.Read(_tokens[_at++], isNegative: true, position, _problems));
            }
            var isDoubled = false;
            while (Take(symbol))
            {
                isDoubled = !isDoubled;
            }
            Operand();
            // Twice is not at all.
            return isDoubled ? Unary() : new CelUnary(symbol, Unary()) { Position = position };
        }
        return Member(Primary());
    }

    private CelNode Member(CelNode node)
    {
        while (true)
        {
            if (Take("."))
            {
                node = Selected(node, Last);
            }
            else if (Take("["))
            {
                var position = Last;
                _open++;
                var optional = Take("?");
                node = new CelIndex(node, Expression(optional ? CelExpected.Operand : CelExpected.Optional), optional) { Position = position };
                Need("]");
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode Selected(CelNode operand, int position)
    {
        if (Take("?"))
        {
            return new CelSelect(operand, Name(CelExpected.MissingName(Next)), Optional: true) { Position = position };
        }
        var name = Name(CelExpected.NoField(Next));
        if (Take("("))
        {
            return Call(operand, name);
        }
        var select = new CelSelect(operand, name) { Position = position };
        if (Next is { Kind: CelTokenKind.Symbol, Text: "{" } && Chain(select) is { } message)
        {
            return Message(message);
        }
        return Chain(select) is { } qualified && CelLibrary.TypeNamed(qualified) is not null ? new CelName(qualified) { Position = position } : select;
    }

    private string Name(string otherwise) => Next.Kind == CelTokenKind.Identifier && Next.Text is not ("true" or "false" or "null" or "in") ? _tokens[_at++].Text : throw new CelException(otherwise, Next.Position);

    private CelNode Primary()
    {
        var token = Next;
        switch (token.Kind)
        {
            case CelTokenKind.Int or CelTokenKind.Uint or CelTokenKind.Double or CelTokenKind.Text or CelTokenKind.Bytes:
                _at++;
                return CelLiterals.Read(token, isNegative: false, token.Position, _problems);
            case CelTokenKind.Identifier:
                _at++;
                return CelLiterals.Word(token) ?? Named(token.Text, token.Position);
        }
        if (Take("."))
        {
            token = Next;
            return Named("." + Name(CelExpected.NoField(Next)), token.Position);
        }
        if (Take("("))
        {
            _open++;
            var inner = Expression();
            Need(")");
            return inner;
        }
        if (Take("["))
        {
            _open++;
            return List(token.Position);
        }
        if (Take("{"))
        {
            _open++;
            return Map(token.Position);
        }
        throw new CelException(CelExpected.Mismatched(Next, CelExpected.Operand), Next.Position);
    }

    private CelNode Named(string name, int position)
    {
        if (CelLiterals.IsReserved(name))
        {
            _problems.Add(position, $"reserved identifier: {name}");
        }
        if (Take("("))
        {
            return Call(null, name);
        }
        return Next is { Kind: CelTokenKind.Symbol, Text: "{" } ? Message(name) : new CelName(name) { Position = position };
    }

    /// <summary>Objects of a named type cannot be made: there are none.</summary>
    private CelNode Message(string name) => throw new CelException($"undeclared reference to '{name}' (in container '')", Next.Position);

    private CelNode Call(CelNode? target, string name)
    {
        var position = Last;
        var arguments = new List<CelNode>();
        _open++;
        if (Take(")"))
        {
            _open--;
        }
        else
        {
            arguments.Add(Expression(CelExpected.Argument));
            while (Take(","))
            {
                arguments.Add(Expression());
            }
            Need(")");
        }
        if (target is not null && Chain(target) is { } space && CelLibrary.Find($"{space}.{name}") is not null)
        {
            return new CelCall(null, $"{space}.{name}", arguments) { Position = position };
        }
        try
        {
            return CelMacros.Expand(target, name, arguments, _twoVariables) is { } macro ? macro with { Position = position } : new CelCall(target, name, arguments) { Position = position };
        }
        catch (CelException wrong)
        {
            _problems.Add(wrong.Position ?? position, wrong.Message);
            return new CelLiteral(null) { Position = position };
        }
    }

    /// <summary>A name with dots, where the node is nothing else.</summary>
    private static string? Chain(CelNode node) => node switch
    {
        CelName name => name.Name,
        CelSelect { TestOnly: false, Optional: false } select => Chain(select.Operand) is { } before ? $"{before}.{select.Field}" : null,
        _ => null,
    };

    private bool Take(string symbol)
    {
        if (Next.Kind != CelTokenKind.Symbol || Next.Text != symbol)
        {
            return false;
        }
        _at++;
        return true;
    }

    private void Need(string symbol)
    {
        _open--;
        if (Take(symbol))
        {
            return;
        }
        var expected = $"'{symbol}'";
        if (AfterNext.Kind == CelTokenKind.Symbol && AfterNext.Text == symbol && Next.Kind != CelTokenKind.End)
        {
            _problems.Add(Next.Position, CelExpected.Extraneous(Next, expected));
            _at += 2;
            return;
        }
        var couldFollow = symbol == ":" ? CelExpected.BeginsOperand(Next) : Next.Kind == CelTokenKind.End && _open == 0;
        if (!couldFollow)
        {
            throw new CelException(CelExpected.Mismatched(Next, expected), Next.Position);
        }
        _problems.Add(Next.Position, CelExpected.Missing(Next, expected));
    }
}
