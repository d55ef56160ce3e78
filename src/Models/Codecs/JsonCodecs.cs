using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>
/// Any JSON: <c>runtime.RawExtension</c>, <c>apiextensions.JSON</c>, <c>metav1.FieldsV1</c>, which are alike in protobuf: one field of
/// raw JSON bytes. What is read is a <see cref="JsonElement"/>; written is whatever System.Text.Json can write.
/// </summary>
internal sealed class AnyJsonCodec : Codec<object>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["x-kubernetes-preserve-unknown-fields"] = true };

    public override FieldShape Shape => FieldShape.Json;

    public override object Zero => AnyJson.Null;

    public override object ReadJson(ref Utf8JsonReader reader) => JsonElement.ParseValue(ref reader);

    public override void WriteJson(Utf8JsonWriter writer, object value) => AnyJson.Write(writer, value);

    public override object ReadProtobuf(ref ProtobufReader reader, WireType wire, object earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        var message = reader.ReadMessage();
        object value = null!;
        while (message.TryReadTag(out var number, out var inner))
        {
            if (number == 1 && inner == WireType.Bytes) value = AnyJson.FromRaw(ref message);
            else message.Skip(inner);
        }
        return value;
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, object value)
    {
        var before = writer.Length;
        writer.Bytes(AnyJson.ToRaw(value));
        writer.Tag(1, WireType.Bytes);
        writer.Close(number, before);
    }

    public override object Copy(object value) => value is JsonElement ? value : AnyJson.ToElement(value);

    public override bool Same(object left, object right) => JsonElement.DeepEquals(AnyJson.ToElement(left), AnyJson.ToElement(right));
}

/// <summary>What fields of any JSON hold.</summary>
internal static class AnyJson
{
    public static JsonElement Null { get; } = JsonElement.Parse("null");

    public static void Write(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case JsonElement { ValueKind: JsonValueKind.Undefined }: writer.WriteNullValue(); break;
            case JsonElement element: element.WriteTo(writer); break;
            case JsonNode node: node.WriteTo(writer); break;
            case KubeModel model: model.FieldTable.WriteJson(writer, model); break;
            case Unstructured unstructured: unstructured.Root.WriteTo(writer); break;
            case KubeObject { Encoding: KubeEncoding.Json } received: writer.WriteRawValue(received.Bytes.Span, skipInputValidation: true); break;
            case KubeObject received: writer.WriteRawValue(received.ToJson(), skipInputValidation: true); break;
            default: JsonSerializer.Serialize(writer, value, value.GetType(), KubeJson.Options); break;
        }
    }

    public static JsonElement ToElement(object value) =>
        value is JsonElement element ? element : JsonElement.Parse(ToRaw(value));

    public static byte[] ToRaw(object value)
    {
        using var buffer = new JsonBuffer();
        Write(buffer.Writer, value);
        return buffer.ToArray();
    }

    /// <summary>Reads the bytes field that the message stands on as JSON; null where it is empty.</summary>
    public static object FromRaw(ref ProtobufReader message)
    {
        var raw = message.ReadBytes();
        if (raw.IsEmpty) return null!;
        if (!Utf8.IsValid(raw)) throw message.Fault("an embedded value is not valid UTF-8");
        try
        {
            return JsonElement.Parse(raw, new JsonDocumentOptions { MaxDepth = KubeJson.MaxDepth });
        }
        catch (JsonException)
        {
            throw message.Fault("an embedded value is not JSON");
        }
    }
}

