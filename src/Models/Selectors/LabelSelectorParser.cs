namespace ActorKube.Models;

/// <summary>Reads one label selector, as <c>k8s.io/apimachinery/pkg/labels/selector.go</c> does: by recursive descent, one token ahead.</summary>
ref struct LabelSelectorParser
{
    readonly string _text;
    Token _token;

    public LabelSelectorParser(string text)
    {
        _text = text;
        _token = Scan(0);
    }

    enum Kind
    {
        Word, Not, Equals, DoubleEquals, NotEquals, Greater, Less, Open, Close, Comma, End,
    }

    readonly record struct Token(Kind Kind, int Start, int End);

    public List<LabelRequirement> Parse()
    {
        var requirements = new List<LabelRequirement>();
        if (_token.Kind == Kind.End) return requirements;
        if (_token.Kind is not (Kind.Word or Kind.Not)) throw Expected("!, identifier, or 'end of string'");
        while (true)
        {
            requirements.Add(ParseRequirement());
            if (_token.Kind == Kind.End) return requirements;
            if (_token.Kind != Kind.Comma) throw Expected("',' or 'end of string'");
            Take();
            if (_token.Kind is not (Kind.Word or Kind.Not)) throw Expected("identifier after ','");
        }
    }

    LabelRequirement ParseRequirement()
    {
        var absent = _token.Kind == Kind.Not;
        if (absent) Take();
        if (_token.Kind != Kind.Word) throw Expected("identifier", inRequirement: true);
        var start = _token.Start;
        var key = Text(Take());
        if (LabelRequirement.ProblemWithKey(key) is { } problem) throw Fault(start, problem, inRequirement: true);
        if (absent) return new LabelRequirement(key, LabelOperator.DoesNotExist, []);
        if (_token.Kind is Kind.End or Kind.Comma) return new LabelRequirement(key, LabelOperator.Exists, []);

        var (comparison, isSet) = ParseOperator();
        start = _token.Start;
        var values = isSet ? ParseSet() : [ParseExactValue()];
        var sorted = LabelRequirement.Sorted(values.Select(static value => value.Text));
        if (LabelRequirement.Problem(key, comparison, sorted) is not { } wrong) return new LabelRequirement(key, comparison, sorted);
        // Where one value of a set is wrong, it is pointed at; else the whole of what was compared with.
        foreach (var (text, at) in values)
        {
            if (NameRules.CheckLabelValue(text).Count > 0) throw Fault(at, wrong, inRequirement: true);
        }
        throw Fault(start, wrong, inRequirement: true);
    }

    (LabelOperator Operator, bool IsSet) ParseOperator()
    {
        (LabelOperator, bool)? found = _token.Kind switch
        {
            Kind.Equals => (LabelOperator.Equals, false),
            Kind.DoubleEquals => (LabelOperator.DoubleEquals, false),
            Kind.NotEquals => (LabelOperator.NotEquals, false),
            Kind.Greater => (LabelOperator.GreaterThan, false),
            Kind.Less => (LabelOperator.LessThan, false),
            Kind.Word when Text(_token) == "in" => (LabelOperator.In, true),
            Kind.Word when Text(_token) == "notin" => (LabelOperator.NotIn, true),
            _ => null,
        };
        if (found is null) throw Expected("in, notin, =, ==, !=, gt, lt", inRequirement: true);
        Take();
        return found.Value;
    }

    List<(string Text, int Start)> ParseSet()
    {
        if (_token.Kind != Kind.Open) throw Fault(_token.Start, $"found '{Text(_token)}' expected: '('", inRequirement: true);
        Take();
        var values = new List<(string, int)>();
        if (_token.Kind == Kind.Close)
        {
            // Nothing in brackets is the empty value.
            values.Add(("", _token.Start));
            Take();
            return values;
        }
        if (_token.Kind is not (Kind.Word or Kind.Comma)) throw Expected("',', ')' or identifier", inRequirement: true);
        // Between commas a value may be missing, which is the empty value: "(,a)", "(a,,b)", "(a,)".
        while (true)
        {
            if (_token.Kind == Kind.Word) values.Add((Text(_token), Take().Start));
            else if (_token.Kind is Kind.Comma or Kind.Close) values.Add(("", _token.Start));
            else throw Expected("',', or identifier", inRequirement: true);

            if (_token.Kind is not (Kind.Comma or Kind.Close)) throw Expected("',' or ')'", inRequirement: true);
            if (Take().Kind == Kind.Close) return values;
        }
    }

    (string Text, int Start) ParseExactValue()
    {
        if (_token.Kind is Kind.End or Kind.Comma) return ("", _token.Start);
        return _token.Kind == Kind.Word ? (Text(_token), Take().Start) : throw Expected("identifier", inRequirement: true);
    }

    readonly string Text(Token token) => _text[token.Start..token.End];

    Token Take()
    {
        var taken = _token;
        _token = Scan(taken.End);
        return taken;
    }

    readonly Token Scan(int position)
    {
        while (position < _text.Length && IsSpace(_text[position])) position++;
        if (position == _text.Length) return new Token(Kind.End, position, position);
        var next = position + 1 < _text.Length ? _text[position + 1] : '\0';
        var kind = _text[position] switch
        {
            '(' => Kind.Open,
            ')' => Kind.Close,
            ',' => Kind.Comma,
            '>' => Kind.Greater,
            '<' => Kind.Less,
            '=' => next == '=' ? Kind.DoubleEquals : Kind.Equals,
            '!' => next == '=' ? Kind.NotEquals : Kind.Not,
            _ => Kind.Word,
        };
        var end = position + (kind is Kind.DoubleEquals or Kind.NotEquals ? 2 : 1);
        if (kind == Kind.Word)
        {
            while (end < _text.Length && !IsSpace(_text[end]) && _text[end] is not ('(' or ')' or ',' or '>' or '<' or '=' or '!')) end++;
        }
        return new Token(kind, position, end);
    }

    static bool IsSpace(char character) => character is ' ' or '\t' or '\r' or '\n';

    readonly SelectorFormatException Expected(string what, bool inRequirement = false) =>
        Fault(_token.Start, $"found '{Text(_token)}', expected: {what}", inRequirement);

    readonly SelectorFormatException Fault(int position, string problem, bool inRequirement) =>
        new(_text, position, inRequirement ? "unable to parse requirement: " + problem : problem);
}
