using System.Globalization;
using System.Text;

namespace ActorKube.ApiServer;

/// <summary>Quoted texts of expressions: where they end, and what their escapes stand for.</summary>
internal static class CelText
{
    /// <summary>Where the closing quote of a text begins; negative where there is none, or an escape is none.</summary>
    /// <param name="text">The source.</param>
    /// <param name="at">Where the text begins, after its opening quote.</param>
    /// <param name="quote">The quote's character.</param>
    /// <param name="closing">How many of them close it: one, or three.</param>
    /// <param name="isRaw">A backslash is a character like any other.</param>
    /// <param name="failed">The character that cannot be part of the text.</param>
    public static int End(string text, int at, char quote, int closing, bool isRaw, out int failed)
    {
        failed = text.Length - 1;
        while (at < text.Length)
        {
            var c = text[at];
            if (c == quote && (closing == 1 || (at + 2 < text.Length && text[at + 1] == quote && text[at + 2] == quote)))
            {
                return at;
            }
            if (c is '\n' or '\r' && closing == 1)
            {
                failed = at;
                return -1;
            }
            if (c != '\\' || isRaw)
            {
                at++;
                continue;
            }
            if (!Escape(text, at, out var length))
            {
                failed = Math.Min(text.Length - 1, at + length);
                return -1;
            }
            at += length;
        }
        return -1;
    }

    public static string Unescaped(ReadOnlySpan<char> inner, bool isRaw)
    {
        if (isRaw || !inner.Contains('\\'))
        {
            return inner.ToString();
        }
        var value = new StringBuilder();
        for (var at = 0; at < inner.Length;)
        {
            if (inner[at] != '\\')
            {
                value.Append(inner[at++]);
                continue;
            }
            var code = Code(inner, ref at);
            value.Append(Rune.IsValid(code) ? new Rune(code).ToString() : throw new CelException("unable to unescape string"));
        }
        return value.ToString();
    }

    public static byte[] UnescapedBytes(ReadOnlySpan<char> inner, bool isRaw)
    {
        var bytes = new List<byte>();
        for (var at = 0; at < inner.Length;)
        {
            if (inner[at] != '\\' || isRaw)
            {
                var length = char.IsHighSurrogate(inner[at]) && at + 1 < inner.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(inner.Slice(at, length).ToString()));
                at += length;
                continue;
            }
            var kind = inner[at + 1];
            var code = Code(inner, ref at);
            // In bytes \x and octal are a byte each; the others are characters.
            if (kind is 'x' or 'X' or (>= '0' and <= '7'))
            {
                bytes.Add((byte)code);
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(new Rune(code).ToString()));
            }
        }
        return [.. bytes];
    }

    /// <summary>Whether an escape stands here; its length, or how far into it the mistake is.</summary>
    private static bool Escape(string text, int at, out int length)
    {
        var kind = at + 1 < text.Length ? text[at + 1] : '\0';
        var (digits, isDigit) = kind switch
        {
            'x' or 'X' => (2, char.IsAsciiHexDigit),
            'u' => (4, char.IsAsciiHexDigit),
            'U' => (8, char.IsAsciiHexDigit),
            >= '0' and <= '3' => (2, (Func<char, bool>)(d => d is >= '0' and <= '7')),
            _ => (0, _ => true),
        };
        length = 1;
        if (digits == 0)
        {
            length = "abfnrtv\"'\\?`".Contains(kind, StringComparison.Ordinal) ? 2 : 1;
            return length == 2;
        }
        for (length = 2; length < digits + 2; length++)
        {
            if (at + length >= text.Length || !isDigit(text[at + length]))
            {
                return false;
            }
        }
        return true;
    }

    private static int Code(ReadOnlySpan<char> inner, ref int at)
    {
        var kind = inner[at + 1];
        at += 2;
        switch (kind)
        {
            case 'x' or 'X' or 'u' or 'U':
                var length = kind switch { 'u' => 4, 'U' => 8, _ => 2 };
                at += length;
                return int.TryParse(inner.Slice(at - length, length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code) ? code : -1;
            case >= '0' and <= '3':
                at += 2;
                return ((kind - '0') * 64) + ((inner[at - 2] - '0') * 8) + (inner[at - 1] - '0');
            default:
                return kind switch { 'a' => '\a', 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v', _ => kind };
        }
    }
}
