using System.Collections;

namespace ActorKube.ApiServer;

/// <summary>
/// Evaluates expressions. Bounded: every step costs, and an expression that costs too much ends with an error, so that a rule cannot stop the
/// server.
/// </summary>
internal sealed class CelEvaluator(IReadOnlyDictionary<string, object?> variables)
{
    private const int Budget = 1_000_000;

    private readonly Dictionary<string, object?> _names = new(variables, StringComparer.Ordinal);
    private int _left = Budget;

    /// <exception cref="CelException">An operation does not take its values, a field is missing, or the budget is used up.</exception>
    public object? Evaluate(CelNode node)
    {
        if (--_left < 0)
        {
            throw new CelException("operation cancelled: actual cost limit exceeded");
        }
        return node switch
        {
            CelLiteral literal => literal.Value,
            CelName name => _names.TryGetValue(name.Name, out var value) ? value
                : name.Name is "int" or "uint" or "double" or "bool" or "string" or "bytes" or "list" or "map" or "null_type" ? new CelType(name.Name)
                : throw new CelException($"undeclared reference to '{name.Name}'"),
            CelSelect select => Select(select),
            CelIndex index => Index(index),
            CelUnary unary => Unary(unary),
            CelBinary binary => Binary(binary),
            CelConditional conditional => Truth(Evaluate(conditional.Condition)) ? Evaluate(conditional.Then) : Evaluate(conditional.Else),
            CelList list => list.Items.Select(Evaluate).ToList(),
            CelMap map => Map(map),
            CelComprehension comprehension => Comprehend(comprehension),
            CelBind bind => With(bind.Variable, Evaluate(bind.Value), () => Evaluate(bind.Body)),
            CelCall call => Call(call),
            _ => throw new CelException("unsupported expression"),
        };
    }

    public static bool Truth(object? value) => value is bool flag ? flag : throw new CelException("no such overload");

    private object? Call(CelCall call)
    {
        if (call.Target is CelName { Name: "optional" } && !_names.ContainsKey("optional"))
        {
            return call.Function switch
            {
                "of" => new CelOptional(true, Evaluate(call.Arguments[0])),
                "none" => new CelOptional(false, null),
                "ofNonZeroValue" => Evaluate(call.Arguments[0]) is var value && value is null or false or 0L or 0.0 or "" or IList { Count: 0 } ? new CelOptional(false, null) : new CelOptional(true, value),
                _ => throw new CelException($"undeclared reference to 'optional.{call.Function}'"),
            };
        }
        if (call is { Function: "orValue", Target: { } target } && Evaluate(target) is CelOptional optional)
        {
            return optional.HasValue ? optional.Value : Evaluate(call.Arguments[0]);
        }
        if (call.Target is CelName space && !_names.ContainsKey(space.Name) && CelNamespaces.Has($"{space.Name}.{call.Function}"))
        {
            return CelNamespaces.Call($"{space.Name}.{call.Function}", call.Arguments.Select(Evaluate).ToList());
        }
        var self = call.Target is null ? null : Evaluate(call.Target);
        var arguments = call.Arguments.Select(Evaluate).ToList();
        _left -= CelFunctions.Cost(self, arguments);
        return CelFunctions.Call(call.Target is not null, self, call.Function, arguments);
    }

    private object? Select(CelSelect select)
    {
        var operand = Evaluate(select.Operand);
        if (operand is CelOptional optional)
        {
            if (!optional.HasValue)
            {
                return select.TestOnly ? false : optional;
            }
            var (found, there) = optional.Value is IDictionary<object, object?> inner ? Field(inner, select.Field) : (false, null);
            return select.TestOnly ? found : new CelOptional(found, there);
        }
        if (operand is not IDictionary<object, object?> map)
        {
            throw new CelException("no such overload");
        }
        var (exists, value) = Field(map, select.Field);
        if (select.TestOnly)
        {
            return exists;
        }
        if (select.Optional)
        {
            return new CelOptional(exists, value);
        }
        return exists ? value : throw new CelException($"no such key: {select.Field}");
    }

