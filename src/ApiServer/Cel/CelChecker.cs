namespace ActorKube.ApiServer;

/// <summary>
/// Finds what is wrong with an expression before it is ever evaluated: fields that a schema does not have, functions that do not exist,
/// operations on values that do not take them. Where a type is not known nothing is refused.
/// </summary>
internal sealed class CelChecker
{
    private readonly Dictionary<string, CelShape> _variables;

    private CelChecker(IEnumerable<KeyValuePair<string, CelShape>> variables) => _variables = new Dictionary<string, CelShape>(variables, StringComparer.Ordinal);

    /// <summary>The type of an expression.</summary>
    /// <exception cref="CelException">Something is wrong with it.</exception>
    public static CelShape Check(CelNode node, IEnumerable<KeyValuePair<string, CelShape>> variables) => new CelChecker(variables).Of(node);

    private CelShape Of(CelNode node)
    {
        try
        {
            return Judge(node);
        }
        catch (CelException wrong) when (wrong.Position is null)
        {
            wrong.Position = node.Position;
            throw;
        }
    }

    private CelShape Judge(CelNode node) => node switch
    {
        CelLiteral literal => Literal(literal.Value),
        CelName name => _variables.TryGetValue(name.Name, out var known) ? known
            : name.Name is "int" or "uint" or "double" or "bool" or "string" or "bytes" or "list" or "map" or "null_type" or "type" ? CelShape.Type
            : throw new CelException($"undeclared reference to '{name.Name}' (in container '')"),
        CelSelect select => Select(select),
        CelIndex index => Index(index),
        CelUnary unary => Unary(unary),
        CelBinary binary => Binary(binary),
        CelConditional conditional => Conditional(conditional),
        CelList list => CelShape.ListOf(Join(list.Items.Select(Of).ToList())),
        CelMap map => Map(map),
        CelComprehension comprehension => Comprehension(comprehension),
        CelBind bind => Bind(bind),
        CelCall call => Call(call),
        _ => CelShape.Dyn,
    };

    private static CelShape Literal(object? value) => value switch
    {
        null => CelShape.Null,
        bool => CelShape.Bool,
        long => CelShape.Int,
        double => CelShape.Double,
        string => CelShape.Text,
        _ => CelShape.Dyn,
    };

    private static CelShape Join(List<CelShape> shapes) => shapes.Count > 0 && shapes.TrueForAll(s => s.Name == shapes[0].Name) ? shapes[0] : CelShape.Dyn;

    private CelShape Select(CelSelect select)
    {
        var operand = Of(select.Operand);
        var optional = select.Optional || operand.Name == "optional_type";
        if (operand.Name == "optional_type")
        {
            operand = operand.Of!;
        }
        var found = Field(operand, select.Field);
        return select.TestOnly ? CelShape.Bool : optional ? CelShape.OptionalOf(found) : found;
    }

    private static CelShape Field(CelShape operand, string field)
    {
        switch (operand.Name)
        {
            case "dyn":
                return CelShape.Dyn;
            case "map":
                return operand.Of!;
            case "object":
                if (operand.IsResource && field is "apiVersion" or "kind" && operand.IsResource)
                {
                    return CelShape.Text;
                }
                if (operand.IsResource && field == "metadata")
                {
                    // Of metadata only the name can be seen.
                    return new CelShape("object") { Fields = Names };
                }
                if (operand.Fields!.Properties.TryGetValue(field, out var schema) || operand.Fields.Properties.TryGetValue(CelValues.Unescape(field), out schema))
                {
                    return CelShape.From(schema);
                }
                throw new CelException($"undefined field '{field}'");
            default:
                throw new CelException($"type '{operand}' does not support field selection");
        }
    }

    private static Schema Names { get; } = new()
    {
        Type = "object", Properties = new Dictionary<string, Schema> { ["name"] = new() { Type = "string" }, ["generateName"] = new() { Type = "string" } },
    };

    private CelShape Index(CelIndex index)
    {
        var operand = Of(index.Operand);
        var key = Of(index.Key);
        var optional = index.Optional || operand.Name == "optional_type";
        operand = operand.Name == "optional_type" ? operand.Of! : operand;
        var found = operand.Name switch
        {
            "dyn" => CelShape.Dyn,
            "list" when key.Fits(CelShape.Int) => operand.Of!,
            "map" when key.Fits(CelShape.Text) || key.Name is "int" or "bool" => operand.Of!,
            "object" when index.Key is CelLiteral { Value: string field } => Field(operand, field),
            _ => throw NoOverload("_[_]", operand, key),
        };
        return optional ? CelShape.OptionalOf(found) : found;
    }

    private CelShape Unary(CelUnary unary)
    {
        var operand = Of(unary.Operand);
        return unary.Operator == "!"
            ? operand.Fits(CelShape.Bool) ? CelShape.Bool : throw NoOverload("!_", operand)
            : operand.IsDyn || operand.IsNumber || operand.Name == "duration" ? operand : throw NoOverload("-_", operand);
    }

