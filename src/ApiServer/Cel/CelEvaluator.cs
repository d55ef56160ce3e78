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
    private readonly bool _hasDots = variables.Keys.Any(k => k.Contains('.', StringComparison.Ordinal));
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
                : CelLibrary.TypeNamed(name.Name) is not null ? new CelType(name.Name) : throw new CelException($"no such attribute(s): {name.Name}"),
            CelSelect select => Select(select),
            CelIndex index => Index(index),
            CelUnary unary => Unary(unary),
            CelBinary binary => Binary(binary),
            CelConditional conditional => Truth(Evaluate(conditional.Condition)) ? Evaluate(conditional.Then) : Evaluate(conditional.Else),
            CelList list => List(list),
            CelMap map => Map(map),
            CelComprehension comprehension => Comprehend(comprehension),
            CelOptionalMap map => OptionalMap(map),
            CelCall call => Call(call),
            _ => throw new CelException("unsupported expression"),
        };
    }

    public static bool Truth(object? value) => value is bool flag ? flag : throw new CelException("no such overload");

    private object? Call(CelCall call)
    {
        // What stands after or() is looked at only where it is needed.
        if (call is { Function: "or" or "orValue", Target: { } target, Arguments: [var otherwise] })
        {
            return Evaluate(target) is not CelOptional optional ? throw new CelException("no such overload")
                : !optional.HasValue ? Evaluate(otherwise) : call.Function == "or" ? optional : optional.Value;
        }
        var self = call.Target is null ? null : Evaluate(call.Target);
        var arguments = call.Arguments.Select(Evaluate).ToList();
        _left -= CelFunctions.Cost(self, arguments);
        return CelFunctions.Call(call.Target is not null, self, call.Function, arguments);
    }

    private object? OptionalMap(CelOptionalMap map)
    {
        if (Evaluate(map.Target) is not CelOptional target)
        {
            throw new CelException("no such overload");
        }
        if (!target.HasValue)
        {
            return target;
        }
        var made = With(map.Variable, target.Value, () => Evaluate(map.Body));
        return map.Flat ? made : new CelOptional(true, made);
    }

    private List<object?> List(CelList list)
    {
        var items = new List<object?>(list.Items.Count);
        foreach (var (node, optional) in list.Items)
        {
            var value = Evaluate(node);
            if (!optional)
            {
                items.Add(value);
            }
            else if (Present(value) is { HasValue: true } there)
            {
                items.Add(there.Value);
            }
        }
        return items;
    }

    private static CelOptional Present(object? value) => value as CelOptional ?? throw new CelException("no such overload");

    private object? Select(CelSelect select)
    {
        // A variable may have a dot in its name.
        if (_hasDots && select.Operand is CelName space && _names.TryGetValue($"{space.Name}.{select.Field}", out var qualified))
        {
            return qualified;
        }
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
        if (operand is null)
        {
            // Nothing has no fields.
            return select.TestOnly ? false : select.Optional ? new CelOptional(false, null) : throw new CelException($"no such key: {select.Field}");
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
        map.TryGetValue(field, out var value) || map.TryGetValue(CelValues.Unescape(field), out value) ? (true, value is CelLazy lazy ? lazy.Value : value) : (false, null);

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
            case (IList, double or ulong) when CelValues.Whole(key) is { } whole:
                return At(operand, whole);
            case (IDictionary<object, object?> map, not null):
                return map.TryGetValue(key, out var value) || (CelValues.Whole(key) is { } same && map.TryGetValue(same, out value)) ? (true, value) : (false, null);
            default:
                throw new CelException("no such overload");
        }
    }

    private object? Unary(CelUnary unary) => (unary.Operator, Evaluate(unary.Operand)) switch
    {
        ("!", bool flag) => !flag,
        ("-", long number) => number == long.MinValue ? throw new CelException("integer overflow") : -number,
        ("-", double real) => -real,
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
                return item is not null && (map.ContainsKey(item) || (CelValues.Whole(item) is { } whole && map.ContainsKey(whole)));
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
                case (ulong a, ulong b):
                    return symbol switch
                    {
                        "+" => checked(a + b),
                        "-" => checked(a - b),
                        "*" => checked(a * b),
                        "/" => b == 0 ? throw new CelException("division by zero") : a / b,
                        "%" => b == 0 ? throw new CelException("modulus by zero") : a % b,
                        _ => throw new CelException("no such overload"),
                    };
                case (CelBytes a, CelBytes b) when symbol == "+":
                    _left -= (a.Value.Length + b.Value.Length) / 10;
                    return new CelBytes([.. a.Value, .. b.Value]);
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
            throw new CelException(left is ulong ? "unsigned integer overflow" : left is long ? "integer overflow" : left is TimeSpan && right is TimeSpan ? "duration overflow" : "timestamp overflow");
        }
        throw new CelException("no such overload");
    }

    private Dictionary<object, object?> Map(CelMap map)
    {
        var result = new Dictionary<object, object?>();
        foreach (var entry in map.Entries)
        {
            var key = Evaluate(entry.Key) ?? throw new CelException("no such overload");
            var value = Evaluate(entry.Value);
            if (!entry.Optional)
            {
                result[key] = value;
            }
            else if (Present(value) is { HasValue: true } there)
            {
                result[key] = there.Value;
            }
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
            case "transformMapEntry":
                var made = new Dictionary<object, object?>();
                foreach (var entry in entries.Where(e => macro.Filter is null || Truth(Body(e, macro.Filter))))
                {
                    foreach (var (key, value) in Body(entry, macro.Body) as IDictionary<object, object?> ?? throw new CelException("no such overload"))
                    {
                        if (!made.TryAdd(key, value))
                        {
                            throw new CelException($"insert failed: key {CelValues.Text(key)} already exists");
                        }
                    }
                }
                return made;
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
