using System.Globalization;

namespace ActorKube.ApiServer;

/// <summary>
/// What an expression costs at most, before it is ever evaluated: each step one, texts a tenth of their length, a comprehension its body as often as its range is long. The
/// reckoning is that of Kubernetes' estimates, so that a definition which a cluster would refuse is refused here.
/// </summary>
internal sealed class CelCost
{
    private const double Traversal = 0.1;
    private const double Pattern = 0.25;

    /// <summary>Functions whose results are of one size, whatever they are made from.</summary>
    private static readonly string[] Sizeless = ["size", "int", "uint", "double", "bool", "duration", "timestamp", "type", "hasValue", "ip", "cidr", "masked", "quantity", "add", "sub"];

    private readonly Dictionary<string, CelSize> _names = new(StringComparer.Ordinal);

    private CelCost(IEnumerable<KeyValuePair<string, CelSize>> names) => _names = new(names, StringComparer.Ordinal);

    public static double Of(CelNode node, IEnumerable<KeyValuePair<string, CelSize>> names) => new CelCost(names).Estimate(node).Cost;

    private (double Cost, CelSize Size) Estimate(CelNode node)
    {
        switch (node)
        {
            case CelLiteral literal:
                return (0, literal.Value is string text ? CelSize.Text(text.Length) : CelSize.Scalar);
            case CelName name:
                return (1, _names.GetValueOrDefault(name.Name) ?? CelSize.Scalar);
            case CelSelect select:
                return Select(select);
            case CelIndex index:
                var (list, key) = (Estimate(index.Operand), Estimate(index.Key));
                return (list.Cost + key.Cost + 1, list.Size.Kind == CelSizeKind.Object && index.Key is CelLiteral { Value: string field } ? Field(list.Size, field) : list.Size.Of ?? CelSize.Unknown);
            case CelUnary unary:
                return (Estimate(unary.Operand).Cost + 1, CelSize.Scalar);
            case CelBinary binary:
                return Binary(binary.Operator, Estimate(binary.Left), Estimate(binary.Right));
            case CelConditional conditional:
                var (then, otherwise) = (Estimate(conditional.Then), Estimate(conditional.Else));
                return (Estimate(conditional.Condition).Cost + Math.Max(then.Cost, otherwise.Cost), then.Size.Most >= otherwise.Size.Most ? then.Size : otherwise.Size);
            case CelList items:
                var parts = items.Items.Select(i => Estimate(i.Value)).ToList();
                return (10 + parts.Sum(p => p.Cost), new CelSize(CelSizeKind.List, parts.Count) { Of = parts.Count == 0 ? CelSize.Scalar : parts.MaxBy(p => p.Size.Most).Size });
            case CelMap map:
                return (30 + map.Entries.Sum(e => Estimate(e.Key).Cost + Estimate(e.Value).Cost), new CelSize(CelSizeKind.Map, map.Entries.Count) { Of = CelSize.Unknown });
            case CelComprehension comprehension:
                return Comprehension(comprehension);
            case CelOptionalMap map:
                var bound = Estimate(map.Target);
                var body = With(map.Variable, bound.Size, () => Estimate(map.Body));
                return ((2 * bound.Cost) + body.Cost + 13, body.Size);
            case CelCall call:
                return Call(call);
            default:
                return (1, CelSize.Unknown);
        }
    }

    private (double, CelSize) Select(CelSelect select)
    {
        var operand = Estimate(select.Operand);
        if (select.TestOnly)
        {
            return (operand.Cost, CelSize.Scalar);
        }
        return (operand.Cost + (operand.Size.Kind is CelSizeKind.Map or CelSizeKind.Object or CelSizeKind.Unknown ? 1 : 0), Field(operand.Size, select.Field));
    }

    private static CelSize Field(CelSize size, string field) => size switch
    {
        { Kind: CelSizeKind.Map } => size.Of ?? CelSize.Unknown,
        { Fields: { } schema } when schema.Properties.TryGetValue(field, out var known) || schema.Properties.TryGetValue(CelValues.Unescape(field), out known) => CelSize.From(known),
        // Names of objects, and what else the whole resource has beside its schema.
        { Fields: not null } when field == "metadata" => new CelSize(CelSizeKind.Map, 2) { Of = CelSize.Text(3 * 1024 * 1024 - 2) },
        { Fields: not null } => CelSize.Text(3 * 1024 * 1024 - 2),
        _ => CelSize.Unknown,
    };

