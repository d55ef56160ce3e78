using System.Diagnostics.CodeAnalysis;
using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>A cache's content at one version: immutable, consistent in itself, readable from any thread without locks, for as long as it is held.</summary>
public sealed class CacheSnapshot
{
    internal const string NamespaceIndex = "namespace";

    internal static readonly CacheSnapshot Empty = new(
        PersistentSet<NamespacedName, HeldObject>.Empty,
        [new CacheIndexState(new CacheIndex(NamespaceIndex, static o => [o.Namespace]), PersistentSet<string, IndexBucket>.Empty)],
        "",
        synced: false,
        bytes: 0,
        number: 0);

    internal CacheSnapshot(PersistentSet<NamespacedName, HeldObject> objects, CacheIndexState[] indexes, string resourceVersion, bool synced, long bytes, long number)
    {
        Objects = objects;
        Indexes = indexes;
        ResourceVersion = resourceVersion;
        HasSynced = synced;
        Bytes = bytes;
        Number = number;
    }

    internal PersistentSet<NamespacedName, HeldObject> Objects { get; }

    internal CacheIndexState[] Indexes { get; }

    /// <summary>How many batches of changes led to it.</summary>
    internal long Number { get; }

    /// <summary>The version of the set; every change up to it is in here, and none after it.</summary>
    public string ResourceVersion { get; }

    /// <summary>Whether the set has been read at least once.</summary>
    public bool HasSynced { get; }

    /// <summary>How many objects there are.</summary>
    public int Count => Objects.Count;

    /// <summary>The size of the objects as they are held, in bytes.</summary>
    public long Bytes { get; }

    /// <summary>Looks an object up by its key, without waiting and without decoding it.</summary>
    /// <param name="key">Namespace and name; the namespace is empty for objects that are in none.</param>
    /// <param name="found">The object as it was received.</param>
    /// <returns>Whether it is there.</returns>
    public bool TryGet(NamespacedName key, [NotNullWhen(true)] out KubeObject? found)
    {
        var isThere = Objects.TryGet(key, out var held);
        found = held.Object;
        return isThere;
    }

    /// <summary>The objects of a namespace, or of all, that selectors select, in no order.</summary>
    /// <param name="namespace">The namespace; null for all.</param>
    /// <param name="labels">Null selects all.</param>
    /// <param name="fields">
    /// Null selects all. Any path through the object's JSON will do, such as <c>spec.nodeName</c>; what is missing counts as empty. A required value whose field
    /// has an index (<see cref="CacheIndex.ByField"/>) is looked up there; every other field is looked for in each object, which means decoding it.
    /// </param>
    public IReadOnlyList<KubeObject> List(string? @namespace = null, LabelSelector? labels = null, FieldSelector? fields = null)
    {
        if (fields is { IsEverything: false })
            return SelectByFields(@namespace, labels, fields);
        if (@namespace is not null)
            return Select(Keys(Indexes[0].Buckets, @namespace), labels);
        var found = new List<KubeObject>(labels is null ? Objects.Count : 0);
        foreach (var held in Objects)
        {
            if (labels is null || labels.Matches(held.Object))
                found.Add(held.Object);
        }
        return found;
    }

    List<KubeObject> SelectByFields(string? @namespace, LabelSelector? labels, FieldSelector fields)
    {
        IReadOnlyList<KubeObject>? candidates = null;
        foreach (var index in Indexes)
        {
            if (index.Index.Field is { } field && fields.RequiredValue(field) is { } value)
            {
                candidates = Select(Keys(index.Buckets, value), labels);
                break;
            }
        }
        var found = new List<KubeObject>();
        foreach (var candidate in candidates ?? List(@namespace, labels))
        {
            if ((@namespace is null || candidate.Namespace == @namespace) && fields.Matches(field => ObjectFields.Read(candidate, field) ?? ""))
                found.Add(candidate);
        }
        return found;
    }

    /// <summary>The objects that an index has under a value, in no order.</summary>
    /// <exception cref="ArgumentException">The cache has no such index.</exception>
    public IReadOnlyList<KubeObject> ByIndex(string index, string value) => Select(Keys(Index(index).Buckets, value), null);

    /// <summary>The values under which an index has objects.</summary>
    /// <exception cref="ArgumentException">The cache has no such index.</exception>
    public IReadOnlyList<string> IndexValues(string index) => [.. Index(index).Buckets.Select(static b => b.Key)];

    CacheIndexState Index(string name) => Array.Find(Indexes, i => i.Index.Name == name)
        ?? throw new ArgumentException($"The cache has no index '{name}'; it has {string.Join(", ", Indexes.Select(static i => $"'{i.Index.Name}'"))}. Add it where the cache is asked for.", nameof(name));

    static PersistentSet<NamespacedName, IndexedKey> Keys(PersistentSet<string, IndexBucket> buckets, string value) =>
        buckets.TryGet(value, out var bucket) ? bucket.Keys : PersistentSet<NamespacedName, IndexedKey>.Empty;

    List<KubeObject> Select(PersistentSet<NamespacedName, IndexedKey> keys, LabelSelector? selector)
    {
        var found = new List<KubeObject>(keys.Count);
        foreach (var key in keys)
        {
            if (Objects.TryGet(key.Key, out var held) && (selector is null || selector.Matches(held.Object)))
                found.Add(held.Object);
        }
        return found;
    }
}

/// <summary>An index and what it holds: keys by value. Objects are looked up by key, so a change that keeps an object's values leaves its indexes alone.</summary>
sealed record CacheIndexState(CacheIndex Index, PersistentSet<string, IndexBucket> Buckets);

/// <summary>An object in a cache, found by its own key.</summary>
readonly record struct HeldObject(KubeObject Object) : IKeyed<NamespacedName>
{
    public NamespacedName Key => Object.Key;
}

/// <summary>A value of an index, and the keys of the objects that have it.</summary>
readonly record struct IndexBucket(string Key, PersistentSet<NamespacedName, IndexedKey> Keys) : IKeyed<string>;

/// <summary>A key in an index.</summary>
readonly record struct IndexedKey(NamespacedName Key) : IKeyed<NamespacedName>;
