using k8s;

namespace ActorKube.Models;

/// <summary>
/// Which .NET type stands for which kind, how its objects are filled in, and how one version becomes another: what <c>runtime.Scheme</c> is in Go.
/// Immutable and thread-safe; made by <see cref="SchemeBuilder"/>.
/// </summary>
/// <example><code>
/// var scheme = new SchemeBuilder().AddBuiltIns()
///     .Add&lt;BackupV1&gt;().Add&lt;BackupV1Beta1&gt;()
///     .Default&lt;BackupV1&gt;(backup => backup.Spec.Keep ??= 7)
///     .Convert&lt;BackupV1Beta1, BackupV1&gt;(Upgrade).Convert&lt;BackupV1, BackupV1Beta1&gt;(Downgrade)
///     .Build();
/// var backup = scheme.Decode(bytes);      // a BackupV1 or a BackupV1Beta1, by its apiVersion
/// </code></example>
public sealed class Scheme
{
    readonly Dictionary<GroupVersionKind, SchemeType> _types;
    readonly Dictionary<Type, Action<object>[]> _defaults;
    readonly Dictionary<(Type From, Type To), Func<object, object>> _conversions;
    readonly Dictionary<GroupKind, Type> _hubs;
    readonly Dictionary<Type, List<GroupVersionKind>> _kinds = [];

    internal Scheme(
        Dictionary<GroupVersionKind, SchemeType> types, Dictionary<Type, Action<object>[]> defaults,
        Dictionary<(Type From, Type To), Func<object, object>> conversions, Dictionary<GroupKind, Type> hubs)
    {
        (_types, _defaults, _conversions, _hubs) = (types, defaults, conversions, hubs);
        foreach (var (kind, type) in types)
        {
            if (type.IsBuiltIn) continue;
            if (!_kinds.TryGetValue(type.Type, out var kinds)) _kinds.Add(type.Type, kinds = []);
            kinds.Add(kind);
        }
    }

    /// <summary>The kinds built into the API, and nothing else.</summary>
    public static Scheme BuiltIn => BuiltInScheme.Instance;

    /// <summary>Every kind the scheme knows, in order.</summary>
    public IEnumerable<GroupVersionKind> Kinds => _types.Keys.Order();

    /// <summary>Whether the scheme knows a kind.</summary>
    public bool Recognizes(GroupVersionKind kind) => _types.ContainsKey(kind);

    /// <summary>The type that stands for a kind; null where none was registered.</summary>
    public Type? TypeOf(GroupVersionKind kind) => _types.GetValueOrDefault(kind)?.Type;