    private static (double, CelSize) Binary(string symbol, (double Cost, CelSize Size) left, (double Cost, CelSize Size) right)
    {
        var arguments = left.Cost + right.Cost;
        switch (symbol)
        {
            case "&&" or "||":
                return (arguments, CelSize.Scalar);
            case "==" or "!=" or "<" or "<=" or ">" or ">=":
                return (arguments + Read(Math.Min(Length(left.Size), Length(right.Size))), CelSize.Scalar);
            case "in":
                return (arguments + (right.Size.Kind is CelSizeKind.Map or CelSizeKind.Object ? 1 : right.Size.Most), CelSize.Scalar);
            case "+" when left.Size.Kind == CelSizeKind.List || right.Size.Kind == CelSizeKind.List:
                return (arguments + 1, new CelSize(CelSizeKind.List, left.Size.Most + right.Size.Most) { Of = left.Size.Of ?? right.Size.Of });
            case "+" when left.Size.Kind == CelSizeKind.Text || right.Size.Kind == CelSizeKind.Text:
                return (arguments + Read(left.Size.Most + right.Size.Most), CelSize.Text(left.Size.Most + right.Size.Most));
            default:
                return (arguments + 1, CelSize.Scalar);
        }
    }

    private static double Length(CelSize size) => size.Kind == CelSizeKind.Scalar ? 1 : size.Most;

    private static double Read(double length, double factor = Traversal) => Math.Ceiling(length * factor);

    private (double, CelSize) Comprehension(CelComprehension macro)
    {
        var range = Estimate(macro.Range);
        var element = range.Size.Of ?? CelSize.Unknown;
        var first = range.Size.Kind == CelSizeKind.Map ? CelSize.Text(3 * 1024 * 1024 - 2) : macro.Second is null ? element : CelSize.Scalar;
        var ((body, size), filter) = With(macro.Variable, first, () => With(macro.Second, element, () => (Estimate(macro.Body), macro.Filter is { } kept ? Estimate(kept).Cost : 0)));
        // What the macro expands to: where it begins, what it asks and does at each step, and how it ends.
        var (begin, step, end, made) = macro.Macro switch
        {
            "all" => (0.0, 2 + 1 + body, 1.0, CelSize.Scalar),
            "exists" => (0.0, 3 + 1 + body, 1.0, CelSize.Scalar),
            "exists_one" or "existsOne" => (0.0, body + 2, 2.0, CelSize.Scalar),
            "filter" => (10.0, body + 13, 1.0, new CelSize(CelSizeKind.List, range.Size.Most) { Of = first }),
            "transformMap" => (30.0, body + filter + 33, 1.0, new CelSize(CelSizeKind.Map, range.Size.Most) { Of = size }),
            _ => (10.0, body + filter + 12, 1.0, new CelSize(CelSizeKind.List, range.Size.Most) { Of = size }),
        };
        return (range.Cost + begin + range.Size.Most * step + end, made);
    }

