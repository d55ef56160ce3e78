namespace ActorKube.ApiServer;

/// <summary>
/// Finds what is wrong with an expression before it is ever evaluated: fields that a schema does not have, functions that do not exist, operations on values that do not take them.
/// Where a type is not known nothing is refused. Goes on after a mistake, so that all are told.
/// </summary>
internal sealed class CelChecker
{
    private readonly Dictionary<string, CelShape> _variables;
    private readonly CelUnifier _types = new();
    private readonly CelProblems _problems;
    private readonly CelLiteralChecks _literals = new();

    private CelChecker(IEnumerable<KeyValuePair<string, CelShape>> variables, CelProblems problems)
    {
        _variables = new Dictionary<string, CelShape>(variables, StringComparer.Ordinal);
        _problems = problems;
    }

    /// <summary>The type of an expression; without a meaning where there are problems then.</summary>
    public static CelShape Check(CelNode node, IEnumerable<KeyValuePair<string, CelShape>> variables, CelProblems problems)
    {
        var checker = new CelChecker(variables, problems);
        var shape = checker._types.Resolve(checker.Of(node), final: true);
        if (!problems.Any)
        {
            checker._literals.Report(checker._types, problems);
        }
        return shape;
    }

    private CelShape Of(CelNode node) => node switch
    {
        CelLiteral literal => Literal(literal.Value),
        CelName name => Named(name),
        CelSelect select => Select(select),
        CelIndex index => Resolve(index.Optional ? "_[?_]" : "_[_]", node.Position, false, Of(index.Operand), Of(index.Key)),
        CelUnary unary => Resolve($"{unary.Operator}_", node.Position, false, Of(unary.Operand)),
        CelBinary { Operator: "&&" or "||" } logic => Logic(logic),
        CelBinary binary => Resolve(binary.Operator == "in" ? "@in" : $"_{binary.Operator}_", node.Position, false, Of(binary.Left), Of(binary.Right)),
        CelConditional conditional => Resolve("_?_:_", node.Position, false, Of(conditional.Condition), Of(conditional.Then), Of(conditional.Else)),
        CelList list => List(list),
        CelMap map => Map(map),
        CelComprehension comprehension => Comprehension(comprehension),
        CelOptionalMap map => OptionalMap(map),
        CelCall call => Call(call),
        _ => CelShape.Dyn,
    };

    private static CelShape Literal(object? value) => value switch
    {
        null => CelShape.Null,
        bool => CelShape.Bool,
        long => CelShape.Int,
        ulong => CelShape.Uint,
        double => CelShape.Double,
        string => CelShape.Text,
        CelBytes => CelShape.Bytes,
        _ => CelShape.Dyn,
    };

    private CelShape Named(CelName name)
    {
        if (_variables.TryGetValue(name.Name, out var known))
        {
            return known;
        }
        return CelLibrary.TypeNamed(name.Name) is { } type ? CelShape.TypeOf(type) : Undeclared(name.Name, name.Position);
    }

    private CelShape Undeclared(string name, int position) => Wrong(position, $"undeclared reference to '{name}' (in container '')");

    private CelShape Wrong(int position, string message)
    {
        _problems.Add(position, message);
        return CelShape.Error;
    }

    private CelShape Select(CelSelect select)
    {
        // A variable may have a dot in its name: authorizer.requestResource.
        if (!select.TestOnly && select.Operand is CelName space && _variables.TryGetValue($"{space.Name}.{select.Field}", out var qualified))
        {
            return qualified;
        }
        var operand = _types.Resolve(Of(select.Operand));
        var isOptional = operand.IsOptional;
        var found = Field(isOptional ? operand.Of[0] : operand, select.Field, select.Position);
        return select.TestOnly ? CelShape.Bool : isOptional || select.Optional ? CelShape.OptionalOf(found) : found;
    }

