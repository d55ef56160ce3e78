using System.Text.Json;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>
/// The field table of a generated type: what reads it, writes it, copies it, compares it, and what patches ask about it.
/// Immutable and safe to use from any thread; built when a type is first used.
/// </summary>
/// <example><code>ModelSchema.For(typeof(V1PodSpec))!.Field("containers")!.Patch.MergeKey   // name</code></example>
public abstract class ModelSchema
{
    private protected ModelSchema(Type type, bool isAtomic)
    {
        Type = type;
        IsAtomic = isAtomic;
    }

    /// <summary>The class whose fields these are.</summary>
    public Type Type { get; }

    /// <summary>Whether applies treat an object of this type as one value: <c>x-kubernetes-map-type: atomic</c>.</summary>
    public bool IsAtomic { get; }

    /// <summary>The fields, by JSON name in ordinal order as the OpenAPI document lists them.</summary>
    public abstract IReadOnlyList<ModelField> Fields { get; }

    /// <summary>The field of this JSON name; null where the type has none.</summary>
    public abstract ModelField? Field(string jsonName);

    /// <summary>The schema of a generated class; null for other classes.</summary>
    public static ModelSchema? For(Type type) =>
        typeof(KubeModel).IsAssignableFrom(type) && !type.IsAbstract ? ((KubeModel)Activator.CreateInstance(type)!).FieldTable : null;

    /// <summary>The schema of a built-in kind; null for kinds that are not built in, such as custom resources.</summary>
    public static ModelSchema? For(GroupVersionKind kind) => BuiltInKinds.Find(kind)?.Schema;

    /// <summary>Whether the API has the type in protobuf. Almost every type is; <c>Table</c> is JSON alone.</summary>
    internal bool HasProtobuf => Fields.Count == 0 || Fields.Any(static candidate => candidate.ProtobufNumber > 0);

    internal abstract KubeModel New();

    internal abstract KubeModel ReadJson(ref Utf8JsonReader reader);

    internal abstract void WriteJson(Utf8JsonWriter writer, KubeModel value);

    /// <summary>Reads a message.</summary>
    /// <param name="reader">Stands at its beginning.</param>
    /// <param name="into">What an earlier occurrence of the field gave, to be added to, as protobuf has it; null for a new object.</param>
    internal abstract KubeModel ReadProtobuf(ref ProtobufReader reader, KubeModel? into = null);

    internal abstract void WriteProtobuf(ref ProtobufWriter writer, KubeModel value);

    internal abstract KubeModel Copy(KubeModel value);

    internal abstract bool Same(KubeModel left, KubeModel right);

    internal abstract bool HoldsUnknownProtobuf(KubeModel value);

    /// <summary>The path of the first required field that an object, or one within it, does not have; null where all are there.</summary>
    internal abstract string? FindMissing(KubeModel value);
}

/// <summary>The field table of <typeparamref name="T"/>; also what builds it, one <see cref="Field"/> a line.</summary>
internal sealed class ModelSchema<T>(Func<T> create, bool isAtomic = false) : ModelSchema(typeof(T), isAtomic) where T : KubeModel
{
    private readonly List<ModelField<T>> _fields = [];
    private FieldNames<ModelField<T>>? _names;
    private ProtobufNode<T>? _protobuf;

    public override IReadOnlyList<ModelField> Fields => _fields;

    /// <summary>Adds a field.</summary>
    /// <param name="jsonName">Its name in JSON.</param>
    /// <param name="path">Its place in protobuf.</param>
    /// <param name="codec">How its value is read and written.</param>
    /// <param name="get">Takes the value from an object.</param>
    /// <param name="set">Puts the value into an object.</param>
    /// <param name="patch">How patches treat it, where that is not the default.</param>
    /// <param name="keepEmpty">Whether an empty list or map is written.</param>
    /// <param name="required">Whether the OpenAPI document counts it among the required ones.</param>
    public ModelSchema<T> Field<TValue>(
        string jsonName, ProtobufPath path, Codec<TValue> codec, Func<T, TValue> get, Action<T, TValue> set, FieldPatch? patch = null, bool keepEmpty = false,
        bool required = false)
    {
        _fields.Add(new ModelField<T, TValue>(jsonName, path, codec, get, set, patch ?? FieldPatch.Default, keepEmpty, required));
        return this;
    }

