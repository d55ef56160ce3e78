using System.Text.Json;

namespace ActorKube.Tool;

/// <summary>Decides from an OpenAPI document which classes to write and what they contain.</summary>
internal sealed class ModelPlanner
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private const string Extensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

    /// <summary>Definitions that are values rather than classes: C# type and codec.</summary>
    private static readonly Dictionary<string, (string Type, string Codec)> Values = new(StringComparer.Ordinal)
    {
        ["io.k8s.apimachinery.pkg.api.resource.Quantity"] = ("ResourceQuantity", "Is.Quantity"),
        ["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = ("IntOrString", "Is.IntOrString"),
        ["io.k8s.apimachinery.pkg.runtime.RawExtension"] = ("object", "Is.Json"),
        [Meta + "Time"] = ("DateTime", "Is.Time"),
        [Meta + "MicroTime"] = ("DateTime", "Is.MicroTime"),
        [Meta + "FieldsV1"] = ("object", "Is.Json"),
        [Meta + "Patch"] = ("object", "Is.Json"),
        [Extensions + "JSON"] = ("object", "Is.Json"),
        [Extensions + "JSONSchemaPropsOrArray"] = ("object", "Is.SchemaOrArray"),
        [Extensions + "JSONSchemaPropsOrBool"] = ("object", "Is.SchemaOrBool"),
        [Extensions + "JSONSchemaPropsOrStringArray"] = ("object", "Is.SchemaOrStringArray"),
        [Extensions + "CustomResourceSubresourceStatus"] = ("object", "Is.EmptyObject"),
    };

    private readonly OpenApiDocument _document;
    private readonly WireFacts _facts;
    private readonly Dictionary<string, string> _names;

    private ModelPlanner(OpenApiDocument document, WireFacts facts)
    {
        _document = document;
        _facts = facts;
        // What a server lists besides are its custom resources, whose classes are made from their definitions.
        _names = ModelNames.Types(document.Definitions.Keys.Where(name => name.StartsWith("io.k8s.", StringComparison.Ordinal) && !Values.ContainsKey(name)));
    }

    public static IReadOnlyList<ModelType> Plan(OpenApiDocument document, WireFacts facts)
    {
        var planner = new ModelPlanner(document, facts);
        return [.. planner._names.Select(entry => planner.Type(entry.Key, entry.Value)).OrderBy(type => type.Name, StringComparer.Ordinal)];
    }

    private ModelType Type(string definition, string name)
    {
        var schema = _document.Definitions[definition];
        var required = schema.TryGetProperty("required", out var list) ? list.EnumerateArray().Select(item => item.GetString()!).ToHashSet() : [];
        var properties = schema.TryGetProperty("properties", out var all)
            ? all.EnumerateObject().Select(property => Property(definition, property.Name, property.Value, required.Contains(property.Name)))
            : [];
        var atomic = schema.TryGetProperty("x-kubernetes-map-type", out var map) && map.GetString() == "atomic";
        return new ModelType(name, definition, Folder(definition), Entity(schema), atomic, [.. properties]);
    }

    private static string Folder(string definition)
    {
        var parts = definition.Split('.');
        return $"{parts[^3]}.{parts[^2]}";
    }

    private ModelEntity? Entity(JsonElement schema)
    {
        // Kinds that every group has (DeleteOptions, WatchEvent) are the core group's; it is listed first.
        if (!schema.TryGetProperty("x-kubernetes-group-version-kind", out var kinds)) return null;
        var (group, version, kind) = (kinds[0].GetProperty("group").GetString()!, kinds[0].GetProperty("version").GetString()!, kinds[0].GetProperty("kind").GetString()!);
        var resource = _document.Resource(group, version, kind)
            ?? (kind.EndsWith("List", StringComparison.Ordinal) ? _document.Resource(group, version, kind[..^4]) : null);
        return new ModelEntity(group, version, kind, resource?.Plural, resource?.Namespaced ?? false);
    }

    private ModelProperty Property(string definition, string json, JsonElement schema, bool required)
    {
        var (type, codec) = Value(definition, json, schema, required);
        if (_facts.IsWrappedList(definition, json)) codec = "Is.TextList";
        return new ModelProperty(
            json, ModelNames.Property(json), type, codec, _facts.Path(definition, json), Patch(schema),
            KeepEmpty: codec == "Is.TextList" || codec.StartsWith("Is.List", StringComparison.Ordinal) || codec.StartsWith("Is.Map", StringComparison.Ordinal)
                ? _facts.IsAlwaysWritten(definition, json)
                : false,
            required);
    }

    private (string Type, string Codec) Value(string definition, string json, JsonElement schema, bool required)
    {
        if (schema.TryGetProperty("$ref", out var reference)) return Reference(reference.GetString()!, json, required);
        var type = schema.GetProperty("type").GetString();
        switch (type)
        {
            case "array":
                var item = Value(definition, json, schema.GetProperty("items"), required: true);
                return ($"IList<{item.Type}>", $"Is.List({item.Codec})");
            case "object" when schema.TryGetProperty("additionalProperties", out var values):
                var value = Value(definition, json, values, required: true);
                // Protobuf cannot have lists as values of a map and wraps them.
                if (value.Codec.StartsWith("Is.List(", StringComparison.Ordinal)) value.Codec = "Is.TextList";
                return ($"IDictionary<string, {value.Type}>", $"Is.Map({value.Codec})");
            case "object":
                return ("object", "Is.Json");
        }
        var format = schema.TryGetProperty("format", out var formatted) ? formatted.GetString() : null;
        var (plain, name) = (type, format) switch
        {
            ("string", "byte") => ("byte[]", "Bytes"),
            ("string", "date-time") => ("DateTime", "Time"),
            ("string", _) => ("string", "String"),
            ("boolean", _) => ("bool", "Bool"),
            ("integer", "int64") => ("long", "Int64"),
            ("integer", _) => ("int", "Int32"),
            ("number", _) => ("double", "Double"),
            _ => throw new GenerateException($"{definition}: field '{json}' has type '{type}', which no field of the Kubernetes API has."),
        };
        var pointer = _facts.IsPointer(definition, json);
        if (plain == "string") return (plain, required || pointer || _facts.IsAlwaysWritten(definition, json) ? "Is.String" : "Is.StringOrEmpty");
        if (required || plain == "byte[]") return (plain, $"Is.{name}");
        if (plain == "DateTime") return ("DateTime?", "Is.TimeOrNull");
        return ($"{plain}?", $"Is.{name}{(pointer ? "OrNull" : "OrZero")}");
    }

    private (string Type, string Codec) Reference(string reference, string json, bool required)
    {
        var target = reference["#/definitions/".Length..];
        if (!Values.TryGetValue(target, out var value))
            return _names.TryGetValue(target, out var name) ? (name, $"Is.Object<{name}>()") : throw new GenerateException($"'{reference}' is not in the document.");
        // The API says that an event's time is required, and sends events without one.
        return value.Type == "DateTime" && (!required || json == "eventTime") ? ("DateTime?", value.Codec + "OrNull") : value;
    }

    private static string? Patch(JsonElement schema)
    {
        var parts = new List<string>();
        Add("x-kubernetes-patch-strategy", "Strategy");
        Add("x-kubernetes-patch-merge-key", "MergeKey");
        Add("x-kubernetes-list-type", "ListType");
        Add("x-kubernetes-map-type", "MapType");
        if (schema.TryGetProperty("x-kubernetes-list-map-keys", out var keys))
            parts.Add($"MapKeys: [{string.Join(", ", keys.EnumerateArray().Select(key => ClassSource.Literal(key.GetString()!)))}]");
        return parts.Count == 0 ? null : $"new({string.Join(", ", parts)})";

        void Add(string extension, string parameter)
        {
            if (schema.TryGetProperty(extension, out var value)) parts.Add($"{parameter}: {ClassSource.Literal(value.GetString()!)}");
        }
    }
}
