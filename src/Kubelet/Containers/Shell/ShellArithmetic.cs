using System.Globalization;

namespace ActorKube.Kubelet;

/// <summary>Whole numbers, names, <c>+ - * / %</c>, comparisons and parentheses, as in <c>$((i+1))</c>.</summary>
internal sealed class ShellArithmetic(string text, IReadOnlyDictionary<string, string> variables)
{
    private static readonly string[][] Levels = [["==", "!=", "<=", ">=", "<", ">"], ["+", "-"], ["*", "/", "%"]];
    private int _at;
    private int _depth;

    public long Evaluate()
    {
        var value = Level(0);
        Skip();
        return _at < text.Length ? throw new ShellSyntaxException($"arithmetic: {text}") : value;
    }

    private long Level(int level)
    {
        if (level == Levels.Length)
        {
            return Primary();
        }
        var value = Level(level + 1);
        while (true)
        {
            Skip();
            var found = Levels[level].FirstOrDefault(o => text.AsSpan(_at).StartsWith(o, StringComparison.Ordinal));
            if (found is null)
            {
                return value;
            }
            _at += found.Length;
            var right = Level(level + 1);
            value = found switch
            {
                "+" => unchecked(value + right),
                "-" => unchecked(value - right),
                "*" => unchecked(value * right),
                "/" or "%" when right is 0 or -1 => right == 0 ? throw new ShellSyntaxException("divide by zero") : found == "/" ? unchecked(-value) : 0,
                "/" => value / right,
                "%" => value % right,
                "==" => value == right ? 1 : 0,
                "!=" => value != right ? 1 : 0,
                "<=" => value <= right ? 1 : 0,
                ">=" => value >= right ? 1 : 0,
                "<" => value < right ? 1 : 0,
                _ => value > right ? 1 : 0,
            };
        }
    }

    private long Primary()
    {
        Skip();
        if (_at < text.Length && text[_at] is '-' or '(' && ++_depth < 50)
        {
            if (text[_at++] == '-')
            {
                return unchecked(-Primary());
            }
            var inner = Level(0);
            Skip();
            return _at < text.Length && text[_at++] == ')' ? inner : throw new ShellSyntaxException($"arithmetic: {text}");
        }
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '_' or '$'))
        {
            _at++;
        }
        var token = text[start.._at].TrimStart('$');
        return long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : token.Length == 0 ? throw new ShellSyntaxException($"arithmetic: {text}")
            : long.TryParse(variables.GetValueOrDefault(token), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }

    private void Skip()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }
}