    private (double, CelSize) Call(CelCall call)
    {
        var target = call.Target is { } on ? Estimate(on) : (Cost: 0, Size: CelSize.Unknown);
        var arguments = call.Arguments.Select(Estimate).ToList();
        // A function may be called as one, or on its first argument.
        var self = call.Target is not null ? target.Size : arguments.Count > 0 ? arguments[0].Size : CelSize.Unknown;
        CelSize Argument(int index) => arguments.Count > index ? arguments[index].Size : CelSize.Unknown;
        var given = target.Cost + arguments.Sum(a => a.Cost);
        var text = CelSize.Text(self.Most);
        var (cost, made) = call.Function switch
        {
            "startsWith" or "endsWith" => (Read(Argument(0).Most), CelSize.Scalar),
            "contains" => (Read(self.Most) * Read(Argument(0).Most), CelSize.Scalar),
            "matches" => (Read(self.Most + 1) * Read(Argument(call.Target is null ? 1 : 0).Most, Pattern), CelSize.Scalar),
            "find" or "findAll" => (Read(self.Most + 1) * Read(Argument(0).Most, Pattern), call.Function == "find" ? text : new CelSize(CelSizeKind.List, self.Most) { Of = text }),
            "isSorted" or "sum" or "max" or "min" => (self.Most * (self.Of is { Kind: CelSizeKind.Text } item ? 1 + Read(item.Most) : 1), self.Of ?? CelSize.Scalar),
            "indexOf" or "lastIndexOf" when self.Kind == CelSizeKind.List => (self.Most * (self.Of is { Kind: CelSizeKind.Text } item ? 1 + Read(item.Most) : 1), CelSize.Scalar),
            "indexOf" or "lastIndexOf" => (Read(self.Most), CelSize.Scalar),
            "url" => (Read(Argument(0).Most), CelSize.Text(Argument(0).Most)),
            "lowerAscii" or "upperAscii" or "substring" or "trim" => (Read(self.Most), text),
            "replace" => (Read(self.Most, 2 * Traversal), CelSize.Text((self.Most + 1) * Argument(1).Most + self.Most)),
            "split" => (Read(self.Most, 2 * Traversal), new CelSize(CelSizeKind.List, call.Arguments.Count > 1 && call.Arguments[1] is CelLiteral { Value: long most } ? most : self.Most) { Of = text }),
            "join" => Join(self, Argument(0)),
            "string" when self.Kind == CelSizeKind.Text => (Read(self.Most), text),
            "orValue" or "value" or "optMap" => (1, self),
            _ => (1, CelSize.Unknown with { Kind = CelSizeKind.Unknown }),
        };
        return (given + cost, Array.IndexOf(Sizeless, call.Function) >= 0 ? CelSize.Scalar : made);
    }

    private static (double, CelSize) Join(CelSize list, CelSize separator)
    {
        var length = list.Most * (list.Of?.Most ?? 1) + (separator.Kind == CelSizeKind.Text ? separator.Most : 0) * Math.Max(0, list.Most - 1);
        return (Read(length), CelSize.Text(length));
    }

    private T With<T>(string? name, CelSize size, Func<T> body)
    {
        if (name is null)
        {
            return body();
        }
        _names.TryGetValue(name, out var before);
        _names[name] = size;
        try
        {
            return body();
        }
        finally
        {
            if (before is null)
            {
                _names.Remove(name);
            }
            else
            {
                _names[name] = before;
            }
        }
    }
}

/// <summary>How often a part of a schema can stand in one object, by the bounds of the lists and maps above it.</summary>
internal static class CelCardinality
{
    /// <summary>For what stands one step below; null where nothing bounds it.</summary>
    public static ulong? Below(System.Text.Json.Nodes.JsonObject schema, string step, ulong? here)
    {
        var bound = (schema.Text("type"), step) switch
        {
            ("array", ".items") => schema["maxItems"].AsLong(),
            ("object", ".additionalProperties") => schema["maxProperties"].AsLong(),
            _ => 1,
        };
        return here is { } times && bound is { } most ? (ulong)Math.Min(ulong.MaxValue / 2, (double)times * Math.Max(0, most)) : null;
    }
}

/// <summary>What all the rules of a definition cost together.</summary>
internal sealed class CelCostTotal
{
    /// <summary>What one rule may cost at most.</summary>
    public const double RuleLimit = 10_000_000;

    private const double SchemaLimit = 100_000_000;

    private readonly List<(string Path, double Cost)> _expensive = [];
    private double _total;

    public void Observe(string path, double cost)
    {
        _total += cost;
        if (cost >= SchemaLimit / 100)
        {
            _expensive.Add((path, cost));
        }
    }

    public void Report(string at, FieldErrors errors)
    {
        if (_total <= SchemaLimit)
        {
            return;
        }
        foreach (var (path, _) in _expensive.OrderByDescending(e => e.Cost).Take(4))
        {
            errors.Forbidden(path, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema");
        }
        errors.Forbidden(at, Message("x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema", _total, SchemaLimit));
    }

    public static string Message(string what, double cost, double limit)
    {
        var factor = cost / limit;
        var shown = factor > 100 ? "more than 100x" : factor.ToString(factor < 1.5 ? "F6" : "F1", CultureInfo.InvariantCulture) + "x";
        return $"{what} exceeds budget by factor of {shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
    }
}
