#nullable disable
using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>
/// Reads HOCON: JSON, and besides comments (<c>#</c>, <c>//</c>), optional commas and outer braces, dotted keys, <c>=</c>, <c>+=</c>,
/// unquoted and triple-quoted text, objects given in parts, <c>include</c>, and substitutions <c>${path}</c>, <c>${?path}</c>
/// (looked up in the document, then in the environment).
/// </summary>
public class Parser
{
    private readonly string _text;
    private readonly Func<string, HoconRoot> _include;
    private readonly List<Reference> _references = [];
    private readonly HoconValue _root = new();
    private int _at;

    private Parser(string text, Func<string, HoconRoot> include)
    {
        _text = text;
        _include = include;
    }

    /// <summary>Parses a document.</summary>
    /// <exception cref="FormatException">The text is no HOCON; the message has line and column.</exception>
    public static HoconRoot Parse(string text, Func<string, HoconRoot> includeCallback) =>
        new Parser(text, includeCallback).ParseDocument();

    private HoconRoot ParseDocument()
    {
        SkipBlank();
        if (Peek() == '[')
            throw Error("the outermost value must be an object");
        var braces = TryTake('{');
        var root = new HoconObject();
        _root.AppendValue(root);
        ParseMembers(root, braces);
        SkipBlank();
        if (_at < _text.Length)
            throw Error($"unexpected '{_text[_at]}' after the end of the document");
        foreach (var reference in _references)
            Resolve(reference, []);
        return new HoconRoot(Flatten(_root));
    }

    private void ParseMembers(HoconObject target, bool braces)
    {
        while (true)
        {
            SkipBlank(commas: true);
            if (_at >= _text.Length)
            {
                if (braces)
                    throw Error("a closing '}' is missing");
                return;
            }

            if (braces && TryTake('}'))
                return;
            if (TryInclude(target))
                continue;
            ParseMember(target);
        }
    }

    private bool TryInclude(HoconObject target)
    {
        if (!Matches("include") || _at + 7 >= _text.Length || _text[_at + 7] is not (' ' or '\t' or '"'))
            return false;
        var start = _at;
        _at += 7;
        SkipSpace();
        if (Peek() != '"')
        {
            _at = start;
            return false;
        }

        var name = ParseQuoted();
        if (_include is null)
            throw Error($"include \"{name}\" needs an include callback: use ConfigurationFactory.ParseString(hocon, includeCallback)");
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
        SkipBlank();
        var key = path[^1];
        if (Peek() == '{')
        {
            ParseInto(owner, key, append: false);
        }
        else if (Matches("+="))
        {
            _at += 2;
            ParseInto(owner, key, append: true);
        }
        else if (TryTake('=') || TryTake(':'))
        {
            ParseInto(owner, key, append: false);
        }
        else
        {
            throw Error($"'=', ':' or '{{' is missing after the key '{key}'");
        }
    }

    private static HoconObject ObjectAt(HoconObject owner, string key)
    {
        var value = owner.GetOrCreateKey(key);
        if (value.Values.Count > 0 && value.Values[^1] is HoconObject existing)
            return existing;
        var created = new HoconObject();
        if (!value.Values.Exists(v => v is Reference))
            value.Clear();
        value.AppendValue(created);
        return created;
    }