    private CelShape Field(CelShape operand, string field, int position)
    {
        switch (operand.Kind)
        {
            case CelKind.Map:
                return operand.Of[1];
            case CelKind.Struct:
                return !operand.HasFields ? Wrong(position, $"unexpected failed resolution of '{operand.Name}'")
                    : operand.Field(field) ?? Wrong(position, $"undefined field '{field}'");
            case CelKind.Parameter:
                _types.Fits(CelShape.Dyn, operand);
                return CelShape.Dyn;
            case CelKind.Dyn or CelKind.Error:
                return CelShape.Dyn;
            default:
                Wrong(position, $"type '{operand}' does not support field selection");
                return CelShape.Dyn;
        }
    }

    private CelShape Logic(CelBinary logic)
    {
        var fits = true;
        foreach (var side in (CelNode[])[logic.Left, logic.Right])
        {
            fits &= Truth(Of(side), side.Position);
        }
        return fits ? CelShape.Bool : CelShape.Error;
    }

    private bool Truth(CelShape shape, int position)
    {
        if (_types.Fits(shape, CelShape.Bool))
        {
            return true;
        }
        Mismatch(position, CelShape.Bool, shape);
        return false;
    }

    private void Mismatch(int position, CelShape expected, CelShape found) => _problems.Add(position, $"expected type '{expected}' but found '{found}'");

    private CelShape List(CelList list)
    {
        CelShape? items = null;
        var found = new List<(int, CelShape)>();
        foreach (var (value, optional) in list.Items)
        {
            var item = Present(Of(value), optional, value.Position);
            found.Add((value.Position, item));
            items = Join(items, item);
        }
        _literals.Alike(found);
        return CelShape.ListOf(items ?? _types.Fresh());
    }

    private CelShape Map(CelMap map)
    {
        CelShape? keys = null, values = null;
        var (allKeys, allValues) = (new List<(int, CelShape)>(), new List<(int, CelShape)>());
        foreach (var entry in map.Entries)
        {
            var key = Of(entry.Key);
            keys = Join(keys, key);
            var value = Present(Of(entry.Value), entry.Optional, entry.Value.Position);
            values = Join(values, value);
            allKeys.Add((entry.Key.Position, key));
            allValues.Add((entry.Value.Position, value));
        }
        _literals.Alike(allKeys);
        _literals.Alike(allValues);
        return CelShape.MapOf(keys ?? _types.Fresh(), values ?? _types.Fresh());
    }

    /// <summary>What an optional element holds.</summary>
    private CelShape Present(CelShape shape, bool optional, int position)
    {
        if (!optional)
        {
            return shape;
        }
        var resolved = _types.Resolve(shape);
        if (resolved.IsOptional)
        {
            return resolved.Of[0];
        }
        if (!resolved.IsDyn)
        {
            Mismatch(position, CelShape.OptionalOf(resolved), resolved);
        }
        return resolved;
    }

    /// <summary>What elements have in common. That they must be alike is looked at in the end, for where a text is formatted they need not.</summary>
    private CelShape Join(CelShape? before, CelShape shape) =>
        before is null ? shape : _types.Fits(before, shape) ? CelUnifier.MoreGeneral(before, shape) : CelShape.Dyn;

    private CelShape Call(CelCall call)
    {
        if (call.Target is null)
        {
            return Applied(call, null, CelLibrary.Find(call.Function));
        }
        var self = Of(call.Target);
        return Applied(call, self, CelLibrary.Find(call.Function));
    }

    private CelShape Applied(CelCall call, CelShape? self, CelOverload[]? known)
    {
        var given = new List<CelShape>();
        if (self is not null)
        {
            given.Add(self);
        }
        using (_literals.Within(call.Function))
        {
            given.AddRange(call.Arguments.Select(Of));
        }
        if (known is null)
        {
            return Undeclared(call.Function, call.Position);
        }
        _literals.Constant(call);
        return Resolve(call.Function, call.Position, self is not null, [.. given]);
    }

