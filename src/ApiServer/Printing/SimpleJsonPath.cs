using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// The JSON paths that CRDs use for columns and scale: <c>.spec.a</c>, <c>.a['b/c']</c>, <c>[0]</c>, <c>[*]</c>,
/// <c>[?(@.type=="Ready")]</c>. Built once, evaluated for every row.
/// </summary>
internal sealed class SimpleJsonPath
{
    private readonly List<Step> _steps;

    private SimpleJsonPath(List<Step> steps) => _steps = steps;

    private abstract record Step;

    private sealed record Property(string Name) : Step;

    private sealed record Index(int Number) : Step;

    private sealed record All : Step;

    private sealed record Filter(string[] Path, bool Equal, string Value) : Step;

    /// <summary>Reads a path; null when it is none of these forms.</summary>
    public static SimpleJsonPath? TryParse(string text)
    {
        var steps = new List<Step>();
        var rest = text.AsSpan().Trim();
        if (rest.StartsWith("{") && rest.EndsWith("}"))
        {
            rest = rest[1..^1];
        }
        if (rest.StartsWith("$"))
        {
            rest = rest[1..];
        }
        while (rest.Length > 0)
        {
            if (rest[0] == '.')
            {
                rest = rest[1..];
                var end = 0;
                var name = new System.Text.StringBuilder();
                while (end < rest.Length && rest[end] is not ('.' or '['))
                {
                    if (rest[end] == '\\' && end + 1 < rest.Length)
                    {
                        end++;
                    }
                    name.Append(rest[end++]);
                }
                if (name.Length > 0)
                {
                    steps.Add(name.ToString() == "*" ? new All() : new Property(name.ToString()));
                }
                rest = rest[end..];
                continue;
            }
            if (rest[0] != '[')
            {
                return null;
            }
            var close = rest.IndexOf(']');
            if (close < 0)
            {
                return null;
            }
            var inside = rest[1..close].Trim();
            rest = rest[(close + 1)..];
            if (inside is "*" or ":")
            {
                steps.Add(new All());
            }
            else if (inside.Length > 1 && inside[0] is '\'' or '"')
            {
                steps.Add(new Property(inside[1..^1].ToString()));
            }
            else if (int.TryParse(inside, out var number))
            {
                steps.Add(new Index(number));
            }
            else if (TryFilter(inside.ToString()) is { } filter)
            {
                steps.Add(filter);
            }
            else
            {
                return null;
            }
        }
        return new SimpleJsonPath(steps);
    }

    private static Filter? TryFilter(string inside)
    {
        var text = inside.Trim();
        if (!text.StartsWith("?(", StringComparison.Ordinal) || !text.EndsWith(')'))
        {
            return null;
        }
        text = text[2..^1];
        var equal = text.Contains("==", StringComparison.Ordinal);
        var parts = text.Split(equal ? "==" : "!=", 2);
        if (parts.Length != 2 || !parts[0].Trim().StartsWith("@.", StringComparison.Ordinal))
        {
            return null;
        }
        return new Filter(parts[0].Trim()[2..].Split('.'), equal, parts[1].Trim().Trim('"', '\''));
    }

    /// <summary>Every value that the path finds.</summary>
    public IEnumerable<JsonNode?> Find(JsonNode? root)
    {
        IEnumerable<JsonNode?> found = [root];
        foreach (var step in _steps)
        {
            found = step switch
            {
                Property p => found.SelectMany(n => n is JsonObject o && o.TryGetPropertyValue(p.Name, out var v) ? [v] : Array.Empty<JsonNode?>()),
                Index i => found.SelectMany(n => n is JsonArray a && At(a, i.Number) is var at and >= 0 ? [a[at]] : Array.Empty<JsonNode?>()),
                All => found.SelectMany(n => n is JsonArray a ? a : n is JsonObject o ? o.Select(p => p.Value) : Enumerable.Empty<JsonNode?>()),
                Filter f => found.SelectMany(n => n is JsonArray a ? a.Where(i => (i.At(f.Path)?.ToString() == f.Value) == f.Equal) : Enumerable.Empty<JsonNode?>()),
                _ => found,
            };
        }
        return found;
    }

    private static int At(JsonArray list, int index) => index < 0 ? list.Count + index : index < list.Count ? index : -1;
}