    private CelShape Binary(CelBinary binary)
    {
        var (left, right) = (Of(binary.Left), Of(binary.Right));
        var symbol = binary.Operator;
        switch (symbol)
        {
            case "&&" or "||":
                return left.Fits(CelShape.Bool) && right.Fits(CelShape.Bool) ? CelShape.Bool : throw NoOverload($"_{symbol}_", left, right);
            case "==" or "!=":
                return left.Compares(right) ? CelShape.Bool : throw NoOverload($"_{symbol}_", left, right);
            case "<" or "<=" or ">" or ">=":
                return left.Fits(right) && left.Name is not ("list" or "map" or "object" or "null") ? CelShape.Bool : throw NoOverload($"_{symbol}_", left, right);
            case "in":
                return right.Name switch
                {
                    "dyn" => CelShape.Bool,
                    "list" when left.Fits(right.Of!) => CelShape.Bool,
                    "map" when left.Fits(CelShape.Text) || left.Name is "int" or "bool" => CelShape.Bool,
                    _ => throw NoOverload("@in", left, right),
                };
        }
        if (left.IsDyn || right.IsDyn)
        {
            return CelShape.Dyn;
        }
        return (left.Name, right.Name, symbol) switch
        {
            ("int", "int", _) => CelShape.Int,
            ("double", "double", not "%") => CelShape.Double,
            ("string", "string", "+") => CelShape.Text,
            ("list", "list", "+") => left.Of!.IsDyn ? right : left,
            ("timestamp", "duration", "+" or "-") or ("duration", "timestamp", "+") => CelShape.Timestamp,
            ("timestamp", "timestamp", "-") or ("duration", "duration", "+" or "-") => CelShape.Duration,
            _ => throw NoOverload($"_{symbol}_", left, right),
        };
    }

    private CelShape Conditional(CelConditional conditional)
    {
        var condition = Of(conditional.Condition);
        var (then, otherwise) = (Of(conditional.Then), Of(conditional.Else));
        if (!condition.Fits(CelShape.Bool) || !then.Fits(otherwise))
        {
            throw NoOverload("_?_:_", condition, then, otherwise);
        }
        return then.Name == otherwise.Name ? then : CelShape.Dyn;
    }

    private CelShape Map(CelMap map)
    {
        foreach (var (key, _) in map.Entries)
        {
            Of(key);
        }
        return CelShape.MapOf(Join(map.Entries.Select(e => Of(e.Value)).ToList()));
    }

    private CelShape Comprehension(CelComprehension macro)
    {
        var range = Of(macro.Range);
        var (first, second) = range.Name switch
        {
            "dyn" => (CelShape.Dyn, CelShape.Dyn),
            "list" => (macro.Second is null ? range.Of! : CelShape.Int, range.Of!),
            "map" => (CelShape.Text, range.Of!),
            _ => throw new CelException($"expression of type '{range}' cannot be range of a comprehension (must be list, map, or dynamic)", macro.Range.Position),
        };
        return With(macro.Variable, first, () => With(macro.Second, second, () =>
        {
            // Macros are what they expand to, and so are the messages.
            if (macro.Filter is { } filter && Of(filter) is var kept && !kept.Fits(CelShape.Bool))
            {
                var gathered = CelShape.ListOf(Of(macro.Body));
                throw NoOverload("_?_:_", kept, gathered, gathered);
            }
            var body = Of(macro.Body);
            switch (macro.Macro)
            {
                case "all" or "exists" or "exists_one" or "existsOne" or "filter":
                    if (!body.Fits(CelShape.Bool))
                    {
                        throw macro.Macro switch
                        {
                            "all" => NoOverload("_&&_", CelShape.Bool, body),
                            "exists" => NoOverload("_||_", CelShape.Bool, body),
                            "filter" => NoOverload("_?_:_", body, CelShape.ListOf(first), CelShape.ListOf(first)),
                            _ => NoOverload("_?_:_", body, CelShape.Int, CelShape.Int),
                        };
                    }
                    return macro.Macro == "filter" ? CelShape.ListOf(first) : CelShape.Bool;
                case "transformMap":
                    return CelShape.MapOf(body);
                default:
                    return CelShape.ListOf(body);
            }
        }));
    }

    private CelShape Bind(CelBind bind)
    {
        var value = Of(bind.Value);
        return With(bind.Variable, value, () => Of(bind.Body));
    }

    private CelShape With(string? name, CelShape shape, Func<CelShape> body)
    {
        if (name is null)
        {
            return body();
        }
        var had = _variables.TryGetValue(name, out var before);
        _variables[name] = shape;
        try
        {
            return body();
        }
        finally
        {
            if (had)
            {
                _variables[name] = before!;
            }
            else
            {
                _variables.Remove(name);
            }
        }
    }

    private CelShape Call(CelCall call)
    {
        var arguments = call.Arguments.Select(Of).ToArray();
        if (call.Target is CelName { Name: "optional" } && !_variables.ContainsKey("optional"))
        {
            return call.Function switch
            {
                "of" or "ofNonZeroValue" when arguments.Length == 1 => CelShape.OptionalOf(arguments[0]),
                "none" => CelShape.OptionalOf(CelShape.Dyn),
                _ => throw Undeclared($"optional.{call.Function}"),
            };
        }
        if (call.Target is CelName space && !_variables.ContainsKey(space.Name) && CelNamespaces.Find($"{space.Name}.{call.Function}", arguments) is { } named)
        {
            return named;
        }
        var self = call.Target is null ? null : Of(call.Target);
        return self is null ? CelSignatures.Function(call.Function, arguments) : CelSignatures.Method(self, call.Function, arguments);
    }

    public static CelException Undeclared(string name) => new($"undeclared reference to '{name}' (in container '')");

    public static CelException NoMethod(string function, CelShape self, CelShape[] arguments) =>
        new($"found no matching overload for '{function}' applied to '{self}.({string.Join(", ", (object[])arguments)})'");

    public static CelException NoOverload(string function, params CelShape[] arguments) =>
        new($"found no matching overload for '{function}' applied to '({string.Join(", ", (object[])arguments)})'");
}
