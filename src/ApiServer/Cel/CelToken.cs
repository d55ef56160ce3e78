using System.Globalization;

namespace ActorKube.ApiServer;

internal enum CelTokenKind
{
    Identifier,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Symbol,
    End,
}

internal sealed record CelToken(CelTokenKind Kind, string Text, object? Value, int Position);

/// <summary>Splits an expression of the Common Expression Language into tokens. What is none is told and left out, so that the rest can be read.</summary>
internal sealed class CelLexer(string text, CelProblems problems)
{
    private static readonly string[] Symbols =
        ["&&", "||", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "!", "<", ">", "+", "-", "*", "/", "%"];

    private readonly List<CelToken> _tokens = [];
    private int _at;

    public static List<CelToken> Read(string text, CelProblems problems)
    {
        var lexer = new CelLexer(text, problems);
        lexer.Read();
        return lexer._tokens;
    }

    private char Peek(int offset = 0) => _at + offset < text.Length ? text[_at + offset] : '\0';

    private void Read()
    {
        while (_at < text.Length)
        {
            var c = text[_at];
            if (c is ' ' or '\t' or '\r' or '\n' or '\f')
            {
                _at++;
            }
            else if (c == '/' && Peek(1) == '/')
            {
                var end = text.IndexOf('\n', _at);
                _at = end < 0 ? text.Length : end;
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
            {
                Number();
            }
            else if (!Quoted())
            {
                Word(c);
            }
        }
        _tokens.Add(new CelToken(CelTokenKind.End, "<EOF>", null, text.Length));
    }

    private void Word(char c)
    {
        var start = _at;
        if (char.IsAsciiLetter(c) || c == '_')
        {
            while (char.IsAsciiLetterOrDigit(Peek()) || Peek() == '_')
            {
                _at++;
            }
            _tokens.Add(new CelToken(CelTokenKind.Identifier, text[start.._at], null, start));
            return;
        }
        if (Array.Find(Symbols, s => string.CompareOrdinal(text, _at, s, 0, s.Length) == 0) is { } symbol)
        {
            _tokens.Add(new CelToken(CelTokenKind.Symbol, symbol, null, _at));
            _at += symbol.Length;
            return;
        }
        // What could have gone on to a token of two characters takes the second with it.
        Refuse(start, c is '&' or '|' or '=' ? start + 2 : start + 1);
    }

    /// <summary>Tells of a piece that is no token, and goes on behind it.</summary>
    private void Refuse(int start, int end)
    {
        _at = Math.Min(text.Length, end);
        problems.Add(start, $"Syntax error: token recognition error at: '{text[start.._at]}'");
    }

    private void Number()
    {
        var start = _at;
        var isHex = text[_at] == '0' && Peek(1) == 'x' && char.IsAsciiHexDigit(Peek(2));
        if (isHex)
        {
            _at += 2;
        }
        while (isHex ? char.IsAsciiHexDigit(Peek()) : char.IsAsciiDigit(Peek()))
        {
            _at++;
        }
        var real = !isHex && Fraction();
        var digits = text[start.._at];
        if (real)
        {
            _tokens.Add(new CelToken(CelTokenKind.Double, digits, double.Parse(digits, CultureInfo.InvariantCulture), start));
            return;
        }
        var style = isHex ? NumberStyles.HexNumber : NumberStyles.None;
        var (isWhole, whole) = (ulong.TryParse(digits.AsSpan(isHex ? 2 : 0), style, CultureInfo.InvariantCulture, out var value), value);
        if (Peek() is 'u' or 'U')
        {
            _at++;
            _tokens.Add(new CelToken(CelTokenKind.Uint, text[start.._at], isWhole ? whole : null, start));
            return;
        }
        // One more than the largest is taken here: with a minus before it, it is the smallest.
        _tokens.Add(new CelToken(CelTokenKind.Int, digits, isWhole && whole <= 1UL << 63 ? whole : null, start));
    }

    private bool Fraction()
    {
        var real = false;
        if (Peek() == '.' && char.IsAsciiDigit(Peek(1)))
        {
            real = true;
            _at++;
            while (char.IsAsciiDigit(Peek()))
            {
                _at++;
            }
        }
        var sign = Peek(1) is '+' or '-' ? 2 : 1;
        if (Peek() is 'e' or 'E' && char.IsAsciiDigit(Peek(sign)))
        {
            real = true;
            _at += sign;
            while (char.IsAsciiDigit(Peek()))
            {
                _at++;
            }
        }
        return real;
    }

    private bool Quoted()
    {
        var end = _at;
        while (end < text.Length && end - _at < 2 && text[end] is 'r' or 'R' or 'b' or 'B')
        {
            end++;
        }
        var prefix = text[_at..end].ToLowerInvariant();
        if (end >= text.Length || text[end] is not ('\'' or '"') || prefix is not ("" or "r" or "b" or "br"))
        {
            return false;
        }
        var isRaw = prefix.EndsWith('r');
        var quote = text[end];
        var isTriple = end + 2 < text.Length && text[end + 1] == quote && text[end + 2] == quote && text.IndexOf(new string(quote, 3), end + 3, StringComparison.Ordinal) >= 0;
        var closing = isTriple ? 3 : 1;
        var content = CelText.End(text, end + closing, quote, closing, isRaw, out var failed);
        if (content < 0)
        {
            if (prefix.Length > 0)
            {
                // A prefix without a text is a name.
                return false;
            }
            Refuse(_at, failed + 1);
            return true;
        }
        var inner = text.AsSpan(end + closing, content - end - closing);
        var isBytes = prefix.StartsWith('b');
        var token = text[_at..(content + closing)];
        try
        {
            object value = isBytes ? new CelBytes(CelText.UnescapedBytes(inner, isRaw)) : CelText.Unescaped(inner, isRaw);
            _tokens.Add(new CelToken(isBytes ? CelTokenKind.Bytes : CelTokenKind.Text, token, value, _at));
        }
        catch (CelException wrong)
        {
            problems.Add(_at, wrong.Message);
            _tokens.Add(new CelToken(CelTokenKind.Text, token, "", _at));
        }
        _at = content + closing;
        return true;
    }
}
