namespace ActorKube.ApiServer;

/// <summary>Reads expressions of the Common Expression Language, macros included.</summary>
internal sealed class CelParser
{
    private const int MaxDepth = 100;

    /// <summary>What an expression can begin with, in the words of the grammar that Kubernetes uses.</summary>
    private const string Beginnings = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

    private readonly List<CelToken> _tokens;
    private int _at;
    private int _depth;

    private CelParser(List<CelToken> tokens) => _tokens = tokens;

    /// <exception cref="CelException">The text is no expression.</exception>
    public static CelNode Parse(string text)
    {
        var parser = new CelParser(CelLexer.Read(text));
        var node = parser.Expression();
        return parser.Next.Kind == CelTokenKind.End ? node : throw parser.Unexpected();
    }

    private CelToken Next => _tokens[_at];

    private CelNode Expression()
    {
        if (++_depth > MaxDepth)
        {
            throw new CelException($"expression recursion limit exceeded: {MaxDepth}");
        }
        var condition = Or();
        if (Take("?"))
        {
            var position = Last;
            var then = Or();
            Need(":");
            condition = new CelConditional(condition, then, Expression()) { Position = position };
        }
        _depth--;
        return condition;
    }

    private CelNode Or() => Binary(And, "||");

    private CelNode And() => Binary(Relation, "&&");

    private CelNode Relation()
    {
        var left = Sum();
        while (true)
        {
            if (Next.Kind == CelTokenKind.Symbol && Next.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
            {
                var symbol = _tokens[_at++].Text;
                var position = Last;
                left = new CelBinary(symbol, left, Sum()) { Position = position };
            }
            else if (Next is { Kind: CelTokenKind.Identifier, Text: "in" })
            {
                _at++;
                var position = Last;
                left = new CelBinary("in", left, Sum()) { Position = position };
            }
            else
            {
                return left;
            }
        }
    }

    private CelNode Sum() => Binary(Product, "+", "-");

    private CelNode Product() => Binary(Unary, "*", "/", "%");

    private CelNode Binary(Func<CelNode> operand, params string[] operators)
    {
        var left = operand();
        while (Next.Kind == CelTokenKind.Symbol && Array.IndexOf(operators, Next.Text) >= 0)
        {
            var symbol = _tokens[_at++].Text;
            var position = Last;
            left = new CelBinary(symbol, left, operand()) { Position = position };
        }
        return left;
    }

    private CelNode Unary()
    {
        if (Take("!"))
        {
            var position = Last;
            return new CelUnary("!", Unary()) { Position = position };
        }
        if (Take("-"))
        {
            var position = Last;
            return Unary() switch
            {
                CelLiteral { Value: long number } => new CelLiteral(-number) { Position = position },
                CelLiteral { Value: double real } => new CelLiteral(-real) { Position = position },
                var other => new CelUnary("-", other) { Position = position },
            };
        }
        return Member();
    }

    private CelNode Member()
    {
        var node = Primary();
        while (true)
        {
            if (Take(".?"))
            {
                var position = Last;
                node = new CelSelect(node, Identifier(), Optional: true) { Position = position };
            }
            else if (Take("."))
            {
                var position = Last;
                var name = Identifier();
                node = Take("(") ? Call(node, name) : new CelSelect(node, name) { Position = position };
            }
            else if (Take("[?"))
            {
                var position = Last;
                node = new CelIndex(node, Expression(), Optional: true) { Position = position };
                Need("]");
            }
            else if (Take("["))
            {
                var position = Last;
                node = new CelIndex(node, Expression()) { Position = position };
                Need("]");
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode Primary()
    {
        var token = Next;
        switch (token.Kind)
        {
            case CelTokenKind.Int or CelTokenKind.Uint or CelTokenKind.Double or CelTokenKind.Text or CelTokenKind.Bytes:
                _at++;
                return new CelLiteral(token.Value) { Position = token.Position };
            case CelTokenKind.Identifier:
                _at++;
                return token.Text switch
                {
                    "true" => new CelLiteral(true) { Position = token.Position },
                    "false" => new CelLiteral(false) { Position = token.Position },
                    "null" => new CelLiteral(null) { Position = token.Position },
                    _ => Take("(") ? Call(null, token.Text) : new CelName(token.Text) { Position = token.Position },
                };
        }
        if (Take("("))
        {
            var inner = Expression();
            Need(")");
            return inner;
        }
        if (Take("["))
        {
            return new CelList(Sequence("]")) { Position = token.Position };
        }
        if (Take("{"))
        {
            return Map() with { Position = token.Position };
        }
        throw new CelException($"Syntax error: mismatched input '{Next.Text}' expecting {Beginnings}", Next.Position);
    }

    private CelMap Map()
    {
        var entries = new List<(CelNode, CelNode)>();
        while (!Take("}"))
        {
            var key = Expression();
            Need(":");
            entries.Add((key, Expression()));
            if (!Take(","))
            {
                Need("}");
                break;
            }
        }
        return new CelMap(entries);
    }

    private List<CelNode> Sequence(string end)
    {
        var items = new List<CelNode>();
        while (!Take(end))
        {
            items.Add(Expression());
            if (!Take(","))
            {
                Need(end);
                break;
            }
        }
        return items;
    }

    private CelNode Call(CelNode? target, string name)
    {
        var position = Last;
        var arguments = Sequence(")");
        return Expand(target, name, arguments) with { Position = position };
    }

    private static CelNode Expand(CelNode? target, string name, List<CelNode> arguments)
    {
        switch (name, target, arguments.Count)
        {
            case ("has", null, 1) when arguments[0] is CelSelect select:
                return select with { TestOnly = true };
            case ("has", null, _):
                throw new CelException("invalid argument to has() macro", arguments.FirstOrDefault()?.Position);
            case ("all" or "exists" or "exists_one" or "existsOne" or "filter", not null, 2):
                return new CelComprehension(name, target, Variable(arguments[0]), null, arguments[1], null);
            case ("map", not null, 2):
                return new CelComprehension(name, target, Variable(arguments[0]), null, arguments[1], null);
            case ("map", not null, 3):
                return new CelComprehension(name, target, Variable(arguments[0]), null, arguments[2], arguments[1]);
            case ("all" or "exists" or "exists_one" or "existsOne" or "transformList" or "transformMap", not null, 3):
                return new CelComprehension(name, target, Variable(arguments[0]), Variable(arguments[1]), arguments[2], null);
            case ("transformList" or "transformMap", not null, 4):
                return new CelComprehension(name, target, Variable(arguments[0]), Variable(arguments[1]), arguments[3], arguments[2]);
            case ("bind", CelName { Name: "cel" }, 3):
                return new CelBind(Variable(arguments[0]), arguments[1], arguments[2]);
            default:
                return new CelCall(target, name, arguments);
        }
    }

    private static string Variable(CelNode node) => node is CelName name ? name.Name : throw new CelException("argument must be a simple name", node.Position);

    private string Identifier() => Next.Kind == CelTokenKind.Identifier ? _tokens[_at++].Text : throw Unexpected();

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
        if (!Take(symbol))
        {
            throw Unexpected();
        }
    }

    /// <summary>Where the token stands that was just taken.</summary>
    private int Last => _tokens[_at - 1].Position;

    private CelException Unexpected() => new(_at == 0 || Next.Kind == CelTokenKind.End
        ? $"Syntax error: mismatched input '{Next.Text}' expecting {Beginnings}" : $"Syntax error: extraneous input '{Next.Text}' expecting <EOF>", Next.Position);
}
