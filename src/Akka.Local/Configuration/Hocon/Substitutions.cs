#nullable disable
namespace Akka.Configuration.Hocon;

/// <summary>The substitutions of a document: they are noted while it is read and take their values when it is known whole.</summary>
internal sealed class Substitutions(HoconValue root)
{
    private readonly List<Reference> _references = [];

    public static bool IsIn(HoconValue value) => value.Values.Exists(v => v is Reference);

    public static bool Is(IHoconElement element) => element is Reference;

    /// <param name="expression">What stands between the braces.</param>
    /// <param name="owner">The value it is a part of.</param>
    /// <param name="self">What the key had before.</param>
    /// <param name="position">Where it stands, for errors.</param>
    public IHoconElement Add(string expression, HoconValue owner, HoconValue self, string position)
    {
        var path = expression.Trim();
        var optional = path.StartsWith('?');
        var reference = new Reference(optional ? path[1..] : path, optional, owner, self, position);
        _references.Add(reference);
        return reference;
    }

    /// <exception cref="FormatException">One has no value, or refers to itself.</exception>
    public void Resolve()
    {
        foreach (var reference in _references)
            Resolve(reference, []);
    }

    private void Resolve(Reference reference, HashSet<Reference> pending)
    {
        if (reference.Done)
            return;
        if (!pending.Add(reference))
            throw new FormatException($"The substitution ${{{reference.Path}}} at {reference.Position} refers to itself.");
        var found = ConfigPath.Find(root, reference.Path);
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
