namespace ActorKube.ApiServer;

/// <summary>
/// What the type parameters of the functions in one expression stand for, found while it is checked: <c>list(A) + list(A)</c> of a list of int and an empty one makes both of int.
/// </summary>
internal sealed class CelUnifier
{
    private readonly Dictionary<string, CelShape> _bound = new(StringComparer.Ordinal);
    private readonly List<(string Name, CelShape? Before)> _trail = [];
    private int _next;

    /// <summary>A parameter that nobody else has.</summary>
    public CelShape Fresh() => CelShape.Parameter($"_var{_next++}");

    /// <summary>Whether the one can stand where the other is expected; what has been found out by asking stays only where it can.</summary>
    public bool Fits(CelShape given, CelShape wanted)
    {
        var mark = _trail.Count;
        if (Assignable(given, wanted))
        {
            return true;
        }
        Undo(mark);
        return false;
    }

    public bool Fits(ReadOnlySpan<CelShape> given, ReadOnlySpan<CelShape> wanted)
    {
        var mark = _trail.Count;
        if (AllAssignable(given, wanted))
        {
            return true;
        }
        Undo(mark);
        return false;
    }

    /// <summary>The type with what its parameters stand for; those that stand for nothing yet are dynamic in the end.</summary>
    public CelShape Resolve(CelShape shape, bool final = false)
    {
        if (shape.Kind == CelKind.Parameter)
        {
            return _bound.TryGetValue(shape.Name, out var known) ? Resolve(known, final) : final ? CelShape.Dyn : shape;
        }
        return shape.Of.Length == 0 ? shape : shape.With(Array.ConvertAll(shape.Of, o => Resolve(o, final)));
    }

    /// <summary>The more general of two types that fit.</summary>
    public static CelShape MoreGeneral(CelShape one, CelShape other) => IsAtMostAsSpecific(one, other) ? one : other;

    private bool AllAssignable(ReadOnlySpan<CelShape> given, ReadOnlySpan<CelShape> wanted)
    {
        if (given.Length != wanted.Length)
        {
            return false;
        }
        for (var i = 0; i < given.Length; i++)
        {
            if (!Assignable(given[i], wanted[i]))
            {
                return false;
            }
        }
        return true;
    }

    private bool Assignable(CelShape given, CelShape wanted)
    {
        if (wanted.Kind == CelKind.Parameter)
        {
            var (valid, known) = Substitute(given, wanted);
            if (valid || known)
            {
                return valid;
            }
        }
        if (given.Kind == CelKind.Parameter)
        {
            return Substitute(wanted, given).Valid;
        }
        if (given.Kind is CelKind.Dyn or CelKind.Error || wanted.Kind is CelKind.Dyn or CelKind.Error)
        {
            return true;
        }
        if (given.Kind == CelKind.Null || wanted.Kind == CelKind.Null)
        {
            return IsNullable(given.Kind == CelKind.Null ? wanted : given);
        }
        return given.Kind switch
        {
            CelKind.Type => wanted.Kind == CelKind.Type,
            CelKind.List or CelKind.Map or CelKind.Opaque => given.Kind == wanted.Kind && given.Name == wanted.Name && AllAssignable(given.Of, wanted.Of),
            _ => given.Is(wanted),
        };
    }

    private (bool Valid, bool Known) Substitute(CelShape shape, CelShape parameter)
    {
        if (shape.Is(parameter))
        {
            return (true, true);
        }
        if (_bound.TryGetValue(parameter.Name, out var known))
        {
            if (shape.Is(known))
            {
                return (true, true);
            }
            if (!Assignable(shape, known))
            {
                return (false, true);
            }
            var general = MoreGeneral(shape, known);
            if (!IsWithin(parameter, general))
            {
                Bind(parameter.Name, general);
            }
            return (true, true);
        }
        if (IsWithin(parameter, shape))
        {
            return (false, false);
        }
        Bind(parameter.Name, shape);
        return (true, false);
    }

    private bool IsWithin(CelShape parameter, CelShape shape) => shape.Kind == CelKind.Parameter
        ? shape.Name == parameter.Name || (_bound.TryGetValue(shape.Name, out var known) && IsWithin(parameter, known))
        : Array.Exists(shape.Of, o => IsWithin(parameter, o));

    private void Bind(string name, CelShape shape)
    {
        _trail.Add((name, _bound.GetValueOrDefault(name)));
        _bound[name] = shape;
    }

    private void Undo(int mark)
    {
        for (var i = _trail.Count - 1; i >= mark; i--)
        {
            var (name, before) = _trail[i];
            if (before is null)
            {
                _bound.Remove(name);
            }
            else
            {
                _bound[name] = before;
            }
        }
        _trail.RemoveRange(mark, _trail.Count - mark);
    }

    private static bool IsNullable(CelShape shape) => shape.Kind is CelKind.Null or CelKind.Opaque or CelKind.Struct or CelKind.Timestamp or CelKind.Duration;

    private static bool IsAtMostAsSpecific(CelShape one, CelShape other)
    {
        if (one.Kind is CelKind.Dyn or CelKind.Parameter)
        {
            return true;
        }
        if (other.Kind is CelKind.Dyn or CelKind.Parameter || one.Kind != other.Kind)
        {
            return false;
        }
        return one.Kind switch
        {
            CelKind.Type => true,
            CelKind.List or CelKind.Map or CelKind.Opaque => one.Name == other.Name && one.Of.Length == other.Of.Length && one.Of.Zip(other.Of).All(p => IsAtMostAsSpecific(p.First, p.Second)),
            _ => one.Is(other),
        };
    }
}
