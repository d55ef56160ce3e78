using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>An object with a field table of its own.</summary>
internal sealed class ObjectCodec<TModel> : Codec<TModel> where TModel : KubeModel, new()
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => objects(Schema);

    private ModelSchema? _schema;

    // Looked up when first used: types refer to one another in circles.
    private ModelSchema Schema => _schema ??= new TModel().FieldTable;

    public override FieldShape Shape => FieldShape.Object;

    public override ModelSchema Element => Schema;

    public override TModel Zero => new();

    public override TModel ReadJson(ref Utf8JsonReader reader) => (TModel)Schema.ReadJson(ref reader);

    public override void WriteJson(Utf8JsonWriter writer, TModel value) => Schema.WriteJson(writer, value);

    public override TModel ReadProtobuf(ref ProtobufReader reader, WireType wire, TModel earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        var message = reader.ReadMessage();
        return (TModel)Schema.ReadProtobuf(ref message, earlier);
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, TModel value)
    {
        var before = writer.Length;
        Schema.WriteProtobuf(ref writer, value);
        writer.Close(number, before);
    }

    public override TModel Copy(TModel value) => (TModel)Schema.Copy(value);

    public override bool Same(TModel left, TModel right) => Schema.Same(left, right);

    public override bool HoldsUnknownProtobuf(TModel value) => Schema.HoldsUnknownProtobuf(value);

    public override string? FindMissing(TModel value) => Schema.FindMissing(value) is { } path ? "." + path : null;
}

/// <summary>A list.</summary>
internal sealed class ListCodec<TValue>(Codec<TValue> element) : Codec<IList<TValue>>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["type"] = "array", ["items"] = element.OpenApi(objects) };

    public override FieldShape Shape => FieldShape.List;

    public override ModelSchema? Element => element.Element;

    public override IList<TValue> Zero => [];

    public override IList<TValue> ReadJson(ref Utf8JsonReader reader)
    {
        JsonShape.Expect(ref reader, JsonTokenType.StartArray, "a list");
        var list = new List<TValue>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            list.Add(reader.TokenType == JsonTokenType.Null ? element.Zero : element.ReadJson(ref reader));
        return list;
    }

    public override void WriteJson(Utf8JsonWriter writer, IList<TValue> value)
    {
        writer.WriteStartArray();
        foreach (var item in value)
        {
            if (element.IsAbsent(item)) writer.WriteNullValue();
            else element.WriteJson(writer, item);
        }
        writer.WriteEndArray();
    }

    public override IList<TValue> ReadProtobuf(ref ProtobufReader reader, WireType wire, IList<TValue> earlier)
    {
        var list = earlier ?? new List<TValue>();
        list.Add(element.ReadProtobuf(ref reader, wire, default!));
        return list;
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, IList<TValue> value)
    {
        for (var i = value.Count - 1; i >= 0; i--) element.WriteProtobuf(ref writer, number, value[i] ?? element.Zero);
    }

    public override bool IsEmpty(IList<TValue> value) => value.Count == 0;

    public override IList<TValue> Copy(IList<TValue> value)
    {
        var copy = new List<TValue>(value.Count);
        foreach (var item in value) copy.Add(element.IsAbsent(item) ? item : element.Copy(item));
        return copy;
    }

    public override bool Same(IList<TValue> left, IList<TValue> right)
    {
        if (left.Count != right.Count) return false;
        for (var i = 0; i < left.Count; i++)
        {
            if (!element.Same(left[i] ?? element.Zero, right[i] ?? element.Zero)) return false;
        }
        return true;
    }

    public override bool HoldsUnknownProtobuf(IList<TValue> value) =>
        Element is not null && value.Any(item => !element.IsAbsent(item) && element.HoldsUnknownProtobuf(item));

    public override string? FindMissing(IList<TValue> value)
    {
        for (var i = 0; i < value.Count && Element is not null; i++)
        {
            if (!element.IsAbsent(value[i]) && element.FindMissing(value[i]) is { } path) return $"[{i}]{path}";
        }
        return null;
    }
}

/// <summary>A map from text.</summary>
internal sealed class MapCodec<TValue>(Codec<TValue> element) : Codec<IDictionary<string, TValue>>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["type"] = "object", ["additionalProperties"] = element.OpenApi(objects) };

    public override FieldShape Shape => FieldShape.Map;

    public override ModelSchema? Element => element.Element;

    public override IDictionary<string, TValue> Zero => new Dictionary<string, TValue>();

    public override IDictionary<string, TValue> ReadJson(ref Utf8JsonReader reader)
    {
        JsonShape.Expect(ref reader, JsonTokenType.StartObject, "an object");
        var map = new Dictionary<string, TValue>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = RecurringStrings.Shared.Read(ref reader);
            reader.Read();
            map[key] = reader.TokenType == JsonTokenType.Null ? element.Zero : element.ReadJson(ref reader);
        }
        return map;
    }

    public override void WriteJson(Utf8JsonWriter writer, IDictionary<string, TValue> value)
    {
        writer.WriteStartObject();
        foreach (var (key, item) in value)
        {
            writer.WritePropertyName(key);
            if (element.IsAbsent(item)) writer.WriteNullValue();
            else element.WriteJson(writer, item);
        }
        writer.WriteEndObject();
    }

    public override IDictionary<string, TValue> ReadProtobuf(ref ProtobufReader reader, WireType wire, IDictionary<string, TValue> earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        var map = earlier ?? new Dictionary<string, TValue>();
        var entry = reader.ReadMessage();
        var (key, item, any) = ("", default(TValue)!, false);
        while (entry.TryReadTag(out var number, out var inner))
        {
            if (number == 1 && inner == WireType.Bytes) key = entry.ReadRecurringString();
            else if (number == 2) (item, any) = (element.ReadProtobuf(ref entry, inner, default!), true);
            else entry.Skip(inner);
        }
        map[key] = any ? item : element.Zero;
        return map;
    }

    // Go writes maps in the order of their keys, so that equal objects have equal bytes.
    public override void WriteProtobuf(ref ProtobufWriter writer, int number, IDictionary<string, TValue> value)
    {
        foreach (var (key, item) in value.OrderByDescending(entry => entry.Key, StringComparer.Ordinal))
        {
            var before = writer.Length;
            element.WriteProtobuf(ref writer, 2, item ?? element.Zero);
            writer.String(key);
            writer.Tag(1, WireType.Bytes);
            writer.Close(number, before);
        }
    }

    public override bool IsEmpty(IDictionary<string, TValue> value) => value.Count == 0;

    public override IDictionary<string, TValue> Copy(IDictionary<string, TValue> value)
    {
        var copy = new Dictionary<string, TValue>(value.Count);
        foreach (var (key, item) in value) copy[key] = element.IsAbsent(item) ? item : element.Copy(item);
        return copy;
    }

    public override bool Same(IDictionary<string, TValue> left, IDictionary<string, TValue> right)
    {
        if (left.Count != right.Count) return false;
        foreach (var (key, item) in left)
        {
            if (!right.TryGetValue(key, out var other) || !element.Same(item ?? element.Zero, other ?? element.Zero)) return false;
        }
        return true;
    }

    public override bool HoldsUnknownProtobuf(IDictionary<string, TValue> value) =>
        Element is not null && value.Values.Any(item => !element.IsAbsent(item) && element.HoldsUnknownProtobuf(item));

    public override string? FindMissing(IDictionary<string, TValue> value)
    {
        if (Element is null) return null;
        foreach (var (key, item) in value)
        {
            if (!element.IsAbsent(item) && element.FindMissing(item) is { } path) return $"[{key}]{path}";
        }
        return null;
    }
}
