#nullable disable
namespace Akka.Configuration.Hocon;

/// <summary>
/// Reads HOCON: JSON, and besides comments (<c>#</c>, <c>//</c>), optional commas and outer braces, dotted keys, <c>=</c>, <c>+=</c>,
/// unquoted and triple-quoted text, objects given in parts, <c>include</c>, and substitutions <c>${path}</c>, <c>${?path}</c>
/// (looked up in the document, then in the environment).
/// </summary>
public class Parser
{
    private readonly HoconText _text;
    private readonly Func<string, HoconRoot> _include;
    private readonly HoconValue _root = new();
    private readonly Substitutions _substitutions;

    private Parser(string text, Func<string, HoconRoot> include)
    {
        _text = new HoconText(text);
        _include = include;
        _substitutions = new Substitutions(_root);
    }

    /// <summary>Parses a document.</summary>
    /// <exception cref="FormatException">The text is no HOCON; the message has line and column.</exception>
    public static HoconRoot Parse(string text, Func<string, HoconRoot> includeCallback) =>
        new Parser(text, includeCallback).ParseDocument();

    private HoconRoot ParseDocument()
    {
        _text.SkipBlank();
        if (_text.Peek() == '[')
            throw _text.Error("the outermost value must be an object");
        var braces = _text.TryTake('{');
        var root = new HoconObject();
        _root.AppendValue(root);
        ParseMembers(root, braces);
        _text.SkipBlank();
        if (!_text.IsAtEnd)
            throw _text.Error($"unexpected '{_text.Current}' after the end of the document");
        _substitutions.Resolve();
        return new HoconRoot(Flatten(_root));
    }

    private void ParseMembers(HoconObject target, bool braces)
    {
        while (true)
        {
            _text.SkipBlank(commas: true);
            if (_text.IsAtEnd)
            {
                if (braces)
                    throw _text.Error("a closing '}' is missing");
                return;
            }

            if (braces && _text.TryTake('}'))
                return;
            if (TryInclude(target))
                continue;
            ParseMember(target);
        }
    }

    private bool TryInclude(HoconObject target)
    {
        if (!_text.Matches("include"))
            return false;
        var start = _text.At;
        _text.At += "include".Length;
        var isWord = _text.Peek() is ' ' or '\t' or '"';
        _text.SkipSpace();
        if (!isWord || _text.Peek() != '"')
        {
            _text.At = start;
            return false;
        }

        var name = _text.ParseQuoted();
        if (_include is null)
            throw _text.Error($"include \"{name}\" needs an include callback: use ConfigurationFactory.ParseString(hocon, includeCallback)");
        if (_include(name)?.Value?.GetObject() is { } included)
            target.Merge(included);
        return true;
    }

    private void ParseMember(HoconObject target)
    {
        var path = ParseKey();
        var owner = target;
        for (var i = 0; i < path.Count - 1; i++)
            owner = ObjectAt(owner, path[i]);
        _text.SkipBlank();
        var key = path[^1];
        if (_text.Peek() == '{')
        {
            ParseInto(owner, key, append: false);
        }
        else if (_text.Matches("+="))
        {
            _text.At += 2;
            ParseInto(owner, key, append: true);
        }
        else if (_text.TryTake('=') || _text.TryTake(':'))
        {
            ParseInto(owner, key, append: false);
        }
        else
        {
            throw _text.Error($"'=', ':' or '{{' is missing after the key '{key}'");
        }
    }

    private static HoconObject ObjectAt(HoconObject owner, string key)
    {
        var value = owner.GetOrCreateKey(key);
        if (value.Values.Count > 0 && value.Values[^1] is HoconObject existing)
            return existing;
        var created = new HoconObject();
        if (!Substitutions.IsIn(value))
            value.Clear();
        value.AppendValue(created);
        return created;
    }

