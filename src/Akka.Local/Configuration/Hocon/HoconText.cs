#nullable disable
using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>A HOCON text while it is read: where the reader is, and what is a blank, a comment, a quoted and an unquoted text.</summary>
internal sealed class HoconText(string text)
{
    private readonly string _text = text;
    private int _at;

    public bool IsAtEnd => _at >= _text.Length;

    /// <summary>The character here; there must be one.</summary>
    public char Current => _text[_at];

    public int At
    {
        get => _at;
        set => _at = value;
    }

    public string From(int start) => _text[start.._at];

    /// <summary>Skips up to a character and past it, and returns what was in between; null where it does not come.</summary>
    public string TakeThrough(char end)
    {
        var found = _text.IndexOf(end, _at);
        if (found < 0)
            return null;
        var taken = _text[_at..found];
        _at = found + 1;
        return taken;
    }

    /// <summary>One part of a key that is not quoted.</summary>
    public string ParseKeyPart()
    {
        var start = _at;
        while (_at < _text.Length && _text[_at] is not ('.' or '=' or ':' or '{' or '}' or '[' or ']' or ',' or '\n' or '\r' or '"' or '#' or '$') && !Matches("+="))
            _at++;
        var part = _text[start.._at].Trim();
        return part.Length > 0 ? part : throw Error(_at < _text.Length ? $"a key is missing before '{_text[_at]}'" : "a key is missing");
    }

    public string ParseQuoted()
    {
        var start = Position();
        _at++;
        var text = new StringBuilder();
        while (true)
        {
            if (_at >= _text.Length || _text[_at] == '\n')
                throw new FormatException($"HOCON: the closing quote is missing for the text that starts at {start}.");
            var c = _text[_at++];
            if (c == '"')
                return text.ToString();
            if (c != '\\')
            {
                text.Append(c);
                continue;
            }

            if (_at >= _text.Length)
                throw Error("the text ends in the middle of an escape");
            c = _text[_at++];
            text.Append(c switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\b',
                'f' => '\f',
                'u' => ParseUnicode(),
                _ => c,
            });
        }
    }

    private char ParseUnicode()
    {
        if (_at + 4 > _text.Length || !int.TryParse(_text.AsSpan(_at, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
            throw Error("\\u needs four hexadecimal digits");
        _at += 4;
        return (char)code;
    }

    public string ParseTripleQuoted()
    {
        _at += 3;
        var end = _text.IndexOf("\"\"\"", _at, StringComparison.Ordinal);
        if (end < 0)
            throw Error("the closing \"\"\" is missing");
        while (end + 3 < _text.Length && _text[end + 3] == '"')
            end++;
        var text = _text[_at..end];
        _at = end + 3;
        return text;
    }

    public string ParseUnquoted()
    {
        var start = _at;
        while (_at < _text.Length && _text[_at] is not ('\n' or '\r' or ',' or '}' or ']' or '{' or '[' or '"' or ' ' or '\t') && !IsComment() && !Matches("${"))
            _at++;
        if (_at == start)
            throw Error($"unexpected '{_text[_at]}'");
        return _text[start.._at];
    }

    public bool IsComment() => Peek() == '#' || Matches("//");

    public void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\uFEFF' or '\u00A0')
            _at++;
    }

    public void SkipBlank(bool commas = false)
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (char.IsWhiteSpace(c) || c == '\uFEFF' || (commas && c == ','))
            {
                _at++;
            }
            else if (IsComment())
            {
                var end = _text.IndexOf('\n', _at);
                _at = end < 0 ? _text.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    public char Peek() => _at < _text.Length ? _text[_at] : '\0';

    public bool Matches(string expected) => string.CompareOrdinal(_text, _at, expected, 0, expected.Length) == 0;

    public bool TryTake(char expected)
    {
        if (Peek() != expected || _at >= _text.Length)
            return false;
        _at++;
        return true;
    }

    public string Position()
    {
        var before = _text.AsSpan(0, Math.Min(_at, _text.Length));
        return $"line {before.Count('\n') + 1}, column {before.Length - before.LastIndexOf('\n')}";
    }

    public FormatException Error(string what) => new($"HOCON: {what} ({Position()}).");
}
