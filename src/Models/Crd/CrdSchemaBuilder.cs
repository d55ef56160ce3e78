using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>Makes the OpenAPI v3 schema of a class from what System.Text.Json sees of it and what its attributes say.</summary>
internal sealed class CrdSchemaBuilder
{
    private const string QuantityPattern = @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

    private readonly Stack<Type> _within = new();
    private string _path = "";

    /// <summary>The printer columns that were met on the way.</summary>
    public List<V1CustomResourceColumnDefinition> Columns { get; } = [];

    /// <summary>The paths of selectable fields that were met on the way.</summary>
    public List<string> SelectableFields { get; } = [];

    /// <summary>The schema of a whole resource.</summary>
    public JsonObject Root(Type type)
    {
        var schema = Object(type);
        foreach (var column in type.GetCustomAttributes<PrinterColumnAttribute>()) Columns.Add(Column(column, column.JsonPath, column.Type, type));
        foreach (var selectable in type.GetCustomAttributes<SelectableFieldAttribute>())
            SelectableFields.Add(selectable.JsonPath ?? throw new ArgumentException($"[SelectableField] on {type.Name}: on a class it needs a path."));
        return schema;
    }

    private JsonObject Object(Type type)
    {
        if (_within.Contains(type))
            throw new ArgumentException($"{type} contains itself at {Place}: a CRD's schema cannot. Put [PreserveUnknownFields] on a property of type JsonObject instead.");
        _within.Push(type);
        var schema = new JsonObject();
        Describe(schema, type);
        schema["type"] = "object";
        // The server knows these three of a resource; they are not looked into.
        var properties = _path.Length > 0 ? [] : new JsonObject
        {
            ["apiVersion"] = new JsonObject { ["type"] = "string" },
            ["kind"] = new JsonObject { ["type"] = "string" },
            ["metadata"] = new JsonObject { ["type"] = "object" },
        };
        var required = new JsonArray();
        foreach (var property in KubeJson.Options.GetTypeInfo(type).Properties)
        {
            var member = property.AttributeProvider as MemberInfo;
            if (property.IsExtensionData)
            {
                schema["x-kubernetes-preserve-unknown-fields"] = true;
                continue;
            }
            if (property.Get is null && property.Set is null) continue;
            var outer = _path;
            _path = $"{outer}.{property.Name}";
            if (outer.Length > 0 || !properties.ContainsKey(property.Name)) properties[property.Name] = Property(property, member);
            _path = outer;
            if (property.IsRequired || member?.GetCustomAttribute<RequiredAttribute>() is not null) required.Add(property.Name);
        }
        schema["properties"] = properties;
        if (required.Count > 0) schema["required"] = required;
        Rules(schema, type);
        if (type.GetCustomAttribute<PreserveUnknownFieldsAttribute>() is not null) schema["x-kubernetes-preserve-unknown-fields"] = true;
        if (type.GetCustomAttribute<AtomicMapAttribute>() is not null) schema["x-kubernetes-map-type"] = "atomic";
        Merge(schema, type);
        _within.Pop();
        return schema;
    }

    private JsonObject Property(JsonPropertyInfo property, MemberInfo? member)
    {
        var columns = Columns.Count;
        var schema = Value(property.PropertyType);
        if (member is null) return schema;
        Describe(schema, member);
        Constrain(schema, member);
        Rules(schema, member);
        foreach (var column in member.GetCustomAttributes<PrinterColumnAttribute>())
        {
            var type = schema["format"]?.GetValue<string>() == "date-time" ? "date" : schema["type"]?.GetValue<string>();
            Columns.Insert(columns++, Column(column, column.JsonPath ?? _path, column.Type ?? type, member));
        }
        foreach (var selectable in member.GetCustomAttributes<SelectableFieldAttribute>()) SelectableFields.Add(selectable.JsonPath ?? _path);
        Merge(schema, member);
        return schema;
    }

