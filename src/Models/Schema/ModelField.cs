using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>The form of a field's value.</summary>
public enum FieldShape
{
    /// <summary>Text, a number, a truth value, a time, a quantity: something without fields.</summary>
    Scalar,

    /// <summary>An object with a schema of its own: <see cref="ModelField.Element"/>.</summary>
    Object,

    /// <summary>A list; its elements are objects where <see cref="ModelField.Element"/> is not null.</summary>
    List,

    /// <summary>A map from text; its values are objects where <see cref="ModelField.Element"/> is not null.</summary>
    Map,

    /// <summary>Any JSON.</summary>
    Json,
}

/// <summary>How patches treat a field: what the API's OpenAPI document says with its <c>x-kubernetes-…</c> extensions.</summary>
/// <param name="Strategy"><c>x-kubernetes-patch-strategy</c>: <c>merge</c>, <c>replace</c>, <c>retainKeys</c> or two of them joined by a comma.</param>
/// <param name="MergeKey"><c>x-kubernetes-patch-merge-key</c>: the field that tells a list's elements apart.</param>
/// <param name="ListType"><c>x-kubernetes-list-type</c>: <c>atomic</c>, <c>set</c> or <c>map</c>.</param>
/// <param name="MapType"><c>x-kubernetes-map-type</c>: <c>atomic</c> or <c>granular</c>.</param>
/// <param name="MapKeys"><c>x-kubernetes-list-map-keys</c>: the fields that together tell a list's elements apart.</param>
public sealed record FieldPatch(string? Strategy = null, string? MergeKey = null, string? ListType = null, string? MapType = null, IReadOnlyList<string>? MapKeys = null)
{
    /// <summary>What holds where the document says nothing: lists and values are replaced.</summary>
    public static FieldPatch Default { get; } = new();
}

/// <summary>One field of a generated type. Immutable; safe to use from any thread.</summary>
public abstract class ModelField
{
    // Boxed, so that it is there or not, never half, whoever looks.
    private object? _encodedName;

    private protected ModelField(string jsonName, FieldShape shape, FieldPatch patch, bool isRequired)
    {
        JsonName = jsonName;
        Shape = shape;
        Patch = patch;
        IsRequired = isRequired;
    }

    /// <summary>The name in JSON, such as <c>clusterIP</c>.</summary>
    public string JsonName { get; }

    /// <summary>The number of the field in protobuf, in the message that it is in; 0 where protobuf does not have it.</summary>
    public abstract int ProtobufNumber { get; }

    /// <summary>The form of the value.</summary>
    public FieldShape Shape { get; }

    /// <summary>The schema of the value, or of a list's elements or a map's values; null where they are not objects.</summary>
    public abstract ModelSchema? Element { get; }

    /// <summary>How patches treat the field.</summary>
    public FieldPatch Patch { get; }

    /// <summary>Whether the OpenAPI document counts the field among the required ones.</summary>
    public bool IsRequired { get; }

    /// <summary>The field's OpenAPI v3 schema, with what is given for the schemas of objects.</summary>
    internal abstract JsonObject OpenApi(Func<ModelSchema, JsonObject> objects);

    /// <summary>The name as it is written. Made when first asked for: many a program only reads.</summary>
    internal JsonEncodedText EncodedName => (JsonEncodedText)(_encodedName ??= JsonEncodedText.Encode(JsonName, JavaScriptEncoder.UnsafeRelaxedJsonEscaping));
}

/// <summary>A field of <typeparamref name="T"/>, whatever the type of its value.</summary>
internal abstract class ModelField<T> : ModelField
{
    private protected ModelField(string jsonName, ProtobufPath path, FieldShape shape, FieldPatch patch, bool isRequired) : base(jsonName, shape, patch, isRequired) => Path = path;

    /// <summary>Where the field is in the protobuf form.</summary>
    public ProtobufPath Path { get; }

    public override int ProtobufNumber => Path.Number;

    public abstract void ReadJson(ref Utf8JsonReader reader, T target);

    public abstract void WriteJson(Utf8JsonWriter writer, T source);

    public abstract void ReadProtobuf(ref ProtobufReader reader, WireType wire, T target);

    public abstract void WriteProtobuf(ref ProtobufWriter writer, int number, T source);

    public abstract void Copy(T source, T target);

    public abstract bool Same(T left, T right);

    public abstract bool HoldsUnknownProtobuf(T source);

    /// <summary>The path, from this field on, of the first required field that is not there; null where all are.</summary>
    public abstract string? FindMissing(T source);
}

/// <summary>A field of <typeparamref name="T"/> whose value is a <typeparamref name="TValue"/>.</summary>
internal sealed class ModelField<T, TValue>(
    string jsonName, ProtobufPath path, Codec<TValue> codec, Func<T, TValue> get, Action<T, TValue> set, FieldPatch patch, bool keepEmpty, bool isRequired)
    : ModelField<T>(jsonName, path, codec.Shape, patch, isRequired)
{
    public override ModelSchema? Element => codec.Element;

    internal override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => codec.OpenApi(objects);

    public override void ReadJson(ref Utf8JsonReader reader, T target) => set(target, codec.ReadJson(ref reader));

    public override void WriteJson(Utf8JsonWriter writer, T source)
    {
        var value = get(source);
        if (codec.IsAbsent(value) || (!keepEmpty && codec.IsEmpty(value))) return;
        writer.WritePropertyName(EncodedName);
        codec.WriteJson(writer, value);
    }

    public override void ReadProtobuf(ref ProtobufReader reader, WireType wire, T target) =>
        set(target, codec.ReadProtobuf(ref reader, wire, get(target)));

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, T source)
    {
        var value = get(source);
        if (!codec.IsAbsent(value)) codec.WriteProtobuf(ref writer, number, value);
    }

    public override void Copy(T source, T target)
    {
        var value = get(source);
        if (!codec.IsAbsent(value)) set(target, codec.Copy(value));
    }

    public override bool HoldsUnknownProtobuf(T source) => get(source) is { } value && !codec.IsAbsent(value) && codec.HoldsUnknownProtobuf(value);

    public override string? FindMissing(T source)
    {
        var value = get(source);
        if (codec.IsAbsent(value)) return IsRequired ? JsonName : null;
        return codec.FindMissing(value) is { } path ? JsonName + path : null;
    }

    public override bool Same(T left, T right)
    {
        var (a, b) = (get(left), get(right));
        var (noA, noB) = (codec.IsAbsent(a) || codec.IsEmpty(a), codec.IsAbsent(b) || codec.IsEmpty(b));
        return noA || noB ? noA == noB : codec.Same(a, b);
    }
}

/// <summary>
/// The place of a field in a protobuf message. Go structs embedded in one another are one object in JSON but nested messages in
/// protobuf; <see cref="Outer"/> then leads to the field through the numbers of the messages around it.
/// </summary>
/// <param name="Number">The field's number in its message; zero for a field that protobuf does not carry (<c>apiVersion</c> and <c>kind</c> of whole objects).</param>
/// <param name="Outer">Numbers of the embedded messages around it, outermost first.</param>
internal readonly record struct ProtobufPath(int Number, params int[] Outer)
{
    public static implicit operator ProtobufPath(int number) => new(number);
}
