namespace ActorKube.ApiServer;

/// <summary>What kind of values an expression gives, as far as it is known before it is evaluated.</summary>
internal enum CelKind
{
    Dyn,
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Timestamp,
    Duration,
    Type,
    List,
    Map,
    Struct,
    Opaque,
    Parameter,
}

/// <summary>What is known of an expression's type before it is evaluated. Immutable.</summary>
internal sealed class CelShape
{
    private readonly Func<string, CelShape?>? _fields;
    private readonly object? _identity;

    private CelShape(CelKind kind, string name, CelShape[] of, Func<string, CelShape?>? fields = null, object? identity = null)
    {
        Kind = kind;
        Name = name;
        Of = of;
        _fields = fields;
        _identity = identity;
    }

    public static CelShape Dyn { get; } = new(CelKind.Dyn, "dyn", []);

    /// <summary>Something is wrong with the expression, which has been told: it fits everywhere.</summary>
    public static CelShape Error { get; } = new(CelKind.Error, "!error!", []);

    public static CelShape Null { get; } = new(CelKind.Null, "null", []);

    public static CelShape Bool { get; } = new(CelKind.Bool, "bool", []);

    public static CelShape Int { get; } = new(CelKind.Int, "int", []);

    public static CelShape Uint { get; } = new(CelKind.Uint, "uint", []);

    public static CelShape Double { get; } = new(CelKind.Double, "double", []);

    public static CelShape Text { get; } = new(CelKind.Text, "string", []);

    public static CelShape Bytes { get; } = new(CelKind.Bytes, "bytes", []);

    public static CelShape Timestamp { get; } = new(CelKind.Timestamp, "timestamp", []);

    public static CelShape Duration { get; } = new(CelKind.Duration, "duration", []);

    public CelKind Kind { get; }

    public string Name { get; }

    /// <summary>Elements of a list, keys and values of a map, content of an optional, what a type is one of.</summary>
    public CelShape[] Of { get; }

    public bool IsDyn => Kind == CelKind.Dyn;

    public bool IsOptional => Kind == CelKind.Opaque && Name == "optional_type";

    /// <summary>Whether anything is known of its fields at all.</summary>
    public bool HasFields => _fields is not null;

    public static CelShape ListOf(CelShape items) => new(CelKind.List, "list", [items]);

    public static CelShape MapOf(CelShape keys, CelShape values) => new(CelKind.Map, "map", [keys, values]);

    public static CelShape OptionalOf(CelShape value) => new(CelKind.Opaque, "optional_type", [value]);

    public static CelShape TypeOf(CelShape type) => new(CelKind.Type, "type", [type]);

    /// <summary>A named type that is known by nothing else.</summary>
    public static CelShape Opaque(string name) => new(CelKind.Opaque, name, []);

    /// <summary>A type that stands for any other, the same one wherever its name stands.</summary>
    public static CelShape Parameter(string name) => new(CelKind.Parameter, name, []);

    /// <summary>A named type; with fields where it is one of objects.</summary>
    public static CelShape Struct(string name, Func<string, CelShape?>? fields = null, object? identity = null) => new(CelKind.Struct, name, [], fields, identity ?? name);

    /// <summary>A named type whose fields are known one by one.</summary>
    public static CelShape Struct(string name, Dictionary<string, CelShape> fields) => new(CelKind.Struct, name, [], fields.GetValueOrDefault, name);

    /// <summary>The same type of other parts.</summary>
    public CelShape With(CelShape[] of) => new(Kind, Name, of, _fields, _identity);

    /// <summary>The type of a field; null where there is none.</summary>
    public CelShape? Field(string name) => _fields?.Invoke(name);

    /// <summary>The type that a schema gives its values; null where expressions do not see them.</summary>
    public static CelShape? From(Schema schema, bool isRoot = false)
    {
        if (schema.IntOrString)
        {
            return Dyn;
        }
        switch (schema.Type)
        {
            case "string" when schema.TypeName == "Quantity":
                // Either of a text and a number is a type that expressions do not see.
                return null;
            case "string":
                return schema.Format switch { "date-time" or "date" => Timestamp, "duration" => Duration, "byte" => Bytes, _ => Text };
            case "integer":
                return Int;
            case "number":
                return Double;
            case "boolean":
                return Bool;
            case "array":
                return schema.Items is { } items && From(items, items.EmbeddedResource) is { } item ? ListOf(item) : null;
            case "object" when schema.AdditionalProperties is { } values:
                return From(values, values.EmbeddedResource) is { } value ? MapOf(Text, value) : null;
            case "object":
                var root = isRoot || schema.EmbeddedResource;
                return Struct("object", field => FieldOf(schema, field, root), schema);
            default:
                return null;
        }
    }

    private static CelShape? FieldOf(Schema schema, string field, bool isRoot)
    {
        if (isRoot && field is "apiVersion" or "kind" && isRoot)
        {
            return Text;
        }
        if (isRoot && field == "metadata" && !(schema.Properties.TryGetValue("metadata", out var metadata) && metadata.Properties.ContainsKey("name") && metadata.Properties.ContainsKey("generateName")))
        {
            // Of metadata that the schema does not describe only the name can be seen.
            return NamesOnly;
        }
        return schema.Properties.TryGetValue(CelValues.Unescape(field), out var found) && CelValues.Escape(CelValues.Unescape(field)) == field ? From(found, found.EmbeddedResource) : null;
    }

    private static CelShape NamesOnly { get; } = Struct("object.metadata", new Dictionary<string, CelShape> { ["name"] = Text, ["generateName"] = Text });

    /// <summary>Whether it is the very same type.</summary>
    public bool Is(CelShape other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }
        if (Kind != other.Kind || Name != other.Name || Of.Length != other.Of.Length || !Equals(_identity, other._identity))
        {
            return false;
        }
        for (var i = 0; i < Of.Length; i++)
        {
            if (!Of[i].Is(other.Of[i]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>As the language's own declarations call it, which differs from how mistakes do for a few.</summary>
    public string Declared => Kind switch
    {
        CelKind.Timestamp => "google.protobuf.Timestamp",
        CelKind.Duration => "google.protobuf.Duration",
        CelKind.Null => "null_type",
        _ when Of.Length > 0 => $"{Name}({string.Join(", ", Of.Select(o => o.Declared))})",
        _ => Name,
    };

    public override string ToString() => Of.Length == 0 ? Name : $"{Name}({string.Join(", ", (object[])Of)})";
}
