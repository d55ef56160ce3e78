using k8s;

namespace ActorKube.Models;

/// <summary>Collects what a <see cref="Scheme"/> knows. Not thread-safe; the scheme it builds is.</summary>
/// <example><code>var scheme = new SchemeBuilder().AddBuiltIns().Add&lt;Backup>().Default&lt;Backup>(backup => backup.Spec.Keep ??= 7).Build();</code></example>
public sealed class SchemeBuilder
{
    readonly Dictionary<GroupVersionKind, SchemeType> _types = [];
    readonly Dictionary<Type, List<Action<object>>> _defaults = [];
    readonly Dictionary<(Type From, Type To), Func<object, object>> _conversions = [];
    readonly Dictionary<GroupKind, Type> _hubs = [];

    /// <summary>Registers every kind that is built into the API.</summary>
    public SchemeBuilder AddBuiltIns()
    {
        foreach (var kind in BuiltInKinds.All) Register(kind.Kind, SchemeType.Of(kind));
        return this;
    }

    /// <summary>Registers a class under the kind that its <see cref="k8s.Models.KubernetesEntityAttribute"/> names.</summary>
    /// <exception cref="ArgumentException">The class has no such attribute, or the kind has another class.</exception>
    public SchemeBuilder Add<T>() where T : class, IKubernetesObject, new() => Add<T>(ResourceDefinition.For<T>().Kind);

    /// <summary>Registers a class under a kind. One class may stand for several kinds; a kind has one class.</summary>
    /// <exception cref="ArgumentException">The kind has another class.</exception>
    public SchemeBuilder Add<T>(GroupVersionKind kind) where T : class, IKubernetesObject, new()
    {
        Register(kind, SchemeType.Of<T>());
        return this;
    }

    /// <summary>Adds a function that fills in what an object leaves out; those of one class run in the order they were added.</summary>
    public SchemeBuilder Default<T>(Action<T> fill) where T : class
    {
        ArgumentNullException.ThrowIfNull(fill);
        if (!_defaults.TryGetValue(typeof(T), out var all)) _defaults[typeof(T)] = all = [];
        all.Add(value => fill((T)value));
        return this;
    }

    /// <summary>Adds a conversion between two versions of a kind. It must not change what it is given.</summary>
    public SchemeBuilder Convert<TFrom, TTo>(Func<TFrom, TTo> convert) where TFrom : class where TTo : class
    {
        ArgumentNullException.ThrowIfNull(convert);
        _conversions[(typeof(TFrom), typeof(TTo))] = value => convert((TFrom)value);
        return this;
    }

    /// <summary>
    /// Names the version of a kind that all others convert to and from, so that each needs two conversions however many there are.
    /// </summary>
    /// <exception cref="ArgumentException">The class has no <see cref="k8s.Models.KubernetesEntityAttribute"/>.</exception>
    public SchemeBuilder Hub<T>() where T : class, IKubernetesObject, new() => Hub<T>(ResourceDefinition.For<T>().Kind.GroupKind);

    /// <inheritdoc cref="Hub{T}()"/>
    /// <param name="kind">The kind whose versions go through the class.</param>
    public SchemeBuilder Hub<T>(GroupKind kind) where T : class
    {
        _hubs[kind] = typeof(T);
        return this;
    }

    /// <summary>The scheme; what is added to the builder later does not change it.</summary>
    public Scheme Build() => new(
        new Dictionary<GroupVersionKind, SchemeType>(_types),
        _defaults.ToDictionary(entry => entry.Key, entry => entry.Value.ToArray()),
        new Dictionary<(Type, Type), Func<object, object>>(_conversions),
        new Dictionary<GroupKind, Type>(_hubs));

    void Register(GroupVersionKind kind, SchemeType type)
    {
        if (string.IsNullOrEmpty(kind.Version) || string.IsNullOrEmpty(kind.Kind)) throw new ArgumentException($"'{kind}' lacks a version or a kind.", nameof(kind));
        if (_types.TryGetValue(kind, out var registered) && registered.Type != type.Type)
        {
            throw new ArgumentException($"{kind} is registered as {registered.Type} and cannot be {type.Type} as well.", nameof(kind));
        }
        _types[kind] = type;
    }
}