/// <summary>
/// The three places where a JSON schema takes one of two forms: a schema or a list of schemas (<c>items</c>), a schema or a truth
/// value (<c>additionalProperties</c>), a schema or a list of names (<c>dependencies</c>). JSON has the value itself, protobuf a
/// message with a field for each form.
/// </summary>
internal sealed class SchemaOrCodec(SchemaOr form) : Codec<object>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["x-kubernetes-preserve-unknown-fields"] = true };

    private static readonly ObjectCodec<V1JSONSchemaProps> Schema = new();

    public override FieldShape Shape => FieldShape.Json;

    public override object Zero => AnyJson.Null;

    public override object ReadJson(ref Utf8JsonReader reader) => JsonElement.ParseValue(ref reader);

    public override void WriteJson(Utf8JsonWriter writer, object value) => AnyJson.Write(writer, value);

    public override object ReadProtobuf(ref ProtobufReader reader, WireType wire, object earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        var message = reader.ReadMessage();
        object? schema = null;
        var (allows, list) = (false, new List<object>());
        while (message.TryReadTag(out var number, out var inner))
        {
            switch (form, number)
            {
                case (SchemaOr.Array, 1) or (SchemaOr.StringArray, 1) or (SchemaOr.Bool, 2):
                    schema = AnyJson.ToElement(Schema.ReadProtobuf(ref message, inner, null!));
                    break;
                case (SchemaOr.Array, 2):
                    list.Add(AnyJson.ToElement(Schema.ReadProtobuf(ref message, inner, null!)));
                    break;
                case (SchemaOr.StringArray, 2):
                    list.Add(message.ReadString());
                    break;
                case (SchemaOr.Bool, 1) when inner == WireType.Varint:
                    allows = message.ReadVarint() != 0;
                    break;
                default:
                    message.Skip(inner);
                    break;
            }
        }
        return schema ?? AnyJson.ToElement(form == SchemaOr.Bool ? allows : list);
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, object value)
    {
        var before = writer.Length;
        var element = AnyJson.ToElement(value);
        var (schemaNumber, listNumber) = form == SchemaOr.Bool ? (2, 0) : (1, 2);
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                Schema.WriteProtobuf(ref writer, schemaNumber, KubeJson.Deserialize<V1JSONSchemaProps>(AnyJson.ToRaw(element)));
                if (form == SchemaOr.Bool) Allow(ref writer, true);
                break;
            case JsonValueKind.True or JsonValueKind.False when form == SchemaOr.Bool:
                Allow(ref writer, element.ValueKind == JsonValueKind.True);
                break;
            case JsonValueKind.Array when form == SchemaOr.Array:
                foreach (var item in element.EnumerateArray().Reverse())
                    Schema.WriteProtobuf(ref writer, listNumber, KubeJson.Deserialize<V1JSONSchemaProps>(AnyJson.ToRaw(item)));
                break;
            case JsonValueKind.Array when form == SchemaOr.StringArray:
                foreach (var item in element.EnumerateArray().Reverse())
                {
                    writer.String(item.GetString() ?? "");
                    writer.Tag(listNumber, WireType.Bytes);
                }
                break;
            default:
                throw new KubeFormatException($"A JSON schema, or {form} in its place, cannot be {element.ValueKind}.");
        }
        writer.Close(number, before);
    }

    public override object Copy(object value) => AnyJson.ToElement(value);

    public override bool Same(object left, object right) => JsonElement.DeepEquals(AnyJson.ToElement(left), AnyJson.ToElement(right));

    private static void Allow(ref ProtobufWriter writer, bool allows)
    {
        writer.Varint(allows ? 1u : 0u);
        writer.Tag(1, WireType.Varint);
    }
}

/// <summary>What may stand in a schema's place.</summary>
internal enum SchemaOr
{
    Array,
    Bool,
    StringArray,
}

/// <summary>A list of texts that protobuf wraps in a message of its own (<c>authentication.ExtraValue</c> within maps, <c>meta.Verbs</c>).</summary>
internal sealed class TextListCodec : Codec<IList<string>>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => List.OpenApi(objects);

    private static readonly StringCodec Text = new(emptyIsAbsent: false);
    private static readonly ListCodec<string> List = new(Text);

    public override FieldShape Shape => FieldShape.List;

    public override IList<string> Zero => [];

    public override IList<string> ReadJson(ref Utf8JsonReader reader) => List.ReadJson(ref reader);

    public override void WriteJson(Utf8JsonWriter writer, IList<string> value) => List.WriteJson(writer, value);

    public override IList<string> ReadProtobuf(ref ProtobufReader reader, WireType wire, IList<string> earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        var message = reader.ReadMessage();
        IList<string> list = new List<string>();
        while (message.TryReadTag(out var number, out var inner))
        {
            if (number == 1) list = List.ReadProtobuf(ref message, inner, list);
            else message.Skip(inner);
        }
        return list;
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, IList<string> value)
    {
        var before = writer.Length;
        List.WriteProtobuf(ref writer, 1, value);
        writer.Close(number, before);
    }

    public override IList<string> Copy(IList<string> value) => List.Copy(value);

    public override bool Same(IList<string> left, IList<string> right) => List.Same(left, right);
}

/// <summary>An object whose presence says everything: it has no fields yet.</summary>
internal sealed class EmptyObjectCodec : Codec<object>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["type"] = "object" };

    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    public override FieldShape Shape => FieldShape.Json;

    public override object Zero => Empty;

    public override object ReadJson(ref Utf8JsonReader reader)
    {
        JsonShape.Expect(ref reader, JsonTokenType.StartObject, "an object");
        return JsonElement.ParseValue(ref reader);
    }

    public override void WriteJson(Utf8JsonWriter writer, object value) => AnyJson.Write(writer, value);

    public override object ReadProtobuf(ref ProtobufReader reader, WireType wire, object earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        reader.ReadBytes();
        return Empty;
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, object value) => writer.Close(number, writer.Length);

    public override bool Same(object left, object right) => JsonElement.DeepEquals(AnyJson.ToElement(left), AnyJson.ToElement(right));
}
