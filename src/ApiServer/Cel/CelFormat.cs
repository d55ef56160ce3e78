using System.Collections;
using System.Globalization;
using System.Text;

namespace ActorKube.ApiServer;

/// <summary><c>'%s has %d'.format([…])</c>.</summary>
internal static class CelFormat
{
    private const string Verbs = "sdfebxXo";

    /// <summary>The letters of a format's clauses.</summary>
    /// <param name="format">The text that has them, each after a percent sign.</param>
    /// <param name="unknown">The first letter that is none.</param>
    public static List<char> Clauses(string format, out char? unknown)
    {
        var found = new List<char>();
        unknown = null;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || (i + 1 < format.Length && format[i + 1] == '%' && ++i > 0))
            {
                continue;
            }
            i++;
            while (i < format.Length && (format[i] == '.' || char.IsAsciiDigit(format[i])))
            {
                i++;
            }
            if (i < format.Length)
            {
                unknown ??= Verbs.Contains(format[i], StringComparison.Ordinal) ? null : format[i];
                found.Add(format[i]);
            }
        }
        return found;
    }

    /// <summary>Why a clause does not take a value; null where it does.</summary>
    public static string? Refusal(char verb, object value)
    {
        var (name, takes) = verb switch
        {
            'd' => ("decimal clause can only be used on integers", value is long or ulong),
            'f' => ("fixed-point clause can only be used on doubles", value is double),
            'e' => ("scientific clause can only be used on doubles", value is double),
            'b' => ("only integers and bools can be formatted as binary", value is long or ulong or bool),
            'x' or 'X' => ("only integers, byte buffers, and strings can be formatted as hex", value is long or ulong or string or CelBytes),
            'o' => ("octal clause can only be used on integers", value is long or ulong),
            _ => ("", true),
        };
        return takes ? null : $"{name}, was given {CelValues.TypeName(value)}";
    }

    public static string Apply(string format, IList values)
    {
        var result = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 >= format.Length)
            {
                result.Append(format[i]);
            }
            else if (format[++i] == '%')
            {
                result.Append('%');
            }
            else
            {
                var digits = -1;
                if (format[i] == '.')
                {
                    var start = ++i;
                    while (i < format.Length && char.IsAsciiDigit(format[i]))
                    {
                        i++;
                    }
                    digits = int.TryParse(format.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given <= 100 ? given : throw new CelException("invalid precision in format string");
                }
                var verb = i < format.Length ? format[i] : throw new CelException("unexpected end of format string");
                result.Append(Verb(verb, digits, next < values.Count ? values[next++] : throw new CelException($"index {next} out of range")));
            }
        }
        return result.ToString();
    }

    private static string Verb(char verb, int digits, object? value) => (verb, value) switch
    {
        ('s', IList list) => $"[{string.Join(", ", list.Cast<object?>().Select(v => Verb('s', -1, v)))}]",
        ('s', IDictionary<object, object?> map) => $"{{{string.Join(", ", map.Select(p => $"{Verb('s', -1, p.Key)}: {Verb('s', -1, p.Value)}").Order(StringComparer.Ordinal))}}}",
        ('s', _) => CelValues.Text(value),
        ('d', long or ulong) => CelValues.Text(value),
        ('f', double or long) => Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString("F" + (digits < 0 ? 6 : digits), CultureInfo.InvariantCulture),
        ('e', double or long) => Exponent(Convert.ToDouble(value, CultureInfo.InvariantCulture), digits < 0 ? 6 : digits),
        ('b', long number) => Convert.ToString(number, 2),
        ('b', bool flag) => flag ? "1" : "0",
        ('o', long number) => Convert.ToString(number, 8),
        ('x', long number) => number.ToString("x", CultureInfo.InvariantCulture),
        ('X', long number) => number.ToString("X", CultureInfo.InvariantCulture),
        ('b', ulong number) => number.ToString("b", CultureInfo.InvariantCulture),
        ('x', ulong number) => number.ToString("x", CultureInfo.InvariantCulture),
        ('X', ulong number) => number.ToString("X", CultureInfo.InvariantCulture),
        ('x', CelBytes bytes) => Convert.ToHexStringLower(bytes.Value),
        ('X', CelBytes bytes) => Convert.ToHexString(bytes.Value),
        ('x', string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)),
        ('X', string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text)),
        ('s' or 'd' or 'f' or 'e' or 'b' or 'o' or 'x' or 'X', _) => throw new CelException($"error during formatting: %{verb} does not take a {CelValues.TypeName(value)}"),
        _ => throw new CelException($"unrecognized formatting clause \"{verb}\""),
    };

    private static string Exponent(double value, int digits) => value.ToString($"{(digits == 0 ? "0" : "0." + new string('0', digits))}e+00", CultureInfo.InvariantCulture);
}
