namespace ActorKube.ApiServer;

/// <summary>One form of a function: what it takes and what it gives.</summary>
/// <param name="IsMethod">The first of what it takes stands before the dot.</param>
/// <param name="Takes">The shapes of its arguments, in their order.</param>
/// <param name="Gives">The shape of its result.</param>
internal sealed record CelOverload(bool IsMethod, CelShape[] Takes, CelShape Gives)
{
    /// <summary>Reads declarations, one a line: <c>size(list(A)) int</c>, or <c>string.startsWith(string) bool</c> where a receiver stands before a space and a dot.</summary>
    public static Dictionary<string, CelOverload[]> Read(string declarations)
    {
        var found = new Dictionary<string, List<CelOverload>>(StringComparer.Ordinal);
        foreach (var line in declarations.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var reader = new Reader(line);
            var receiver = line.IndexOf(" .", StringComparison.Ordinal) is > 0 ? reader.Type() : null;
            var (name, takes, gives) = reader.Function();
            if (!found.TryGetValue(name, out var overloads))
            {
                found[name] = overloads = [];
            }
            overloads.Add(new CelOverload(receiver is not null, receiver is null ? [.. takes] : [receiver, .. takes], gives));
        }
        return found.ToDictionary(f => f.Key, f => f.Value.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>The same with type parameters that nobody else has.</summary>
    public CelOverload Instance(CelUnifier types)
    {
        Dictionary<string, CelShape>? fresh = null;
        var takes = Array.ConvertAll(Takes, Renamed);
        return new CelOverload(IsMethod, takes, Renamed(Gives));

        CelShape Renamed(CelShape shape)
        {
            if (shape.Kind == CelKind.Parameter)
            {
                fresh ??= new Dictionary<string, CelShape>(StringComparer.Ordinal);
                return fresh.TryGetValue(shape.Name, out var known) ? known : fresh[shape.Name] = types.Fresh();
            }
            return shape.Of.Length == 0 ? shape : shape.With(Array.ConvertAll(shape.Of, Renamed));
        }
    }

    private ref struct Reader(string line)
    {
        private readonly ReadOnlySpan<char> _line = line;
        private int _at;

        public (string Name, List<CelShape> Takes, CelShape Gives) Function()
        {
            Skip(" .");
            var open = _at + _line[_at..].IndexOf('(');
            var name = _line[_at..open].ToString();
            _at = open;
            var takes = List();
            Skip(" ");
            return (name, takes, Type());
        }

        public CelShape Type()
        {
            var start = _at;
            while (_at < _line.Length && (char.IsLetterOrDigit(_line[_at]) || _line[_at] is '_' or '.'))
            {
                _at++;
            }
            var name = _line[start.._at].ToString();
            var of = _at < _line.Length && _line[_at] == '(' ? List() : [];
            return name switch
            {
                "list" => CelShape.ListOf(of[0]),
                "map" => CelShape.MapOf(of[0], of[1]),
                "optional_type" => CelShape.OptionalOf(of[0]),
                "type" => CelShape.TypeOf(of[0]),
                { Length: 1 } => CelShape.Parameter(name),
                _ => CelLibrary.NamedType(name),
            };
        }

        private List<CelShape> List()
        {
            var found = new List<CelShape>();
            Skip("(");
            while (_line[_at] != ')')
            {
                found.Add(Type());
                Skip(", ");
            }
            _at++;
            return found;
        }

        private void Skip(string what)
        {
            while (_at < _line.Length && what.Contains(_line[_at], StringComparison.Ordinal))
            {
                _at++;
            }
        }
    }
}
