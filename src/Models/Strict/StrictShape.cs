using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace ActorKube.Models;

/// <summary>What a strict reader must know of a value: which fields it may have, and what they are in turn.</summary>
/// <param name="fields">Finds a field of an object; null where the value's fields are all known, or where it is no object.</param>
/// <param name="element">What the elements of a list are, or the values of a map.</param>
/// <param name="isOpaque">Whether the value is any JSON, which is not looked into.</param>
internal sealed class StrictShape(Func<string, StrictShape?>? fields, Func<StrictShape> element, bool isOpaque = false)
{
    private static readonly ConcurrentDictionary<Type, StrictShape> Types = new();
    private static readonly ConcurrentDictionary<ModelSchema, StrictShape> Models = new();

    /// <summary>A value of any shape whose fields are all known, but should be there once.</summary>
    public static StrictShape Free { get; } = new(null, static () => Free!);

    /// <summary>A value that is not looked into.</summary>
    private static StrictShape Opaque { get; } = new(null, static () => Free, isOpaque: true);

    public bool IsOpaque => isOpaque;

    public StrictShape Element => element();

    /// <summary>A field's shape; null where there is no such field.</summary>
    public StrictShape? Field(string name) => fields is null ? element() : fields(name);

    public static StrictShape Of(Type type)
    {
        if (type == typeof(Unstructured)) return Free;
        if (ModelSchema.For(type) is { } model) return Of(model);
        return Types.GetOrAdd(type, static type => OfClass(type));
    }

    private static StrictShape Of(ModelSchema model) => Models.GetOrAdd(model, static model => new StrictShape(name => model.Field(name) is { } field ? Of(field) : null, static () => Free));

    private static StrictShape Of(ModelField field) => field.Shape switch
    {
        FieldShape.Json => Opaque,
        FieldShape.Object => Of(field.Element!),
        _ => field.Element is { } model ? new StrictShape(null, () => Of(model)) : Free,
    };

    private static StrictShape OfClass(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(object) || typeof(JsonNode).IsAssignableFrom(type)) return Opaque;
        var info = KubeJson.Options.GetTypeInfo(type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                var properties = info.Properties.Where(property => !property.IsExtensionData).ToDictionary(property => property.Name, property => property.PropertyType, StringComparer.Ordinal);
                var others = info.Properties.Any(property => property.IsExtensionData) ? Opaque : null;
                return new StrictShape(name => properties.TryGetValue(name, out var property) ? Of(property) : others, static () => Free);
            case JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary when info.ElementType is { } elements:
                return new StrictShape(null, () => Of(elements));
            default:
                return Opaque;
        }
    }
}