    /// <summary>What a function gives for these, by all of its forms that take them.</summary>
    private CelShape Resolve(string function, int position, bool isMethod, params CelShape[] given)
    {
        CelShape? result = null;
        foreach (var declared in CelLibrary.Find(function) ?? [])
        {
            if (declared.IsMethod != isMethod)
            {
                continue;
            }
            var form = declared.Instance(_types);
            if (!_types.Fits(given, form.Takes))
            {
                continue;
            }
            var gives = _types.Resolve(form.Gives);
            result = result is null ? gives : result.IsDyn || gives.Is(result) ? result : CelShape.Dyn;
        }
        if (result is not null)
        {
            return result;
        }
        var shown = Array.ConvertAll(given, g => _types.Resolve(g, final: true));
        var signature = isMethod ? $"{shown[0]}.({string.Join(", ", shown.Skip(1))})" : $"({string.Join(", ", (object[])shown)})";
        return Wrong(position, $"found no matching overload for '{function}' applied to '{signature}'");
    }

    private CelShape OptionalMap(CelOptionalMap map)
    {
        var target = Of(map.Target);
        Resolve("hasValue", map.Position, true, target);
        var value = Resolve("value", map.Position, true, Of(map.Target));
        var body = With(map.Variable, value, () => Of(map.Body));
        return Resolve("_?_:_", map.Position, false, CelShape.Bool, map.Flat ? body : CelShape.OptionalOf(body), CelShape.OptionalOf(_types.Fresh()));
    }

    private CelShape Comprehension(CelComprehension macro)
    {
        var range = _types.Resolve(Of(macro.Range));
        var (first, second) = Elements(macro, range);
        return With(macro.Variable, first, () => With(macro.Second, second, () => Gathered(macro, first)));
    }

    private (CelShape First, CelShape Second) Elements(CelComprehension macro, CelShape range)
    {
        switch (range.Kind)
        {
            case CelKind.List:
                return (macro.Second is null ? range.Of[0] : CelShape.Int, range.Of[0]);
            case CelKind.Map:
                return (range.Of[0], range.Of[1]);
            case CelKind.Dyn or CelKind.Error or CelKind.Parameter:
                _types.Fits(CelShape.Dyn, range);
                return (CelShape.Dyn, CelShape.Dyn);
            default:
                Wrong(macro.Range.Position, $"expression of type '{range}' cannot be range of a comprehension (must be list, map, or dynamic)");
                return (CelShape.Error, CelShape.Error);
        }
    }

    /// <summary>What a macro makes of its elements: it is what it expands to, and so are the messages.</summary>
    private CelShape Gathered(CelComprehension macro, CelShape first)
    {
        switch (macro.Macro)
        {
            case "all" or "exists":
                Truth(Of(macro.Body), macro.Body.Position);
                return CelShape.Bool;
            case "exists_one" or "existsOne":
                Resolve("_?_:_", macro.Position, false, Of(macro.Body), CelShape.Int, CelShape.Int);
                return CelShape.Bool;
            case "filter":
                var kept = Of(macro.Body);
                Resolve("_?_:_", macro.Position, false, kept, CelShape.ListOf(first), CelShape.ListOf(first));
                return CelShape.ListOf(first);
            case "transformMap":
                return Filtered(macro, CelShape.MapOf(first, Of(macro.Body)));
            case "transformMapEntry":
                return Filtered(macro, Of(macro.Body));
            default:
                var filter = macro.Filter is { } condition ? Of(condition) : null;
                var items = CelShape.ListOf(Of(macro.Body));
                if (filter is not null)
                {
                    Resolve("_?_:_", macro.Position, false, filter, items, items);
                }
                return items;
        }
    }

    private CelShape Filtered(CelComprehension macro, CelShape gathered)
    {
        if (macro.Filter is { } filter)
        {
            Resolve("_?_:_", macro.Position, false, Of(filter), gathered, gathered);
        }
        return gathered;
    }

    private CelShape With(string? name, CelShape shape, Func<CelShape> body)
    {
        if (name is null)
        {
            return body();
        }
        var had = _variables.TryGetValue(name, out var before);
        _variables[name] = shape;
        var made = body();
        if (had)
        {
            _variables[name] = before!;
        }
        else
        {
            _variables.Remove(name);
        }
        return made;
    }
}
