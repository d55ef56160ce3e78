namespace ActorKube.ApiServer;

/// <summary>What is known of an expression's type before it is evaluated.</summary>
internal sealed record CelShape(string Name)
{
    public static CelShape Dyn { get; } = new("dyn");

    public static CelShape Null { get; } = new("null");

    public static CelShape Bool { get; } = new("bool");

    public static CelShape Int { get; } = new("int");

    public static CelShape Double { get; } = new("double");

    public static CelShape Text { get; } = new("string");

    public static CelShape Timestamp { get; } = new("timestamp");

    public static CelShape Duration { get; } = new("duration");

    public static CelShape Quantity { get; } = new("kubernetes.Quantity");

    public static CelShape Url { get; } = new("kubernetes.URL");

    public static CelShape Address { get; } = new("net.IP");

    public static CelShape Network { get; } = new("net.CIDR");

    public static CelShape Type { get; } = new("type");

    public static CelShape NamedFormat { get; } = new("kubernetes.NamedFormat");

    /// <summary>Elements of a list, values of a map, content of an optional.</summary>
    public CelShape? Of { get; init; }

    /// <summary>Fields of an object.</summary>
    public Schema? Fields { get; init; }

    /// <summary>The object is a whole resource: it has apiVersion, kind and a name.</summary>
    public bool IsResource { get; init; }

    public bool IsDyn => Name == "dyn";

    public bool IsNumber => Name is "int" or "double";

    public static CelShape ListOf(CelShape items) => new("list") { Of = items };

    public static CelShape MapOf(CelShape values) => new("map") { Of = values };

    public static CelShape OptionalOf(CelShape value) => new("optional_type") { Of = value };

    /// <summary>The type that a schema gives its values.</summary>
    public static CelShape From(Schema schema, bool isRoot = false)
    {
        if (schema.IntOrString)
        {
            return Dyn;
        }
        return schema.Type switch
        {
            "string" => schema.Format switch { "date-time" or "date" => Timestamp, "duration" => Duration, "byte" => Dyn, _ => Text },
            "integer" => Int,
            "number" => Double,
            "boolean" => Bool,
            "array" => ListOf(schema.Items is { } items ? From(items) : Dyn),
            "object" when schema.AdditionalProperties is { } values => MapOf(From(values)),
            "object" when schema.AnyProperties => MapOf(Dyn),
            "object" => new CelShape("object") { Fields = schema, IsResource = isRoot || schema.EmbeddedResource },
            _ => Dyn,
        };
    }

    /// <summary>Whether the two can be asked whether they are equal: numbers of different kinds cannot, nor a scalar and null.</summary>
    public bool Compares(CelShape other) => Fits(other) && !(IsNumber && other.IsNumber && Name != other.Name)
        && !(Name == "null" && other.IsPlain) && !(other.Name == "null" && IsPlain);

    private bool IsPlain => Name is "bool" or "int" or "double" or "string" or "list" or "map";

    /// <summary>Whether one can stand where the other is expected.</summary>
    public bool Fits(CelShape other) => IsDyn || other.IsDyn || Name == other.Name || (IsNumber && other.IsNumber) || Name == "null" || other.Name == "null";

    public override string ToString() => Of is null ? Name : $"{Name}({(Name == "map" ? "string, " : "")}{Of})";
}