    private void ParseInto(HoconObject owner, string key, bool append)
    {
        SkipSpace();
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
        else if (before is not null && before.Values.Exists(v => v is Reference) && value.Values is [HoconObject])
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
        SkipBlank();
        while (_at < _text.Length)
        {
            var blankStart = _at;
            SkipSpace();
            var blank = _text[blankStart.._at];
            var c = Peek();
            if (_at >= _text.Length || c is '\n' or '\r' or ',' or '}' or ']' || IsComment())
                break;
            if (blank.Length > 0 && value.Values.Count > 0 && value.Values[^1] is HoconLiteral or Reference)
                value.AppendValue(new HoconLiteral { Value = blank });
            if (c == '{')
            {
                _at++;
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
                value.AppendValue(new HoconLiteral { Value = Matches("\"\"\"") ? ParseTripleQuoted() : ParseQuoted() });
            }
            else if (Matches("${"))
            {
                value.AppendValue(ParseReference(value, self));
            }
            else
            {
                value.AppendValue(new HoconLiteral { Value = ParseUnquoted() });
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
        _at++;
        var array = new HoconArray();
        while (true)
        {
            SkipBlank(commas: true);
            if (_at >= _text.Length)
                throw Error("a closing ']' is missing");
            if (TryTake(']'))
                return array;
            array.Add(ParseValue(null));
        }
    }

    private Reference ParseReference(HoconValue owner, HoconValue self)
    {
        var end = _text.IndexOf('}', _at);
        if (end < 0)
            throw Error("a closing '}' is missing after '${'");
        var path = _text[(_at + 2)..end].Trim();
        var optional = path.StartsWith('?');
        var reference = new Reference(optional ? path[1..] : path, optional, owner, self, Position());
        _at = end + 1;
        _references.Add(reference);
        return reference;
    }

    private void Resolve(Reference reference, HashSet<Reference> pending)
    {
        if (reference.Done)
            return;
        if (!pending.Add(reference))
            throw new FormatException($"The substitution ${{{reference.Path}}} at {reference.Position} refers to itself.");
        var found = ConfigPath.Find(_root, reference.Path);
        if (ReferenceEquals(found, reference.Owner))
            found = reference.Self;
        var elements = new List<IHoconElement>();
        if (found is not null)
        {
            foreach (var inner in found.Values.OfType<Reference>().ToList())
                Resolve(inner, pending);
            elements.AddRange(found.Values);
        }
        else if (Environment.GetEnvironmentVariable(reference.Path) is { } variable)
        {
            elements.Add(new HoconLiteral { Value = variable });
        }
        else if (!reference.Optional)
        {
            throw new FormatException($"The substitution ${{{reference.Path}}} at {reference.Position} has no value: neither the document nor the environment has it. Write ${{?{reference.Path}}} if it may be absent.");
        }

        reference.Done = true;
        var index = reference.Owner.Values.IndexOf(reference);
        if (index >= 0)
        {
            reference.Owner.Values.RemoveAt(index);
            reference.Owner.Values.InsertRange(index, elements);
        }

        pending.Remove(reference);
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

    private List<string> ParseKey()
    {
        var path = new List<string>();
        while (true)
        {
            SkipSpace();
            string part;
            if (Peek() == '"')
            {
                part = ParseQuoted();
            }
            else
            {
                var start = _at;
                while (_at < _text.Length && _text[_at] is not ('.' or '=' or ':' or '{' or '}' or '[' or ']' or ',' or '\n' or '\r' or '"' or '#' or '$') && !Matches("+="))
                    _at++;
                part = _text[start.._at].Trim();
                if (part.Length == 0)
                    throw Error(_at < _text.Length ? $"a key is missing before '{_text[_at]}'" : "a key is missing");
            }

            path.Add(part);
            SkipSpace();
            if (!TryTake('.'))
                return path;
        }
    }

    private string ParseQuoted()
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

    private string ParseTripleQuoted()
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

    private string ParseUnquoted()
    {
        var start = _at;
        while (_at < _text.Length && _text[_at] is not ('\n' or '\r' or ',' or '}' or ']' or '{' or '[' or '"' or ' ' or '\t') && !IsComment() && !Matches("${"))
            _at++;
        if (_at == start)
            throw Error($"unexpected '{_text[_at]}'");
        return _text[start.._at];
    }

    private bool IsComment() => Peek() == '#' || Matches("//");

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\uFEFF' or '\u00A0')
            _at++;
    }

    private void SkipBlank(bool commas = false)
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

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private bool Matches(string expected) => string.CompareOrdinal(_text, _at, expected, 0, expected.Length) == 0;

    private bool TryTake(char expected)
    {
        if (Peek() != expected || _at >= _text.Length)
            return false;
        _at++;
        return true;
    }

    private string Position()
    {
        var before = _text.AsSpan(0, Math.Min(_at, _text.Length));
        return $"line {before.Count('\n') + 1}, column {before.Length - before.LastIndexOf('\n')}";
    }

    private FormatException Error(string what) => new($"HOCON: {what} ({Position()}).");

    /// <summary>A substitution that is not resolved yet.</summary>
    private sealed class Reference(string path, bool optional, HoconValue owner, HoconValue self, string position) : IHoconElement
    {
        public string Path { get; } = path;

        public bool Optional { get; } = optional;

        public HoconValue Owner { get; } = owner;

        /// <summary>What the key had before, for a value that refers to itself (<c>path = ${path} more</c>).</summary>
        public HoconValue Self { get; } = self;

        public string Position { get; } = position;

        public bool Done { get; set; }

        public bool IsString() => false;

        public string GetString() => null;

        public bool IsArray() => false;

        public IList<HoconValue> GetArray() => [];
    }
}
