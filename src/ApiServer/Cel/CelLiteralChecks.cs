using System.Text.RegularExpressions;

namespace ActorKube.ApiServer;

/// <summary>What is asked of an expression's literals once its types are right: durations, times, patterns and formats that can be read, elements that are of one type.</summary>
internal sealed class CelLiteralChecks
{
    private readonly List<CelCall> _constants = [];
    private readonly List<List<(int Position, CelShape Shape)>> _alike = [];
    private int _formatted;

    /// <summary>A call that may be one of a constant.</summary>
    public void Constant(CelCall call)
    {
        if (call.Function is "duration" or "timestamp" or "matches" or "format" && call.Arguments.Count > 0)
        {
            _constants.Add(call);
        }
    }

    /// <summary>While the arguments of a call are looked at: those of a format need not be alike.</summary>
    public IDisposable Within(string function) => new Formatted(this, function == "format" ? 1 : 0);

    /// <summary>Elements of one list, or keys or values of one map.</summary>
    public void Alike(List<(int, CelShape)> elements)
    {
        if (elements.Count > 1 && _formatted == 0)
        {
            _alike.Add(elements);
        }
    }

    public void Report(CelUnifier types, CelProblems problems)
    {
        foreach (var call in _constants)
        {
            if (call.Function == "format")
            {
                Format(call, problems);
            }
            else if (call.Arguments[0] is CelLiteral { Value: { } value } literal && !IsReadable(call.Function, value))
            {
                // A pattern is looked at where it is the first argument, as the method has it.
                problems.Add(literal.Position, $"invalid {call.Function} argument");
            }
        }
        foreach (var elements in _alike)
        {
            var first = types.Resolve(elements[0].Shape, final: true);
            foreach (var (position, shape) in elements)
            {
                var resolved = types.Resolve(shape, final: true);
                if (!resolved.Is(first))
                {
                    problems.Add(position, $"expected type '{first}' but found '{resolved}'");
                    break;
                }
            }
        }
    }

    /// <summary>A format that is written out, and what it is to be filled with.</summary>
    private static void Format(CelCall call, CelProblems problems)
    {
        if (call.Target is not CelLiteral { Value: string format } || call.Arguments is not [CelList list])
        {
            return;
        }
        var clauses = CelFormat.Clauses(format, out var unknown);
        if (unknown is not null)
        {
            problems.Add(call.Position, $"could not parse formatting clause: unrecognized formatting clause \"{unknown}\"");
            return;
        }
        if (list.Items.Count > clauses.Count)
        {
            problems.Add(call.Position, $"too many arguments supplied to string.format (expected {clauses.Count}, got {list.Items.Count})");
            return;
        }
        for (var i = 0; i < Math.Min(clauses.Count, list.Items.Count); i++)
        {
            if (list.Items[i].Value is CelLiteral { Value: { } value } literal && CelFormat.Refusal(clauses[i], value) is { } why)
            {
                problems.Add(literal.Position, $"error during formatting: {why}");
                return;
            }
        }
        if (list.Items.Count < clauses.Count)
        {
            problems.Add(call.Position, $"index {list.Items.Count} out of range");
        }
    }

    private static bool IsReadable(string function, object value)
    {
        try
        {
            if (function == "matches")
            {
                return value is string pattern && Regex.IsMatch("", pattern) is var _;
            }
            // Numbers are none that a duration is written as.
            return (function != "duration" || value is not long) && CelFunctions.Call(false, null, function, [value]) is not null;
        }
        catch (Exception wrong) when (wrong is CelException or ArgumentException)
        {
            return false;
        }
    }

    private sealed class Formatted : IDisposable
    {
        private readonly CelLiteralChecks _owner;
        private readonly int _depth;

        public Formatted(CelLiteralChecks owner, int depth)
        {
            (_owner, _depth) = (owner, depth);
            owner._formatted += depth;
        }

        public void Dispose() => _owner._formatted -= _depth;
    }
}
