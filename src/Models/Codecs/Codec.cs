using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>How values of one kind are read and written, in JSON and in protobuf, copied and compared.</summary>
internal abstract class Codec<TValue>
{
    public virtual FieldShape Shape => FieldShape.Scalar;

    public virtual ModelSchema? Element => null;

    /// <summary>Reads the value that the reader stands on; it is not <c>null</c>. Leaves the reader on the value's last token.</summary>
    public abstract TValue ReadJson(ref Utf8JsonReader reader);

    public abstract void WriteJson(Utf8JsonWriter writer, TValue value);

    /// <summary>Reads one occurrence of a field; lists and maps add it to what earlier occurrences gave.</summary>
    public abstract TValue ReadProtobuf(ref ProtobufReader reader, WireType wire, TValue earlier);

    /// <summary>Writes the value and then its tag: see <see cref="ProtobufWriter"/>.</summary>
    public abstract void WriteProtobuf(ref ProtobufWriter writer, int number, TValue value);

    /// <summary>Whether there is no value.</summary>
    public virtual bool IsAbsent(TValue value) => value is null;

    /// <summary>Whether the value is a list or map without content.</summary>
    public virtual bool IsEmpty(TValue value) => false;

    /// <summary>What <c>null</c> means among a list's elements or a map's values: what Go's decoder leaves there.</summary>
    public virtual TValue Zero => default!;

    /// <summary>A copy that shares nothing that can change.</summary>
    public virtual TValue Copy(TValue value) => value;

    /// <summary>The OpenAPI v3 schema of such values, with what is given for the schemas of objects.</summary>
    public abstract JsonObject OpenApi(Func<ModelSchema, JsonObject> objects);

    /// <summary>Whether there are protobuf fields within the value that its types do not know.</summary>
    public virtual bool HoldsUnknownProtobuf(TValue value) => false;

    /// <summary>The path, from this value on, of the first required field within it that is not there; null where all are.</summary>
    public virtual string? FindMissing(TValue value) => null;

    public virtual bool Same(TValue left, TValue right) => EqualityComparer<TValue>.Default.Equals(left, right);
}
