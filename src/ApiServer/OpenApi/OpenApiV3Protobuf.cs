using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Writes an OpenAPI 3 document in protobuf (<c>openapi.v3.Document</c> of github.com/google/gnostic-models; the field numbers are that schema's), fields in the
/// order of their numbers.
/// </summary>
internal static class OpenApiV3Protobuf
{
    private static readonly (string Method, int Field)[] Methods =
        [("get", 4), ("put", 5), ("post", 6), ("delete", 7), ("options", 8), ("head", 9), ("patch", 10), ("trace", 11)];

    public static ReadOnlyMemory<byte> Encode(JsonObject document)
    {
        var result = new ProtobufMessage();
        result.Text(1, document.Text("openapi"));
        var info = new ProtobufMessage();
        info.Text(1, document.TextAt("info", "title"));
        info.Text(6, document.TextAt("info", "version"));
        result.Nested(2, info);
        result.Nested(4, Map(document.Child("paths"), Path));
        var components = new ProtobufMessage();
        if (document.At("components", "schemas") is JsonObject schemas)
        {
            components.Nested(1, Map(schemas, SchemaOrReference));
        }
        if (document.At("components", "securitySchemes") is JsonObject security)
        {
            components.Nested(7, Map(security, s => Either(1, Security(s))));
        }
        result.Nested(5, components);
        return result.Written;
    }

    private static ProtobufMessage Map(JsonObject? map, Func<JsonObject, ProtobufMessage> value, int field = 1)
    {
        var result = new ProtobufMessage();
        foreach (var (name, item) in map ?? [])
        {
            result.Nested(field, ProtobufMessage.Named(name, value(item as JsonObject ?? [])));
        }
        return result;
    }

    private static ProtobufMessage Either(int field, ProtobufMessage value)
    {
        var result = new ProtobufMessage();
        result.Nested(field, value);
        return result;
    }

    private static ProtobufMessage Path(JsonObject item)
    {
        var result = new ProtobufMessage();
        foreach (var (method, field) in Methods)
        {
            if (item.Child(method) is { } operation)
            {
                result.Nested(field, Operation(operation));
            }
        }
        Parameters(item, result, 13);
        result.Extensions(14, item);
        return result;
    }

    private static ProtobufMessage Operation(JsonObject operation)
    {
        var result = new ProtobufMessage();
        foreach (var tag in operation.List("tags").Texts())
        {
            result.Text(1, tag);
        }
        result.Text(3, operation.Text("description"));
        result.Text(5, operation.Text("operationId"));
        Parameters(operation, result, 6);
        if (operation.Child("requestBody") is { } body)
        {
            var request = new ProtobufMessage();
            request.Nested(2, Map(body.Child("content"), Media));
            request.Flag(3, body["required"]);
            result.Nested(7, Either(1, request));
        }
        result.Nested(8, Map(operation.Child("responses"), Response, field: 2));
        result.Flag(10, operation["deprecated"]);
        result.Extensions(13, operation);
        return result;
    }

    private static void Parameters(JsonObject holder, ProtobufMessage target, int field)
    {
        foreach (var parameter in holder.List("parameters").Objects())
        {
            var value = new ProtobufMessage();
            value.Text(1, parameter.Text("name"));
            value.Text(2, parameter.Text("in"));
            value.Flag(4, parameter["required"]);
            value.Nested(10, SchemaOrReference(parameter.Child("schema") ?? []));
            target.Nested(field, Either(1, value));
        }
    }

    private static ProtobufMessage Response(JsonObject response)
    {
        var value = new ProtobufMessage();
        value.Text(1, response.Text("description"));
        if (response.Child("content") is { } content)
        {
            value.Nested(3, Map(content, Media));
        }
        return Either(1, value);
    }

    private static ProtobufMessage Media(JsonObject media) => Either(1, SchemaOrReference(media.Child("schema") ?? []));

    private static ProtobufMessage Security(JsonObject scheme)
    {
        var result = new ProtobufMessage();
        result.Text(1, scheme.Text("type"));
        result.Text(3, scheme.Text("name"));
        result.Text(4, scheme.Text("in"));
        return result;
    }

    private static ProtobufMessage SchemaOrReference(JsonObject schema)
    {
        if (schema.Text("$ref") is not { } reference)
        {
            return Either(1, Schema(schema));
        }
        var value = new ProtobufMessage();
        value.Text(1, reference);
        return Either(2, value);
    }

    private static ProtobufMessage Schema(JsonObject schema)
    {
        var result = new ProtobufMessage();
        result.Flag(1, schema["nullable"]);
        result.Text(9, schema.Text("title"));
        result.Number(10, schema["multipleOf"]);
        result.Number(11, schema["maximum"]);
        result.Flag(12, schema["exclusiveMaximum"]);
        result.Number(13, schema["minimum"]);
        result.Flag(14, schema["exclusiveMinimum"]);
        result.Whole(15, schema["maxLength"]);
        result.Whole(16, schema["minLength"]);
        result.Text(17, schema.Text("pattern"));
        result.Whole(18, schema["maxItems"]);
        result.Whole(19, schema["minItems"]);
        result.Flag(20, schema["uniqueItems"]);
        result.Whole(21, schema["maxProperties"]);
        result.Whole(22, schema["minProperties"]);
        foreach (var name in schema.List("required").Texts())
        {
            result.Text(23, name);
        }
        foreach (var value in (schema.List("enum") ?? []).OfType<JsonNode>())
        {
            result.Nested(24, ProtobufMessage.Any(value));
        }
        result.Text(25, schema.Text("type"));
        Parts(schema, "allOf", result, 26);
        Parts(schema, "oneOf", result, 27);
        Parts(schema, "anyOf", result, 28);
        if (schema.Child("not") is { } not)
        {
            result.Nested(29, Schema(not));
        }
        if (schema.Child("items") is { } items)
        {
            result.Nested(30, Either(1, SchemaOrReference(items)));
        }
        if (schema.Child("properties") is { } properties)
        {
            result.Nested(31, Map(properties, SchemaOrReference));
        }
        switch (schema["additionalProperties"])
        {
            case JsonObject values:
                result.Nested(32, Either(1, SchemaOrReference(values)));
                break;
            case { } flag when flag.AsBool() is { } allowed:
                var boolean = new ProtobufMessage();
                boolean.Varint(2, allowed ? 1UL : 0);
                result.Nested(32, boolean);
                break;
        }
        if (schema["default"] is { } fallback)
        {
            result.Nested(33, Default(fallback));
        }
        result.Text(34, schema.Text("description"));
        result.Text(35, schema.Text("format"));
        result.Extensions(36, schema);
        return result;
    }

    private static void Parts(JsonObject schema, string word, ProtobufMessage target, int field)
    {
        foreach (var part in schema.List(word).Objects())
        {
            target.Nested(field, SchemaOrReference(part));
        }
    }

    /// <summary>Only numbers, booleans and text have a place there; another default is an empty message.</summary>
    private static ProtobufMessage Default(JsonNode value)
    {
        var result = new ProtobufMessage();
        switch (value.KindOf())
        {
            case JsonValueKind.Number:
                result.Number(1, value);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                result.Varint(2, value.AsBool() == true ? 1UL : 0);
                break;
            case JsonValueKind.String:
                result.Always(3, value.AsText()!);
                break;
        }
        return result;
    }
}
