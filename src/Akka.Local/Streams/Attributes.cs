using System.Text;
using Akka.Event;
using Akka.Pattern;

namespace Akka.Streams;

/// <summary>
/// What is known about a stage beyond its logic: its name, buffer sizes, supervision and so on. Immutable. A stage sees the attributes of
/// every graph around it as well; the innermost come last and win.
/// </summary>
public sealed class Attributes
{
    /// <summary>Marks what may be kept in <see cref="Attributes"/>.</summary>
    public interface IAttribute;

    /// <summary>An attribute that every stage has, from the materializer's settings if from nowhere else.</summary>
    public interface IMandatoryAttribute : IAttribute;

    /// <summary>A name for logs, errors and actor paths.</summary>
    public sealed class Name : IAttribute, IEquatable<Name>
    {
        public readonly string Value;

        public Name(string value)
        {
            if (string.IsNullOrEmpty(value)) throw new ArgumentNullException(nameof(value), "A name attribute cannot be empty");
            Value = value;
        }

        public bool Equals(Name? other) => other is not null && Value == other.Value;
        public override bool Equals(object? obj) => obj is Name other && Equals(other);
        public override int GetHashCode() => Value.GetHashCode();
        public override string ToString() => $"Name({Value})";
    }

    /// <summary>How many elements an asynchronous boundary may hold. The maximum is what counts; it is rounded up to a power of two.</summary>
    public sealed class InputBuffer : IMandatoryAttribute, IEquatable<InputBuffer>
    {
        public readonly int Initial;
        public readonly int Max;

        public InputBuffer(int initial, int max)
        {
            Initial = initial;
            Max = max;
        }

        public bool Equals(InputBuffer? other) => other is not null && Initial == other.Initial && Max == other.Max;
        public override bool Equals(object? obj) => obj is InputBuffer other && Equals(other);
        public override int GetHashCode() => HashCode.Combine(Initial, Max);
        public override string ToString() => $"InputBuffer(initial={Initial}, max={Max})";
    }

    /// <summary>At which level <c>Log</c> writes elements, completion and failure.</summary>
    public sealed class LogLevels : IAttribute, IEquatable<LogLevels>
    {
        /// <summary>The level that writes nothing.</summary>
        public static readonly LogLevel Off = (LogLevel)int.MaxValue;

        public readonly LogLevel OnElement;
        public readonly LogLevel OnFinish;
        public readonly LogLevel OnFailure;

        public LogLevels(LogLevel onElement, LogLevel onFinish, LogLevel onFailure)
        {
            OnElement = onElement;
            OnFinish = onFinish;
            OnFailure = onFailure;
        }

        public bool Equals(LogLevels? other) =>
            other is not null && OnElement == other.OnElement && OnFinish == other.OnFinish && OnFailure == other.OnFailure;
        public override bool Equals(object? obj) => obj is LogLevels other && Equals(other);
        public override int GetHashCode() => HashCode.Combine(OnElement, OnFinish, OnFailure);
        public override string ToString() => $"LogLevel(element={OnElement}, finish={OnFinish}, failure={OnFailure})";
    }

    /// <summary>The graph that carries this runs in an actor of its own.</summary>
    public sealed class AsyncBoundary : IAttribute
    {
        public static readonly AsyncBoundary Instance = new();

        private AsyncBoundary() { }

        public override string ToString() => "AsyncBoundary";
    }

    /// <summary>No attributes.</summary>
    public static readonly Attributes None = new();

    private readonly IAttribute[] _attributes;

    public Attributes(params IAttribute[] attributes) => _attributes = attributes ?? [];

    /// <summary>Every attribute, the outermost first.</summary>
    public IEnumerable<IAttribute> AttributeList => _attributes;

    internal bool IsAsync => Array.Exists(_attributes, a => a is AsyncBoundary or ActorAttributes.Dispatcher);

    internal bool IsEmpty => _attributes.Length == 0;

    /// <summary>Every attribute of this kind, the outermost first.</summary>
    public IEnumerable<TAttr> GetAttributeList<TAttr>() where TAttr : IAttribute => _attributes.OfType<TAttr>();

    /// <summary>The innermost attribute of this kind, or <paramref name="defaultIfNotFound"/>.</summary>
    public TAttr GetAttribute<TAttr>(TAttr defaultIfNotFound) where TAttr : class, IAttribute =>
        GetAttribute<TAttr>() ?? defaultIfNotFound;

    /// <summary>The innermost attribute of this kind, or null.</summary>
    public TAttr? GetAttribute<TAttr>() where TAttr : class, IAttribute
    {
        for (var i = _attributes.Length - 1; i >= 0; i--)
            if (_attributes[i] is TAttr found) return found;
        return null;
    }

    /// <summary>The innermost attribute of this kind.</summary>
    /// <exception cref="IllegalStateException">There is none.</exception>
    public TAttr GetMandatoryAttribute<TAttr>() where TAttr : class, IMandatoryAttribute =>
        GetAttribute<TAttr>() ?? throw new IllegalStateException($"Mandatory attribute [{typeof(TAttr)}] not found.");

    /// <summary>Whether exactly this attribute is among them.</summary>
    public bool Contains<TAttr>(TAttr attribute) where TAttr : IAttribute => _attributes.Contains(attribute);

    /// <summary>These attributes, then <paramref name="other"/>, which win where both say something.</summary>
    public Attributes And(Attributes other) =>
        IsEmpty ? other : other.IsEmpty ? this : new Attributes([.. _attributes, .. other._attributes]);

    /// <summary>These attributes, then <paramref name="other"/>, which wins.</summary>
    public Attributes And(IAttribute other) => new([.. _attributes, other]);

    /// <summary>All names joined with dashes, or null where there is none.</summary>
    public string? GetNameLifted() => GetNameOrDefault(null!);

    /// <summary>All names joined with dashes, or <paramref name="defaultIfNotFound"/>.</summary>
    public string GetNameOrDefault(string defaultIfNotFound = "unknown-operation")
    {
        StringBuilder? names = null;
        foreach (var attribute in _attributes)
        {
            if (attribute is not Name name) continue;
            if (names is null) names = new StringBuilder();
            else names.Append('-');
            names.Append(Uri.EscapeDataString(name.Value));
        }

        return names?.ToString() ?? defaultIfNotFound;
    }

    public override string ToString() => $"Attributes({string.Join(", ", _attributes.AsEnumerable())})";

    /// <summary>A name; an empty one is no attribute.</summary>
    public static Attributes CreateName(string name) => string.IsNullOrEmpty(name) ? None : new Attributes(new Name(name));

    /// <summary>The size of the buffer in front of an asynchronous boundary.</summary>
    public static Attributes CreateInputBuffer(int initial, int max) => new(new InputBuffer(initial, max));

    /// <summary>An asynchronous boundary around the graph.</summary>
    public static Attributes CreateAsyncBoundary() => new(AsyncBoundary.Instance);

    /// <summary>The levels at which <c>Log</c> writes.</summary>
    public static Attributes CreateLogLevels(LogLevel onElement = LogLevel.DebugLevel, LogLevel onFinish = LogLevel.DebugLevel,
        LogLevel onError = LogLevel.ErrorLevel) => new(new LogLevels(onElement, onFinish, onError));
}