    private static (bool Exists, object? Value) Field(IDictionary<object, object?> map, string field) =>
        map.TryGetValue(field, out var value) || map.TryGetValue(CelValues.Unescape(field), out value) ? (true, value) : (false, null);

    private object? Index(CelIndex index)
    {
        var operand = Evaluate(index.Operand);
        var key = Evaluate(index.Key);
        if (operand is CelOptional optional)
        {
            return optional.HasValue ? At(optional.Value, key) is var found ? new CelOptional(found.Exists, found.Value) : optional : optional;
        }
        var (exists, value) = At(operand, key);
        if (index.Optional)
        {
            return new CelOptional(exists, value);
        }
        return exists ? value : throw new CelException(operand is IList ? $"index out of bounds: {key}" : $"no such key: {key}");
    }

    private static (bool Exists, object? Value) At(object? operand, object? key)
    {
        switch (operand, key)
        {
            case (IList list, long number):
                return number >= 0 && number < list.Count ? (true, list[(int)number]) : (false, null);
            case (IDictionary<object, object?> map, not null):
                return map.TryGetValue(key, out var value) ? (true, value) : (false, null);
            default:
                throw new CelException("no such overload");
        }
    }

    private object? Unary(CelUnary unary) => (unary.Operator, Evaluate(unary.Operand)) switch
    {
        ("!", bool flag) => !flag,
        ("-", long number) => -number,
        ("-", double real) => -real,
        ("-", TimeSpan duration) => -duration,
        _ => throw new CelException("no such overload"),
    };

    private object? Binary(CelBinary binary)
    {
        switch (binary.Operator)
        {
            case "&&":
                return Logic(binary, settles: false);
            case "||":
                return Logic(binary, settles: true);
        }
        var left = Evaluate(binary.Left);
        var right = Evaluate(binary.Right);
        return binary.Operator switch
        {
            "==" => CelValues.Same(left, right),
            "!=" => !CelValues.Same(left, right),
            "<" => CelValues.Order(left, right) < 0,
            "<=" => CelValues.Order(left, right) <= 0,
            ">" => CelValues.Order(left, right) > 0,
            ">=" => CelValues.Order(left, right) >= 0,
            "in" => Contains(left, right),
            _ => Arithmetic(binary.Operator, left, right),
        };
    }

    /// <summary>An error on one side does not matter where the other side settles the answer.</summary>
    private bool Logic(CelBinary binary, bool settles)
    {
        bool left;
        try
        {
            left = Truth(Evaluate(binary.Left));
        }
        catch (CelException)
        {
            if (Truth(Evaluate(binary.Right)) == settles)
            {
                return settles;
            }
            throw;
        }
        return left == settles ? settles : Truth(Evaluate(binary.Right));
    }

    private bool Contains(object? item, object? collection)
    {
        switch (collection)
        {
            case IList list:
                _left -= list.Count;
                return list.Cast<object?>().Any(i => CelValues.Same(i, item));
            case IDictionary<object, object?> map:
                return item is not null && map.ContainsKey(item);
            default:
                throw new CelException("no such overload");
        }
    }

