using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// The shape of a value, whether it comes from Kubernetes' own OpenAPI document or from a CRD's structural schema. Decoding, pruning,
/// defaulting, validation, strategic merge and apply all walk this one form. Immutable once built; safe to share.
/// </summary>
internal sealed class Schema
{
    /// <summary>Go's name of the type, where it has one: what decoding errors mention.</summary>
    public string? TypeName { get; init; }

    /// <summary><c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, or null for anything.</summary>
    public string? Type { get; init; }

    public string? Format { get; init; }

    public bool Nullable { get; init; }

    public bool IntOrString { get; init; }

    /// <summary>Unknown fields are kept below here.</summary>
    public bool PreserveUnknownFields { get; init; }

    /// <summary>The value is a whole Kubernetes object with its own apiVersion, kind and metadata.</summary>
    public bool EmbeddedResource { get; init; }

    public bool HasDefault { get; init; }

    public JsonNode? Default { get; init; }

    public IReadOnlyDictionary<string, Schema> Properties
    {
        get => _properties ??= _propertiesLater?.Invoke() ?? NoProperties;
        init => _properties = value;
    }

    /// <summary>Shape of a map's values; null where the object is no map.</summary>
    public Schema? AdditionalProperties
    {
        get => _additional ??= _additionalLater?.Invoke();
        init => _additional = value;
    }

    /// <summary><c>additionalProperties: true</c>.</summary>
    public bool AnyProperties { get; init; }

    /// <summary><c>additionalProperties: false</c>: what the schema does not know is kept, and refused.</summary>
    public bool NoOtherProperties { get; init; }

    public Schema? Items
    {
        get => _items ??= _itemsLater?.Invoke();
        init => _items = value;
    }

    public string[] Required { get; init; } = [];

    /// <summary>Fields that are pointers in Go: for them zero and absent differ. Built-in types only.</summary>
    public HashSet<string> Pointers { get; init; } = [];

    /// <summary>Fields that Go writes even when they are empty. Built-in types only.</summary>
    public HashSet<string> Always { get; init; } = [];

    public JsonArray? Enum { get; init; }

    public string? Pattern { get; init; }

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public bool ExclusiveMinimum { get; init; }

    public bool ExclusiveMaximum { get; init; }

    public double? MultipleOf { get; init; }

    public long? MinLength { get; init; }

    public long? MaxLength { get; init; }

    public long? MinItems { get; init; }

    public long? MaxItems { get; init; }

    public bool UniqueItems { get; init; }

    public long? MinProperties { get; init; }

    public long? MaxProperties { get; init; }

    public Schema[] AllOf { get; init; } = [];

    public Schema[] AnyOf { get; init; } = [];

    public Schema[] OneOf { get; init; } = [];

    public Schema? Not { get; init; }

    /// <summary><c>atomic</c>, <c>set</c> or <c>map</c>; null means atomic for apply.</summary>
    public string? ListType { get; init; }

    public string[] ListMapKeys { get; init; } = [];

    /// <summary><c>granular</c> or <c>atomic</c>.</summary>
    public string? MapType { get; init; }

    public string? PatchMergeKey { get; init; }

    /// <summary><c>merge</c>, <c>replace</c>, <c>retainKeys</c>, or several with commas.</summary>
    public string? PatchStrategy { get; init; }

    /// <summary>CEL rules that the value must satisfy.</summary>
    public ValidationRule[] Rules { get; init; } = [];

    /// <summary>Whether any default stands here or below: what lets defaulting skip whole subtrees.</summary>
    public bool HasDefaultsBelow { get; init; }

    /// <summary>Whether any rule stands here or below.</summary>
    public bool HasRulesBelow { get; init; }

    /// <summary>Whether an embedded object stands here or below.</summary>
    public bool HasEmbeddedBelow { get; init; }

    private static readonly IReadOnlyDictionary<string, Schema> NoProperties = new Dictionary<string, Schema>();
    private readonly Func<IReadOnlyDictionary<string, Schema>>? _propertiesLater;
    private readonly Func<Schema?>? _additionalLater;
    private readonly Func<Schema?>? _itemsLater;
    private IReadOnlyDictionary<string, Schema>? _properties;
    private Schema? _additional;
    private Schema? _items;

    public Schema()
    {
    }

    /// <summary>A schema whose parts are read when first asked for: the built-in document is large and recursive.</summary>
    public Schema(Func<IReadOnlyDictionary<string, Schema>>? properties, Func<Schema?>? additional, Func<Schema?>? items)
    {
        _propertiesLater = properties;
        _additionalLater = additional;
        _itemsLater = items;
    }

    public bool IsMap => AdditionalProperties is not null || AnyProperties;
}

/// <summary>One <c>x-kubernetes-validations</c> rule.</summary>
internal sealed record ValidationRule(string Rule, string? Message, string? MessageExpression, string? Reason, string? FieldPath, bool OptionalOldSelf);
