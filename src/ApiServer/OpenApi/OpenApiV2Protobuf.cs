using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
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
        var writer = new Message();
        writer.Text(1, document.Text("swagger") ?? "2.0");
        var info = new Message();
        info.Text(1, document.TextAt("info", "title") ?? "Kubernetes");
        info.Text(2, document.TextAt("info", "version") ?? "");
        writer.Nested(2, info);
        writer.Nested(8, Paths(document.Need("paths")));
        var definitions = new Message();
        foreach (var (name, schema) in document.Need("definitions"))
        {
            definitions.Nested(1, Named(name, Schema(schema as JsonObject ?? [])));
        }
        writer.Nested(9, definitions);
        return writer.Written;
    }

    private static Message Paths(JsonObject paths)
    {
        var result = new Message();
        foreach (var (path, node) in paths)
        {
            if (node is not JsonObject item || item.Child("patch") is not { } patch)
            {
                continue;
            }
            var value = new Message();
            value.Nested(8, Operation(patch));
            result.Nested(2, Named(path, value));
        }
        return result;
    }

    private static Message Operation(JsonObject operation)
    {
        var result = new Message();
        result.Text(5, operation.Text("operationId"));
        foreach (var parameter in operation.List("parameters").Objects())
        {
            // Shared parameters are named "name-hash" in the document; inline ones say their name.
            var name = parameter.Text("name") ?? parameter.Text("$ref")?.Split('/')[^1].Split('-')[0];
            if (name is null or "body" || parameter.Text("in") is { } place && place != "query")
            {
                continue;
            }
            var query = new Message();
            query.Text(2, "query");
            query.Text(4, name);
            query.Text(6, parameter.Text("type") ?? "string");
            var notBody = new Message();
            notBody.Nested(3, query);
            var either = new Message();
            either.Nested(2, notBody);
            var listed = new Message();
            listed.Nested(1, either);
            result.Nested(8, listed);
        }
        result.Nested(9, new Message());
        Extensions(operation, result, 13);
        return result;
    }

    private static Message Schema(JsonObject schema)
    {
        var result = new Message();
        result.Text(1, schema.Text("$ref"));
        result.Text(2, schema.Text("format"));
        result.Text(3, schema.Text("title"));
        result.Text(4, schema.Text("description"));
        if (schema.TryGetPropertyValue("default", out var fallback) && fallback is not null)
        {
            result.Nested(5, Any(fallback));
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
                result.Nested(20, Any(value));
            }
        }
        switch (schema["additionalProperties"])
        {
            case JsonObject values:
                var additional = new Message();
                additional.Nested(1, Schema(values));
                result.Nested(21, additional);
                break;
            case { } flag when flag.AsBool() is { } allowed:
                var boolean = new Message();
                boolean.Varint(2, allowed ? 1UL : 0);
                result.Nested(21, boolean);
                break;
        }
        if (schema.Text("type") is { Length: > 0 } type)
        {
            var types = new Message();
            types.Text(1, type);
            result.Nested(22, types);
        }
        if (schema.Child("items") is { } items)
        {
            var list = new Message();
            list.Nested(1, Schema(items));
            result.Nested(23, list);
        }
        foreach (var part in schema.List("allOf").Objects())
        {
            result.Nested(24, Schema(part));
        }
        if (schema.Child("properties") is { } properties)
        {
            var named = new Message();
            foreach (var (name, value) in properties)
            {
                named.Nested(1, Named(name, Schema(value as JsonObject ?? [])));
            }
            result.Nested(25, named);
        }
        Extensions(schema, result, 31);
        return result;
    }

    private static void Extensions(JsonObject tree, Message target, int field)
    {
        foreach (var (name, value) in tree)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal) && value is not null)
            {
                target.Nested(field, Named(name, Any(value)));
            }
        }
    }

    private static Message Named(string name, Message value)
    {
        var result = new Message();
        result.Text(1, name);
        result.Nested(2, value);
        return result;
    }

    /// <summary>Values of any kind travel as YAML, of which JSON is a part.</summary>
    private static Message Any(JsonNode value)
    {
        var result = new Message();
        result.Text(2, value.ToJsonString(Json.Compact) + "\n");
        return result;
    }

    private sealed class Message
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(64);

        public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

        public void Text(int field, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                Bytes(field, Encoding.UTF8.GetBytes(value));
            }
        }

        public void Nested(int field, Message value) => Bytes(field, value._buffer.WrittenSpan);

        public void Varint(int field, ulong value)
        {
            Raw((ulong)field << 3);
            Raw(value);
        }

        public void Flag(int field, JsonNode? value)
        {
            if (value.AsBool() == true)
            {
                Varint(field, 1);
            }
        }

        public void Whole(int field, JsonNode? value)
        {
            if (value.AsLong() is { } number)
            {
                Varint(field, (ulong)number);
            }
        }

        public void Number(int field, JsonNode? value)
        {
            if (value is null || value.GetValueKind() != JsonValueKind.Number)
            {
                return;
            }
            var number = double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
            Raw(((ulong)field << 3) | 1);
            BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(8), number);
            _buffer.Advance(8);
        }

        private void Bytes(int field, ReadOnlySpan<byte> value)
        {
            Raw(((ulong)field << 3) | 2);
            Raw((ulong)value.Length);
            _buffer.Write(value);
        }

        private void Raw(ulong value)
        {
            var span = _buffer.GetSpan(10);
            var length = 0;
            while (value >= 0x80)
            {
                span[length++] = (byte)(value | 0x80);
                value >>= 7;
            }
            span[length++] = (byte)value;
            _buffer.Advance(length);
        }
    }
}