    private void ParseInto(HoconObject owner, string key, bool append)
    {
        _text.SkipSpace();
        owner.Items.TryGetValue(key, out var before);
        var value = ParseValue(before);
        if (append)
        {
            var joined = new HoconArray();
            if (before is not null && before.IsArray())
                joined.AddRange(before.GetArray());
            joined.Add(value);
            owner.Items[key] = HoconValue.Of(joined);
        }
        else if (before is not null && before.Values.Count > 0 && before.Values[^1] is HoconObject existing
                 && value.Values is [HoconObject addition])
        {
            existing.Merge(addition);
        }
        else if (before is not null && Substitutions.IsIn(before) && value.Values is [HoconObject])
        {
            before.Values.AddRange(value.Values);
        }
        else
        {
            owner.Items[key] = value;
        }
    }

    /// <summary>One value: its parts up to the end of line, comma or closing bracket, joined.</summary>
    private HoconValue ParseValue(HoconValue self)
    {
        var value = new HoconValue();
        _text.SkipBlank();
        while (!_text.IsAtEnd)
        {
            var blankStart = _text.At;
            _text.SkipSpace();
            var blank = _text.From(blankStart);
            var c = _text.Peek();
            if (_text.IsAtEnd || c is '\n' or '\r' or ',' or '}' or ']' || _text.IsComment())
                break;
            if (blank.Length > 0 && value.Values.Count > 0 && (value.Values[^1] is HoconLiteral || Substitutions.Is(value.Values[^1])))
                value.AppendValue(new HoconLiteral { Value = blank });
            if (c == '{')
            {
                _text.At++;
                var inner = new HoconObject();
                value.AppendValue(inner);
                ParseMembers(inner, braces: true);
            }
            else if (c == '[')
            {
                value.AppendValue(ParseArray());
            }
            else if (c == '"')
            {
                value.AppendValue(new HoconLiteral { Value = _text.Matches("\"\"\"") ? _text.ParseTripleQuoted() : _text.ParseQuoted() });
            }
            else if (_text.Matches("${"))
            {
                value.AppendValue(ParseReference(value, self));
            }
            else
            {
                value.AppendValue(new HoconLiteral { Value = _text.ParseUnquoted() });
            }
        }

        while (value.Values.Count > 1 && value.Values[^1] is HoconLiteral { Value: var tail } && string.IsNullOrWhiteSpace(tail) && tail.Length > 0)
            value.Values.RemoveAt(value.Values.Count - 1);
        if (value.Values is [HoconLiteral { Value: "null" }])
            value.Clear();
        return value;
    }

    private HoconArray ParseArray()
    {
        _text.At++;
        var array = new HoconArray();
        while (true)
        {
            _text.SkipBlank(commas: true);
            if (_text.IsAtEnd)
                throw _text.Error("a closing ']' is missing");
            if (_text.TryTake(']'))
                return array;
            array.Add(ParseValue(null));
        }
    }

    private IHoconElement ParseReference(HoconValue owner, HoconValue self)
    {
        var position = _text.Position();
        _text.At += 2;
        var expression = _text.TakeThrough('}') ?? throw _text.Error("a closing '}' is missing after '${'");
        return _substitutions.Add(expression, owner, self, position);
    }

    private List<string> ParseKey()
    {
        var path = new List<string>();
        while (true)
        {
            _text.SkipSpace();
            path.Add(_text.Peek() == '"' ? _text.ParseQuoted() : _text.ParseKeyPart());
            _text.SkipSpace();
            if (!_text.TryTake('.'))
                return path;
        }
    }

    /// <summary>Makes every object of several parts one object, so that later merges see it whole.</summary>
    private static HoconValue Flatten(HoconValue value)
    {
        if (value.IsObject())
        {
            var flat = new HoconObject();
            foreach (var (key, child) in value.GetObject().Items)
                flat.Items[key] = Flatten(child);
            return HoconValue.Of(flat);
        }

        if (!value.IsArray())
            return value;
        var array = new HoconArray();
        array.AddRange(value.GetArray().Select(Flatten));
        return HoconValue.Of(array);
    }
}