    private JsonObject Value(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(IntOrString) || type == typeof(IntstrIntOrString)) return IntOrString();
        if (type == typeof(ResourceQuantity)) return Quantity();
        if (type == typeof(JsonObject)) return new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        if (type == typeof(object) || type == typeof(JsonElement) || typeof(JsonNode).IsAssignableFrom(type)) return new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true };
        if (type.IsEnum) return Enumeration(type);
        if (Scalar(type) is { } scalar) return Typed(scalar.Type, scalar.Format);
        if (ModelSchema.For(type) is { } model) return ModelOpenApi.Of(model);
        if (type.IsAssignableTo(typeof(IDictionary)) || Generic(type, typeof(IDictionary<,>)) is not null || Generic(type, typeof(IReadOnlyDictionary<,>)) is not null) return Map(type);
        if (type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable))) return List(type);
        return Object(type);
    }

    private JsonObject Map(Type type)
    {
        var arguments = (Generic(type, typeof(IDictionary<,>)) ?? Generic(type, typeof(IReadOnlyDictionary<,>)))?.GetGenericArguments();
        if (arguments is null || arguments[0] != typeof(string)) throw new ArgumentException($"{type} at {Place}: the keys of a map are text.");
        return new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(arguments[1]) };
    }

    private JsonObject List(Type type)
    {
        var element = Generic(type, typeof(IEnumerable<>))?.GetGenericArguments()[0] ?? throw new ArgumentException($"{type} at {Place}: nothing says what its elements are.");
        var schema = new JsonObject { ["type"] = "array", ["items"] = Value(element) };
        if (Generic(type, typeof(ISet<>)) is not null) schema["x-kubernetes-list-type"] = "set";
        return schema;
    }

    private static JsonObject Enumeration(Type type)
    {
        var names = Enum.GetValues(type).Cast<object>().Select(value => JsonSerializer.SerializeToNode(value, type, KubeJson.Options));
        return new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. names]) };
    }

    private static (string Type, string? Format)? Scalar(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.String or TypeCode.Char => ("string", null),
        TypeCode.Boolean => ("boolean", null),
        TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 => ("integer", "int32"),
        TypeCode.UInt32 or TypeCode.Int64 or TypeCode.UInt64 => ("integer", "int64"),
        TypeCode.Single => ("number", "float"),
        TypeCode.Double => ("number", "double"),
        TypeCode.Decimal => ("number", null),
        TypeCode.DateTime => ("string", "date-time"),
        _ when type == typeof(DateTimeOffset) => ("string", "date-time"),
        _ when type == typeof(DateOnly) => ("string", "date"),
        _ when type == typeof(TimeSpan) || type == typeof(TimeOnly) || type == typeof(Duration) => ("string", null),
        _ when type == typeof(Guid) => ("string", "uuid"),
        _ when type == typeof(Uri) => ("string", "uri"),
        _ when type == typeof(byte[]) => ("string", "byte"),
        _ => null,
    };

    public static JsonObject IntOrString() => new()
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
        ["x-kubernetes-int-or-string"] = true,
    };

    public static JsonObject Quantity()
    {
        var schema = IntOrString();
        schema["pattern"] = QuantityPattern;
        return schema;
    }

    private static JsonObject Typed(string type, string? format)
    {
        var schema = new JsonObject { ["type"] = type };
        if (format is not null) schema["format"] = format;
        return schema;
    }

    private void Constrain(JsonObject schema, MemberInfo member)
    {
        foreach (var attribute in member.GetCustomAttributes())
        {
            switch (attribute)
            {
                case DefaultValueAttribute value:
                    schema["default"] = Default(schema, value.Value);
                    break;
                case AllowedValuesAttribute allowed:
                    schema["enum"] = Values(allowed.Values);
                    break;
                case RegularExpressionAttribute expression:
                    schema["pattern"] = expression.Pattern;
                    break;
                case RangeAttribute range:
                    Range(schema, range.Minimum, range.MinimumIsExclusive, range.Maximum, range.MaximumIsExclusive);
                    break;
                case MinLengthAttribute minimum:
                    schema[Lengths(schema).Minimum] = minimum.Length;
                    break;
                case MaxLengthAttribute maximum:
                    schema[Lengths(schema).Maximum] = maximum.Length;
                    break;
                case StringLengthAttribute length:
                    if (length.MinimumLength > 0) schema["minLength"] = length.MinimumLength;
                    schema["maxLength"] = length.MaximumLength;
                    break;
                case ListTypeAttribute list:
                    ListMerge(schema, list);
                    break;
                case AtomicMapAttribute:
                    schema["x-kubernetes-map-type"] = "atomic";
                    break;
                case PreserveUnknownFieldsAttribute:
                    schema["x-kubernetes-preserve-unknown-fields"] = true;
                    break;
                case EmbeddedResourceAttribute:
                    schema["type"] = "object";
                    schema["x-kubernetes-embedded-resource"] = true;
                    break;
                case SchemaFormatAttribute { Format.Length: > 0 } format:
                    schema["format"] = format.Format;
                    break;
                case SchemaFormatAttribute:
                    schema.Remove("format");
                    break;
                case NullableFieldAttribute:
                    schema["nullable"] = true;
                    break;
                case ElementsAttribute elements:
                    Elements(Elements(schema), elements);
                    break;
            }
        }
    }

    private JsonObject Elements(JsonObject schema) =>
        (schema["items"] ?? schema["additionalProperties"]) as JsonObject ?? throw new ArgumentException($"{Place} is neither a list nor a map: nothing can be said of its elements.");

    private static void Elements(JsonObject schema, ElementsAttribute elements)
    {
        if (elements.Pattern is not null) schema["pattern"] = elements.Pattern;
        if (elements.AllowedValues is { } values) schema["enum"] = Values(values);
        var (minimum, maximum) = Lengths(schema);
        if (elements.MinLength > 0) schema[minimum] = elements.MinLength;
        if (elements.MaxLength >= 0) schema[maximum] = elements.MaxLength;
        Range(schema, elements.Minimum, elements.MinimumIsExclusive, elements.Maximum, elements.MaximumIsExclusive);
        if (elements.Format is { Length: > 0 } format) schema["format"] = format;
        else if (elements.Format is not null) schema.Remove("format");
        if (elements.IsNullable) schema["nullable"] = true;
    }

    private static JsonArray Values(IEnumerable<object?> values) => new([.. values.Select(value => JsonSerializer.SerializeToNode(value, KubeJson.Options))]);

    private static (string Minimum, string Maximum) Lengths(JsonObject schema) => schema["type"]?.GetValue<string>() switch
    {
        "array" => ("minItems", "maxItems"),
        "object" => ("minProperties", "maxProperties"),
        _ => ("minLength", "maxLength"),
    };

    private static void Range(JsonObject schema, object least, bool leastIsExclusive, object most, bool mostIsExclusive)
    {
        if (Number(least) is { } minimum) schema["minimum"] = minimum;
        if (Number(most) is { } maximum) schema["maximum"] = maximum;
        if (leastIsExclusive) schema["exclusiveMinimum"] = true;
        if (mostIsExclusive) schema["exclusiveMaximum"] = true;

        // An infinite bound, or the end of the type's own range, is none.
        static JsonNode? Number(object value) => value switch
        {
            int.MinValue or int.MaxValue => null,
            int whole => JsonValue.Create(whole),
            double real => double.IsFinite(real) ? JsonValue.Create(real) : null,
            _ => JsonValue.Create(decimal.Parse(value.ToString()!, CultureInfo.InvariantCulture)),
        };
    }

    private void ListMerge(JsonObject schema, ListTypeAttribute list)
    {
        if (list.Type == ListType.Map != list.Keys.Length > 0) throw new ArgumentException($"[ListType] at {Place}: a list of type Map, and only that, has keys.");
        schema["x-kubernetes-list-type"] = list.Type.ToString().ToLowerInvariant();
        if (list.Keys.Length > 0) schema["x-kubernetes-list-map-keys"] = new JsonArray([.. list.Keys.Select(key => JsonValue.Create(key))]);
        foreach (var key in list.Keys)
        {
            if (schema["items"]?["properties"]?[key] is null) throw new ArgumentException($"[ListType] at {Place}: its elements have no field '{key}'.");
        }
    }

    private static JsonNode? Default(JsonObject schema, object? value)
    {
        // What attributes cannot hold (lists, maps, objects) is given as JSON text.
        if (value is string json && schema["type"]?.GetValue<string>() != "string" && schema["x-kubernetes-int-or-string"] is null)
            return JsonNode.Parse(json);
        return JsonSerializer.SerializeToNode(value, KubeJson.Options);
    }

    private void Rules(JsonObject schema, MemberInfo member)
    {
        var all = member.GetCustomAttributes<ValidationRuleAttribute>().ToLookup(rule => rule.OfElements);
        Rules(schema, all[false]);
        if (all[true].Any()) Rules(Elements(schema), all[true]);
    }

    private static void Rules(JsonObject schema, IEnumerable<ValidationRuleAttribute> attributes)
    {
        var rules = new JsonArray();
        foreach (var rule in attributes)
        {
            var node = new JsonObject { ["rule"] = rule.Rule };
            if (rule.Message is not null) node["message"] = rule.Message;
            if (rule.MessageExpression is not null) node["messageExpression"] = rule.MessageExpression;
            if (rule.Reason is not null) node["reason"] = rule.Reason;
            if (rule.FieldPath is not null) node["fieldPath"] = rule.FieldPath;
            if (rule.OptionalOldSelf) node["optionalOldSelf"] = true;
            rules.Add(node);
        }
        if (rules.Count == 0) return;
        // A class's rules and those of a property of this class hold both.
        if (schema["x-kubernetes-validations"] is JsonArray already)
        {
            foreach (var rule in rules) already.Add(rule!.DeepClone());
        }
        else
        {
            schema["x-kubernetes-validations"] = rules;
        }
    }

    private static void Describe(JsonObject schema, MemberInfo member)
    {
        if ((member.GetCustomAttribute<DescriptionAttribute>()?.Description ?? XmlDocs.Summary(member)) is { Length: > 0 } text) schema["description"] = text;
    }

    private static void Merge(JsonObject schema, MemberInfo member)
    {
        if (member.GetCustomAttribute<SchemaJsonAttribute>() is not { } extra) return;
        var patch = JsonNode.Parse(extra.Json) as JsonObject ?? throw new ArgumentException($"[SchemaJson] on {member.DeclaringType}.{member.Name} is not a JSON object.");
        Merge(schema, patch);
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is JsonObject inner && target[name] is JsonObject existing) Merge(existing, inner);
            else if (value is null) target.Remove(name);
            else target[name] = value?.DeepClone();
        }
    }

    private V1CustomResourceColumnDefinition Column(PrinterColumnAttribute column, string? path, string? type, MemberInfo member)
    {
        if (string.IsNullOrEmpty(path) || string.IsNullOrEmpty(type)) throw new ArgumentException($"[PrinterColumn(\"{column.Name}\")] on {member.Name}: on a class it needs JsonPath and Type.");
        if (path.Contains("[]", StringComparison.Ordinal)) throw new ArgumentException($"[PrinterColumn(\"{column.Name}\")] at {Place}: a column shows one value; give a JsonPath.");
        return new V1CustomResourceColumnDefinition
        {
            Name = column.Name,
            JsonPath = path,
            Type = type is "array" or "object" ? "string" : type,
            Format = column.Format,
            Description = column.Description,
            Priority = column.Priority == 0 ? null : column.Priority,
        };
    }

    private string Place => _path.Length == 0 ? "the top" : _path;

    private static Type? Generic(Type type, Type definition) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == definition ? type : type.GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == definition);
}