    /// <summary>The kinds that a type stands for, in order; none where it was not registered.</summary>
    public IReadOnlyList<GroupVersionKind> KindsOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var kinds = _kinds.GetValueOrDefault(type);
        if (OwnKind(type) is not { } own) return kinds is null ? [] : [.. kinds.Order()];
        return kinds is null ? [own] : [.. kinds.Append(own).Order()];
    }

    /// <summary>The kind of an object: what it says of itself where that is registered for its type, else the one kind of its type.</summary>
    /// <exception cref="SchemeException">The type was not registered, or stands for several kinds and the object does not say which.</exception>
    public GroupVersionKind KindOf(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var kinds = KindsOf(value.GetType());
        if (value is IKubernetesObject { ApiVersion.Length: > 0, Kind.Length: > 0 } named && GroupVersion.TryParse(named.ApiVersion, out var version))
        {
            var said = version.WithKind(named.Kind);
            if (kinds.Count == 0 || kinds.Contains(said)) return said;
        }
        return kinds switch
        {
            [var only] => only,
            [] => throw new SchemeException($"{value.GetType()} is not registered in the scheme: add it with SchemeBuilder.Add."),
            _ => throw new SchemeException($"{value.GetType()} stands for {string.Join(" and ", kinds)}: set ApiVersion and Kind to say which."),
        };
    }

    /// <summary>The versions of a kind that the scheme knows, the preferred one first (see <see cref="VersionPriority"/>).</summary>
    public IReadOnlyList<GroupVersion> VersionsOf(GroupKind kind) =>
        [.. _types.Keys.Where(known => known.GroupKind == kind).Select(known => known.GroupVersion).Order()];

    /// <summary>An empty object of a kind, which says its kind.</summary>
    /// <exception cref="SchemeException">The kind is not registered.</exception>
    public object New(GroupVersionKind kind) => Named(Find(kind).New(), kind);

    /// <summary>Fills in what an object leaves out, by the functions registered for its type, and returns it.</summary>
    public T Default<T>(T value) where T : class
    {
        ArgumentNullException.ThrowIfNull(value);
        foreach (var fill in _defaults.GetValueOrDefault(value.GetType()) ?? []) fill(value);
        return value;
    }

    /// <summary>Writes into an object which kind it is, where it does not say: objects in typed lists leave that out.</summary>
    /// <exception cref="SchemeException">The kind cannot be told.</exception>
    /// <example><code>foreach (var pod in list.Items) scheme.RestoreTypeMeta(pod);   // each says v1, Pod now</code></example>
    public T RestoreTypeMeta<T>(T value) where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(value);
        return (T)Named(value, KindOf(value));
    }

    /// <summary>Decodes an object into its registered type, filled in; an object of an unregistered kind becomes <see cref="Unstructured"/>.</summary>
    /// <exception cref="KubeFormatException">The bytes are not an object of its kind; says where.</exception>
    public object Decode(KubeObject raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        return _types.TryGetValue(raw.GroupVersionKind, out var type) ? Default(Named(type.Read(raw), raw.GroupVersionKind)) : raw.ToUnstructured();
    }

    /// <inheritdoc cref="Decode(KubeObject)"/>
    /// <param name="bytes">The object.</param>
    /// <param name="mediaType">The form it is in; see <see cref="ObjectCodec"/>.</param>
    /// <param name="kind">What it is, where it does not say itself.</param>
    public object Decode(ReadOnlySpan<byte> bytes, string mediaType = ObjectCodec.Json, GroupVersionKind? kind = null) =>
        Decode(ObjectCodec.For(mediaType).Read(bytes, kind));

    /// <summary>As <see cref="Decode(KubeObject)"/>, of registered kinds alone, and from bytes that nobody keeps.</summary>
    /// <exception cref="SchemeException">The kind is not registered.</exception>
    internal object DecodeJson(GroupVersionKind kind, ReadOnlySpan<byte> json) => Default(Named(KubeJson.Deserialize(Find(kind).Type, json), kind));

    /// <summary>As <see cref="Decode(KubeObject)"/>, and refuses fields that the kind does not know and fields that are there twice; see <see cref="StrictDecoding"/>.</summary>
    /// <param name="json">The object as JSON.</param>
    /// <param name="kind">What it is, where it does not say itself.</param>
    /// <exception cref="KubeFormatException">The bytes are not an object of its kind; says where.</exception>
    /// <exception cref="StrictDecodingException">Fields are unknown or there twice; says which.</exception>
    public object DecodeStrict(ReadOnlySpan<byte> json, GroupVersionKind? kind = null)
    {
        var raw = ObjectCodec.For(ObjectCodec.Json).Read(json, kind);
        var value = Decode(raw);
        return StrictDecoding.Check(TypeOf(raw.GroupVersionKind) ?? typeof(Unstructured), json) is { Count: > 0 } problems ? throw new StrictDecodingException(problems) : value;
    }

    /// <summary>As <see cref="Decode(KubeObject)"/>, and converted to the wanted type where the object has another version.</summary>
    /// <exception cref="SchemeException">There is no conversion.</exception>
    public T Decode<T>(KubeObject raw) where T : class => Convert<T>(Decode(raw));

    /// <summary>Encodes an object, which then says its kind.</summary>
    /// <exception cref="SchemeException">The object's kind cannot be told.</exception>
    /// <exception cref="NotSupportedException">The form cannot carry the object: protobuf carries built-in kinds only.</exception>
    public byte[] Encode(object value, string mediaType = ObjectCodec.Json)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value is IKubernetesObject named) RestoreTypeMeta(named);
        return ObjectCodec.For(mediaType).Write(value);
    }

    /// <summary>
    /// The object as another type of the same kind: as it is, by a direct conversion, or through the kind's hub. The result says its kind.
    /// </summary>
    /// <exception cref="SchemeException">There is no way from one to the other.</exception>
    public T Convert<T>(object value) where T : class
    {
        ArgumentNullException.ThrowIfNull(value);
        return value as T ?? (T)Convert(value, typeof(T));
    }

    /// <summary>The object in another version of its kind.</summary>
    /// <exception cref="SchemeException">The version is not registered, or there is no way to it.</exception>
    /// <example><code>var older = scheme.ConvertToVersion(backup, GroupVersion.Parse("shop.example.com/v1beta1"));</code></example>
    public object ConvertToVersion(object value, GroupVersion version)
    {
        var kind = KindOf(value);
        if (kind.GroupVersion == version) return value;
        var target = version.WithKind(kind.Kind);
        return Named(Convert(value, Find(target).Type), target);
    }

    object Convert(object value, Type to)
    {
        var from = value.GetType();
        if (from == to) return value;
        if (_conversions.TryGetValue((from, to), out var direct)) return Converted(direct(value), to);
        var kind = KindOf(value).GroupKind;
        if (_hubs.TryGetValue(kind, out var hub) && TryStep(from, hub, out var toHub) && TryStep(hub, to, out var fromHub)) return Converted(fromHub(toHub(value)), to);
        throw new SchemeException(
            $"{from} cannot become {to}: register SchemeBuilder.Convert<{from.Name}, {to.Name}>, or a hub for {kind} and the conversions to and from it.");
    }

    bool TryStep(Type from, Type to, out Func<object, object> step)
    {
        step = static value => value;
        return from == to || _conversions.TryGetValue((from, to), out step!);
    }

    // A generated class says itself which kind it is, so that no other has to be looked at.
    GroupVersionKind? OwnKind(Type type) =>
        typeof(KubeModel).IsAssignableFrom(type) && ResourceDefinition.TryFor(type)?.Kind is { } kind && _types.TryGetValue(kind, out var known) && known.IsBuiltIn ? kind : null;

    object Converted(object value, Type type) => KindsOf(type) is [var only] ? Named(value, only) : value;

    SchemeType Find(GroupVersionKind kind) => _types.TryGetValue(kind, out var type)
        ? type
        : throw new SchemeException($"{kind} is not registered in the scheme: add its class with SchemeBuilder.Add, or work with Unstructured.");

    static object Named(object value, GroupVersionKind kind)
    {
        if (value is IKubernetesObject named) (named.ApiVersion, named.Kind) = (kind.ApiVersion, kind.Kind);
        return value;
    }

    static class BuiltInScheme
    {
        public static readonly Scheme Instance = new SchemeBuilder().AddBuiltIns().Build();
    }
}