    private object Arithmetic(string symbol, object? left, object? right)
    {
        try
        {
            switch (left, right)
            {
                case (long a, long b):
                    return symbol switch
                    {
                        "+" => checked(a + b),
                        "-" => checked(a - b),
                        "*" => checked(a * b),
                        "/" => b == 0 ? throw new CelException("division by zero") : a / b,
                        "%" => b == 0 ? throw new CelException("modulus by zero") : a % b,
                        _ => throw new CelException("no such overload"),
                    };
                case (double a, double b) when symbol != "%":
                    return symbol switch { "+" => a + b, "-" => a - b, "*" => a * b, _ => a / b };
                case (string a, string b) when symbol == "+":
                    _left -= (a.Length + b.Length) / 10;
                    return a + b;
                case (IList a, IList b) when symbol == "+":
                    _left -= a.Count + b.Count;
                    return a.Cast<object?>().Concat(b.Cast<object?>()).ToList();
                case (DateTimeOffset a, TimeSpan b) when symbol is "+" or "-":
                    return symbol == "+" ? a + b : a - b;
                case (TimeSpan a, DateTimeOffset b) when symbol == "+":
                    return b + a;
                case (DateTimeOffset a, DateTimeOffset b) when symbol == "-":
                    return a - b;
                case (TimeSpan a, TimeSpan b) when symbol is "+" or "-":
                    return symbol == "+" ? a + b : a - b;
            }
        }
        catch (Exception overflow) when (overflow is OverflowException or ArgumentOutOfRangeException)
        {
            throw new CelException("integer overflow");
        }
        throw new CelException("no such overload");
    }

    private Dictionary<object, object?> Map(CelMap map)
    {
        var result = new Dictionary<object, object?>();
        foreach (var (key, value) in map.Entries)
        {
            result[Evaluate(key) ?? throw new CelException("no such overload")] = Evaluate(value);
        }
        return result;
    }

    private object? Comprehend(CelComprehension macro)
    {
        var range = Evaluate(macro.Range);
        var entries = range switch
        {
            IList items => items.Cast<object?>().Select((value, index) => macro.Second is null ? (Key: value, Value: (object?)null) : ((long)index, value)).ToList(),
            IDictionary<object, object?> pairs => pairs.Select(p => (Key: (object?)p.Key, p.Value)).ToList(),
            _ => throw new CelException("no such overload"),
        };
        object? Body((object? Key, object? Value) entry, CelNode node) =>
            With(macro.Variable, entry.Key, () => macro.Second is null ? Evaluate(node) : With(macro.Second, entry.Value, () => Evaluate(node)));
        switch (macro.Macro)
        {
            case "all":
                return Any(entries, e => !Truth(Body(e, macro.Body))) is false;
            case "exists":
                return Any(entries, e => Truth(Body(e, macro.Body)));
            case "exists_one" or "existsOne":
                return entries.Count(e => Truth(Body(e, macro.Body))) == 1;
            case "filter":
                return entries.FindAll(e => Truth(Body(e, macro.Body))).ConvertAll<object?>(e => e.Key);
            case "transformMap":
                var map = new Dictionary<object, object?>();
                foreach (var entry in entries.Where(e => macro.Filter is null || Truth(Body(e, macro.Filter))))
                {
                    map[entry.Key!] = Body(entry, macro.Body);
                }
                return map;
            default:
                var list = new List<object?>();
                foreach (var entry in entries.Where(e => macro.Filter is null || Truth(Body(e, macro.Filter))))
                {
                    list.Add(Body(entry, macro.Body));
                }
                return list;
        }
    }

    /// <summary>Whether one holds; errors of the others do not matter then.</summary>
    private static bool Any(List<(object? Key, object? Value)> entries, Func<(object? Key, object? Value), bool> holds)
    {
        CelException? failure = null;
        foreach (var entry in entries)
        {
            try
            {
                if (holds(entry))
                {
                    return true;
                }
            }
            catch (CelException wrong)
            {
                failure ??= wrong;
            }
        }
        return failure is null ? false : throw failure;
    }

    private object? With(string name, object? value, Func<object?> body)
    {
        var had = _names.TryGetValue(name, out var before);
        _names[name] = value;
        try
        {
            return body();
        }
        finally
        {
            if (had)
            {
                _names[name] = before;
            }
            else
            {
                _names.Remove(name);
            }
        }
    }
}

/// <summary>A type as a value, for <c>type(x) == string</c>.</summary>
internal sealed record CelType(string Name);
