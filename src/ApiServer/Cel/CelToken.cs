using System.Globalization;
using System.Text;

namespace ActorKube.ApiServer;

internal enum CelTokenKind
{
    End,
    Identifier,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Symbol,
}

internal readonly record struct CelToken(CelTokenKind Kind, string Text, object? Value, int Position);

/// <summary>An expression that cannot be read, or a value that an operation does not take.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="position">Where in the text; null where nobody has said yet.</param>
internal sealed class CelException(string message, int? position = null) : Exception(message)
{
    public int? Position { get; set; } = position;
}

/// <summary>Splits an expression of the Common Expression Language into tokens.</summary>
internal static class CelLexer
{
    private static readonly string[] Symbols =
        ["&&", "||", "==", "!=", "<=", ">=", "[?", ".?", "{?", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "!", "<", ">", "+", "-", "*", "/", "%"];

    public static List<CelToken> Read(string text)
    {
        var tokens = new List<CelToken>();
        var at = 0;
        while (at < text.Length)
        {
            var c = text[at];
            if (char.IsWhiteSpace(c))
            {
                at++;
            }
            else if (c == '/' && at + 1 < text.Length && text[at + 1] == '/')
            {
                var end = text.IndexOf('\n', at);
                at = end < 0 ? text.Length : end;
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            {
                tokens.Add(Number(text, ref at));
            }
            else if (IsText(text, at, out var prefix))
            {
                tokens.Add(Quoted(text, ref at, prefix));
            }
            else if (char.IsAsciiLetter(c) || c == '_')
            {
                var start = at;
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
                {
                    at++;
                }
                tokens.Add(new CelToken(CelTokenKind.Identifier, text[start..at], null, start));
            }
            else
            {
                var symbol = Array.Find(Symbols, s => string.CompareOrdinal(text, at, s, 0, s.Length) == 0)
                    ?? throw new CelException($"Syntax error: token recognition error at: '{text[at..Math.Min(text.Length, at + (c == '=' ? 2 : 1))]}'", at);
                tokens.Add(new CelToken(CelTokenKind.Symbol, symbol, null, at));
                at += symbol.Length;
            }
        }
        tokens.Add(new CelToken(CelTokenKind.End, "<EOF>", null, at));
        return tokens;
    }

    private static CelToken Number(string text, ref int at)
    {
        var start = at;
        if (text[at] == '0' && at + 1 < text.Length && text[at + 1] is 'x' or 'X')
        {
            at += 2;
            while (at < text.Length && char.IsAsciiHexDigit(text[at]))
            {
                at++;
            }
            return new CelToken(CelTokenKind.Int, text[start..at], long.Parse(text.AsSpan(start + 2, at - start - 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture), start);
        }
        var real = false;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || (text[at] == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])) ||
            text[at] is 'e' or 'E' || (text[at] is '+' or '-' && text[at - 1] is 'e' or 'E')))
        {
            real |= !char.IsAsciiDigit(text[at]);
            at++;
        }
        var digits = text[start..at];
        if (real)
        {
            return new CelToken(CelTokenKind.Double, digits, double.Parse(digits, CultureInfo.InvariantCulture), start);
        }
        if (at < text.Length && text[at] is 'u' or 'U')
        {
            at++;
            return new CelToken(CelTokenKind.Uint, digits, long.Parse(digits, CultureInfo.InvariantCulture), start);
        }
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
            ? new CelToken(CelTokenKind.Int, digits, whole, start)
            : throw new CelException($"invalid int literal: {digits}", start);
    }

    private static bool IsText(string text, int at, out string prefix)
    {
        var end = at;
        while (end < text.Length && end - at < 2 && text[end] is 'r' or 'R' or 'b' or 'B')
        {
            end++;
        }
        prefix = text[at..end].ToLowerInvariant();
        return end < text.Length && text[end] is '\'' or '"';
    }

    private static CelToken Quoted(string text, ref int at, string prefix)
    {
        var start = at;
        at += prefix.Length;
        var quote = text[at];
        var triple = at + 2 < text.Length && text[at + 1] == quote && text[at + 2] == quote;
        var closing = new string(quote, triple ? 3 : 1);
        at += closing.Length;
        var value = new StringBuilder();
        while (string.CompareOrdinal(text, at, closing, 0, closing.Length) != 0)
        {
            if (at >= text.Length)
            {
                throw new CelException($"Syntax error: token recognition error at: '{text[start..]}'", start);
            }
            if (text[at] == '\\' && !prefix.Contains('r', StringComparison.Ordinal))
            {
                Escape(text, ref at, value);
            }
            else
            {
                value.Append(text[at++]);
            }
        }
        at += closing.Length;
        return new CelToken(prefix.Contains('b', StringComparison.Ordinal) ? CelTokenKind.Bytes : CelTokenKind.Text, text[start..at], value.ToString(), start);
    }

    private static void Escape(string text, ref int at, StringBuilder value)
    {
        at++;
        var c = at < text.Length ? text[at++] : throw new CelException("Syntax error: unterminated string literal");
        switch (c)
        {
            case 'n':
                value.Append('\n');
                break;
            case 't':
                value.Append('\t');
                break;
            case 'r':
                value.Append('\r');
                break;
            case 'a':
                value.Append('\a');
                break;
            case 'b':
                value.Append('\b');
                break;
            case 'f':
                value.Append('\f');
                break;
            case 'v':
                value.Append('\v');
                break;
            case 'x' or 'u' or 'U':
                var length = c switch { 'x' => 2, 'u' => 4, _ => 8 };
                if (at + length > text.Length || !int.TryParse(text.AsSpan(at, length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code))
                {
                    throw new CelException("Syntax error: invalid escape");
                }
                value.Append(new Rune(code).ToString());
                at += length;
                break;
            case '\\' or '\'' or '"' or '`' or '?':
                value.Append(c);
                break;
            default:
                throw new CelException($"Syntax error: invalid escape: \\{c}");
        }
    }
}
