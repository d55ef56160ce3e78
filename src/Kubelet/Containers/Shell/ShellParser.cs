namespace ActorKube.Kubelet;

/// <summary>Reads the part of a POSIX shell's language that the simulator knows; everything else is a <see cref="ShellSyntaxException"/>.</summary>
internal sealed partial class ShellParser
{
    private const int MaxDepth = 50;
    private static readonly string[] Reserved = ["then", "else", "elif", "fi", "do", "done", "}"];
    private readonly string _text;
    private int _at;
    private int _depth;

    private ShellParser(string text) => _text = text;

    /// <exception cref="ShellSyntaxException">It is not understood.</exception>
    public static ShellNode Parse(string text)
    {
        var parser = new ShellParser(text);
        var result = parser.List();
        parser.SkipBlank(lines: true);
        return parser._at < text.Length ? throw parser.Unexpected() : result;
    }

    private ShellSyntaxException Unexpected() =>
        new(_at >= _text.Length ? "syntax error: unexpected end of file" : $"syntax error: unexpected \"{_text[_at]}\" (the simulator's shell knows a part of the language)");

    private Sequence List()
    {
        if (++_depth > MaxDepth)
        {
            throw new ShellSyntaxException("syntax error: nested too deeply");
        }
        var commands = new List<ShellNode>();
        while (true)
        {
            SkipBlank(lines: true);
            if (_at >= _text.Length || _text[_at] == ')' || Reserved.Any(AtWord))
            {
                break;
            }
            commands.Add(AndOr());
            SkipBlank();
            if (_at < _text.Length && _text[_at] is ';' or '\n')
            {
                _at++;
            }
            else
            {
                break;
            }
        }
        _depth--;
        return new Sequence(commands);
    }

    private ShellNode AndOr()
    {
        var left = PipelineOf();
        while (true)
        {
            SkipBlank();
            if (!Take("&&") && !Take("||"))
            {
                return left;
            }
            var onSuccess = _text[_at - 1] == '&';
            SkipBlank(lines: true);
            left = new Conditional(left, onSuccess, PipelineOf());
        }
    }

    private ShellNode PipelineOf()
    {
        SkipBlank();
        var negated = TakeWord("!");
        var commands = new List<ShellNode> { Command() };
        while (true)
        {
            SkipBlank();
            if (_at < _text.Length && _text[_at] == '|' && Peek(1) != '|')
            {
                _at++;
                SkipBlank(lines: true);
                commands.Add(Command());
                continue;
            }
            return commands.Count == 1 && !negated ? commands[0] : new Pipeline(commands, negated);
        }
    }

    private ShellNode Command()
    {
        SkipBlank();
        if (TakeWord("while") || TakeWord("until"))
        {
            var until = _text[_at - 1] == 'l';
            var condition = List();
            return new WhileLoop(condition, until, DoBlock());
        }
        if (TakeWord("for"))
        {
            SkipBlank();
            var name = Name() ?? throw Unexpected();
            SkipBlank();
            var values = new List<ShellWord>();
            if (TakeWord("in"))
            {
                for (SkipBlank(); _at < _text.Length && _text[_at] is not (';' or '\n'); SkipBlank())
                {
                    values.Add(Word() ?? throw Unexpected());
                }
            }
            SkipBlank();
            if (_at < _text.Length && _text[_at] is ';' or '\n')
            {
                _at++;
            }
            return new ForLoop(name, values, DoBlock());
        }
        if (TakeWord("if"))
        {
            return If();
        }
        if (Take("(") || TakeWord("{"))
        {
            var end = _text[_at - 1] == '(' ? ")" : "}";
            var body = List();
            SkipBlank(lines: true);
            return !Take(end) ? throw Unexpected() : end == ")" ? new Subshell(body) : body;
        }
        return Simple();
    }

    private IfCommand If()
    {
        var branches = new List<(ShellNode?, ShellNode)>();
        while (true)
        {
            var condition = List();
            Expect("then");
            branches.Add((condition, List()));
            SkipBlank(lines: true);
            if (TakeWord("elif"))
            {
                continue;
            }
            if (TakeWord("else"))
            {
                branches.Add((null, List()));
            }
            Expect("fi");
            return new IfCommand(branches);
        }
    }

    private Sequence DoBlock()
    {
        Expect("do");
        var body = List();
        Expect("done");
        return body;
    }

    private void Expect(string word)
    {
        SkipBlank(lines: true);
        if (!TakeWord(word))
        {
            throw Unexpected();
        }
    }

    private SimpleCommand Simple()
    {
        var assignments = new List<(string, ShellWord)>();
        var words = new List<ShellWord>();
        var redirections = new List<Redirection>();
        while (true)
        {
            SkipBlank();
            if (Redirect() is { } redirection)
            {
                redirections.Add(redirection);
                continue;
            }
            var start = _at;
            if (words.Count == 0 && Name() is { } name && _at < _text.Length && _text[_at] == '=')
            {
                _at++;
                assignments.Add((name, Word() ?? new ShellWord([])));
                continue;
            }
            _at = start;
            if (Word() is not { } word)
            {
                break;
            }
            words.Add(word);
        }
        return words.Count + assignments.Count + redirections.Count > 0 ? new SimpleCommand(assignments, words, redirections) : throw Unexpected();
    }

    private Redirection? Redirect()
    {
        var start = _at;
        var stream = _at < _text.Length && _text[_at] is '0' or '1' or '2' && Peek(1) is '<' or '>' ? _text[_at++] - '0' : -1;
        foreach (var operation in (string[])[">&", ">>", ">", "<"])
        {
            if (Take(operation))
            {
                SkipBlank();
                return new Redirection(stream >= 0 ? stream : operation == "<" ? 0 : 1, operation, Word() ?? throw Unexpected());
            }
        }
        _at = start;
        return null;
    }

    private string Until(string end)
    {
        var found = _text.IndexOf(end, _at, StringComparison.Ordinal);
        var text = found < 0 ? throw Unexpected() : _text[_at..found];
        _at = found + end.Length;
        return text;
    }

    private string? Name()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetter(_text[_at]) || _text[_at] == '_' || (_at > start && char.IsAsciiDigit(_text[_at]))))
        {
            _at++;
        }
        return _at > start ? _text[start.._at] : null;
    }

    private char Peek(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private bool Take(string text)
    {
        if (!_text.AsSpan(_at).StartsWith(text, StringComparison.Ordinal))
        {
            return false;
        }
        _at += text.Length;
        return true;
    }

    private bool AtWord(string word) => _text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal) && Peek(word.Length) is '\0' or ' ' or '\t' or '\n' or ';' or ')' or '|' or '&';

    private bool TakeWord(string word)
    {
        if (!AtWord(word))
        {
            return false;
        }
        _at += word.Length;
        return true;
    }

    private void SkipBlank(bool lines = false)
    {
        while (_at < _text.Length)
        {
            if (_text[_at] is ' ' or '\t' or '\r' || (lines && _text[_at] is '\n' or ';'))
            {
                _at++;
            }
            else if (_text[_at] == '\\' && Peek(1) == '\n')
            {
                _at += 2;
            }
            else if (_text[_at] == '#' && (_at == 0 || _text[_at - 1] is ' ' or '\t' or '\n' or ';'))
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
}
