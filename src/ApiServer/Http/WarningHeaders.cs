using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ActorKube.ApiServer;

/// <summary>
/// The Warning headers of one answer, as a real server writes them: each text once, no text that holds control characters, and no more than a few thousand characters
/// together. Whoever sends a body full of mistakes is told of the first, and where they are long of their beginnings.
/// </summary>
internal sealed class WarningHeaders(HttpResponse response)
{
    private const int MostTogether = 4096;
    private const int MostOfOneThen = 256;

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private int _written;
    private bool _cutting;

    /// <summary>Adds a warning; before the answer's first byte.</summary>
    public void Add(string text)
    {
        if (text.Length == 0 || (_written >= MostTogether && _cutting) || !_told.Add(text))
        {
            return;
        }
        _texts.Add(text);
        if (_cutting || _written + Length(text) <= MostTogether)
        {
            Write(text);
            return;
        }
        // From here on all are cut, those before too.
        _cutting = true;
        _written = 0;
        response.Headers.Remove("Warning");
        foreach (var before in _texts)
        {
            Write(before);
        }
    }

    private void Write(string text)
    {
        var shown = _cutting ? Beginning(text) : text;
        if (shown.Any(char.IsControl))
        {
            return;
        }
        _written += Length(shown);
        response.Headers.Append("Warning", $"299 - \"{shown.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
    }

    /// <summary>Code points, of which those beyond the first plane are two characters.</summary>
    private static int Length(string text) => text.Length - text.Count(char.IsLowSurrogate);

    private static string Beginning(string text) =>
        Length(text) <= MostOfOneThen ? text : string.Concat(text.EnumerateRunes().Take(MostOfOneThen).Select(r => r.ToString()));

    /// <summary>A text as Go quotes it (<c>%q</c>): what cannot be printed is escaped, so that it can stand in a header.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\a' => quoted.Append("\\a"),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\v' => quoted.Append("\\v"),
                < 0x20 or 0x7f => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                _ when IsPrinted(rune) => quoted.Append(rune.ToString()),
                <= 0xffff => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }
        return quoted.Append('"').ToString();
    }

    private static bool IsPrinted(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
