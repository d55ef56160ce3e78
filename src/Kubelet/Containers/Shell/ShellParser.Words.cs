using System.Text;

namespace ActorKube.Kubelet;

/// <summary>Words: quotes and what stands behind a dollar.</summary>
internal sealed partial class ShellParser
{
    private ShellWord? Word()
    {
        var parts = new List<WordPart>();
        var text = new StringBuilder();
        void Flush(bool quoted)
        {
            if (text.Length > 0 || quoted)
            {
                parts.Add(new WordPart(WordKind.Text, text.ToString(), quoted));
                text.Clear();
            }
        }
        var start = _at;
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c is ' ' or '\t' or '\n' or ';' or '|' or '&' or '<' or '>' or '(' or ')')
            {
                break;
            }
            if (c == '#' && _at == start)
            {
                break;
            }
            switch (c)
            {
                case '\'':
                    var end = _text.IndexOf('\'', _at + 1);
                    Flush(false);
                    text.Append(end < 0 ? throw Unexpected() : _text.AsSpan(_at + 1, end - _at - 1));
                    Flush(true);
                    _at = end + 1;
                    break;
                case '"':
                    Flush(false);
                    _at++;
                    DoubleQuoted(parts);
                    break;
                case '\\' when _at + 1 < _text.Length:
                    text.Append(_text[_at + 1]);
                    _at += 2;
                    break;
                case '$' when Expansion(quoted: false) is { } part:
                    Flush(false);
                    parts.Add(part);
                    break;
                case '`':
                    throw new ShellSyntaxException("syntax error: backquotes are unknown to the simulator's shell; write $(...)");
                default:
                    text.Append(c);
                    _at++;
                    break;
            }
        }
        Flush(false);
        return parts.Count == 0 ? null : new ShellWord(parts);
    }

    private void DoubleQuoted(List<WordPart> parts)
    {
        var text = new StringBuilder();
        var any = false;
        void Flush(bool always)
        {
            if (text.Length > 0 || always)
            {
                parts.Add(new WordPart(WordKind.Text, text.ToString(), true));
                text.Clear();
                any = true;
            }
        }
        while (_at < _text.Length && _text[_at] != '"')
        {
            if (_text[_at] == '\\' && Peek(1) is '"' or '\\' or '$' or '`')
            {
                text.Append(_text[_at + 1]);
                _at += 2;
            }
            else if (_text[_at] == '$' && Expansion(quoted: true) is { } part)
            {
                Flush(false);
                parts.Add(part);
                any = true;
            }
            else
            {
                text.Append(_text[_at++]);
            }
        }
        Flush(!any);
        if (!Take("\""))
        {
            throw Unexpected();
        }
    }

    /// <summary>What stands behind a dollar; null, without moving, where that is a plain dollar.</summary>
    private WordPart? Expansion(bool quoted)
    {
        var start = _at++;
        if (Take("(("))
        {
            return new WordPart(WordKind.Arithmetic, Until("))"), quoted);
        }
        if (Take("("))
        {
            var from = _at;
            List();
            SkipBlank(lines: true);
            var inner = _text[from.._at];
            return Take(")") ? new WordPart(WordKind.Command, inner, quoted) : throw Unexpected();
        }
        if (Take("{"))
        {
            var name = Name() ?? throw Unexpected();
            var otherwise = Take(":-") || Take("-") ? Until("}") : null;
            return otherwise is not null || Take("}") ? new WordPart(WordKind.Variable, name, quoted, otherwise) : throw Unexpected();
        }
        if (_at < _text.Length && _text[_at] is '?' or '$' or '#' or '@' or '*' or >= '0' and <= '9')
        {
            return new WordPart(WordKind.Variable, _text[_at++].ToString(), quoted);
        }
        if (Name() is { } variable)
        {
            return new WordPart(WordKind.Variable, variable, quoted);
        }
        _at = start;
        return null;
    }
}