    public override ModelField? Field(string jsonName) => Names.Find(System.Text.Encoding.UTF8.GetBytes(jsonName));

    internal override KubeModel New() => create();

    internal override KubeModel ReadJson(ref Utf8JsonReader reader)
    {
        JsonShape.Expect(ref reader, JsonTokenType.StartObject, "an object");
        var names = Names;
        var target = create();
        Dictionary<string, JsonElement>? unknown = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.ValueIsEscaped || reader.HasValueSequence ? names.Find(System.Text.Encoding.UTF8.GetBytes(reader.GetString()!)) : names.Find(reader.ValueSpan);
            if (field is null)
            {
                var name = reader.GetString()!;
                reader.Read();
                (unknown ??= [])[name] = JsonElement.ParseValue(ref reader);
                continue;
            }
            reader.Read();
            if (reader.TokenType != JsonTokenType.Null) field.ReadJson(ref reader, target);
        }
        target.UnknownJson = unknown;
        return target;
    }

    internal override void WriteJson(Utf8JsonWriter writer, KubeModel value)
    {
        var source = (T)value;
        writer.WriteStartObject();
        foreach (var field in _fields) field.WriteJson(writer, source);
        if (value.UnknownJson is { } unknown)
        {
            foreach (var (name, element) in unknown)
            {
                writer.WritePropertyName(name);
                element.WriteTo(writer);
            }
        }
        writer.WriteEndObject();
    }

    internal override KubeModel ReadProtobuf(ref ProtobufReader reader, KubeModel? into = null)
    {
        var target = (T?)into ?? create();
        Protobuf.Read(ref reader, target);
        return target;
    }

    internal override void WriteProtobuf(ref ProtobufWriter writer, KubeModel value)
    {
        if (value.UnknownProtobuf is { } unknown) writer.Raw(unknown);
        Protobuf.Write(ref writer, (T)value);
    }

    internal override KubeModel Copy(KubeModel value)
    {
        var (source, target) = ((T)value, create());
        foreach (var field in _fields) field.Copy(source, target);
        (target.UnknownJson, target.UnknownProtobuf) = (value.UnknownJson, value.UnknownProtobuf);
        return target;
    }

    internal override bool HoldsUnknownProtobuf(KubeModel value) =>
        value.UnknownProtobuf is not null || _fields.Any(field => field.HoldsUnknownProtobuf((T)value));

    internal override string? FindMissing(KubeModel value)
    {
        foreach (var field in _fields)
        {
            if (field.FindMissing((T)value) is { } path) return path;
        }
        return null;
    }

    internal override bool Same(KubeModel left, KubeModel right)
    {
        var (a, b) = ((T)left, (T)right);
        foreach (var field in _fields)
        {
            if (!field.Same(a, b)) return false;
        }
        return SameUnknown(left.UnknownJson, right.UnknownJson)
            && left.UnknownProtobuf.AsSpan().SequenceEqual(right.UnknownProtobuf);
    }

    private static bool SameUnknown(IReadOnlyDictionary<string, JsonElement>? left, IReadOnlyDictionary<string, JsonElement>? right)
    {
        if ((left?.Count ?? 0) != (right?.Count ?? 0)) return false;
        if (left is null) return true;
        foreach (var (name, value) in left)
        {
            if (!right!.TryGetValue(name, out var other) || !JsonElement.DeepEquals(value, other)) return false;
        }
        return true;
    }

    private FieldNames<ModelField<T>> Names => _names ??= new FieldNames<ModelField<T>>(_fields, static f => f.JsonName);

    private ProtobufNode<T> Protobuf => _protobuf ??= ProtobufNode<T>.Build(_fields);
}
