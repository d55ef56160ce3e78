using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorKube.ApiServer;

/// <summary>How a text is written in YAML so that it is read as a text again, in the style that Go's YAML library chooses.</summary>
internal static partial class YamlScalarText
{
    internal enum Style
    {
        Plain,
        SingleQuoted,
        DoubleQuoted,
        Literal,
    }

    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF",
        ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
    };

    private static readonly string[] Times = ["yyyy-M-d", "yyyy-M-d H:m:s", "yyyy-M-d H:m:s.FFFFFFF", "yyyy-M-dTH:m:sK", "yyyy-M-dTH:m:s.FFFFFFFK", "yyyy-M-d't'H:m:sK", "yyyy-M-d't'H:m:s.FFFFFFFK"];

    /// <summary>The style for a text; a key has to stand on one line.</summary>
    public static Style Choose(string text, bool isKey)
    {
        var wanted = text.Contains('\n', StringComparison.Ordinal) ? Style.Literal : IsOther(text) ? Style.DoubleQuoted : Style.Plain;
        var allowed = Look(text);
        if (isKey && allowed.Multiline)
        {
            return Style.DoubleQuoted;
        }
        return wanted switch
        {
            Style.Plain when allowed.Plain => Style.Plain,
            Style.Plain => allowed.Single ? Style.SingleQuoted : Style.DoubleQuoted,
            Style.Literal when allowed.Block && !isKey => Style.Literal,
            _ => Style.DoubleQuoted,
        };
    }

    /// <summary>Whether a character can stand as it is.</summary>
    public static bool IsPrintable(int rune) => rune == '\n' || rune is (>= 0x20 and <= 0x7e) or (>= 0xa0 and <= 0xd7ff) or (>= 0xe000 and <= 0xfffd and not 0xfeff);

    public static bool IsBreak(int rune) => rune is '\n' or '\r' or 0x85 or 0x2028 or 0x2029;

    /// <summary>Whether a plain text would be read as something else: a number, a truth, a time, nothing.</summary>
    private static bool IsOther(string text)
    {
        if (Words.Contains(text))
        {
            return true;
        }
        switch (text[0])
        {
            case '.':
                return PointFirst().IsMatch(text);
            case '+' or '-' or (>= '0' and <= '9'):
                var plain = text.Replace("_", "", StringComparison.Ordinal);
                return Whole().IsMatch(plain) || Real().IsMatch(plain) || Sexagesimal().IsMatch(text) || IsTime(text);
            default:
                return false;
        }
    }

    private static bool IsTime(string text) => text.Length >= 8 && text[4] == '-' && DateTimeOffset.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static (bool Plain, bool Single, bool Block, bool Multiline) Look(string text)
    {
        if (text.Length == 0)
        {
            return (true, true, false, false);
        }
        var indicators = text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("...", StringComparison.Ordinal);
        bool breaks = false, special = false, edge = false, breakThenSpace = false, spaceThenBreak = false, afterSpace = false, afterBreak = false, afterBlank = true;
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var (value, first, next) = (rune.Value, at == 0, at + rune.Utf16SequenceLength);
            var beforeBlank = next >= text.Length || text[next] is ' ' or '\t';
            // A colon before the end of a line is one before a blank, too.
            beforeBlank |= next < text.Length && IsBreak(text[next]);
            indicators |= first
                ? value is '#' or ',' or '[' or ']' or '{' or '}' or '&' or '*' or '!' or '|' or '>' or '\'' or '"' or '%' or '@' or '`' || (value is '?' or ':' or '-' && beforeBlank)
                : (value == ':' && beforeBlank) || (value == '#' && afterBlank);
            special |= !IsPrintable(value);
            var (space, @break) = (value == ' ', IsBreak(value));
            breaks |= @break;
            edge |= (space || @break) && (first || next == text.Length);
            breakThenSpace |= space && afterBreak;
            spaceThenBreak |= @break && afterSpace;
            (afterSpace, afterBreak, afterBlank, at) = (space, @break, space || @break || value == '\t', next);
        }
        return (!(indicators || breaks || special || edge || breakThenSpace || spaceThenBreak), !(breakThenSpace || spaceThenBreak || special), !(text[^1] == ' ' || spaceThenBreak || special), breaks);
    }

    [GeneratedRegex(@"^[-+]?(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[0-9]+)\z")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Real();

    [GeneratedRegex(@"^\.[0-9]+([eE][-+]?[0-9]+)?\z")]
    private static partial Regex PointFirst();

    [GeneratedRegex(@"^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\z")]
    private static partial Regex Sexagesimal();
}
