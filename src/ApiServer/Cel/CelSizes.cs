namespace ActorKube.ApiServer;

/// <summary>How large a value can be at most, from its schema or from how it is made: what the cost of an expression is reckoned from.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Most">The longest text, or the most elements; one for what has no size.</param>
internal sealed record CelSize(CelSizeKind Kind, double Most)
{
    /// <summary>The largest body, in which no value can be larger.</summary>
    private const double Request = 3 * 1024 * 1024;

    /// <summary>Where nothing is known.</summary>
    public const double Unbounded = ulong.MaxValue;

    public static CelSize Scalar { get; } = new(CelSizeKind.Scalar, 1);

    public static CelSize Unknown { get; } = new(CelSizeKind.Unknown, Unbounded);

    /// <summary>Elements of a list, values of a map.</summary>
    public CelSize? Of { get; init; }

    /// <summary>Fields of an object.</summary>
    public Schema? Fields { get; init; }

    public static CelSize Text(double most) => new(CelSizeKind.Text, most);

    public static CelSize From(Schema schema)
    {
        if (schema.IntOrString)
        {
            return new CelSize(CelSizeKind.Unknown, Request - 2);
        }
        return schema.Type switch
        {
            "string" => Text(TextLength(schema)) with { Kind = schema.Format is "duration" or "date" or "date-time" ? CelSizeKind.Scalar : CelSizeKind.Text },
            "array" => new CelSize(CelSizeKind.List, Bound(schema.MaxItems) ?? Math.Floor((Request - 2) / (Smallest(schema.Items) + 1))) { Of = schema.Items is { } items ? From(items) : Unknown },
            "object" when schema.AdditionalProperties is { } values =>
                new CelSize(CelSizeKind.Map, Bound(schema.MaxProperties) ?? Math.Floor((Request - 2) / (Smallest(values) + 6))) { Of = From(values) },
            "object" => new CelSize(CelSizeKind.Object, 1) { Fields = schema },
            "boolean" or "integer" or "number" => Scalar,
            _ => Unknown,
        };
    }

    /// <summary>How often at most a value can stand in one request.</summary>
    public static double MostIn(Schema schema) => Math.Floor(Request / (Smallest(schema) + 1));

    private static double? Bound(long? bound) => bound is { } most ? Math.Max(0, most) : null;

    private static double TextLength(Schema schema) => schema.Format switch
    {
        "duration" or "date-time" => 32,
        "date" => 12,
        "byte" => Bound(schema.MaxLength) ?? Request - 2,
        _ => Bound(schema.MaxLength) * 4 ?? (schema.Enum is { Count: > 0 } values ? values.Max(v => v.AsText()?.Length ?? 0) : Request - 2),
    };

    /// <summary>The least that a value takes as JSON.</summary>
    private static double Smallest(Schema? schema) => schema switch
    {
        null or { IntOrString: true } => 1,
        { Type: "boolean" } => 4,
        { Type: "string", Format: "duration" } => 3,
        { Type: "string", Format: "date" } => 12,
        { Type: "string", Format: "date-time" } => 21,
        { Type: "object", AdditionalProperties: null } => 2 + schema.Properties.Where(p => !p.Value.HasDefault && Array.IndexOf(schema.Required, p.Key) >= 0).Sum(p => p.Key.Length + Smallest(p.Value) + 4),
        { Type: "integer" or "number" } => 1,
        _ => 2,
    };
}

internal enum CelSizeKind
{
    Unknown,
    Scalar,
    Text,
    List,
    Map,
    Object,
}
