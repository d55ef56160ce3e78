using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Writes an OpenAPI 2 document in the protobuf form that kubectl asks for (<c>openapi.v2.Document</c> of
/// github.com/google/gnostic-models; the field numbers are that schema's). Of the paths only what kubectl looks at is written: the parameters
/// of patches and the kinds they belong to.
/// </summary>
internal static class OpenApiV2Protobuf
{
    public static ReadOnlyMemory<byte> Encode(JsonObject document)
    {
        var writer = new ProtobufMessage();
        writer.Text(1, document.Text("swagger") ?? "2.0");
        var info = new ProtobufMessage();
        info.Text(1, document.TextAt("info", "title") ?? "Kubernetes");
        info.Text(2, document.TextAt("info", "version") ?? "");
        writer.Nested(2, info);
        writer.Nested(8, Paths(document.Need("paths")));
        var definitions = new ProtobufMessage();
        foreach (var (name, schema) in document.Need("definitions"))
        {
            definitions.Nested(1, ProtobufMessage.Named(name, Schema(schema as JsonObject ?? [])));
        }
        writer.Nested(9, definitions);
        return writer.Written;
    }

    private static ProtobufMessage Paths(JsonObject paths)
    {
        var result = new ProtobufMessage();
        foreach (var (path, node) in paths)
        {
            if (node is not JsonObject item || item.Child("patch") is not { } patch)
            {
                continue;
            }
            var value = new ProtobufMessage();
            value.Nested(8, Operation(patch));
            result.Nested(2, ProtobufMessage.Named(path, value));
        }
        return result;
    }

    private static ProtobufMessage Operation(JsonObject operation)
    {
        var result = new ProtobufMessage();
        result.Text(5, operation.Text("operationId"));
        foreach (var parameter in operation.List("parameters").Objects())
        {
            // Shared parameters are named "name-hash" in the document; inline ones say their name.
            var name = parameter.Text("name") ?? parameter.Text("$ref")?.Split('/')[^1].Split('-')[0];
            if (name is null or "body" || parameter.Text("in") is { } place && place != "query")
            {
                continue;
            }
            var query = new ProtobufMessage();
            query.Text(2, "query");
            query.Text(4, name);
            query.Text(6, parameter.Text("type") ?? "string");
            var notBody = new ProtobufMessage();
            notBody.Nested(3, query);
            var either = new ProtobufMessage();
            either.Nested(2, notBody);
            var listed = new ProtobufMessage();
            listed.Nested(1, either);
            result.Nested(8, listed);
        }
        result.Nested(9, new ProtobufMessage());
        result.Extensions(13, operation);
        return result;
    }

    private static ProtobufMessage Schema(JsonObject schema)
    {
        var result = new ProtobufMessage();
        result.Text(1, schema.Text("$ref"));
        result.Text(2, schema.Text("format"));
        result.Text(3, schema.Text("title"));
        result.Text(4, schema.Text("description"));
        if (schema.TryGetPropertyValue("default", out var fallback) && fallback is not null)
        {
            result.Nested(5, ProtobufMessage.Any(fallback));
        }
        result.Number(6, schema["multipleOf"]);
        result.Number(7, schema["maximum"]);
        result.Flag(8, schema["exclusiveMaximum"]);
        result.Number(9, schema["minimum"]);
        result.Flag(10, schema["exclusiveMinimum"]);
        result.Whole(11, schema["maxLength"]);
        result.Whole(12, schema["minLength"]);
        result.Text(13, schema.Text("pattern"));
        result.Whole(14, schema["maxItems"]);
        result.Whole(15, schema["minItems"]);
        result.Flag(16, schema["uniqueItems"]);
        result.Whole(17, schema["maxProperties"]);
        result.Whole(18, schema["minProperties"]);
        foreach (var name in schema.List("required").Texts())
        {
            result.Text(19, name);
        }
        foreach (var value in schema.List("enum") ?? [])
        {
            if (value is not null)
            {
                result.Nested(20, ProtobufMessage.Any(value));
            }
        }
        switch (schema["additionalProperties"])
        {
            case JsonObject values:
                var additional = new ProtobufMessage();
                additional.Nested(1, Schema(values));
                result.Nested(21, additional);
                break;
            case { } flag when flag.AsBool() is { } allowed:
                var boolean = new ProtobufMessage();
                boolean.Varint(2, allowed ? 1UL : 0);
                result.Nested(21, boolean);
                break;
        }
        if (schema.Text("type") is { Length: > 0 } type)
        {
            var types = new ProtobufMessage();
            types.Text(1, type);
            result.Nested(22, types);
        }
        if (schema.Child("items") is { } items)
        {
            var list = new ProtobufMessage();
            list.Nested(1, Schema(items));
            result.Nested(23, list);
        }
        foreach (var part in schema.List("allOf").Objects())
        {
            result.Nested(24, Schema(part));
        }
        if (schema.Child("properties") is { } properties)
        {
            var named = new ProtobufMessage();
            foreach (var (name, value) in properties)
            {
                named.Nested(1, ProtobufMessage.Named(name, Schema(value as JsonObject ?? [])));
            }
            result.Nested(25, named);
        }
        result.Extensions(31, schema);
        return result;
    }
}
