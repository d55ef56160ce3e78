using k8s.Models;

namespace ActorKube.Models;

/// <summary>
/// The words of the field tables. Where Go has a pointer, zero and absent differ (<c>…OrNull</c>); where it has a plain value that is
/// left out when zero (<c>…OrZero</c>), protobuf's zero is read as absent, because Go writes plain values always.
/// </summary>
internal static class Codecs
{
    public static readonly Codec<string> String = new StringCodec(emptyIsAbsent: false);
    public static readonly Codec<string> StringOrEmpty = new StringCodec(emptyIsAbsent: true);
    public static readonly Codec<bool> Bool = new BoolCodec();
    public static readonly Codec<bool?> BoolOrNull = new NullableCodec<bool>(Bool, zeroIsAbsent: false);
    public static readonly Codec<bool?> BoolOrZero = new NullableCodec<bool>(Bool, zeroIsAbsent: true);
    public static readonly Codec<int> Int32 = new Int32Codec();
    public static readonly Codec<int?> Int32OrNull = new NullableCodec<int>(Int32, zeroIsAbsent: false);
    public static readonly Codec<int?> Int32OrZero = new NullableCodec<int>(Int32, zeroIsAbsent: true);
    public static readonly Codec<long> Int64 = new Int64Codec();
    public static readonly Codec<long?> Int64OrNull = new NullableCodec<long>(Int64, zeroIsAbsent: false);
    public static readonly Codec<long?> Int64OrZero = new NullableCodec<long>(Int64, zeroIsAbsent: true);
    public static readonly Codec<double> Double = new DoubleCodec();
    public static readonly Codec<double?> DoubleOrNull = new NullableCodec<double>(Double, zeroIsAbsent: false);
    public static readonly Codec<double?> DoubleOrZero = new NullableCodec<double>(Double, zeroIsAbsent: true);
    public static readonly Codec<byte[]> Bytes = new BytesCodec();
    public static readonly Codec<DateTime> Time = new TimeCodec(micro: false);
    public static readonly Codec<DateTime?> TimeOrNull = new NullableCodec<DateTime>(Time, zeroIsAbsent: true);
    public static readonly Codec<DateTime> MicroTime = new TimeCodec(micro: true);
    public static readonly Codec<DateTime?> MicroTimeOrNull = new NullableCodec<DateTime>(MicroTime, zeroIsAbsent: true);
    public static readonly Codec<ResourceQuantity> Quantity = new QuantityCodec();
    public static readonly Codec<IntOrString> IntOrString = new IntOrStringCodec();
    public static readonly Codec<object> Json = new AnyJsonCodec();
    public static readonly Codec<object> EmptyObject = new EmptyObjectCodec();
    public static readonly Codec<object> SchemaOrArray = new SchemaOrCodec(SchemaOr.Array);
    public static readonly Codec<object> SchemaOrBool = new SchemaOrCodec(SchemaOr.Bool);
    public static readonly Codec<object> SchemaOrStringArray = new SchemaOrCodec(SchemaOr.StringArray);
    public static readonly Codec<IList<string>> TextList = new TextListCodec();

    /// <summary>An object of a generated type.</summary>
    public static Codec<TModel> Object<TModel>() where TModel : KubeModel, new() => Objects<TModel>.Codec;

    /// <summary>A list of such values.</summary>
    public static Codec<IList<TValue>> List<TValue>(Codec<TValue> element) => new ListCodec<TValue>(element);

    /// <summary>A map from text to such values.</summary>
    public static Codec<IDictionary<string, TValue>> Map<TValue>(Codec<TValue> element) => new MapCodec<TValue>(element);

    /// <summary>Numbers of embedded messages around a field and then its own: see <see cref="ProtobufPath"/>.</summary>
    public static ProtobufPath In(params int[] path) => new(path[^1], path[..^1]);

    private static class Objects<TModel> where TModel : KubeModel, new()
    {
        public static readonly Codec<TModel> Codec = new ObjectCodec<TModel>();
    }
}
